"""A wire that goes dead: between a node with the primary and the rest, while people vote on both sides; and between
the primary and its replicas, just before it dies.

Every day one run of each with few votes; tools/check --deep makes 20 with 500,000, of 9 s and one of 60 s."""

import time
import unittest

from redis_case import LONG, Redis_case, wait_for

import network
from cluster_parts.redis_servers import Sentinel
from network import ISLAND, MAINLAND, Island, cut

RUNS = ([9] * 20 + [60]) if LONG else [9]  # seconds
VOTERS = 250_000 if LONG else 8000          # on each side
RATE = 6000 if LONG else 700                # on each side
FENCED_WITHIN = 3.5                         # seconds: 3, and the time it takes to see it
DEMOTED_WITHIN = 40                         # seconds after the wire is mended


class Partition(Redis_case):
    def stage(self):
        island = Island()
        island.__enter__()
        self.addCleanup(island.__exit__)
        cut_off, rest = (ISLAND, island.prefix), (MAINLAND, ())
        places = {"redis-1": cut_off, "sentinel-1": cut_off,
                  **dict.fromkeys(("redis-2", "redis-3", "sentinel-2", "sentinel-3"), rest)}
        self.store = self.redis(Sentinel, down_after=2000, places=places)
        self.here = self.node(self.store, address=MAINLAND)
        self.there = self.node(self.store, address=ISLAND, prefix=island.prefix)
        return island

    def test_stale_side_stops_acknowledging_and_nothing_is_lost(self):
        for run, seconds in enumerate(RUNS):
            with self.subTest(run=run, seconds=seconds):
                self.once(seconds)

    def once(self, seconds):
        island = self.stage()
        options = ["--timeout", 600]
        crowds = [self.crowd([self.here], VOTERS, rate=RATE, settle=15, options=options),
                  self.crowd([self.there], VOTERS, rate=RATE, settle=15, options=options, prefix=island.prefix)]
        for crowd in crowds:
            crowd.wait_until_voted(0.2)
        old = self.store.primary()
        self.assertEqual(old.address, ISLAND)
        with cut(island):
            begun = time.monotonic()

            def fenced():
                return island.inside(lambda: self.there.ops("GET", "/readyz").status) == 503

            wait_for(fenced, "the fence", FENCED_WITHIN)
            still = island.inside(crowds[1].counted)
            wait_for(lambda: time.monotonic() > begun + seconds, "the time of the cut", seconds + 5)
            self.assertEqual(island.inside(crowds[1].counted), still, "votes were acknowledged behind the fence")
            self.assertTrue(self.there.alive())
            self.assertIsNotNone(self.store.replaced(old))
        wait_for(lambda: old.role() == "slave", "the stale primary being demoted", DEMOTED_WITHIN)
        for crowd in crowds:
            report = crowd.report(700)
            print(f"{seconds} s: {report['votes']['statuses']}, counted {report['counted']}")


class Replicas_cut_off(Redis_case):
    """What the primary acknowledges after the wire has gone dead is on no other server when it dies."""

    def test_what_only_the_dead_primary_had_is_applied_again(self):
        for run in range(20 if LONG else 1):
            with self.subTest(run=run):
                self.once()

    def once(self):
        island = Island()
        island.__enter__()
        self.addCleanup(island.__exit__)
        rest = ("redis-2", "redis-3", "sentinel-1", "sentinel-2", "sentinel-3")
        places = {"redis-1": (ISLAND, island.prefix), **dict.fromkeys(rest, (MAINLAND, ()))}
        self.store = self.redis(Sentinel, down_after=2000, places=places)
        nodes = [self.node(self.store, "--durability", "async", address=ISLAND, prefix=island.prefix)
                 for _ in range(2)]
        # Nobody sends twice: a copy at the other node may reach the new primary before the first one is applied
        # again there. It is answered `counted` a second time then, with the same receipt, and counts once.
        crowd = self.crowd(nodes, 2 * VOTERS, rate=4 * RATE, settle=2, repeat=0, prefix=island.prefix)
        crowd.wait_until_voted(0.2)
        primary = self.store.primary()
        self.assertEqual(primary.address, ISLAND)
        with cut(island):
            begun = time.monotonic()
            before = island.inside(crowd.counted)
            wait_for(lambda: time.monotonic() > begun + 0.6, "a moment")
            alone = island.inside(crowd.counted) - before
            primary.kill()
        self.store.replaced(primary)
        report = crowd.report(700)
        again = sum(node.metric("tallycast_store_applied_again_total") for node in nodes)
        print(f"acknowledged by it alone {alone:.0f}, applied again {again:.0f}, counted {report['counted']}")
        self.assertGreater(again, 0, "nothing was lost by the store, so nothing was tested")


if __name__ == "__main__":
    network.move_into_own_network()
    unittest.main()
