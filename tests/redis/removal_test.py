"""What is removed is gone: on every node, in every slice, whatever the others do meanwhile."""

import signal
import threading
import time
import unittest

from redis_case import HOST, Redis_case, wait_for

from node import OPERATOR
from reply_proxy import ReplyProxy
from tcp_proxy import TcpProxy

WIRE = 0.06  # seconds, each way
SWEPT_WITHIN = 25  # what comes late is given 15 s


class Removal_case(Redis_case):
    def setUp(self):
        super().setUp()
        self.store = self.redis()

    def keys(self):
        return sorted(key for server in self.store.servers for key in server.ask("KEYS", "*"))

    def slices(self):
        """The keys of polls."""
        return [key for key in self.keys() if key.startswith("{tc")]

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


class Removed_and_not_swept(Removal_case):
    """The rows of a poll go first and its slices after them, by whoever is there."""

    def is_swept(self):
        return self.slices() == [] and self.rows("dropped") == []

    def test_by_a_node_whose_server_was_away_it_is_swept_by_another(self):
        with ReplyProxy(("127.0.0.1", self.store.server.port)) as wire:
            a = self.node(f"redis://127.0.0.1:{wire.port}")
            event, poll, _ = self.voted(a)
            wire.instead = lambda words: b"-ERR not now\r\n" if words[0].upper() == b"UNLINK" else None
            self.assertEqual(a.call("DELETE", f"/v1/events/{event}", key=HOST).status, 204)
            self.assertEqual(a.call("DELETE", f"/v1/events/{event}", key=HOST).status, 404)
            self.assertNotEqual(self.slices(), [])
            a.kill()
        self.node(self.store)
        wait_for(self.is_swept, "another node's sweep", SWEPT_WITHIN)

    def test_by_a_node_of_an_older_version_it_is_swept_at_the_next_start(self):
        (a, ) = self.nodes(self.store, 1)
        _, poll, _ = self.voted(a)
        a.kill()
        server = self.store.server
        server.ask("HSET", "{tallycast}:dropped", poll, server.ask("HGET", "{tallycast}:polls", poll))
        server.ask("HDEL", "{tallycast}:polls", poll)
        self.assertNotEqual(self.slices(), [])
        self.node(self.store)
        wait_for(self.is_swept, "the sweep", 3)

    def test_of_a_poll_what_came_late_is_swept_and_of_others_nothing(self):
        a, b = self.nodes(self.store, 2)
        event, poll, _ = self.voted(a)
        other = self.voted(a)[1]
        server = self.store.server
        (meta, ) = server.ask("KEYS", f"*:{poll}:*:meta")
        placed = server.ask("HGETALL", meta)
        self.assertEqual(a.call("DELETE", f"/v1/events/{event}", key=HOST).status, 204)
        self.assertEqual([key for key in self.slices() if other not in key], [])
        server.ask("HSET", meta, *placed)  # by a node that had not heard of it
        wait_for(lambda: self.rows("dropped") == [], "the sweep", SWEPT_WITHIN)
        self.assertEqual([key for key in self.slices() if other not in key], [])
        for node in (a, b):
            self.assertEqual(node.results(other)["voters"], 1)


class Removed_from_two_nodes(Removal_case):
    def setUp(self):
        super().setUp()
        self.a, self.b = self.nodes(self.store, 2)

    def remove_event(self, event):
        self.assertEqual(self.a.call("DELETE", f"/v1/events/{event}", key=HOST).status, 204)

    def test_what_was_acknowledged_is_not_applied_again(self):
        event, _, token = self.voted(self.a)
        for members in ({"rules": {"allow_change": True}}, {"type": "rating", "rules": {"scale": 5}}):
            poll = self.a.poll(event, **members)["id"]
            ballot = {"rating": 4} if "type" in members else ["a"]
            self.assertEqual(self.a.vote(poll, ballot, token).status, 200)
        self.assertNotEqual(self.slices(), [])
        self.remove_event(event)
        self.assertEqual(self.slices(), [])
        links = self.a.metric("tallycast_store_links_total")
        self.store.server.ask("CLIENT", "KILL", "TYPE", "normal")
        wait_for(lambda: self.a.metric("tallycast_store_links_total") > links + 1 and self.a.is_ready(), "new links")
        other = self.voted(self.a)[1]  # by the link that was greeted
        self.assertEqual([key for key in self.slices() if other not in key], [])

    def test_refusals_of_a_node_that_did_not_hear_of_it_are_noted_nowhere(self):
        event, poll, token = self.voted(self.b)
        for _ in range(10):
            self.assertEqual(self.b.vote(poll, ["zz"], token).status, 422)
        self.b.signal(signal.SIGSTOP)
        self.remove_event(event)
        time.sleep(1.2)  # refusals are written once a second: those are due at once
        self.b.signal(signal.SIGCONT)
        wait_for(lambda: self.b.call("GET", f"/v1/polls/{poll}", key=HOST).status == 404, "B hearing of it")
        time.sleep(1.2)
        self.assertEqual(self.slices(), [])

    def test_a_poll_that_the_server_forgot_is_placed_before_votes_are_applied_again(self):
        """A failover may lose how a poll was placed, and then it knows nothing of its votes either."""
        event, poll, token = self.voted(self.a)
        with self.store.server.link(10) as link:
            link.ask("DEL", *link.ask("KEYS", f"*:{poll}:*"))
            link.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        wait_for(lambda: self.a.metric("tallycast_store_applied_again_total") == 1, "the vote")
        (meta, ) = self.store.server.ask("KEYS", f"*:{poll}:*:meta")
        self.assertEqual(self.store.server.ask("HGET", meta, "st"), "o")
        self.assertEqual(self.b.results(poll)["voters"], 1)
        self.assertEqual(self.b.vote(poll, ["a"], token).json["status"], "replayed")


if __name__ == "__main__":
    unittest.main()
