#!/usr/bin/env python3
"""A full node is drained while its people vote: all of them are told, come back elsewhere and are counted once.

TALLYCAST_PEOPLE says how many there are; docs/operations/upgrade.md has the times of a run with 10,000."""

import signal
import time
import unittest

from redis_case import LONG, Crowd, Redis_case, of_every_day_or_long, wait_for  # first: it finds the others

from front import Front, places
from phones import Audience

PEOPLE = of_every_day_or_long("PEOPLE", 500, 10_000)
RATE = 50           # votes a second that come by HTTP
SECONDS = max(8, PEOPLE // 250)
A_PROXY_TAKES = 8_000
PATIENCE = 120
SPREAD = "10s" if LONG else "2s"


class Drain(Redis_case):
    def start(self, place):
        place.node = self.node(self.store, "--trusted-proxies", "127.0.0.1", "--reconnect-spread", SPREAD, "--rebalance", "off",
                               "--max-connections", "18000", start=False)
        place.node.port, place.node.operations = place.port, place.operations_port
        place.node.start()

    def known(self, *names):
        wait_for(lambda: all(front.sends_to() == set(names) for front in self.fronts), "the proxies knowing them")

    def on(self, place):
        return place.node.metric("tallycast_connections", "websocket")

    def test_all_people_of_a_full_node_are_back_on_the_other(self):
        self.store = self.redis()
        old, new = sites = places(2)
        self.start(old)
        self.fronts = [Front(self.new_folder(), sites) for _ in range(1 + PEOPLE // A_PROXY_TAKES)]
        for front in self.fronts:
            self.addCleanup(front.stop)
            front.start()
        self.known(old.name)
        event = old.node.event()
        poll = old.node.poll(event["id"])["id"]
        targets = [front.target() for front in self.fronts]
        with Audience(targets, event, poll, self.new_folder(), vote_within=2 * SECONDS) as audience:
            audience.people(PEOPLE)
            audience.until(lambda said: said["there"] == PEOPLE, "all people", PATIENCE)
            self.assertEqual(self.on(old), PEOPLE)
            self.start(new)
            self.known(old.name, new.name)
            crowd = Crowd(self, self.fronts, RATE * SECONDS, rate=RATE, options=["--timeout", 2 * PATIENCE])
            audience.until(lambda said: said["answers"] > 0, "votes under way")
            times = self.drained(old, new, audience)
            told, ballots = audience.end()
        self.assertEqual((told["moved"].keys(), told["faults"]), ({"1012"}, {}))
        # Who is back before the proxies have looked is told twice.
        self.assertGreaterEqual(told["moved"]["1012"], PEOPLE)
        self.assertNotIn("cut while there", told["retried"])
        if not LONG:  # thousands may be more than the machine has; then joins are told to come again, and do
            self.assertEqual(sum(front.refused() for front in self.fronts), 0, told)
        self.assertTrue(crowd.report()["holds"])
        self.assertEqual(len(ballots), PEOPLE)
        self.stands_behind(new.node, poll, ballots)
        print(f"{PEOPLE} people: {', '.join(f'{what} after {after:.1f} s' for what, after in times.items())}; "
              f"came again {told['retried']}")

    def drained(self, old, new, audience):
        began = time.monotonic()
        times = {}
        self.assertEqual(old.node.ops("POST", "/drain").status, 202)
        wait_for(lambda: self.on(old) == 0, "its people going", PATIENCE)
        times["the node is empty"] = time.monotonic() - began
        self.known(new.name)
        old.node.signal(signal.SIGTERM)
        self.assertEqual(old.node.ended(), 0)
        times["it has ended"] = time.monotonic() - began
        audience.until(lambda said: said["there"] == PEOPLE, "all people being back", PATIENCE)
        times["everybody is back"] = time.monotonic() - began
        self.assertEqual(self.on(new), PEOPLE)
        return times


if __name__ == "__main__":
    unittest.main()
