"""500 subscribers who stop reading, on WebSockets and event streams, half each, while others vote
and one reads on. Whoever does not read costs the node a bounded piece of memory and its own
connection; the others never notice."""

import pathlib
import re
import threading
import unittest

from live_wire import Wire
from node import SANITIZED, Node, Raw, wait_for

CROWD = 500
KIB_EACH = 64  # what one who does not read may cost the node, generously
FULL = 64 * 1024  # bytes waiting in the kernel for one of them: its socket takes little more
POLLS = 8
OPTIONS = [{"id": f"option-number-{i}", "label": f"{i}"} for i in range(64)]


class Voters:
    """People who join and vote in every poll, in turn, until told to stop."""

    def __init__(self, node, code, polls):
        self.node, self.code, self.polls = node, code, polls
        self.statuses, self.over = [], threading.Event()
        self.thread = threading.Thread(target=self.vote_on, daemon=True)
        self.thread.start()

    def vote_on(self):
        try:
            with self.node.client() as client:
                while not self.over.is_set():
                    token = client.call("POST", "/v1/join",
                                        {"code": self.code}).json["voter"]["token"]
                    for poll in self.polls:
                        reply = client.vote(poll, ["option-number-7"], token)
                        self.statuses.append(reply.status)
        except Exception as failure:
            self.statuses.append(repr(failure))

    def stop(self):
        self.over.set()
        self.thread.join()


class Reader:
    """A WebSocket that takes everything at once and remembers the last count of its poll."""

    def __init__(self, node, event, poll):
        self.wire = Wire(node, event).opened()
        self.wire.say(type="subscribe", polls=[poll])
        self.voters, self.versions, self.failure = 0, [], None
        self.thread = threading.Thread(target=self.read_on, daemon=True)
        self.thread.start()

    def read_on(self):
        try:
            while not self.wire.closed:
                self.wire.take()
                for message in self.taken():
                    if message["type"] == "results":
                        self.voters = message["voters"]
                        self.versions.append(message["version"])
        except Exception as failure:
            self.failure = failure

    def taken(self):
        messages, frames = self.wire.messages(), self.wire.frames()
        read = sum(len(payload) + (2 if len(payload) < 126 else 4 if len(payload) < 65536 else 10)
                   for _, payload in frames)
        self.wire.received = self.wire.received[read:]
        return messages

    def close(self):
        self.wire.send(b"\x88\x80\0\0\0\0")
        self.thread.join()
        self.wire.socket.close()


class Crowd_that_stops_reading(unittest.TestCase):
    def start(self, *options):
        self.node = Node(*options).start()
        self.addCleanup(self.node.remove)
        event = self.node.event()
        self.event = event["id"]
        self.polls = [self.node.poll(self.event, options=OPTIONS)["id"] for _ in range(POLLS)]
        self.voters = Voters(self.node, event["code"], self.polls)
        self.addCleanup(self.voters.stop)
        self.reader = Reader(self.node, self.event, self.polls[0])
        self.addCleanup(self.reader.close)
        self.newer_results_come()

    def memory(self):
        status = pathlib.Path(f"/proc/{self.node.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))

    def crowd(self):
        """Subscribed to everything, with the smallest window there is; none reads from now on."""
        for number in range(CROWD):
            one = self.websocket() if number % 2 else self.event_stream()
            self.addCleanup(one.socket.close)

    def websocket(self):
        one = Wire(self.node, self.event, receive_buffer=4096).opened()
        one.say(type="subscribe", polls="all")
        return one

    def event_stream(self):
        one = Raw(self.node.port, receive_buffer=4096)
        one.send(f"GET /v1/events/{self.event}/stream HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return one

    def full_sockets(self):
        """How many connections of the node hold as much as the kernel takes for a reader."""
        local = f"0100007F:{self.node.port:04X}"
        rows = (row.split() for row in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:])
        return sum(row[1] == local and int(row[4].split(":")[0], 16) > FULL for row in rows)

    def connected(self, transport):
        return self.node.metric("tallycast_connections", transport)

    def newer_results_come(self):
        """The reader hears of ballots that were answered after this was called."""
        answered = len(self.voters.statuses) // POLLS
        wait_for(lambda: self.reader.voters > answered + 1, "newer results")

    def nobody_else_noticed(self):
        self.newer_results_come()
        self.voters.stop()
        self.assertEqual(set(self.voters.statuses), {200})
        counted = [self.node.results(poll)["voters"] for poll in self.polls]
        self.assertEqual(counted, [len(self.voters.statuses) // POLLS] * POLLS)
        wait_for(lambda: self.reader.voters == counted[0], "the last result")
        self.assertIsNone(self.reader.failure)
        self.assertEqual(self.reader.versions, sorted(self.reader.versions))

    def test_costs_little_memory_and_is_given_no_backlog(self):
        self.start("--write-timeout", "10m")
        before = self.memory()
        self.crowd()
        wait_for(lambda: self.full_sockets() == CROWD, "every socket being full")
        superseded = self.node.metric("tallycast_messages_superseded_total")
        for _ in range(5):  # each of them many results that none of the crowd takes
            self.newer_results_come()
        wait_for(lambda: self.node.metric("tallycast_messages_superseded_total") >= superseded +
                 CROWD * POLLS, "newer results taking the place of older ones")
        if not SANITIZED:
            self.assertLess(self.memory() - before, CROWD * KIB_EACH, "KiB more than before")
        self.assertEqual((self.connected("websocket"), self.connected("sse")),
                         (CROWD / 2 + 1, CROWD / 2))
        self.nobody_else_noticed()
        self.assertEqual(self.node.metric("tallycast_slow_readers_total"), 0)

    def test_is_closed_in_its_time(self):
        self.start("--write-timeout", "1s")
        self.crowd()
        wait_for(lambda: self.node.metric("tallycast_slow_readers_total") >= CROWD, "the time being up")
        self.nobody_else_noticed()
        self.assertEqual((self.connected("websocket"), self.connected("sse")), (1, 0))
        self.assertEqual(self.node.metric("tallycast_slow_readers_total"), CROWD)


if __name__ == "__main__":
    unittest.main()
