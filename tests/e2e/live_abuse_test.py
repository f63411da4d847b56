"""The live connection under abuse, with frames no library would send: floods, fragments, half
handshakes, thousands of subscriptions, readers that do not read. The others never notice."""

import base64
import contextlib
import json
import pathlib
import re
import struct
import unittest

from live_wire import CLOSE, PING, PONG, TEXT, Wire, frame
from node import SANITIZED, Node, Raw, wait_for


def setUpModule():
    global node
    # One address does all of this; what is tried here are the limits of one connection.
    node = Node("--write-timeout", "3s", limits="on").start()
    unittest.addModuleCleanup(node.remove)


class Abuse(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        event = node.event()
        cls.event, cls.code = event["id"], event["code"]
        cls.poll = node.poll(cls.event)["id"]

    def tearDown(self):
        self.assertTrue(node.alive(), node.log())
        with Wire(node, self.event) as other:
            other.opened().say(type="ping", id="others")
            other.until(lambda _: any(m.get("id") == "others" for m in other.messages()),
                        "others being served")

    def wire(self, **options):
        wire = Wire(node, self.event, **options)
        self.addCleanup(wire.socket.close)
        return wire

    def test_handshakes_that_are_none(self):
        key16 = base64.b64encode(bytes(16)).decode()
        for key in ("", "short", base64.b64encode(bytes(15)).decode(),
                    base64.b64encode(bytes(17)).decode(), key16[:-2], key16 + "=", "*" * 22 + "==",
                    key16.replace("=", "A"), "A" * 22 + "=" + "A"):
            with self.subTest(key=key):
                wire = self.wire(key=key)
                wire.until(lambda r: r.startswith(b"HTTP/1.1 400 "), "a refusal")
        for fields in ("Sec-WebSocket-Key: " + key16 + "\r\n", "Content-Length: 3\r\n",
                       "Transfer-Encoding: chunked\r\n"):
            self.wire(fields=fields).until(lambda r: r.startswith(b"HTTP/1.1 400 "), "a refusal")
        accepted = self.wire(key="dGhlIHNhbXBsZSBub25jZQ==")
        accepted.until(lambda r: b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in r,
                       "the RFC's own example")

    def test_answers_before_the_upgrade_are_not_lost(self):
        wire = Raw(node.port)
        self.addCleanup(wire.socket.close)
        wire.send(b"GET /v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n" * 3 +
                  f"GET /v1/events/{self.event}/stream HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        wire.until(lambda r: b"event: welcome" in r, "the welcome")
        self.assertEqual(wire.received.count(b"HTTP/1.1 404 "), 3)

    def test_frames_that_break_the_protocol_close_the_connection(self):
        cases = {
            "unmasked": (frame(TEXT, b"{}", masked=False), {1002}),
            "reserved bit": (frame(TEXT, b"{}", bits=0x40), {1002}),
            "unknown opcode": (frame(3, b""), {1002}),
            "unknown control": (frame(11, b""), {1002}),
            "nothing to continue": (frame(0, b"x"), {1002}),
            "a long ping": (frame(PING, b"x" * 126), {1002}),
            "a fragmented ping": (frame(PING, b"", final=False), {1002}),
            "bad UTF-8": (frame(TEXT, b"\xff"), {1007}),
            "binary": (frame(2, b"{}"), {1003}),
            "2^62 bytes": (frame(TEXT, b"", length=2**62), {1009}),
            "2^63 bytes": (frame(TEXT, b"", length=2**63), {1002, 1009}),
            "4097 bytes": (frame(TEXT, b" " * 4097), {1009}),
            "text in a text": (frame(TEXT, b"{", final=False) + frame(TEXT, b"}"), {1002}),
            "close code 1005": (frame(CLOSE, struct.pack(">H", 1005)), {1002}),
            "half a close code": (frame(CLOSE, b"\x03"), {1002}),
            "close with bad UTF-8": (frame(CLOSE,
                                           struct.pack(">H", 1000) + b"\xff"), {1002, 1007}),
            "a proper close": (frame(CLOSE, struct.pack(">H", 1000)), {1000}),
            "a long length for little": (b"\x81\xfe\x00\x02" + bytes(4) + b"{}", {1002}),
            "fragments without end":
            (frame(TEXT, b"", final=False) + frame(0, b"", final=False) * 1000, {4400, 1009}),
            "fragments past the size":
            (frame(TEXT, b"", final=False) + frame(0, b"x" * 100, final=False) * 50, {1009}),
        }
        for name, (sent, codes) in cases.items():
            with self.subTest(name):
                wire = self.wire().opened()
                wire.send(sent)
                self.assertIn(wire.close_code(), codes)

    def test_fragments_and_control_frames_between_them_make_a_message(self):
        wire = self.wire().opened()
        wire.send(
            frame(TEXT, b'{"type":"pi', final=False) + frame(PING, b"now") +
            frame(0, b'ng","i', final=False) + frame(0, b'd":"f"}'))
        wire.until(lambda _: any(m.get("id") == "f" for m in wire.messages()), "the pong")
        self.assertIn((PONG, b"now"), wire.frames())

    def test_a_flood_of_pings_is_closed(self):
        for opcode in (PING, PONG):
            wire = self.wire().opened()
            wire.send(frame(opcode) * 2000)
            self.assertEqual(wire.close_code(), 4429)
            self.assertLess(sum(opcode == PONG for opcode, _ in wire.frames()), 100)

    def test_a_flood_of_commands_is_answered_with_errors_then_closed(self):
        wire, token = self.wire().opened(), node.token(self.code)
        wire.say(type="auth", token=token)
        for i in range(400):  # 100 commands a second for four seconds, at once
            if not wire.say(type="ping", id=f"p{i}"):
                break
        self.assertEqual(wire.close_code(), 4429)
        told = wire.messages()
        self.assertGreater(sum(m["type"] == "pong" for m in told), 10)
        limited = [m for m in told if m["type"] == "error"]
        self.assertGreater(len(limited), 10)
        for error in limited:
            self.assertEqual((error["code"], error["limit"]), ("rate_limited", "messages"))
            self.assertGreater(error["retry_after_ms"], 0)

    def test_subscriptions_past_the_bound_and_unknown_ones_get_one_error_a_message(self):
        own = node.event()["id"]
        polls = [node.poll(own, opened=False)["id"] for _ in range(260)]
        for poll in polls:
            node.step(poll, "open")
        with Wire(node, own) as wire:
            wire.opened()
            for ids in (polls[:130], polls[130:]):
                wire.say(type="subscribe", polls=ids)
            full = wire.until(lambda _: [m for m in wire.messages() if m["type"] == "error"],
                              "the bound")
            self.assertEqual((full[0]["code"], full[0]["limit"]), ("rate_limited", "subscriptions"))
            wire.until(
                lambda _: len({m["poll"]
                               for m in wire.messages()
                               if m["type"] == "results"}) == 256, "those within the bound")
            for _ in range(50):  # ten thousand in fifty messages
                wire.say(type="subscribe", polls=[f"none{i:08d}" for i in range(200)])
            wire.say(type="ping", id="after-them")
            wire.until(lambda _: any(m.get("id") == "after-them" for m in wire.messages()),
                       "all answers")
            errors = [m for m in wire.messages() if m["type"] == "error"]
            self.assertEqual(len(errors), 1 + 50)
            self.assertEqual(errors[-1]["detail"],
                             "There is no poll none00000000, nor 199 more of those named.")

    def test_slow_messages_are_not_waited_for(self):
        wire = self.wire().opened()
        wire.send(frame(TEXT, b'{"type":"ping"', final=False))
        self.assertEqual(wire.close_code(), 4408)


class Slow_readers(unittest.TestCase):
    POLLS = 80  # more in a welcome than goes into a socket at once

    def start(self, *options):
        slow = Node(*options).start()
        self.addCleanup(slow.remove)
        event = slow.event()
        many = [{"id": f"option-number-{i}", "label": f"{i}"} for i in range(64)]
        polls = [slow.poll(event["id"], options=many)["id"] for _ in range(self.POLLS)]
        return slow, event, polls

    def memory(self, slow):
        status = pathlib.Path(f"/proc/{slow.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) // 1024

    def fill(self, slow, event, polls):
        """A reader that does not read what it asks for, until nothing more goes to it."""
        wire = Wire(slow, event["id"], receive_buffer=4096).opened()
        self.addCleanup(wire.socket.close)

        def sent():
            return slow.metric("tallycast_messages_sent_total")

        with contextlib.suppress(AssertionError):
            while True:  # each asks for all results again: some half a megabyte
                before = sent()
                wire.say(type="subscribe", polls=polls, max_hz=20)
                wait_for(lambda: sent() > before, "something more being sent", 1)
        return wire

    def all_are_closed(self, slow, readers, polls):
        """Asks again for what was not read: a busy machine may have been taken for a full socket."""
        for reader in readers:
            with contextlib.suppress(OSError):
                reader.say(type="subscribe", polls=polls, max_hz=20)
        with contextlib.suppress(AssertionError):
            wait_for(lambda: slow.metric("tallycast_connections", "websocket") == 1, "all being closed", 3)
            return True

    def test_a_slow_reader_gets_the_newest_and_no_backlog(self):
        slow, event, polls = self.start("--write-timeout", "10m")
        before = self.memory(slow)
        readers = [self.fill(slow, event, polls) for _ in range(4)]
        tokens = [slow.token(event["code"]) for _ in range(120)]
        with slow.client() as client:
            for token in tokens:  # a version each, in time for many publications
                self.assertEqual(client.vote(polls[0], ["option-number-7"], token).status, 200)
        if not SANITIZED:
            self.assertLess(self.memory(slow) - before, 60, "MiB more: the readers' backlog is kept")
        newest = slow.results(polls[0])
        for reader in readers:

            def seen(_):
                return [
                    m for m in reader.messages() if m["type"] == "results" and m["poll"] == polls[0]
                ]

            reader.until(lambda r: f'"version":{newest["version"]},"voters":120'.encode() in r,
                         "the newest", 60)
            self.assertLess(len(reader.received), 2_000_000, "the kernel's queue held a backlog")
            versions = [m["version"] for m in seen(None)]
            self.assertEqual(versions, sorted(versions))
        wait_for(lambda: slow.metric("tallycast_messages_superseded_total") > 0, "a second's figures")
        self.assertEqual(slow.metric("tallycast_slow_readers_total"), 0)

    def test_a_reader_that_never_reads_is_closed(self):
        slow, event, polls = self.start("--write-timeout", "1s")
        token = slow.token(event["code"])
        readers = [self.fill(slow, event, polls) for _ in range(3)]
        with Wire(slow, event["id"]) as other:
            other.opened().say(type="subscribe", polls=[polls[0]], max_hz=20)
            wait_for(lambda: self.all_are_closed(slow, readers, polls), "the slow ones being closed")
            self.assertEqual(slow.vote(polls[0], ["option-number-1"], token).status, 200)
            other.until(lambda r: b'"voters":1' in r, "the one who reads being served")
        for reader in readers:
            reader.until_closed()
        self.assertEqual(slow.metric("tallycast_slow_readers_total"), 3)


if __name__ == "__main__":
    unittest.main()
