"""What tenants and voters may do, they may do once: however many nodes and threads they come by."""

import functools
import time
import unittest

from redis_case import Redis_case, Standalone, wait_for

from node import together

NODES = 4
TRIES = 5


def block_of(rate, burst):
    """What a node may spend of a tenant's tokens before the store knows."""
    return min(burst, max(burst // 8, int(rate * 0.05), 1))


class Unanswered(Exception):
    """A node waited for Redis in vain: it may count for itself alone, and the ledger has twice what it sends again."""


def while_redis_answers(once):
    """A test that is done anew, with other servers and nodes, where a busy machine kept Redis from answering."""

    @functools.wraps(once)
    def test(self):
        for _ in range(TRIES):
            try:
                return once(self)
            except Unanswered as why:
                print(f"done anew: {why}")
            self.doCleanups()
            self.setUp()
        raise AssertionError(f"Redis did not answer in time, {TRIES} times of {TRIES}")

    return test


class Limits(Redis_case):
    kind = Standalone

    def limited(self, *options):
        """Four nodes with one event."""
        nodes = [self.node(self.store, *options, start=False, limits="on").spawn() for _ in range(NODES)]
        for node in nodes:
            wait_for(node.is_ready, "the nodes getting ready")
        event = nodes[0].event()
        self.event, self.code = event["id"], event["code"]
        return nodes

    def setUp(self):
        super().setUp()
        self.store = self.redis(self.kind)

    def cast(self, node, poll, tokens, book):
        """Each voter's ballot over one connection, into a ledger of answers."""
        with node.client() as client:
            for token in tokens:
                reply = client.vote(poll, ["a"], token)
                book.append(reply)
                if reply.status == 429:
                    self.assertEqual((reply.code, reply.json["limit"]), ("rate_limited", "tenant"), reply)
                    self.assertGreater(reply.json["retry_after_ms"], 0)
                    self.assertIn("Retry-After", reply.fields)

    def cast_for(self, seconds, nodes, poll, books, meanwhile=None):
        """The same voters over all nodes, again and again, and what happens meanwhile; how long it took."""
        tokens = [nodes[0].token(self.code) for _ in range(400)]
        began = time.monotonic()

        def work(i):
            if i == len(nodes):
                return meanwhile and meanwhile()
            while time.monotonic() < began + seconds:
                self.cast(nodes[i], poll, tokens[i::len(nodes)], books[i])

        together(len(nodes) + 1, work)
        return time.monotonic() - began

    def answered(self, nodes, what="store_calls"):
        """Of every node each call, or what else may fail."""
        failed = [int(node.metric(f"tallycast_{what}_failed_total")) for node in nodes]
        if any(failed):
            raise Unanswered(f"{what} that failed, by node: {failed}")

    def balanced(self, nodes, poll, books):
        """Every answer is in the poll's ledger and in the metrics; how many ballots passed."""
        self.answered(nodes)
        answers = [reply.status for book in books for reply in book]
        self.assertEqual(set(answers) - {200, 429}, set())
        passed = answers.count(200)
        wait_for(lambda: nodes[0].ledger(poll)["received"] == len(answers), "the refusals in the ledger", 10)
        ledger = nodes[0].ledger(poll)
        self.assertEqual((ledger["counted"] + ledger["replayed"], ledger["rejected"]["limited"], ledger["balanced"]),
                         (passed, len(answers) - passed, True))
        self.assertEqual(nodes[0].results(poll)["voters"], ledger["counted"])
        refused = sum(node.metric("tallycast_votes_rejected_total", 'reason="limited"') for node in nodes)
        self.assertEqual(refused, len(answers) - passed)
        return passed


class A_tenant(Limits):
    @while_redis_answers
    def test_has_one_burst_on_four_nodes(self):
        rate, burst = 0.01, 80
        nodes = self.limited("--limit-tenant-rate", str(rate), "--limit-tenant-burst", str(burst))
        poll = nodes[0].poll(self.event)["id"]
        tokens = [nodes[0].token(self.code) for _ in range(3 * burst)]
        books = [[] for _ in nodes]
        together(NODES, lambda i: self.cast(nodes[i], poll, tokens[i::NODES], books[i]))
        passed = self.balanced(nodes, poll, books)
        bound = burst + NODES * block_of(rate, burst)
        print(f"burst {burst}, {NODES} nodes: {passed} of {len(tokens)} passed, at most {bound} may")
        self.assertLessEqual(passed, bound)
        self.assertGreaterEqual(passed, burst)

    @while_redis_answers
    def test_keeps_to_its_rate_on_four_nodes(self):
        rate, burst = 40, 16
        nodes = self.limited("--limit-tenant-rate", str(rate), "--limit-tenant-burst", str(burst))
        poll = nodes[0].poll(self.event)["id"]
        books = [[] for _ in nodes]
        seconds = self.cast_for(2, nodes, poll, books)
        passed = self.balanced(nodes, poll, books)
        bound = burst + rate * seconds + NODES * block_of(rate, burst)
        print(f"rate {rate}, burst {burst}, {NODES} nodes, {seconds:.1f} s: {passed} of {sum(map(len, books))} passed, "
              f"at most {bound:.0f} may")
        self.assertLessEqual(passed, bound)

    @while_redis_answers
    def test_keeps_to_its_rate_while_redis_is_silent_for_a_moment(self):
        """For longer than a link is kept that owes an answer, and not for as long as a lease is waited for."""
        rate, burst = 40, 16
        nodes = self.limited("--limit-tenant-rate", str(rate), "--limit-tenant-burst", str(burst))
        poll = nodes[0].poll(self.event)["id"]
        books = [[] for _ in nodes]

        servers = self.store.primaries()

        def be_silent():
            wait_for(lambda: sum(map(len, books)) > 2 * burst, "the burst being spent")
            for server in servers:
                server.pause()
            until = time.monotonic() + 0.65
            wait_for(lambda: time.monotonic() >= until, "the silence", 2)
            for server in servers:
                server.resume()

        seconds = self.cast_for(3, nodes, poll, books, be_silent)
        with self.assertRaises(Unanswered, msg="no link was lost"):
            self.answered(nodes)
        self.answered(nodes, "quota_leases")
        passed = [reply.status for book in books for reply in book].count(200)
        bound = burst + rate * seconds + NODES * block_of(rate, burst)
        print(f"a silent moment in {seconds:.1f} s: {passed} passed, at most {bound:.0f} may")
        self.assertLessEqual(passed, bound)

    @while_redis_answers
    def test_has_all_of_its_burst_where_all_come_by_one_node(self):
        burst = 80
        nodes = self.limited("--limit-tenant-rate", "0.01", "--limit-tenant-burst", str(burst))
        poll = nodes[0].poll(self.event)["id"]
        tokens = [nodes[0].token(self.code) for _ in range(burst)]
        books = [[] for _ in nodes]
        self.cast(nodes[1], poll, tokens, books[1])
        # Where Redis was slower than a whole block is spent they were told to come again.
        for _ in range(100):
            refused = [token for token, reply in zip(tokens, books[1][-len(tokens):]) if reply.status == 429]
            if not refused:
                break
            tokens = refused
            self.cast(nodes[1], poll, tokens, books[1])
        passed = self.balanced(nodes, poll, books)
        self.assertTrue(burst <= passed <= burst + 1, passed)
        self.assertGreater(nodes[1].metric("tallycast_quota_leases_total"), 0)
        # The bucket they share is empty, so that the others have what they may spend on trust, and no more.
        late = [nodes[0].token(self.code) for _ in range(60)]
        self.cast(nodes[2], poll, late, books[2])
        self.answered(nodes)
        passed = [reply.status for reply in books[2]].count(200)
        self.assertLessEqual(passed, 2 * block_of(0.01, burst))

    def test_is_limited_by_each_node_alone_while_redis_is_away(self):
        burst = 80
        node = self.node(self.store, "--limit-tenant-rate", "0.01", "--limit-tenant-burst", str(burst), limits="on")
        event = node.event()
        poll = node.poll(event["id"])["id"]
        tokens = [node.token(event["code"]) for _ in range(2 * burst)]
        self.store.server.pause()
        self.addCleanup(self.store.server.resume)
        refusals = set()
        for token in tokens[:6]:
            refusals.add(node.vote(poll, ["a"], token).code)
        self.assertEqual(refusals, {"store_unavailable"})
        wait_for(lambda: node.metric("tallycast_quota_leases_failed_total") > 0, "a lease in vain", 10)
        self.store.server.resume()
        self.assertEqual(node.vote(poll, ["a"], tokens[6]).json["status"], "counted")


class A_voter(Limits):
    def test_changes_only_so_often_whatever_node_they_come_by(self):
        burst, between = 3, 2.0
        nodes = self.limited("--limit-voter-rate", str(1 / between), "--limit-voter-burst", str(burst))
        poll = nodes[0].poll(self.event, rules={"allow_change": True})["id"]
        token = nodes[0].token(self.code)
        began = time.monotonic()
        # Too few at each node for a limit of its own.
        replies = [nodes[i % NODES].vote(poll, ["abc"[i % 3]], token, f"k{i}") for i in range(2 * NODES)]
        passed = sum(reply.status == 200 for reply in replies)
        self.assertEqual([reply.status for reply in replies[:burst]], [200] * burst)
        self.assertLessEqual(passed, burst + (time.monotonic() - began) / between)
        refused = [reply for reply in replies if reply.status != 200]
        for reply in refused:
            self.assertEqual((reply.status, reply.code, reply.json["limit"]), (429, "rate_limited", "change"))
            self.assertTrue(0 < reply.json["retry_after_ms"] <= 1000 * between, reply)
        again = nodes[1].vote(poll, ["a"], token, "k0")
        self.assertEqual((again.status, again.json["status"]), (200, "replayed"), "which moves nothing")
        ledger = nodes[0].ledger(poll)
        self.assertEqual((ledger["counted"] + ledger["changed"], ledger["rejected"]["limited"], ledger["balanced"]),
                         (passed, len(refused), True))
        come_back = time.monotonic() + between
        wait_for(lambda: time.monotonic() >= come_back, "the time to come back", 2 * between)
        self.assertEqual(nodes[2].vote(poll, ["b"], token, "late").json["status"], "changed")


if __name__ == "__main__":
    unittest.main()
