"""Twelve strangers who read for each who votes, on connections of their own. Reads may be put
off, and are told for how long; votes are taken."""

import itertools
import threading
import unittest

from node import Client, Node, together

READS_A_VOTE = 12
READERS = 4  # connections that read beside each one that votes
TIMES = 300  # votes of each voting connection
VOTING = 3


class Storm:
    """Each round is one vote, and meanwhile the readers beside it share twelve reads."""

    def __init__(self, node):
        self.node = node
        event = node.event()
        self.poll = node.poll(event["id"])["id"]
        self.paths = [f"/v1/polls/{self.poll}/results", f"/v1/events/{event['id']}"]
        # Joined before it begins: a join may be put off like a read.
        self.tokens = [node.token(event["code"]) for _ in range(VOTING * TIMES)]
        self.votes, self.reads = [], []

    def blow(self):
        together(VOTING, self.one_voting_connection)

    def one_voting_connection(self, _):
        # Nobody starts a round before all have ended the last: reads and votes come together.
        round_begins = threading.Barrier(READERS + 1, timeout=30)
        together(READERS + 1, lambda i: self.read(round_begins) if i else self.vote(round_begins))

    def vote(self, round_begins):
        for _ in range(TIMES):
            round_begins.wait()
            self.votes.append(self.node.vote(self.poll, ["b"], self.tokens.pop()))

    def read(self, round_begins):
        seen = {}  # the last version of each path, as a browser has it
        paths = itertools.cycle(self.paths)
        with Client(self.node.port) as client:
            for _ in range(TIMES):
                round_begins.wait()
                for path in itertools.islice(paths, READS_A_VOTE // READERS):
                    fields = {"If-None-Match": seen[path]} if path in seen else None
                    reply = client.call("GET", path, fields=fields)
                    self.reads.append(reply)
                    if reply.status == 200:
                        seen[path] = reply.fields["ETag"]


class Read_storm(unittest.TestCase):
    def blown_over(self, node):
        storm = Storm(node)
        storm.blow()
        self.assertEqual([vote for vote in storm.votes if vote.status != 200], [])
        self.assertEqual(len(storm.votes), VOTING * TIMES)
        self.assertEqual(len(storm.reads), READS_A_VOTE * len(storm.votes))
        for reply in storm.reads:
            self.assertIn(reply.status, (200, 304, 429, 503))
            if reply.status in (429, 503):
                self.assertGreaterEqual(int(reply.fields["Retry-After"]), 1)
                self.assertGreater(reply.json["retry_after_ms"], 0)
        self.assertEqual(node.results(storm.poll)["voters"], len(storm.votes))
        ledger = node.ledger(storm.poll)
        self.assertEqual((ledger["received"], ledger["counted"], ledger["balanced"]),
                         (len(storm.votes), len(storm.votes), True))
        return {reply.status for reply in storm.reads}

    def test_without_limits_everybody_is_answered(self):
        with Node() as node:
            self.assertLessEqual({200, 304}, self.blown_over(node))

    def test_readers_past_their_limit_wait_and_votes_do_not(self):
        with Node("--limit-connection-rate", "1", "--limit-connection-burst", "20",
                  "--limit-address-rate", "1000000", "--limit-address-burst", "1000000",
                  limits="on") as node:
            self.assertLessEqual({200, 429}, self.blown_over(node))


if __name__ == "__main__":
    unittest.main()
