"""A slice of a poll by itself, on a real server: how it is placed, held and given again what it has lost."""

import random
import struct
import unittest

from functions_test import library
from redis_case import Redis_case

DONE, NEWER, HAS_VOTES, HELD = 0, 3, 4, 5
COUNTED, CHANGED, REPLAYED, STALE, LIMITED = 1, 2, 3, 12, 14
BITS, BALLOT_BYTES = 3, 1
CHANGEABLE = BALLOT_BYTES + 8 + 8 * 6   # bytes of a record
STANDING = 2
EPOCH = 1_577_836_800_000               # 2020-01-01, the zero of stamps


class Slice_case(Redis_case):
    def setUp(self):
        super().setUp()
        self.link = self.redis().server.link(30)
        self.addCleanup(self.link.close)
        self.link.ask("FUNCTION", "LOAD", library())

    def keys(self, number=1):
        return ["{t}:poll:0:meta", *(f"{{t}}:poll:0:{number}:{kind}" for kind in ("counts", "sheet", "log"))]

    def place(self, mode, revision, number=1, meaning=1, change=False):
        """How it was answered, and the version."""
        before = self.keys(max(number - 1, 1))[1]
        code, _, snapshot = self.link.ask(
            "FCALL", "tallycast1_place", 5, *self.keys(number), before, mode, revision, "o", number, meaning, -1, -1, -1,
            "s", BITS, CHANGEABLE if change else STANDING, int(change), 0, "poll 0")
        words = snapshot.split()
        counts = dict(zip(words[5::2], map(int, words[6::2])))
        return code, counts["v"]

    def cast(self, index, ballot, tag, revision, number=1, pace=()):
        packed = struct.pack("<IIIIHI", index, ballot, 0, tag, ballot, revision)
        told = self.link.ask("FCALL", "tallycast1_cast_paced" if pace else "tallycast1_cast", 4, *self.keys(number), number,
                             packed, "", "", "", 0, *pace)
        return struct.unpack_from("<BI", told[3].encode(errors="surrogateescape"))

    def counts(self):
        flat = self.link.ask("HGETALL", self.keys()[1])
        return {name: int(value) for name, value in zip(flat[::2], flat[1::2])}

    def tally(self):
        """The voters and the marks that are not zero."""
        return {name: value for name, value in self.counts().items() if name[0] in "no" and value}


class A_hold(Slice_case):
    def test_outlasts_that_the_same_poll_is_placed_again(self):
        self.place("place", 1)
        self.assertEqual(self.place("hold", 1)[0], DONE)
        self.assertEqual(self.place("place", 1)[0], HELD)
        self.assertEqual(self.cast(1, 1, 3, 1)[0], STALE)
        self.assertEqual(self.place("place", 2)[0], DONE)
        self.assertEqual(self.cast(1, 1, 3, 2)[0], COUNTED)

    def test_is_too_late_where_the_poll_has_moved_on_and_where_there_is_a_vote(self):
        self.place("place", 1)
        self.place("place", 2)
        self.assertEqual(self.place("hold", 1)[0], NEWER)
        self.cast(1, 1, 3, 2)
        self.assertEqual(self.place("hold", 2)[0], HAS_VOTES)
        self.assertEqual(self.cast(2, 1, 3, 2)[0], COUNTED)


class A_round(Slice_case):
    def test_goes_on_from_the_version_of_the_last_that_was_placed_here(self):
        self.place("place", 1)
        for index in range(20):
            self.cast(index, 1, 3, 1)
        before = self.place("place", 2)[1]
        self.assertGreater(before, 20)
        self.assertGreater(self.place("place", 3, number=2)[1], before)
        last = self.place("place", 4, number=2)[1]
        self.assertGreater(self.place("place", 6, number=4)[1], last, "though it was away for a round")


class What_was_lost(Slice_case):
    def again(self, at, actions):
        """Each with its own time in ms, as the nodes that acknowledged them apply them again."""
        for index, ballot, tag, seq in actions:
            packed = struct.pack("<IIIIHI", index, ballot, 0, tag, ballot, seq)
            self.link.ask("FCALL", "tallycast1_again", 4, *self.keys(), BITS, CHANGEABLE, 1, 0, "s", at + 10 * seq, packed)

    def test_is_remembered_whichever_node_acknowledged_it(self):
        for seed in range(40):
            dice = random.Random(seed)
            self.link.ask("FLUSHALL")
            self.place("place", 1, change=True)
            length = dice.randrange(1, 13)
            kept = dice.randrange(0, length)
            actions = [(7, 1 + seq % 4, 2 * seq + 1, seq) for seq in range(1, length + 1)]
            self.again(EPOCH + 10**9, actions[:kept])
            nodes = [[], []]
            for action in actions[kept:]:
                dice.choice(nodes).append(action)
            for node in nodes:
                self.again(EPOCH + 10**9, node)
            for _, ballot, tag, seq in actions[-8:]:
                self.assertEqual(self.cast(7, ballot, tag, 1), (REPLAYED, seq), f"seed {seed}")
            self.assertEqual(self.tally(), {"n": 1, f"o{actions[-1][1] - 1}": 1}, f"seed {seed}")
            counts = self.counts()
            self.assertEqual(counts["lr"], counts["lc"] + counts.get("lg", 0) + counts["lp"], f"seed {seed}")
            self.assertEqual((counts["lc"], counts["lp"]), (1, min(length, 8)), f"seed {seed}")
            if length <= 8:
                self.assertEqual(counts.get("lg", 0), length - 1, f"seed {seed}")

    def test_is_older_than_what_came_after_it_though_the_clock_was_set_back(self):
        """The server that took over is an hour behind: whose ballot came last there stands."""
        hour, pace = 3_600_000, (0, 60_000)  # ms; no change at will, then one a minute
        seconds, _ = self.link.ask("TIME")
        ahead = int(seconds) * 1000 + hour
        self.place("place", 1, change=True)
        self.again(ahead, [(7, 1, 3, 1)])
        self.assertEqual(self.cast(7, 2, 5, 1, pace=pace), (CHANGED, 2), "nobody knows how long ago the last one was")
        self.again(ahead - 1000, [(7, 3, 7, 1)])
        self.assertEqual(self.tally(), {"n": 1, "o1": 1})

    def test_changes_are_paced_where_the_clock_goes_on(self):
        self.place("place", 1, change=True)
        self.assertEqual(self.cast(7, 1, 3, 1, pace=(1, 60_000)), (COUNTED, 1))
        self.assertEqual(self.cast(7, 2, 5, 1, pace=(1, 60_000))[0], LIMITED)


if __name__ == "__main__":
    unittest.main()
