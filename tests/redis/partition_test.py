"""A node and the primary are cut off from the rest by a wire that goes dead. On both sides people vote.

Every day 9 seconds and few votes; tools/check --deep makes 20 runs with 500,000 of 9 s and one of 60 s."""

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


if __name__ == "__main__":
    network.move_into_own_network()
    unittest.main()
