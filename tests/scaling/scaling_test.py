#!/usr/bin/env python3
"""An audience comes and goes, and nodes with it: asked for by the manifests' own queries, started and drained for real.

The everyday run is small and its clock goes fast. TALLYCAST_LONG=1 is thousands of people (or TALLYCAST_PEOPLE), with
the times of the manifests for growing. TALLYCAST_PICTURE names a file for the picture of it, TALLYCAST_DASHBOARDS a folder for those of all
dashboards meanwhile."""

import json
import os
import pathlib
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from loop import Loop, Scale, people_on  # noqa: E402
from picture import picture  # noqa: E402
from phones import Audience  # noqa: E402
from redis_case import LONG, ROOT, Crowd, Redis_case, of_every_day_or_long  # noqa: E402

PEOPLE = of_every_day_or_long("PEOPLE", 360, 3_000)
FEW = 30
BY_HTTP = 20 if not LONG else 50  # votes a second that come without a socket, from beginning to end
SCALES = {
    False: Scale(people_a_node=100, most=5, hurry_up=30, hurry_down=60),
    True: Scale(people_a_node=PEOPLE // 7, most=8, scrape=5, turn=15, hurry_down=10, proxies=1 + PEOPLE // 8_000),
}
COMING, GOING = (6, 3) if not LONG else (120, 60)  # seconds
SLOW_START = 5  # seconds, as deploy/haproxy/tallycast.cfg has it
UNEVEN = 1.2    # times the mean, at most, when people have been evened out
TURNS_PATIENCE = 60 if not LONG else 240           # seconds for the nodes to follow


class The_loop(Redis_case):
    def test_nodes_come_and_go_with_the_audience_and_every_vote_is_counted_once(self):
        self.store = self.redis()
        loop = Loop(self, self.store, SCALES[LONG])
        loop.start()
        home = loop.places[0].node
        event = home.event()
        poll = home.poll(event["id"])["id"]
        seconds = COMING + GOING + (12 if not LONG else 100)
        crowd = Crowd(self, loop.fronts, BY_HTTP * seconds, rate=BY_HTTP, repeat=0, options=["--timeout", 900])
        targets = [front.target() for front in loop.fronts]
        with Audience(targets, event, poll, self.new_folder(), COMING / 2) as audience:
            loop.began = time.monotonic()
            self.audience_changes(loop, audience, FEW, PEOPLE, COMING)
            self.nodes_follow(loop, audience, lambda: loop.asked * loop.scale.people_a_node * 1.1 >= PEOPLE)
            self.people_go_to_new_nodes(loop, audience)
            self.audience_changes(loop, audience, PEOPLE, FEW, GOING)
            self.nodes_follow(loop, audience, lambda: loop.asked == loop.scale.least)
            for ending in loop.endings:
                ending.join(60)
            loop.wait_until_complete()
            told, ballots = audience.end()
        self.assertEqual(loop.troubles, [])
        grown = max(row["asked"] for row in loop.rows)
        self.assertGreater(grown, 2 * loop.scale.least)
        self.assertEqual(loop.ended, loop.started - loop.scale.least, "nodes that were drained and ended with 0")
        self.nobody_noticed(loop, told)
        self.assertEqual(len(ballots), PEOPLE)
        self.stands_behind(loop.places[0].node, poll, ballots)
        report = crowd.report()
        self.assertTrue(report["holds"])
        self.keep_the_picture(loop, told, grown)

    def audience_changes(self, loop, audience, before, after, seconds):
        """From so many to so many at an even pace."""
        began = last = time.monotonic()
        while (share := (time.monotonic() - began) / seconds) < 1:
            audience.people(round(before + (after - before) * share))
            last = loop.turn(audience, last)
        audience.people(after)

    def nodes_follow(self, loop, audience, enough):
        """Until there are as many as it takes, and all of them serve."""
        began = last = time.monotonic()
        while not (enough() and len(loop.serving()) == loop.asked):
            self.assertLess(time.monotonic() - began, TURNS_PATIENCE, f"{loop.asked} asked, {loop.rows[-1]}")
            last = loop.turn(audience, last)

    def people_go_to_new_nodes(self, loop, audience):
        """The first node had come first, and so had its people; an operator evens that out."""
        last = began = time.monotonic()
        while min(front.known_for(place) for front in loop.fronts for place in loop.serving()) <= SLOW_START:
            last = loop.turn(audience, last)
        mean = loop.even_out()
        while max(map(people_on, loop.serving())) > UNEVEN * mean or audience.now["there"] < PEOPLE:
            self.assertLess(time.monotonic() - began, TURNS_PATIENCE, f"{mean} each: {loop.rows[-1]}")
            last = loop.turn(audience, last)

    def nobody_noticed(self, loop, told):
        """Sent elsewhere, yes, but with a close code that says so; and what a phone tried again ended in its vote."""
        self.assertEqual(told["faults"], {})
        self.assertTrue(told["moved"].keys() <= {"1012", "1001"}, told)
        self.assertGreater(sum(told["moved"].values()), 0)
        self.assertNotIn("cut while there", told["retried"])
        if not LONG:  # thousands may be more than the machine has; then joins are told to come again, and do
            self.assertEqual(sum(front.refused() for front in loop.fronts), 0, told)

    def keep_the_picture(self, loop, told, grown):
        waits = ", ".join(f"{wait:.0f}" for count, wait in sorted(loop.waited.items()) if count > loop.scale.least)
        print(f"{PEOPLE} people, up to {grown} nodes; each more was ready {waits} s after it was needed; "
              f"{loop.refused_by_limit} people more than the nodes take; moved {told['moved']}, "
              f"came again {told['retried']}")
        if wanted := os.environ.get("TALLYCAST_PICTURE"):
            drawn = picture(loop.rows, loop.scale.people_a_node, loop.manifests.overload)
            pathlib.Path(wanted).write_text(drawn, encoding="utf-8")
        (self.kept / "rows.json").write_text(json.dumps(loop.rows))
        if wanted := os.environ.get("TALLYCAST_DASHBOARDS"):
            minutes = (time.monotonic() - loop.began) / 60
            subprocess.run([sys.executable, ROOT / "deploy/grafana/render.py", f"http://{loop.prometheus.address}", wanted,
                            f"{minutes:.2f}"], check=True, timeout=120)


if __name__ == "__main__":
    unittest.main()
