"""The table of what Redis may answer, one by one, on real servers: the node lives, refuses with 503 while it cannot
count, counts again by itself, and counts nothing twice."""

import contextlib
import http.client
import threading
import time
import unittest

from redis_case import Redis_case, free_ports, wait_for

from cluster_parts.resp import Link, Refusal
from reply_proxy import ReplyProxy
from tcp_proxy import TcpProxy

HELD_AT_MOST = 4.0      # seconds until a vote that cannot be counted is refused: the queue's deadline, and some
BACK_WITHIN = 4.0       # seconds after the trouble until votes count again: it is looked for every 500 ms


class Trouble_case(Redis_case):
    """One node on one server, one poll, and as many voters as it takes."""

    def stage(self, store):
        self.one = self.node(store)
        event = self.one.event()
        self.code, self.poll = event["code"], self.one.poll(event["id"])["id"]
        self.ballots = {}
        self.spare = [self.one.join(self.code)["voter"] for _ in range(40)]

    def votes(self):
        """One more voter; the answer and how long it took. The ballot is on the books only when it was counted."""
        voter = self.spare.pop()
        begun = time.monotonic()
        reply = self.cast(voter)
        return reply, time.monotonic() - begun, voter

    def cast(self, voter):
        reply = self.one.vote(self.poll, ["a"], voter["token"], f"key-{voter['number']}")
        if reply.status == 200:
            self.ballots[voter["number"]] = "a"
        return reply

    def counts(self):
        reply, _, voter = self.votes()
        if reply.status != 200:
            self.assertEqual(reply.status, 503, reply)
            self.spare.append(voter)
        return reply.status == 200

    def refused_in_time(self):
        reply, took, voter = self.votes()
        self.assertEqual((reply.status, reply.code), (503, "store_unavailable"), reply)
        self.assertLess(took, HELD_AT_MOST)
        self.assertTrue(0 < reply.json["retry_after_ms"] <= 10_000, reply)
        self.assertTrue(self.one.alive())
        return voter

    def recovers(self, voters=()):
        """Whoever was refused sends the same again and is counted."""
        wait_for(self.counts, "votes counting again", BACK_WITHIN)
        for voter in voters:
            self.assertEqual(self.cast(voter).status, 200)
        wait_for(lambda: self.one.ops("GET", "/readyz").status == 200, "the node being ready", BACK_WITHIN)
        wait_for(self.all_is_there, "all that was counted", BACK_WITHIN)

    def all_is_there(self):
        """Not yet when an I/O thread whose own link is still broken was asked: it cannot begin an export."""
        try:
            self.stands_behind(self.one, self.poll, self.ballots)
            return True
        except http.client.RemoteDisconnected:
            return False


class Real_trouble(Trouble_case):
    """A server that is really in that state."""

    def setUp(self):
        super().setUp()
        self.store = self.redis(settings={"dbfilename": "dump"})
        self.server = self.store.server
        self.stage(self.store)

    def during(self, trouble, expected, sign=None):
        with trouble:
            self.assertEqual((sign or self.kind_of_a_write)(), expected)
            late = [self.refused_in_time()]
        self.recovers(late)

    def kind_of_a_write(self):
        try:
            return self.server.ask("SET", "a-key-of-the-test", "1")
        except Refusal as refusal:
            return refusal.kind

    def test_memory_is_full(self):
        @contextlib.contextmanager
        def full():
            self.server.set("maxmemory", 1)
            yield
            self.server.set("maxmemory", 0)

        self.during(full(), "OOM")

    def test_too_few_replicas(self):
        @contextlib.contextmanager
        def alone():
            self.server.set("min-replicas-to-write", 1)
            yield
            self.server.set("min-replicas-to-write", 0)

        self.during(alone(), "NOREPLICAS")

    def test_became_a_replica(self):
        @contextlib.contextmanager
        def follower():
            self.server.ask("REPLICAOF", "127.0.0.1", free_ports(1)[0])
            yield
            self.server.ask("REPLICAOF", "NO", "ONE")

        self.during(follower(), "READONLY")

    def test_replica_without_its_primary(self):
        @contextlib.contextmanager
        def lost():
            self.server.set("replica-serve-stale-data", "no")
            self.server.ask("REPLICAOF", "127.0.0.1", free_ports(1)[0])
            yield
            self.server.ask("REPLICAOF", "NO", "ONE")
            self.server.set("replica-serve-stale-data", "yes")

        # It says READONLY to a plain write, and this to whatever reads: to our functions, too.
        self.during(lost(), "MASTERDOWN", sign=lambda: self.kind_of("DBSIZE"))

    def test_dump_cannot_be_written(self):
        @contextlib.contextmanager
        def misconfigured():
            (self.server.folder / "dump" / "in the way").mkdir(parents=True)  # a dump cannot replace a folder
            self.server.set("save", "3600 1000000")
            self.server.ask("BGSAVE")
            wait_for(lambda: self.server.info("persistence")["rdb_last_bgsave_status"] == "err", "a failed dump")
            yield
            self.server.set("save", "")

        self.during(misconfigured(), "MISCONF")

    def test_busy_with_a_script_that_does_not_end(self):
        @contextlib.contextmanager
        def busy():
            self.server.set("busy-reply-threshold", 50)

            def run_for_ever():
                with contextlib.suppress(Refusal, OSError), self.server.link(60) as link:
                    link.ask("EVAL", "while true do end", 0)

            looping = threading.Thread(target=run_for_ever, daemon=True)
            looping.start()
            wait_for(lambda: self.kind_of_a_write() == "BUSY", "a busy server")
            yield
            self.server.ask("SCRIPT", "KILL")
            looping.join(10)

        self.during(busy(), "BUSY")

    def test_loading_its_data(self):
        """A slow start: every command read from the file takes a moment."""
        self.server.ask("BGREWRITEAOF")
        wait_for(lambda: self.server.info("persistence")["aof_rewrite_in_progress"] == "0", "a rewritten file")
        for i in range(90):
            self.server.ask("SET", f"filler-{i}", i)
        with open(self.server.conf, "a", encoding="utf-8") as conf:
            conf.write("key-load-delay 100000\nloading-process-events-interval-bytes 1024\n")

        @contextlib.contextmanager
        def loading():
            self.server.kill()
            self.server.launch_server()
            wait_for(lambda: self.kind_of("PING") == "LOADING", "a loading server")
            yield
            wait_for(lambda: self.kind_of("PING") == "PONG", "a loaded server")

        self.during(loading(), "LOADING")

    def kind_of(self, command):
        try:
            return self.server.ask(command)
        except Refusal as refusal:
            return refusal.kind
        except OSError:
            return None

    def test_frozen_server_is_not_waited_for(self):
        @contextlib.contextmanager
        def frozen():
            self.server.pause()
            yield
            self.server.resume()

        with frozen():
            late = [self.refused_in_time()]
        self.recovers(late)

    def test_dead_server_is_found_again(self):
        self.server.kill()
        late = [self.refused_in_time()]
        self.server.start()
        self.recovers(late)

    def test_library_and_scripts_flushed_between_votes(self):
        for _ in range(5):
            self.server.ask("FUNCTION", "FLUSH", "SYNC")
            self.server.ask("SCRIPT", "FLUSH", "SYNC")
            self.assertTrue(self.counts())
        self.stands_behind(self.one, self.poll, self.ballots)


class Told_trouble(Trouble_case):
    """Answers that a healthy server is hard to bring to, told by a wire in between."""

    def setUp(self):
        super().setUp()
        self.store = self.redis()
        self.wire = ReplyProxy((self.store.server.address, self.store.server.port))
        self.wire.__enter__()
        self.addCleanup(self.wire.__exit__)
        self.stage(f"redis://127.0.0.1:{self.wire.port}")

    def test_try_again_for_a_moment_is_not_noticed(self):
        left = [3]

        def moment(words):
            if words[0].upper() == b"FCALL" and left[0] > 0:
                left[0] -= 1
                return b"-TRYAGAIN Multiple keys request during rehashing of slot\r\n"
            return None

        self.wire.instead = moment
        self.assertTrue(self.counts())
        self.assertEqual(left, [0])
        self.stands_behind(self.one, self.poll, self.ballots)

    def test_garbage_closes_the_link_and_nothing_else(self):
        lines = {
            "no Redis": b"HTTP/1.1 400 Bad Request\r\n\r\n",
            "2^63 bytes": b"$9223372036854775808\r\n",
            "an exabyte": b"$1152921504606846976\r\n",
            "a billion parts": b"*1000000000\r\n",
            "negative length": b"$-7\r\n",
            "depth 10,000": b"*1\r\n" * 10_000,
            "noise": bytes(range(256)) * 16,
        }
        for name, bytes_ in lines.items():
            with self.subTest(name):
                before = self.memory()
                self.wire.instead = lambda words, told=bytes_: told if words[0].upper() == b"FCALL" else None
                late = self.refused_in_time()
                self.wire.instead = lambda words: None
                self.recovers([late])
                self.assertLess(self.memory() - before, 64 << 20, "it made room for what was announced")

    def memory(self):
        return self.one.metric("process_resident_memory_bytes")


class Not_allowed(Redis_case):
    """What the server forbids is said at the start, and such a node is never ready."""

    def setUp(self):
        super().setUp()
        self.server = self.redis().server
        self.server.ask("ACL", "SETUSER", "reader", "on", ">secret", "~*", "+@read", "+ping", "+role", "+info")

    def test_the_start_says_what_the_server_said(self):
        place = f"127.0.0.1:{self.server.port}"
        self.server.ask("CONFIG", "SET", "requirepass", "hidden")
        cases = {"NOAUTH": f"redis://{place}", "WRONGPASS": f"redis://reader:wrong@{place}",
                 "NOPERM": f"redis://reader:secret@{place}"}
        for word, store in cases.items():
            with self.subTest(word):
                node = self.node(store, start=False).spawn()
                code = wait_for(lambda: node.process.poll(), f"the end of a node that is told {word}", 15)
                self.assertNotEqual(code, 0)
                self.assertIn(word, node.log())
                self.assertNotIn("secret", node.log())
                self.assertNotIn("wrong@", node.log())
        with Link("127.0.0.1", self.server.port, password="hidden") as link:
            link.ask("CONFIG", "SET", "requirepass", "")


class A_bad_wire(Trouble_case):
    def setUp(self):
        super().setUp()
        self.store = self.redis()
        self.wire = TcpProxy((self.store.server.address, self.store.server.port))
        self.wire.__enter__()
        self.addCleanup(self.wire.__exit__)
        self.stage(f"redis://127.0.0.1:{self.wire.port}")

    def test_latency_of_40_ms_is_waited_for(self):
        self.wire.latency = 0.04
        reply, took, _ = self.votes()
        self.assertEqual(reply.status, 200)
        self.assertGreater(took, 0.07)
        self.crowd([self.one], 3000).report()

    def test_everything_comes_byte_by_byte(self):
        self.wire.slice = 1
        self.assertTrue(self.counts())
        self.wire.slice = 7
        self.crowd([self.one], 300).report()
        self.stands_behind(self.one, self.poll, self.ballots)

    def test_links_broken_again_and_again_under_load(self):
        crowd = self.crowd([self.one], 6000, rate=2500)
        crowd.wait_until_voted(0.1)
        breaks = 0
        while crowd.under_way() and breaks < 12:
            before = self.wire.connections
            self.wire.reset()
            wait_for(lambda: self.wire.connections > before or not crowd.under_way(), "links coming back", 10)
            breaks += 1
        self.assertGreaterEqual(breaks, 3)
        crowd.report()

    def test_silent_link_is_dropped_for_another(self):
        before = self.wire.connections
        self.wire.silent = True
        late = self.refused_in_time()
        self.wire.silent = False
        self.recovers([late])
        self.assertGreater(self.wire.connections, before, "the same link was used on")


if __name__ == "__main__":
    unittest.main()
