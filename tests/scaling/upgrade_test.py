#!/usr/bin/env python3
"""An upgrade that nobody notices: the nodes behind HAProxy are replaced one after the other while people vote, as
docs/operations/upgrade.md says, on a Redis that has the functions of an older build.

TALLYCAST_OLD_BIN names the program to begin with, where there is one of an older version; without it both are the
same."""

import os
import pathlib
import signal
import unittest

from redis_case import Crowd, Redis_case, of_every_day_or_long, wait_for  # first: it finds the others

from front import Front, places
from phones import Audience

PEOPLE = of_every_day_or_long("PEOPLE", 300, 3_000)
RATE = 60       # votes a second that come by HTTP
SECONDS = 10
VOTE_WITHIN = 60  # seconds; longer than it takes, so that somebody votes at every moment of it
NODES = 2
OLD = os.environ.get("TALLYCAST_OLD_BIN")
# What was loaded by a build before this one, under the same version in the functions' names.
OLDER_FUNCTIONS = pathlib.Path(__file__).with_name("functions_before.lua")


class Upgrade(Redis_case):
    def setUp(self):
        super().setUp()
        self.store = self.redis()
        self.link = self.store.server.link(10)
        self.addCleanup(self.link.close)
        self.link.ask("FUNCTION", "LOAD", OLDER_FUNCTIONS.read_text(encoding="utf-8"))
        self.places = places(NODES)
        for place in self.places:
            self.start(place, OLD)
        self.front = Front(self.new_folder(), self.places)
        self.addCleanup(self.front.stop)
        self.front.start()

    def start(self, place, binary):
        place.node = self.node(self.store, "--reconnect-spread", "2s", "--trusted-proxies", "127.0.0.1", binary=binary,
                               start=False)
        place.node.port, place.node.operations = place.port, place.operations_port
        place.node.start()

    def functions(self):
        """The text that Redis has of them."""
        (library,) = self.link.ask("FUNCTION", "LIST", "LIBRARYNAME", "tallycast1", "WITHCODE")
        return dict(zip(library[::2], library[1::2]))["library_code"]

    def replace(self, place):
        """One node, by the steps of the page."""
        self.assertEqual(place.node.ops("POST", "/drain").status, 202)
        wait_for(lambda: place.name not in self.front.sends_to(), "the proxy looking elsewhere")
        wait_for(lambda: place.node.metric("tallycast_connections", "websocket") == 0, "its people going")
        place.node.signal(signal.SIGTERM)
        self.assertEqual(place.node.ended(), 0)
        self.start(place, None)
        wait_for(lambda: place.name in self.front.sends_to(), "the proxy taking it back")

    def test_every_node_is_replaced_under_votes_and_nobody_is_told_an_error(self):
        event = self.places[0].node.event()
        poll = self.places[0].node.poll(event["id"])["id"]
        crowd = Crowd(self, [self.front], RATE * SECONDS, rate=RATE)
        with Audience([self.front.target()], event, poll, self.new_folder(), vote_within=VOTE_WITHIN) as audience:
            audience.people(PEOPLE)
            audience.until(lambda said: said["there"] == PEOPLE, "all people")
            for place in self.places:
                before = audience.now["voted"]
                self.replace(place)
                audience.until(lambda said: said["there"] == PEOPLE, "all people being back")
                self.assertGreater(audience.now["voted"], before, "votes went on meanwhile")
            told, ballots = audience.end()
        self.assertEqual(told["faults"], {})
        self.assertEqual(told["moved"].keys(), {"1012"})
        self.assertGreaterEqual(told["moved"]["1012"], PEOPLE)
        self.assertNotIn("cut while there", told["retried"])
        self.assertEqual(self.front.refused(), 0)
        report = crowd.report()
        self.assertTrue(report["holds"])
        self.assertEqual(len(ballots), PEOPLE)
        for place in self.places:
            self.stands_behind(place.node, poll, ballots)
        self.assertNotEqual(self.functions(), OLDER_FUNCTIONS.read_text(encoding="utf-8"),
                            "nodes that need more than they find bring their own")


if __name__ == "__main__":
    unittest.main()
