"""What is removed is gone: on every node, in every slice, whatever the others do meanwhile."""

import threading
import time
import unittest

from redis_case import HOST, Redis_case, wait_for

from node import OPERATOR
from tcp_proxy import TcpProxy

WIRE = 0.06  # seconds, each way


class Removal_case(Redis_case):
    def setUp(self):
        super().setUp()
        self.store = self.redis()

    def keys(self):
        return sorted(key for server in self.store.servers for key in server.ask("KEYS", "*"))

    def rows(self, name):
        return self.store.server.ask("HKEYS", f"{{tallycast}}:{name}")

    def voted(self, node):
        """An event with an open poll and a vote in it: both ids, and the voter's token."""
        event = node.event()
        poll = node.poll(event["id"])["id"]
        token = node.token(event["code"])
        self.assertEqual(node.vote(poll, ["a"], token).status, 200)
        return event["id"], poll, token


class Removed_over_a_slow_wire(Removal_case):
    """A has a long way to the server, so that what B does falls between what A knew and what A wrote."""

    def setUp(self):
        super().setUp()
        self.wire = TcpProxy(("127.0.0.1", self.store.server.port))
        self.wire.__enter__()
        self.addCleanup(self.wire.__exit__)
        self.a = self.node(f"redis://127.0.0.1:{self.wire.port}")
        self.b = self.node(self.store)

    def races(self, path, other):
        """DELETE on A, and a while later other() on B: that while, and what it answered."""
        for delay in (0.05, 0.08, 0.11, 0.14, 0.17, 0.2):
            target, key, prepared = path()
            self.wire.latency = WIRE
            statuses = []
            removal = threading.Thread(
                target=lambda: statuses.append(self.a.call("DELETE", target, key=key).status))
            removal.start()
            time.sleep(delay)
            made = other(prepared)
            removal.join()
            self.wire.latency = 0
            self.assertEqual(statuses, [204])
            yield delay, made

    def test_a_tenant_leaves_no_key_that_opens_anything(self):
        def path():
            tenant = self.b.must(201, "POST", "/v1/tenants", {"name": "Other"}, OPERATOR)["id"]
            self.a.must(200, "GET", f"/v1/tenants/{tenant}", key=OPERATOR)
            return f"/v1/tenants/{tenant}", OPERATOR, tenant

        def make_key(tenant):
            return self.b.call("POST", f"/v1/tenants/{tenant}/keys", {}, OPERATOR)

        kept = sorted(self.rows("keys"))
        for delay, made in self.races(path, make_key):
            with self.subTest(delay=delay, made=made.status):
                self.assertIn(made.status, (201, 404))
                for node in (self.a, self.b) if made.status == 201 else ():
                    wait_for(lambda: node.call("GET", "/v1/events", key=made.json["key"]).status == 401,
                             "the end of the key", 3)
                self.assertEqual(sorted(self.rows("keys")), kept)

    def test_an_event_leaves_no_poll_that_was_made_or_reset(self):
        def path():
            event, poll, _ = self.voted(self.b)
            self.b.step(poll, "close")
            self.a.must(200, "GET", f"/v1/events/{event}")
            return f"/v1/events/{event}", HOST, (event, poll)

        def make(prepared):
            return self.b.call("POST", f"/v1/events/{prepared[0]}/polls",
                               {"type": "single", "question": "?", "options": ["1", "2"]}, HOST)

        def reset(prepared):
            return self.b.call("POST", f"/v1/polls/{prepared[1]}/reset", {}, HOST)

        for what in (make, reset):
            for delay, made in self.races(path, what):
                with self.subTest(what=what.__name__, delay=delay, made=made.status):
                    self.assertIn(made.status, (200, 201, 404))
                    self.assertEqual((self.rows("polls"), self.rows("rounds")), ([], []))


if __name__ == "__main__":
    unittest.main()
