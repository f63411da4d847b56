"""Replicas that hear nothing more of their primary, which goes on counting for a moment and then dies for good: what
it acknowledged alone is on no other server. Nodes have it, and apply it again at the primary that follows.

Switched off, the same run loses votes: so this test would notice."""

import time
import unittest

from redis_case import HOST, Redis_case, of_every_day_or_long, wait_for

import network
from cluster_parts.redis_servers import Cluster, Sentinel
from network import deaf

RUNS = of_every_day_or_long("RUNS", 1, 20)
VOTERS = of_every_day_or_long("VOTERS", 16_000, 500_000)
RATE = of_every_day_or_long("RATE", 2800, 6000)
DOWN_AFTER = 2000  # ms
ALONE = 0.6        # seconds


class Replicas_lagging(Redis_case):
    def test_in_sentinel_nothing_is_lost(self):
        self.some_runs(Sentinel, "async")

    def test_in_a_cluster_nothing_is_lost(self):
        self.some_runs(Cluster, "async")

    def test_in_sentinel_at_replicated_nothing_is_lost(self):
        self.some_runs(Sentinel, "replicated")

    def test_in_a_cluster_at_replicated_nothing_is_lost(self):
        self.some_runs(Cluster, "replicated")

    def test_in_sentinel_votes_are_lost_when_nothing_is_applied_again(self):
        self.some_runs(Sentinel, "async", again=False)

    def test_in_a_cluster_votes_are_lost_when_nothing_is_applied_again(self):
        self.some_runs(Cluster, "async", again=False)

    def some_runs(self, kind, level, again=True):
        self.each([(kind, level, again)] * RUNS, self.once)

    def once(self, kind, level, again):
        self.store = self.redis(lambda folder: with_known_replicas(kind(folder, down_after=DOWN_AFTER)))
        nodes = self.nodes(self.store, 2, "--durability", level, "--apply-again", "on" if again else "off")
        # Nobody sends twice: a copy at the other node may reach the new primary before the first one is applied
        # again there. It is answered `counted` a second time then, with the same receipt, and counts once.
        crowd = self.crowd(nodes, VOTERS, rate=RATE, settle=2, repeat=0)
        crowd.wait_until_voted(0.2)
        primary = self.store.servers[0]
        with deaf(*replicas_of(self.store)):
            begun, before = time.monotonic(), crowd.counted()
            wait_for(lambda: time.monotonic() > begun + ALONE, "a moment")
            alone = crowd.counted() - before
            primary.kill()
            # What still lies in the dead primary's sockets must not come through either.
            wait_for(lambda: self.replaced(primary), "a new primary", 60)
        if level == "replicated":
            primary.start()  # a shard of two has no replica before
        if again:
            crowd.report()
        lost = crowd.lost()
        applied = sum(node.metric("tallycast_store_applied_again_total") for node in nodes)
        print(f"{kind.kind}, {level}, applying again {'on' if again else 'off'}: while its replicas heard nothing "
              f"{alone:.0f} were acknowledged; {applied:.0f} applied again, {lost} lost")
        if not again:
            self.assertEqual(applied, 0)
            self.assertGreater(lost, 0, "nothing was lost, so the test could not fail")
        elif level == "async":
            self.assertGreater(applied, 0, "nothing was lost by the store, so nothing was tested")

    def replaced(self, old):
        new = self.store.primaries()
        return old not in new and len(new) == self.store.shares


class Catalog_of_a_lagging_primary(Redis_case):
    """Events and voter numbers: a node gives away none that a replica may not have."""

    def test_in_sentinel_nothing_that_was_answered_is_lost(self):
        self.once(Sentinel)

    def test_in_a_cluster_nothing_that_was_answered_is_lost(self):
        self.once(Cluster)

    def once(self, kind):
        self.store = self.redis(lambda folder: with_known_replicas(kind(folder, down_after=DOWN_AFTER)))
        here, there = self.nodes(self.store, 2, "--durability", "async")
        before = here.event()
        numbers = [here.join(before["code"])["voter"]["number"] for _ in range(3)]
        primary = next(server for server in self.store.primaries() if self.has_the_catalog(server))
        with deaf(*replicas_of(self.store)):
            written = here.call("POST", "/v1/events", {"title": "Late"}, key=HOST)
            self.assertEqual((written.status, written.code), (503, "store_unavailable"))
            numbers += self.joined_until_refused(there, before["code"])
            primary.kill()
            wait_for(lambda: primary not in self.store.primaries()
                     and len(self.store.primaries()) == self.store.shares, "a new primary", 60)
        after = wait_for(lambda: (made := here.call("POST", "/v1/events", {"title": "After"}, key=HOST)).status == 201
                         and made, "events again", 30)
        for node in (here, there):
            self.assertEqual(node.call("GET", f"/v1/events/{before['id']}", key=HOST).status, 200)
            wait_for(lambda: node.call("GET", f"/v1/events/{after.json['id']}", key=HOST).status == 200,  # noqa: B023
                     "the new event", 5)
            numbers += [self.joined(node, before["code"]) for _ in range(200)]
        self.assertEqual(len(set(numbers)), len(numbers), "a number was given twice")

    def has_the_catalog(self, server):
        with server.link() as link:
            return "{tallycast}:events" in link.ask("SCAN", 0, "MATCH", "{tallycast}:events", "COUNT", 100_000)[1]

    def joined(self, node, code):
        return wait_for(lambda: self.join(node, code), "joining", 30)

    def join(self, node, code):
        """A new voter's number; None when nobody can join now."""
        answer = node.call("POST", "/v1/join", {"code": code})
        return answer.json["voter"]["number"] if answer.status in (200, 201) else None

    def joined_until_refused(self, node, code):
        """Nodes have taken some numbers in advance; those are safe."""
        numbers = []
        for _ in range(5000):
            number = self.join(node, code)
            if number is None:
                return numbers
            numbers.append(number)
        self.fail("numbers were given that no replica knows of")


class Results_after_a_failover(Redis_case):
    def lose_the_primary(self, *options):
        """A node, its poll, and how many votes were acknowledged, some of them by the dead primary alone."""
        self.store = self.redis(lambda folder: with_known_replicas(Sentinel(folder, down_after=DOWN_AFTER)))
        (node, ) = self.nodes(self.store, 1, "--durability", "async", *options)
        event = node.event()
        poll = node.poll(event["id"])["id"]
        voters = [node.join(event["code"])["voter"]["token"] for _ in range(12)]

        def vote(those):
            for token in those:
                self.assertEqual(node.vote(poll, ["a"], token, "k").status, 200)

        vote(voters[:4])
        primary = self.store.primary()
        wait_for(lambda: self.all_have_all(primary), "the replicas having all")
        with deaf(*replicas_of(self.store)):
            vote(voters[4:])
            shown = node.results(poll)
            told = time.monotonic() + ALONE
            wait_for(lambda: time.monotonic() > told, "those who watch being told")
            primary.kill()
            self.store.replaced(primary)
        return node, poll, shown

    def all_have_all(self, primary):
        have = [replica.info("replication")["slave_repl_offset"] for replica in replicas_of(self.store)]
        return set(have) == {primary.info("replication")["master_repl_offset"]}

    def test_are_final_only_when_no_node_can_give_ballots_any_more(self):
        node, poll, _ = self.lose_the_primary()
        wait_for(lambda: node.call("POST", f"/v1/polls/{poll}/close", key=HOST).status == 200, "closing")
        closed = node.results(poll)
        self.assertEqual((closed["status"], closed["final"]), ("closed", False))
        final = wait_for(lambda: (now := node.results(poll))["final"] and now["version"] > closed["version"] and now,
                         "those who watch being told the final results", 10)
        self.assertEqual(final["voters"], 12)

    def test_have_a_version_that_nobody_has_seen(self):
        node, poll, shown = self.lose_the_primary("--apply-again", "off")
        asked = wait_for(lambda: (now := node.call("GET", f"/v1/polls/{poll}/results", key=HOST)).status == 200 and now.json,
                         "results of the new primary", 10)
        self.assertGreaterEqual((asked["version"], asked["voters"]), (shown["version"], shown["voters"]),
                                "whoever asks sees less than before")
        after = wait_for(lambda: (now := node.results(poll))["version"] > shown["version"] and now,
                         "a newer version", 15)
        self.assertEqual(after["voters"], 4, "nothing was lost, so nothing was tested")


def replicas_of(store):
    return store.servers[store.shares:] if store.kind == "cluster" else store.data[1:]


def with_known_replicas(store):
    """Each replica speaks to its primary from an address of its own, so that it can be told apart."""
    for i, server in enumerate(replicas_of(store)):
        server.settings.update({"bind-source-addr": f"127.0.0.{101 + i}", "replica-announce-ip": server.address,
                                "cluster-announce-ip": server.address})
    return store


if __name__ == "__main__":
    network.move_into_own_network()
    unittest.main()
