"""A wire that goes dead between a node with a primary and the rest, while people vote on both sides.

Every day one run of each with few votes; tools/check --deep makes 20 with 500,000, of 9 s and one of 60 s."""

import time
import unittest

from redis_case import LEVELS, LONG, Redis_case, of_every_day_or_long, wait_for

import network
from cluster_parts.redis_servers import Cluster, Sentinel
from network import ISLAND, MAINLAND, Island, cut

SECONDS = of_every_day_or_long("SECONDS", 9, 9)
RUNS = [SECONDS] * of_every_day_or_long("RUNS", 1, 20) + [60] * LONG
VOTERS = of_every_day_or_long("VOTERS", 16_000, 500_000) // 2     # on each side
RATE = of_every_day_or_long("RATE", 1400, 12_000) // 2            # on each side
FENCED_WITHIN = 3.5                         # seconds: 3, and the time it takes to see it
DEMOTED_WITHIN = 40                         # seconds after the wire is mended


class Partition(Redis_case):
    def stage(self, kind, level):
        island = Island()
        island.__enter__()
        self.addCleanup(island.__exit__)
        cut_off, rest = (ISLAND, island.prefix), (MAINLAND, ())
        names = [f"{program}-{i}" for program in ("redis", "sentinel") for i in range(1, 7)]
        places = {name: cut_off if name.endswith("-1") else rest for name in names}
        self.store = self.redis(kind, down_after=2000, places=places)
        self.here = self.node(self.store, "--durability", level, address=MAINLAND)
        self.there = self.node(self.store, "--durability", level, address=ISLAND, prefix=island.prefix)
        return island

    def test_in_sentinel_the_stale_side_stops_acknowledging_and_nothing_is_lost(self):
        self.some_runs(Sentinel)

    def test_in_a_cluster_the_stale_side_stops_acknowledging_and_nothing_is_lost(self):
        self.some_runs(Cluster)

    def some_runs(self, kind):
        self.each([(kind, level, seconds) for level in LEVELS for seconds in RUNS], self.once)

    def once(self, kind, level, seconds):
        island = self.stage(kind, level)
        options = ["--timeout", 600]
        crowds = [self.crowd([self.here], VOTERS, rate=RATE, settle=15, options=options),
                  self.crowd([self.there], VOTERS, rate=RATE, settle=15, options=options, prefix=island.prefix)]
        for crowd in crowds:
            crowd.wait_until_voted(0.2)
        old = self.store.servers[0]
        self.assertIn(old, self.store.primaries())
        self.assertEqual(old.address, ISLAND)
        with cut(island):
            begun = time.monotonic()

            def fenced():
                return island.inside(lambda: self.there.ops("GET", "/readyz").status) == 503

            wait_for(fenced, "the fence", FENCED_WITHIN)
            # Each thread has a fence of its own.
            wait_for(lambda: time.monotonic() > begun + FENCED_WITHIN, "the last fence")
            still = island.inside(crowds[1].counted)
            wait_for(lambda: time.monotonic() > begun + seconds, "the time of the cut", seconds + 5)
            self.assertEqual(island.inside(crowds[1].counted), still, "votes were acknowledged behind the fence")
            self.assertTrue(self.there.alive())
            self.assertTrue(self.replaced(old), "nobody has taken over on the other side")
        wait_for(lambda: old.role() == "slave", "the stale primary being demoted", DEMOTED_WITHIN)
        for crowd in crowds:
            report = crowd.report(700)
            print(f"{kind.kind}, {level}, {seconds} s: {report['votes']['statuses']}, counted {report['counted']}")

    def replaced(self, old):
        """Seen from the main land."""
        new = [server for server in self.store.servers if server is not old and server.role() == "master"]
        return len(new) == self.store.shares


if __name__ == "__main__":
    network.move_into_own_network()
    unittest.main()
