#!/usr/bin/env python3
"""A node comes to another one's help, and is sent a part of its people: they end evenly, and nobody notices."""

import subprocess
import time
import unittest

from redis_case import Redis_case, program, wait_for  # first: it finds the others

from front import Front, places
from phones import Audience

PEOPLE = 300
MANY = 500      # more than a node keeps in any case, for long enough
FOR_SO_LONG, A_GROUP, PAUSE = 10, 0.1, 5  # seconds that a difference lasts; the share that goes then; seconds till the next
THREADS = 2     # of a node; each rounds its own part
A_THREAD_SENDS = 100  # people a second; docs/operations.md
SLOW_START = 5  # seconds, as deploy/haproxy/tallycast.cfg has it


class Two_nodes(Redis_case):
    options = ()

    def setUp(self):
        super().setUp()
        self.store = self.redis()
        self.places = places(2)
        self.front = Front(self.new_folder(), self.places)
        self.addCleanup(self.front.stop)
        self.start(self.places[0])
        self.front.start()
        self.knows("node-1")

    def start(self, place):
        place.node = self.node(self.store, "--trusted-proxies", "127.0.0.1", *self.options, threads=THREADS, start=False)
        place.node.port, place.node.operations = place.port, place.operations_port
        place.node.start()

    def knows(self, *names):
        wait_for(lambda: self.front.sends_to() == set(names), "the proxy knowing them")

    def on(self, place):
        return place.node.metric("tallycast_connections", "websocket")


class A_new_node(Two_nodes):
    options = ("--rebalance", "off")  # but for whoever asks for it

    def test_gets_its_part_of_the_people_and_none_of_them_notices(self):
        old, new = self.places
        event = old.node.event()
        poll = old.node.poll(event["id"])["id"]
        with Audience([self.front.target()], event, poll, self.new_folder(), vote_within=8) as audience:
            audience.people(PEOPLE)
            audience.until(lambda said: said["there"] == PEOPLE, "all people")
            self.assertEqual(self.on(old), PEOPLE)
            self.start(new)
            self.knows("node-1", "node-2")
            wait_for(lambda: self.front.known_for(new) > SLOW_START, "the end of the proxy's slow start")
            began = time.monotonic()
            asked = subprocess.run([program(), "rebalance", "0.5", "--ops-listen", old.operations()],
                                   capture_output=True, text=True, timeout=30, check=False)
            self.assertEqual((asked.returncode, asked.stdout), (0, "rebalancing\n"), asked.stderr)
            half = PEOPLE / 2 - THREADS
            wait_for(lambda: old.node.metric("tallycast_connections_sent_away_total") >= half, "half of them told")
            last_was_told = time.monotonic()
            audience.until(lambda said: said["moved"].get("1012", 0) >= half and said["there"] == PEOPLE,
                           "half of them moved")
            wait_for(lambda: self.on(old) + self.on(new) == PEOPLE, "none counted where they left")
            self.assertLess(abs(self.on(old) - PEOPLE / 2), PEOPLE / 10)
            sent = old.node.metric("tallycast_connections_sent_away_total")
            self.assertGreater(last_was_told - began, 0.5 * sent / THREADS / A_THREAD_SENDS, "one after the other")
            self.assertEqual(old.node.ops("GET", "/readyz").status, 200)
            told, ballots = audience.end()
        self.assertEqual((told["moved"], told["retried"], told["faults"]), ({"1012": sent}, {}, {}))
        self.assertLessEqual(abs(sent - PEOPLE / 2), THREADS)
        self.assertEqual(self.front.refused(), 0)
        self.assertEqual(len(ballots), PEOPLE)
        for place in self.places:
            self.stands_behind(place.node, poll, ballots)

    def test_is_sent_nobody_by_a_word_that_is_none_nor_by_a_page(self):
        node = self.places[0].node
        for query in ("", "?share=", "?share=1.1", "?share=-0.2", "?share=nan", "?share=0.2x", "?part=0.2"):
            refused = node.ops("POST", f"/rebalance{query}")
            self.assertEqual((refused.status, refused.code), (400, "invalid_request"), query)
        page = node.ops("POST", "/rebalance?share=0.5", {"Origin": "http://127.0.0.1:8081"})
        self.assertEqual((page.status, page.code), (403, "forbidden"))


class A_new_node_whom_nobody_helps(Two_nodes):
    def test_gets_its_part_all_the_same(self):
        old, new = self.places
        event = old.node.event()
        poll = old.node.poll(event["id"])["id"]
        share = "tallycast_live_connections_share_ratio"
        with Audience([self.front.target()], event, poll, self.new_folder(), vote_within=8) as audience:
            audience.people(MANY)
            audience.until(lambda said: said["there"] == MANY, "all people")
            self.assertNotIn(share, old.node.ops("GET", "/metrics").raw.decode(), "nobody to compare with")
            self.start(new)
            began = time.monotonic()
            self.knows("node-1", "node-2")
            seen = []  # when so many had been sent away

            def even():
                seen.append((time.monotonic(), old.node.metric("tallycast_connections_sent_away_total")))
                return self.on(old) <= 1.05 * MANY / 2 + THREADS

            wait_for(even, "even nodes", 150)
            took = time.monotonic() - began
            self.assertGreater(took, FOR_SO_LONG)
            most = max(late - early for begin, early in seen for end, late in seen if 0 <= end - begin < PAUSE - 1)
            self.assertLessEqual(most, A_GROUP * MANY, "a group at a time")
            audience.until(lambda said: said["there"] == MANY, "all of them back")
            wait_for(lambda: self.on(old) + self.on(new) == MANY, "none counted where they left")
            sent = old.node.metric("tallycast_connections_sent_away_total")
            self.assertLess(old.node.metric(share), 1.1)
            rests = time.monotonic()
            wait_for(lambda: time.monotonic() - rests > FOR_SO_LONG + 2, "time enough to begin again")
            self.assertEqual(old.node.metric("tallycast_connections_sent_away_total"), sent, "and then it rests")
            self.assertEqual(new.node.metric("tallycast_connections_sent_away_total"), 0)
            told, ballots = audience.end()
        print(f"{MANY} people even after {took:.0f} s, {sent:.0f} of them moved")
        self.assertEqual((told["moved"], told["retried"], told["faults"]), ({"1012": sent}, {}, {}))
        self.assertEqual(len(ballots), MANY)
        for place in self.places:
            self.stands_behind(place.node, poll, ballots)

    def test_is_off_the_roll_as_soon_as_it_leaves(self):
        old, new = self.places
        self.start(new)
        wait_for(lambda: len(self.roll()) == 2, "both on the roll")
        new.node.signal(15)
        self.assertEqual(new.node.ended(), 0)
        self.assertEqual(len(self.roll()), 1)
        self.assertEqual(old.node.ops("GET", "/readyz").status, 200)

    def roll(self):
        return self.store.server.ask("HKEYS", "{tallycast-nodes}")


if __name__ == "__main__":
    unittest.main()
