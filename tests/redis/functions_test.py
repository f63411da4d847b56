"""The library of src/redis/lua by itself, on a real server: groups of ballots beside a model of what must come of them,
and a count from the sheets and one from the logs that both equal what was counted on the way."""

import json
import random
import struct
import time
import unittest

from redis_case import LONG, ROOT, Redis_case, wait_for

from recount import marks, recounted, slices_of

COUNTED, REPLAYED, ALREADY_VOTED, KEY_REUSED, CLOSED, STALE = 1, 3, 5, 6, 11, 12
BITS, BYTES = 3, 2                # of a single choice of up to seven options
SHORT_TAGS = 2**(8 * BYTES - BITS)
SINCE = 2                         # the revision since which ballots have their meaning


def library():
    """As the build puts it together."""
    return "".join(file.read_text() for file in sorted((ROOT / "src/redis/lua").glob("*.lua")))


def short(tag):
    return tag % SHORT_TAGS or (2 if tag else 0)


class Model:
    """One slice of a single-choice poll without changes."""

    def __init__(self):
        self.standing = {}  # index: ballot and short tag

    def cast(self, is_open, index, ballot, tag, revision):
        if revision < SINCE:
            return STALE, 0
        had = self.standing.get(index)
        keyed = tag % 2 == 1
        if had and (had[1] == short(tag) if keyed else had[0] == ballot):
            if had[0] == ballot:
                return REPLAYED, 1
            return (KEY_REUSED if is_open else CLOSED), 0
        if not is_open:
            return CLOSED, 0
        if had:
            return ALREADY_VOTED, 0
        self.standing[index] = ballot, short(tag)
        return COUNTED, 1


class Groups(Redis_case):
    def setUp(self):
        super().setUp()
        self.store = self.redis()
        self.link = self.store.server.link(30)
        self.addCleanup(self.link.close)
        self.link.ask("FUNCTION", "LOAD", library())
        self.revision = SINCE

    def keys(self, poll):
        return [f"{{t}}:{poll}:0:meta", *(f"{{t}}:{poll}:0:1:{kind}" for kind in ("counts", "sheet", "log"))]

    def place(self, poll, status):
        self.revision += 1
        keys = self.keys(poll)
        self.link.ask("FCALL", "tallycast1_place", 5, *keys, keys[1], "place", self.revision, status, 1, SINCE,
                      -1, -1, -1, "s", BITS, BYTES, 0, 0, f"{poll} 0")

    def cast(self, poll, votes, as_logged=False, bits=BITS):
        told = self.ask(poll, votes, as_logged, bits)[3].encode(errors="surrogateescape")
        return [struct.unpack_from("<BI", told, at) for at in range(0, len(told), 5)]

    def ask(self, poll, votes, as_logged=False, bits=BITS, at_least=0):
        """Votes in either form; as the log keeps them they have one revision, that of the first."""
        if as_logged:
            packed = b"".join(struct.pack("<IBI", index, ballot, tag) for index, ballot, tag, _ in votes)
            form = [votes[0][3], bits, BYTES]
        else:
            packed = b"".join(struct.pack("<IIIIHI", index, ballot, 0, tag, ballot, revision)
                              for index, ballot, tag, revision in votes)
            form = ["", "", ""]
        return self.link.ask("FCALL", "tallycast1_cast", 4, *self.keys(poll), 1, packed, *form, at_least)

    def vote(self, dice, voters):
        """Few voters and few keys, so that they meet."""
        ballot = dice.randrange(1, 5)
        tag = dice.randrange(1, 5) * 2_654_435_761 % 2**32 | 1 if dice.random() < 0.5 else ballot * 7919 * 2
        return dice.randrange(voters), ballot, tag, dice.choice([1, SINCE, SINCE, SINCE])

    def test_agree_with_the_model_and_with_a_recount(self):
        for seed in range(300 if LONG else 30):
            dice, model, poll = random.Random(seed), Model(), f"poll{seed}"
            as_logged = seed % 2 == 1
            self.place(poll, "o")
            is_open = True
            for _ in range(15):
                if dice.random() < 0.15:
                    is_open = not is_open
                    self.place(poll, "o" if is_open else "c")
                votes = [self.vote(dice, 50) for _ in range(dice.randrange(1, 60))]
                if as_logged:
                    votes = [(*vote[:3], votes[0][3]) for vote in votes]
                expected = [model.cast(is_open, *vote) for vote in votes]
                self.assertEqual(self.cast(poll, votes, as_logged), expected, f"seed {seed}")
            standing = {index: ballot for index, (ballot, _) in model.standing.items()}
            (part, ) = slices_of([self.store.server], poll)
            self.assertEqual(part.from_sheet(), standing)
            self.assertEqual(recounted([self.store.server], poll), marks(standing))
            ledger = {name: part.counts.get(name, 0) for name in ("lr", "lc", "lp", "l4", "l0", "l3")}
            self.assertEqual(ledger["lr"], sum(ledger.values()) - ledger["lr"], "the ledger does not balance")
            self.assertEqual(ledger["lc"], len(standing))

    def test_votes_of_who_takes_the_poll_for_another_are_stale(self):
        self.place("other", "o")
        votes = [(1, 1, 2, SINCE), (2, 3, 6, SINCE)]
        self.assertEqual(self.cast("other", votes, as_logged=True, bits=BITS + 1), [(STALE, 0)] * 2)
        self.assertEqual(self.cast("other", votes, as_logged=True), [(COUNTED, 1)] * 2)

    def test_votes_for_a_newer_poll_than_was_placed_are_not_decided(self):
        self.place("old", "o")
        votes = [(1, 1, 2, SINCE)]
        for as_logged in (False, True):
            self.assertEqual(self.ask("old", votes, as_logged, at_least=self.revision + 1), [1])
        self.assertEqual(recounted([self.store.server], "old"), {})
        self.assertEqual(self.ask("old", votes, at_least=self.revision)[0], 0)

    def test_sheets_take_little_more_than_two_bytes_a_voter(self):
        """Two are written; the rest is a 64th of growth and what an allocator rounds up."""
        for voters in (100_000, *((1_000_000, ) if LONG else ())):
            poll, dice = f"size{voters}", random.Random(voters)
            self.place(poll, "o")
            order = dice.sample(range(voters), voters)
            for at in range(0, voters, 250):
                votes = [(index, 1 + index % 5, dice.getrandbits(31) * 2 + 2, SINCE) for index in order[at:at + 250]]
                self.cast(poll, votes, as_logged=True)
            taken = self.link.ask("MEMORY", "USAGE", self.keys(poll)[2]) / voters
            print(f"{voters} voters, single choice: {taken:.2f} bytes each")
            self.assertLess(taken, 2.5)

    def test_logs_take_what_the_handbook_says(self):
        for group, voters in ((1, 2000), (10, 3000), (50, 10_000)):
            poll = f"log{group}"
            self.place(poll, "o")
            for at in range(0, voters, group):
                self.cast(poll, [(index, 1, 2, SINCE) for index in range(at, at + group)], as_logged=True)
            taken = self.link.ask("MEMORY", "USAGE", self.keys(poll)[3], "SAMPLES", 0) / voters
            most = (8 + 1) * 4 / 3 + 26 / group
            self.assertTrue(0.75 * most < taken < 1.1 * most, f"groups of {group}: {taken:.2f} bytes a vote, {most:.2f} told")

    def test_a_recount_finds_one_mark_too_many(self):
        self.place("wrong", "o")
        self.cast("wrong", [(1, 1, 2, SINCE), (2, 3, 6, SINCE)])
        recounted([self.store.server], "wrong")
        self.link.ask("HINCRBY", self.keys("wrong")[1], "o1", 1)
        with self.assertRaises(AssertionError):
            recounted([self.store.server], "wrong")


class Numbers(Redis_case):
    def setUp(self):
        super().setUp()
        self.link = self.redis().server.link(30)
        self.addCleanup(self.link.close)
        self.link.ask("FUNCTION", "LOAD", library())
        self.link.ask("HSET", "{t}events", "e", "row")

    def take(self, count, *known, quota=1000):
        return self.link.ask("FCALL", "tallycast1_numbers", 2, "{t}events", "{t}numbers", "e", count, quota, *known)

    def test_follow_each_other(self):
        self.assertEqual(self.take(10), [0, 1, 10])
        self.assertEqual(self.take(5, 0), [0, 11, 5])
        self.assertEqual(self.take(5, 7), [0, 16, 5], "the caller knows of fewer")
        self.assertEqual(self.take(1000, 0), [0, 21, 980])
        self.assertEqual(self.take(1), [2])

    def test_that_a_caller_knows_are_not_given_again_by_a_server_that_forgot_them(self):
        self.take(10)
        self.take(90)
        self.link.ask("HSET", "{t}numbers", "e", 10)
        self.assertEqual(self.take(5, 100), [0, 101, 5])
        self.assertEqual(self.take(5), [0, 106, 5])


class Untouched(Redis_case):
    """A removal is written only if nothing was made or changed of what it removes, for all its caller knows."""

    def setUp(self):
        super().setUp()
        self.link = self.redis().server.link(30)
        self.addCleanup(self.link.close)
        self.link.ask("FUNCTION", "LOAD", library())

    def tell(self, kind="poll", **row):
        return self.link.ask("XADD", "{t}changes", "*", "k", kind, "a", json.dumps(row) if row else "id", "b", "")

    def is_written(self, since):
        self.link.ask("HSET", "{t}events", "e", "row")
        keys = [f"{{t}}{name}" for name in ("tenants", "keys", "events", "polls", "codes", "counts", "rounds",
                                            "numbers", "dropped", "changes")]
        what = {"checks": [["is", "events", "e", "row"]], "writes": [["del", "events", "e"]], "changes": []}
        said = self.link.ask("FCALL", "tallycast1_define_untouched", len(keys), *keys, json.dumps(what), since,
                             "event", "e")
        self.assertIn(said, ([1, ""], [0, 0]))
        self.assertEqual(self.link.ask("HEXISTS", "{t}events", "e"), 1 - said[0])
        return said[0] == 1

    def test_is_what_nobody_told_of_since(self):
        self.assertTrue(self.is_written("0-0"), "before the first change")
        own = self.tell(event="e")
        self.assertTrue(self.is_written(own))
        self.tell(event="other")
        self.tell("poll_removed")
        self.assertTrue(self.is_written(own), "all that came after is of others")
        self.assertFalse(self.is_written("0-0"))
        self.tell(event="e")
        self.assertFalse(self.is_written(own))

    def test_is_not_what_somebody_may_have_told_of(self):
        first, second = self.tell(event="other"), self.tell(event="other")
        self.link.ask("XDEL", "{t}changes", first)
        self.assertFalse(self.is_written(first), "what came after it may be gone as well")
        self.assertFalse(self.is_written(""), "the caller knows nothing")
        for _ in range(1000):
            self.tell(event="other")
        self.assertFalse(self.is_written(second), "more than are looked at")


class Tokens(Redis_case):
    """The bucket of a tenant, as the functions keep it."""

    def setUp(self):
        super().setUp()
        self.store = self.redis()
        self.link = self.store.server.link(30)
        self.addCleanup(self.link.close)
        self.link.ask("FUNCTION", "LOAD", library())

    def lease(self, wanted, per_second=0.01, burst=100, key="{quota:one}"):
        return self.link.ask("FCALL", "tallycast1_lease", 1, key, int(1e9 / per_second), burst, wanted)

    def test_are_given_once_and_no_more_than_there_are(self):
        self.assertEqual(self.lease(0), [0, 0])
        self.assertEqual(self.lease(70), [70, 0])
        granted, wait = self.lease(70)
        self.assertEqual(granted, 30)
        self.assertTrue(90_000 < wait <= 100_000, wait)
        self.assertEqual(self.lease(1)[0], 0)
        self.assertEqual(self.lease(1, key="{quota:two}")[0], 1, "another tenant's")

    def test_come_at_the_rate_and_to_no_more_than_the_burst(self):
        rate, burst, given = 2000, 40, 0
        began = time.monotonic()
        while time.monotonic() < began + 1:
            given += self.lease(7, rate, burst)[0]
        most = burst + rate * (time.monotonic() - began)
        self.assertLessEqual(given, most)
        self.assertGreaterEqual(given, 0.5 * rate, "asked all the time, it gives what comes")
        wait_for(lambda: self.link.ask("EXISTS", "{quota:one}") == 0, "the end of a bucket that is full")
        self.assertEqual(self.lease(1000, rate, burst)[0], burst)

    def test_are_there_again_where_the_rate_was_raised_or_the_clock_set_back(self):
        self.assertEqual(self.lease(100), [100, 100_000])
        granted, wait = self.lease(5, per_second=1000)
        self.assertEqual((granted, wait <= 1), (0, True))
        self.link.ask("SET", "{quota:one}", "9e15")
        granted, wait = self.lease(5)
        self.assertEqual((granted, wait), (0, 100_000))


if __name__ == "__main__":
    unittest.main()
