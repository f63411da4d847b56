#!/usr/bin/env python3
"""People with phones, thousands of them on one thread: each joins, watches live, votes once by the socket and stays
until it is sent home. Where a node ends a connection its people come back as the page does: after a moment of chance
within what they were told, with the same token and the same ballot.

  phones.py --target 127.0.0.1:8080 [...] --event E --code C --poll P --book FILE

How many there are to be is said in lines on standard input. Once every half second a line of JSON on standard output
says how they are. At the end of the input whoever has come votes, and the book (voter, choice, what was told) is
written.
"""

import argparse
import collections
import contextlib
import csv
import heapq
import json
import os
import pathlib
import random
import re
import resource
import select
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from live_wire import CLOSE, PING, PONG, TEXT, frame  # noqa: E402

AT_A_TIME = 100          # who are on their way in; more wait at the door
TOLD_EVERY = 0.5         # seconds
SENT_BACK = (1001, 1012, 1013)
TRY_AGAIN = {"overloaded", "store_unavailable", "rate_limited"}
WITHOUT_A_WORD = 1.0     # seconds within which they come back who were told nothing
PATIENCE = 60.0          # for the last answers
LAST_CALL = 1.0          # seconds within which those vote who have not yet, at the end
WATCHING_HZ = 0.2
CHOICES = "abc"


class Phone:
    __slots__ = ("socket", "stage", "inbox", "token", "number", "choice", "told", "asked_at", "target", "due")

    def __init__(self, number, targets):
        self.target = targets[number % len(targets)]
        self.choice = CHOICES[number % len(CHOICES)]
        self.socket = self.token = self.number = self.told = self.asked_at = None
        self.stage, self.inbox, self.due = "outside", bytearray(), False


class Phones:
    """`moved`: sent elsewhere by a close code; `retried`: answers and cuts after which they came again by themselves;
    `faults`: what a person would have seen as an error."""

    def __init__(self, said):
        self.said = said
        self.targets = [(host, int(port)) for host, port in (t.rsplit(":", 1) for t in said.target)]
        self.poller = select.epoll()
        self.by_socket, self.people, self.leaving = {}, [], collections.deque()
        self.plan, self.order = [], 0  # a heap of (when, order, what, phone)
        self.wanted = self.on_the_way = self.there = self.voted = 0
        self.moved, self.retried, self.faults = (collections.Counter() for _ in range(3))
        self.waits = []
        self.dice = random.Random(said.seed)

    # -- time

    def later(self, seconds, what, phone):
        self.order += 1
        heapq.heappush(self.plan, (time.monotonic() + seconds, self.order, what, phone))

    def do_what_is_due(self):
        while self.plan and self.plan[0][0] <= time.monotonic():
            _, _, what, phone = heapq.heappop(self.plan)
            what(phone)

    # -- coming and going

    def let_in(self):
        while len(self.people) - len(self.leaving) < self.wanted and self.on_the_way < AT_A_TIME:
            phone = Phone(len(self.people), self.targets)
            self.people.append(phone)
            self.enter(phone)
        present = [] if self.wanted >= self.staying() else [p for p in self.people if p.stage == "there" and p.told]
        for phone in present[:self.staying() - self.wanted]:
            self.leaving.append(phone)
            self.send(phone, frame(CLOSE, (1000).to_bytes(2, "big")))
            self.let_go(phone, "gone")

    def staying(self):
        return len(self.people) - len(self.leaving)

    def enter(self, phone):
        if phone.stage not in ("outside", "away"):
            return
        if self.on_the_way >= 2 * AT_A_TIME:
            return self.later(self.dice.uniform(0.05, 0.2), self.enter, phone)
        self.on_the_way += 1
        phone.socket, phone.inbox = socket.socket(), bytearray()
        phone.socket.setblocking(False)
        phone.stage = "calling"
        with contextlib.suppress(BlockingIOError):
            phone.socket.connect(phone.target)
        self.by_socket[phone.socket.fileno()] = phone
        self.poller.register(phone.socket, select.EPOLLOUT)

    def let_go(self, phone, stage):
        if phone.stage in ("calling", "joining", "opening", "known"):
            self.on_the_way -= 1
        if phone.stage == "there":
            self.there -= 1
        phone.stage = stage
        self.by_socket.pop(phone.socket.fileno(), None)
        phone.socket.close()

    def come_back(self, phone, within):
        self.let_go(phone, "away")
        self.later(self.dice.uniform(0, within), self.enter, phone)

    def again(self, phone, why, within=WITHOUT_A_WORD):
        self.retried[why] += 1
        self.come_back(phone, within)

    # -- talking

    def send(self, phone, data):
        try:
            phone.socket.sendall(data)
        except OSError:
            return False  # its end is heard of when it is read
        return True

    def say(self, phone, **message):
        self.send(phone, frame(TEXT, json.dumps(message).encode()))

    def called(self, phone):
        if phone.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            return self.again(phone, "connection refused")
        self.poller.modify(phone.socket, select.EPOLLIN)
        if phone.token:
            return self.open(phone)
        phone.stage = "joining"
        body = json.dumps({"code": self.said.code})
        self.send(phone, (f"POST /v1/join HTTP/1.1\r\nHost: {phone.target[0]}\r\nContent-Type: application/json\r\n"
                          f"Content-Length: {len(body)}\r\n\r\n{body}").encode())

    def open(self, phone):
        phone.stage = "opening"
        self.send(phone, (f"GET /v1/events/{self.said.event}/live HTTP/1.1\r\nHost: {phone.target[0]}\r\n"
                          "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())

    def read(self, phone):
        try:
            data = phone.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            return self.again(phone, f"cut while {phone.stage}")
        phone.inbox += data
        if phone.stage in ("joining", "opening"):
            self.read_answer(phone)
        if phone.stage in ("known", "there"):
            self.read_frames(phone)

    def read_answer(self, phone):
        head, _, rest = bytes(phone.inbox).partition(b"\r\n\r\n")
        if not _:
            return
        status = int(head.split(b" ", 2)[1])
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        if length and len(rest) < int(length[1]):
            return
        if status == 101:
            phone.stage, phone.inbox = "known", bytearray(rest)
            self.say(phone, type="auth", token=phone.token)
        elif status == 200 and phone.stage == "joining":
            voter = json.loads(rest)["voter"]
            phone.token, phone.number, phone.inbox = voter["token"], voter["number"], bytearray()
            self.open(phone)
        elif status in (429, 502, 503, 504):
            code = re.search(rb'"code":"(\w+)"', rest)
            who = code[1].decode() if code else "the proxy"
            self.again(phone, f"HTTP {status} of {who} while {phone.stage}")
        else:
            self.fault(phone, f"HTTP {status} while {phone.stage}")

    def fault(self, phone, what):
        self.faults[what] += 1
        self.come_back(phone, 10 * WITHOUT_A_WORD)

    def read_frames(self, phone):
        inbox = phone.inbox
        while len(inbox) >= 2 and phone.stage in ("known", "there"):
            opcode, length, head = inbox[0] & 15, inbox[1], 2
            if length > 125:
                head = 4 if length == 126 else 10
                length = int.from_bytes(inbox[2:head], "big")
            if len(inbox) < head + length:
                return
            payload = bytes(inbox[head:head + length])
            del inbox[:head + length]
            if opcode == CLOSE:
                self.closed(phone, payload)
            elif opcode == PING:
                self.send(phone, frame(PONG, payload))
            elif opcode == TEXT and not payload.startswith(b'{"type":"results"'):
                self.hear(phone, json.loads(payload))

    def closed(self, phone, payload):
        code = int.from_bytes(payload[:2], "big")
        if code not in SENT_BACK:
            return self.fault(phone, f"closed with {code}")
        told = json.loads(payload[2:] or b"{}")
        within = told.get("reconnect_ms", told.get("retry_after_ms", 1000)) / 1000
        (self.retried if code == 1013 else self.moved)[str(code)] += 1
        self.come_back(phone, within)

    def hear(self, phone, message):
        kind = message["type"]
        if kind == "welcome" and message["voter"] == phone.number and phone.stage == "known":
            phone.stage = "there"
            self.there += 1
            self.on_the_way -= 1
            self.say(phone, type="subscribe", polls="all", max_hz=WATCHING_HZ)
            if phone.asked_at:  # had no answer where they were before
                self.vote(phone)
            elif not phone.due:
                phone.due = True
                self.later(self.dice.uniform(0, self.said.vote_within), self.vote, phone)
        elif kind == "ack":
            self.waits.append(time.monotonic() - phone.asked_at)
            self.voted += phone.told is None
            phone.told = message["status"]
        elif kind == "error" and message["code"] in TRY_AGAIN and phone.asked_at:
            self.retried[message["code"]] += 1
            self.later(message.get("retry_after_ms", 1000) / 1000, self.vote, phone)
        elif kind == "error":
            self.faults[message["code"]] += 1

    def vote(self, phone):
        if phone.told:
            return
        phone.asked_at = phone.asked_at or time.monotonic()
        if phone.stage == "there":
            self.say(phone, type="vote", id="v", poll=self.said.poll, choices=[phone.choice])

    def last_call(self):
        for phone in self.people:
            if not phone.told and not phone.asked_at:
                self.later(self.dice.uniform(0, LAST_CALL), self.vote, phone)

    # -- the whole

    def status(self):
        waits, self.waits = sorted(self.waits), []
        at = lambda share: round(waits[int(share * (len(waits) - 1))], 4) if waits else None  # noqa: E731
        return {"wanted": self.wanted, "there": self.there, "voted": self.voted, "answers": len(waits), "p50": at(0.5),
                "p99": at(0.99), "moved": self.moved, "retried": self.retried, "faults": self.faults}

    def run(self):
        inbox, commands = sys.stdin.fileno(), b""
        self.poller.register(inbox, select.EPOLLIN)
        next_word, ends = time.monotonic(), None
        while ends is None or (self.voted < len(self.people) and time.monotonic() < ends):
            for number, events in self.poller.poll(0.02):
                if number == inbox:
                    commands += (more := os.read(inbox, 4096))
                    if not more:
                        self.poller.unregister(inbox)
                        ends = time.monotonic() + PATIENCE
                        self.last_call()
                elif phone := self.by_socket.get(number):
                    self.called(phone) if phone.stage == "calling" else self.read(phone)
            *lines, commands = commands.split(b"\n")
            self.wanted = int(lines[-1]) if lines else self.wanted
            self.do_what_is_due()
            if ends is None:
                self.let_in()
            if time.monotonic() >= next_word:
                next_word = time.monotonic() + TOLD_EVERY
                print(json.dumps(self.status()), flush=True)
        self.write_book()
        print(json.dumps(self.status()), flush=True)

    def write_book(self):
        with open(self.said.book, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows((p.number, p.choice, p.told) for p in self.people if p.number is not None)


class Audience:
    """Such people under way in a process of their own, for tests. A context manager."""

    def __init__(self, targets, event, poll, folder, vote_within=5.0):
        self.book = pathlib.Path(folder) / "phones.csv"
        command = [sys.executable, "-B", __file__, "--event", event["id"], "--code", event["code"], "--poll", poll,
                   "--book", self.book, "--vote-within", vote_within]
        command += [word for target in targets for word in ("--target", target)]
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self.now, self.lines = {}, 0
        self.news = threading.Condition()
        self.reader = threading.Thread(target=self.listen, daemon=True)
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()
        with contextlib.suppress(OSError):
            self.process.stdin.close()

    def listen(self):
        for line in self.process.stdout:
            with self.news:
                self.now, self.lines = json.loads(line), self.lines + 1
                self.news.notify_all()

    def people(self, count):
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()

    def next_word(self, patience=30.0):
        """How they are, as soon as they say it again."""
        with self.news:
            seen = self.lines
            if not self.news.wait_for(lambda: self.lines > seen, patience):
                raise AssertionError(f"nothing was heard of the audience for {patience} s")
            return self.now

    def until(self, condition, what, patience=60.0):
        deadline = time.monotonic() + patience
        while not condition(now := self.next_word()):
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}: not within {patience} s: {now}")
        return now

    def end(self):
        """The last word, and the acknowledged ballots, number to choice. Everybody who has joined has voted."""
        self.process.stdin.close()
        if self.process.wait(2 * PATIENCE) != 0:
            raise AssertionError("the audience failed")
        self.reader.join()
        with open(self.book, newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        untold = [number for number, _, told in rows if not told]
        if untold:
            raise AssertionError(f"{len(untold)} people had no answer, as number {untold[0]}: {self.now}")
        return self.now, {int(number): choice for number, choice, _ in rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("event", "code", "poll", "book"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--target", action="append", required=True)
    parser.add_argument("--vote-within", type=float, default=5.0, help="seconds after they came")
    parser.add_argument("--seed", type=int, default=1)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    Phones(parser.parse_args()).run()


if __name__ == "__main__":
    main()
