"""Counts a poll again from what lies in Redis, by the words at the top of src/redis/lua/1_slice.lua and none of the
product's code: once from the sheets, once from the logs. Both must be what the functions counted on the way."""

import collections
import struct


class Slice:
    """One slice of one round: where its keys are, and what they hold."""

    def __init__(self, server, name, number):
        with server.link(30) as link:
            def ask(*words):
                return link.ask(*words)

            def hash_of(key):
                flat = ask("HGETALL", key)
                return dict(zip(flat[::2], flat[1::2]))

            self.meta = hash_of(f"{name}:meta")
            self.counts = {k: int(v) for k, v in hash_of(f"{name}:{number}:counts").items()}
            self.sheet = (ask("GET", f"{name}:{number}:sheet") or "").encode(errors="surrogateescape")
            self.log = ask("XRANGE", f"{name}:{number}:log", "-", "+")
        self.bits, self.width = int(self.meta["bits"]), int(self.meta["bytes"])
        self.ballot_bytes = (self.bits + 7) // 8
        self.standing = self.meta["change"] != "1"

    def from_sheet(self):
        """Index of a voter to ballot."""
        found = {}
        for index in range((len(self.sheet) + self.width - 1) // self.width):
            record = self.sheet[index * self.width:(index + 1) * self.width].ljust(self.width, b"\0")
            if self.standing and self.width <= 6:
                ballot = int.from_bytes(record, "big") % 2**self.bits
            else:
                ballot = int.from_bytes(record[:self.ballot_bytes], "little")
            if ballot:
                found[index] = ballot
        return found

    def from_log(self):
        """The same: of each voter the newest action stands, however often and late it was written."""
        newest = {}
        step = 4 + self.ballot_bytes + 4
        for _, (_, stamp, _, actions) in self.log:
            packed = actions.encode(errors="surrogateescape")
            for at in range(0, len(packed), step):
                (index, ) = struct.unpack_from("<I", packed, at)
                ballot = int.from_bytes(packed[at + 4:at + 4 + self.ballot_bytes], "little")
                if int(stamp) >= newest.get(index, (0, 0))[0]:
                    newest[index] = int(stamp), ballot
        return {index: ballot for index, (_, ballot) in newest.items() if ballot}

    def tally(self):
        """What the functions counted: `n` and the marks that are not zero."""
        return {k: v for k, v in self.counts.items() if v and (k == "n" or k.startswith("o"))}


def marks_of(ballot, kind, ranks):
    """What one ballot adds to the count."""
    if kind in "sr":  # single: the option and 1; rating: the rating
        return [ballot - 1]
    if kind == "m":   # multiple: a bit an option
        return [option for option in range(64) if ballot >> option & 1]
    places = []       # ranking: four bits a rank, the best lowest: the option and 1
    while ballot:
        places.append(ballot % 16 - 1)
        ballot //= 16
    return [option * ranks + rank for rank, option in enumerate(places)]


def marks(ballots, kind="s", ranks=0):
    """The tally of ballots of a poll of this type."""
    counted = collections.Counter(f"o{mark}" for ballot in ballots.values() for mark in marks_of(ballot, kind, ranks))
    return {**counted, **({"n": len(ballots)} if ballots else {})}


def slices_of(primaries, poll, number=1):
    """All slices of a poll's round, wherever they are."""
    found = []
    for server in primaries:
        with server.link(30) as link:
            cursor = "0"
            while True:
                cursor, keys = link.ask("SCAN", cursor, "MATCH", f"*:{poll}:*:meta", "COUNT", 1000)
                found += [Slice(server, key.removesuffix(":meta"), number) for key in keys]
                if cursor == "0":
                    break
    return found


def recounted(primaries, poll, number=1):
    """The tally of a poll, after every slice has been found to agree with its sheet and its log."""
    total = collections.Counter()
    for part in slices_of(primaries, poll, number):
        sheet, log = part.from_sheet(), part.from_log()
        form = part.meta["type"], int(part.meta["ranks"])
        told = {"sheet": marks(sheet, *form), "log": marks(log, *form), "functions": part.tally()}
        if not told["sheet"] == told["log"] == told["functions"] or sheet != log:
            raise AssertionError(f"slice {part.meta['head']} is counted in different ways: {told}")
        total.update(part.tally())
    return dict(total)
