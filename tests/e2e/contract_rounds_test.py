"""Rounds of a poll and their exports: a new round begins with nothing, an old one stays."""

import csv
import io
import json
import unittest

from contract_case import Contract
from node import HOST, Node


def setUpModule():
    global node
    node = Contract.node = Node().start()
    unittest.addModuleCleanup(node.remove)


class Rounds(Contract):
    def test_reset_begins_a_new_round_and_keeps_the_old_one(self):
        poll, voters = self.poll(), [node.join(self.code)["voter"] for _ in range(3)]
        numbers, tokens = [v["number"] for v in voters], [v["token"] for v in voters]
        first = [self.voted(node.vote(poll, ["a"], t, "k"), "counted") for t in tokens]
        again = node.step(poll, "reset")
        self.assertEqual((again["round"], again["status"]), (2, "open"))
        self.assertEqual(node.step(poll, "reset")["round"], 2, "repeating a reset is harmless")
        self.assertEqual(node.results(poll)["voters"], 0)
        self.says(node.call("GET", f"/v1/polls/{poll}/votes/mine", key=tokens[0]), 404, "not_voted")
        second = self.voted(node.vote(poll, ["b"], tokens[0], "k"), "counted")
        self.assertNotIn(second, first)
        self.assertEqual(node.results(poll, query="?round=1")["voters"], 3)
        self.assertEqual(node.results(poll, query="?round=2")["voters"], 1)
        self.assertEqual(node.ledger(poll, "?round=1")["counted"], 3)
        self.assertEqual(node.ledger(poll)["counted"], 1)
        self.assertEqual(node.must(200, "GET", f"/v1/polls/{poll}")["round"], 2)
        for route in ("results", "ledger", "export"):
            self.says(node.call("GET", f"/v1/polls/{poll}/{route}?round=3", key=HOST), 404,
                      "round_not_found")
            self.says(node.call("GET", f"/v1/polls/{poll}/{route}?round=x", key=HOST), 400,
                      "invalid_request")
        self.assertEqual(self.exported(poll, "csv", "&round=1"),
                         [["1", str(n), "a"] for n in sorted(numbers)])
        self.assertEqual(self.exported(poll, "csv"), [["2", str(numbers[0]), "b"]])

    def test_a_ballot_for_answers_or_a_round_of_before_is_refused(self):
        poll, first, second = self.poll(), self.voter(), self.voter()
        seen = node.must(200, "GET", f"/v1/polls/{poll}")["revision"]
        options = [{"id": "a", "label": "Blue"}, {"id": "b", "label": "Red"}, "Cancel the show"]
        edited = node.must(200, "PATCH", f"/v1/polls/{poll}", {"options": options})
        self.assertGreater(edited["revision"], seen)
        self.assertEqual([o["id"] for o in edited["options"]], ["a", "b", "d"])
        old = {"choices": ["a"], "revision": seen}
        told = self.says(node.vote(poll, old, first, "k"), 409, "poll_changed")
        self.assertNotIn("retry_after_ms", told)
        self.says(node.vote(poll, {"choices": ["c"], "revision": seen}, first), 409, "poll_changed")
        now = {"choices": ["a"], "revision": edited["revision"]}
        receipt = self.voted(node.vote(poll, now, first, "k"), "counted")
        self.assertEqual(self.voted(node.vote(poll, now, first, "k"), "replayed"), receipt)
        self.balanced(poll, received=4, counted=1, replayed=1, invalid=2)

        node.step(poll, "pause")  # changes the revision, and not what ballots mean
        self.assertEqual(self.voted(node.vote(poll, now, first, "k"), "replayed"), receipt)
        node.step(poll, "open")
        self.voted(node.vote(poll, now, second), "counted")

        again = node.step(poll, "reset")
        self.says(node.vote(poll, now, second), 409, "poll_changed")
        self.voted(node.vote(poll, {"choices": ["a"]}, first), "counted")
        self.voted(node.vote(poll, {"choices": ["b"], "revision": again["revision"]}, second),
                   "counted")
        self.balanced(poll, received=3, counted=2, invalid=1)

    def test_a_ballot_chosen_before_an_empty_poll_was_reset_is_refused(self):
        poll, token = self.poll(), self.voter()
        seen = node.must(200, "GET", f"/v1/polls/{poll}")["revision"]
        after = node.step(poll, "reset")
        self.assertEqual(after["round"], 1)
        self.says(node.vote(poll, {"choices": ["a"], "revision": seen}, token), 409, "poll_changed")
        self.voted(node.vote(poll, {"choices": ["a"], "revision": 4294967295}, token), "counted")

    def test_a_revision_is_a_whole_number_of_32_bits(self):
        poll, token = self.poll(), self.voter()
        for revision in (0, -1, 1.5, 1.0, 4294967296, "1", None, [1], True):
            with self.subTest(revision):
                self.says(node.vote(poll, {"choices": ["a"], "revision": revision}, token), 400,
                          "invalid_request")

    def exported(self, poll, kind, query=""):
        reply = node.call("GET", f"/v1/polls/{poll}/export?format={kind}{query}", key=HOST)
        self.assertEqual(reply.status, 200, reply)
        self.assertIn("attachment", reply.fields["Content-Disposition"])
        if kind == "ndjson":
            self.assertEqual(reply.fields["Content-Type"], "application/x-ndjson")
            return [json.loads(line) for line in reply.raw.decode().splitlines()]
        self.assertTrue(reply.fields["Content-Type"].startswith("text/csv"))
        return list(csv.reader(io.StringIO(reply.raw.decode())))[1:]

    def test_each_counted_ballot_is_one_row_of_an_export(self):
        cases = [("single", {}, {"choices": ["b"]}, ["b"]),
                 ("rating", {"scale": 3}, {"rating": 2}, ["2"]),
                 ("multiple", {"max_choices": 3}, {"choices": ["a", "c"]}, ["1", "0", "1"]),
                 ("ranking", {"max_choices": 3}, {"choices": ["c", "a"]}, ["c", "a", ""])]
        for kind, rules, ballot, cells in cases:
            with self.subTest(kind):
                poll = self.poll(type=kind, rules={**rules, "allow_change": True})
                joined = [node.join(self.code)["voter"] for _ in range(3)]
                for voter in joined:
                    self.voted(node.vote(poll, ballot, voter["token"]), "counted")
                node.must(200, "DELETE", f"/v1/polls/{poll}/votes/mine", key=joined[1]["token"])
                numbers = sorted((joined[0]["number"], joined[2]["number"]))
                self.assertEqual(self.exported(poll, "csv"),
                                 [["1", str(n), *cells] for n in numbers])
                self.assertEqual(self.exported(poll, "ndjson"),
                                 [{"round": 1, "voter": n, **ballot} for n in numbers])
        self.says(node.call("GET", f"/v1/polls/{poll}/export?format=xml", key=HOST), 400,
                  "invalid_request")

    def test_an_empty_poll_exports_only_a_header(self):
        self.assertEqual(self.exported(self.poll(), "csv"), [])
        self.assertEqual(self.exported(self.poll(), "ndjson"), [])

    def test_an_export_of_many_pages_has_every_voter_once(self):
        poll, cast = self.poll(), {}
        with node.client() as client:
            for i in range(2100):
                voter = client.call("POST", "/v1/join", {"code": self.code}).json["voter"]
                cast[str(voter["number"])] = "abc"[i % 3]
                self.assertEqual(client.vote(poll, ["abc"[i % 3]], voter["token"]).status, 200)
        rows = self.exported(poll, "csv")
        self.assertEqual(len(rows), 2100)
        self.assertEqual({voter: choice for _, voter, choice in rows}, cast)


if __name__ == "__main__":
    unittest.main()
