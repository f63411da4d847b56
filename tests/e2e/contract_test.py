"""Polls and votes over HTTP, as the wire contract promises them: life of a poll, the four types,
every verdict on a ballot, results, and a ledger that balances to the last ballot."""

import datetime
import time
import unittest

from contract_case import ID, TIME, Contract
from node import HOST, Node, together, wait_for


def setUpModule():
    global node
    node = Contract.node = Node().start()
    unittest.addModuleCleanup(node.remove)


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def at(moment):
    told = datetime.datetime.fromtimestamp(moment, datetime.timezone.utc)
    return told.strftime("%Y-%m-%dT%H:%M:%S.") + f"{told.microsecond // 1000:03d}Z"


class Life_of_a_poll(Contract):
    def test_new_poll_is_a_draft_with_every_member(self):
        poll = node.poll(self.event, opened=False, question="Best act?", options=["Blue", "Red"])
        self.assertRegex(poll["id"], ID)
        self.assertRegex(poll.pop("created_at"), TIME)
        poll.pop("id")
        self.assertEqual(
            poll, {
                "event": self.event, "type": "single", "question": "Best act?", "status": "draft",
                "round": 1, "options": [{"id": "a", "label": "Blue"}, {"id": "b", "label": "Red"}],
                "rules": {"min_choices": 1, "max_choices": 1, "allow_change": False, "scale": None
                          }, "results": "always", "opens_at": None, "closes_at": None, "grace_ms":
                0, "position": 0, "revision": 1, "opened_at": None, "closed_at": None
            })

    def test_polls_stand_in_the_order_of_their_positions(self):
        ids = [node.poll(self.event, opened=False)["id"] for _ in range(3)]
        listed = lambda query="": [p["id"] for p in node.call(
            "GET", f"/v1/events/{self.event}/polls{query}", key=HOST).json["items"]]
        self.assertEqual(listed(), ids)
        moved = node.call("PATCH", f"/v1/polls/{ids[0]}", {"position": 9}, key=HOST)
        self.assertEqual((moved.status, moved.json["position"]), (200, 9))
        order = [ids[1], ids[2], ids[0]]
        self.assertEqual(listed(), order)
        page = node.call("GET", f"/v1/events/{self.event}/polls?limit=2", key=HOST).json
        self.assertEqual(listed(f"?cursor={page['next_cursor']}"), order[2:])
        welcome = node.call("GET", f"/v1/events/{self.event}", key=HOST).json
        self.assertEqual([p["id"] for p in welcome["polls"]], order)
        self.assertEqual(node.poll(self.event, opened=False)["position"], 10)

    def test_each_step_leads_where_it_should_and_may_be_repeated(self):
        poll = node.poll(self.event, opened=False)["id"]
        for step, status in [("open", "open"), ("pause", "paused"), ("open", "open"),
                             ("close", "closed"), ("open", "open"), ("close", "closed"),
                             ("archive", "archived")]:
            once, again = node.step(poll, step), node.step(poll, step)
            self.assertEqual(once["status"], status)
            self.assertEqual(once, again, "a repeated step changed something")
            self.assertEqual(once["closed_at"] is None, status not in ("closed", "archived"))

    def test_steps_that_lead_nowhere_are_refused(self):
        for before, wrong in [([], "pause"), ([], "close"), ([], "archive"), (["open"], "archive"),
                              (["open", "close"], "pause"), (["open", "close", "archive"], "open"),
                              (["open", "close", "archive"], "reset")]:
            poll = node.poll(self.event, opened=False)["id"]
            for step in before:
                node.step(poll, step)
            with self.subTest(before=before, wrong=wrong):
                self.says(node.call("POST", f"/v1/polls/{poll}/{wrong}", key=HOST), 409,
                          "invalid_transition")
        self.says(node.call("POST", f"/v1/polls/{poll}/explode", key=HOST), 404, "not_found")

    def test_each_status_has_its_refusal(self):
        poll, token = node.poll(self.event, opened=False)["id"], self.voter()
        self.says(node.vote(poll, ["a"], token), 404, "poll_not_found")
        node.step(poll, "open")
        node.step(poll, "pause")
        self.says(node.vote(poll, ["a"], token), 409, "poll_paused")
        node.step(poll, "open")
        closed = node.step(poll, "close")
        told = self.says(node.vote(poll, ["a"], token), 409, "poll_closed")
        self.assertEqual(told["closed_at"], closed["closed_at"])
        self.assertGreaterEqual(told["late_ms"], 0)
        node.step(poll, "archive")
        self.says(node.vote(poll, ["a"], token), 409, "poll_closed")
        self.balanced(poll, received=3, not_open=1, late=2)

    def test_a_closed_poll_opens_again_in_the_same_round_with_its_votes(self):
        poll, token = self.poll(), self.voter()
        self.voted(node.vote(poll, ["a"], token), "counted")
        node.step(poll, "close")
        self.assertEqual(node.step(poll, "open")["round"], 1)
        self.says(node.vote(poll, ["b"], token), 409, "already_voted")
        self.assertEqual(node.results(poll)["voters"], 1)

    def test_closing_time_is_kept_and_the_late_are_told_how_late(self):
        poll, token = self.poll(), self.voter()
        opened = node.step(poll, "open", {"duration_ms": 1000})
        self.assertAlmostEqual(seconds(opened["closes_at"]) - time.time(), 1, delta=1)
        wait_for(lambda: node.must(200, "GET", f"/v1/polls/{poll}")["status"] == "closed",
                 "the poll closing")
        told = self.says(node.vote(poll, ["a"], token), 409, "poll_closed")
        self.assertEqual(told["closed_at"], opened["closes_at"])
        self.assertLess(told["late_ms"], 30000)
        self.assertTrue(node.results(poll)["final"])
        self.assertEqual(node.results(poll)["status"], "closed")

    def test_grace_is_added_to_the_closing_time(self):
        poll, token = self.poll(grace_ms=10000), self.voter()
        closes = seconds(node.step(poll, "open", {"duration_ms": 1000})["closes_at"])
        wait_for(lambda: seconds(node.results(poll)["server_time"]) > closes, "the closing time")
        self.voted(node.vote(poll, ["a"], token), "counted")

    def test_a_draft_opens_itself_at_its_time(self):
        poll = node.poll(self.event,
                         opened=False,
                         opens_at=at(time.time() + 0.5),
                         closes_at=at(time.time() + 1.5))
        wait_for(lambda: node.must(200, "GET", f"/v1/polls/{poll['id']}")["status"] == "open",
                 "opening")
        ended = wait_for(
            lambda:
            (p := node.must(200, "GET", f"/v1/polls/{poll['id']}"))["status"] == "closed" and p,
            "closing")
        self.assertEqual((ended["opened_at"], ended["closed_at"]),
                         (poll["opens_at"], poll["closes_at"]))

    def test_what_a_vote_stands_on_is_fixed_from_the_first_on(self):
        poll = self.poll()
        changed = node.must(200, "PATCH", f"/v1/polls/{poll}",
                            {"options": [{"id": "x", "label": "X"}, {"id": "y", "label": "Y"}]})
        self.assertEqual([o["id"] for o in changed["options"]], ["x", "y"])
        self.voted(node.vote(poll, ["x"], self.voter()), "counted")
        for fixed in ({"options": ["1", "2"]}, {"rules": {"allow_change":
                                                          True}}, {"type": "rating", "options":
                                                                   []}):
            self.says(node.call("PATCH", f"/v1/polls/{poll}", fixed, HOST), 409, "poll_has_votes")
        self.assertEqual(
            node.must(200, "PATCH", f"/v1/polls/{poll}", {"question": "Which?"})["question"],
            "Which?")

    def test_a_rule_left_out_of_a_patch_stays_and_null_puts_it_back(self):
        poll = self.poll(type="multiple", rules={"min_choices": 2, "max_choices": 3})
        for patch, expected in (({"allow_change": True}, (2, 3, True)), ({"min_choices": None},
                                                                         (1, 3, True)),
                                ({"max_choices": 2}, (1, 2, True)), (None, (1, 3, False))):
            rules = node.must(200, "PATCH", f"/v1/polls/{poll}", {"rules": patch})["rules"]
            self.assertEqual(
                (rules["min_choices"], rules["max_choices"], rules["allow_change"]), expected,
                patch)

    def test_deleted_things_are_gone_with_what_was_in_them(self):
        poll, other, token = self.poll(), self.poll(), self.voter()
        node.must(204, "DELETE", f"/v1/polls/{poll}")
        self.says(node.vote(poll, ["a"], token), 404, "poll_not_found")
        self.says(node.call("GET", f"/v1/polls/{poll}/results", key=HOST), 404, "poll_not_found")
        node.must(204, "DELETE", f"/v1/events/{self.event}")
        self.says(node.vote(other, ["a"], token), 404, "poll_not_found")
        self.says(node.call("GET", f"/v1/events/{self.event}"), 404, "event_not_found")
        self.says(node.call("POST", "/v1/join", {"code": self.code}), 404, "event_not_found")


class Ballots(Contract):
    # type and rules, ballots that count, ballots that do not
    TYPES = [
        ({"type": "single"}, [{"choices": ["a"]},
                              {"choices": ["c"]}], [{"choices": []}, {"choices": ["a", "b"]},
                                                    {"choices": ["z"]}, {"rating": 1}]),
        ({"type": "multiple", "rules":
          {"min_choices": 2, "max_choices":
           2}}, [{"choices": ["c", "a"]}], [{"choices": ["a"]}, {"choices": ["a", "b", "c"]},
                                            {"choices": ["a", "a"]}, {"choices": ["a", "z"]}]),
        ({"type": "rating", "rules":
          {"scale": 4}}, [{"rating": 1}, {"rating": 4}], [{"rating": 0}, {"rating":
                                                                          5}, {"rating": -1},
                                                          {"rating": 10**12}, {"choices": ["a"]}]),
        ({"type": "ranking", "rules":
          {"max_choices": 2}}, [{"choices": ["b"]},
                                {"choices": ["b",
                                             "a"]}], [{"choices": []}, {"choices": ["a", "b", "c"]},
                                                      {"choices": ["b", "b"]}, {"choices": ["A"]}]),
    ]

    def test_each_type_takes_its_ballots_and_refuses_the_others(self):
        for members, good, bad in self.TYPES:
            poll = self.poll(**members)
            for ballot in good:
                with self.subTest(members["type"], ballot=ballot):
                    token = self.voter()
                    self.voted(node.vote(poll, ballot, token), "counted")
                    mine = node.must(200, "GET", f"/v1/polls/{poll}/votes/mine", key=token)
                    kept = mine.get("choices", mine.get("rating"))
                    sent = ballot.get("choices", ballot.get("rating"))
                    self.assertEqual(kept, sorted(sent) if members["type"] == "multiple" else sent)
            token = self.voter()
            for ballot in bad:
                with self.subTest(members["type"], ballot=ballot):
                    self.says(node.vote(poll, ballot, token), 422, "invalid_ballot")
            self.balanced(poll, received=len(good) + len(bad), counted=len(good), invalid=len(bad))

    def test_results_of_each_type(self):
        single, rating = self.poll(), self.poll(type="rating", rules={"scale": 4})
        multiple = self.poll(type="multiple", rules={"max_choices": 3})
        ranking = self.poll(type="ranking", rules={"max_choices": 3})
        for i in range(3):
            token = self.voter()
            node.vote(single, ["a" if i else "b"], token)
            node.vote(multiple, ["a", "c"] if i else ["c"], token)
            node.vote(rating, {"rating": 4 if i else 2}, token)
            node.vote(ranking, ["b", "a", "c"] if i else ["a"], token)
        results = node.results(single)
        self.assertEqual(
            results.pop("options"),
            [{"id": "a", "votes": 2}, {"id": "b", "votes": 1}, {"id": "c", "votes": 0}])
        self.assertRegex(results.pop("server_time"), TIME)
        self.assertGreaterEqual(results.pop("version"), 3)
        self.assertEqual(
            results,
            {"poll": single, "round": 1, "status": "open", "voters": 3, "votes": 3, "final": False})
        results = node.results(multiple)
        self.assertEqual([o["votes"] for o in results["options"]], [2, 0, 3])
        self.assertEqual((results["voters"], results["votes"]), (3, 5))
        results = node.results(rating)
        self.assertEqual((results["ratings"], results["average"]), ([0, 1, 0, 2], 3.3333))
        results = node.results(ranking)
        self.assertEqual([o["ranks"] for o in results["options"]],
                         [[1, 2, 0], [2, 0, 0], [0, 0, 2]])
        self.assertEqual([o["points"] for o in results["options"]], [1 * 2 + 2 * 1, 2 * 2, 0])

    def test_a_ballot_counts_once_and_its_repeats_get_the_same_receipt(self):
        poll, token = self.poll(), self.voter()
        receipt = self.voted(node.vote(poll, ["a"], token, "k1"), "counted")
        self.assertEqual(self.voted(node.vote(poll, ["a"], token, "k1"), "replayed"), receipt)
        self.says(node.vote(poll, ["b"], token, "k1"), 422, "idempotency_key_reused")
        self.says(node.vote(poll, ["b"], token, "k2"), 409, "already_voted")
        self.says(node.vote(poll, ["b"], token), 409, "already_voted")
        self.assertEqual(
            node.must(200, "GET", f"/v1/polls/{poll}/votes/mine", key=token)["receipt"], receipt)
        self.balanced(poll, received=5, counted=1, replayed=1, invalid=1, already_voted=2)

    def test_the_same_choices_without_a_key_are_the_same_ballot(self):
        poll, token = self.poll(type="multiple", rules={"max_choices": 2}), self.voter()
        receipt = self.voted(node.vote(poll, ["a", "b"], token), "counted")
        self.assertEqual(self.voted(node.vote(poll, ["b", "a"], token), "replayed"), receipt)
        self.says(node.vote(poll, ["a"], token), 409, "already_voted")
        keyed = self.voter()
        receipt = self.voted(node.vote(poll, ["b"], keyed, "k"), "counted")
        self.assertEqual(self.voted(node.vote(poll, ["b"], keyed), "replayed"), receipt)
        self.says(node.vote(poll, ["b"], keyed, "another"), 409, "already_voted")

    def test_repeats_from_before_a_change_move_nothing(self):
        poll, token = self.poll(rules={"allow_change": True}), self.voter()
        first = self.voted(node.vote(poll, ["a"], token, "k1"), "counted")
        second = self.voted(node.vote(poll, ["b"], token, "k2"), "changed")
        self.assertNotEqual(first, second)
        self.assertEqual(self.voted(node.vote(poll, ["a"], token, "k1"), "replayed"), first)
        self.says(node.vote(poll, ["b"], token, "k1"), 422, "idempotency_key_reused")
        self.assertEqual(
            node.must(200, "GET", f"/v1/polls/{poll}/votes/mine", key=token)["choices"], ["b"])
        keyless = self.voter()
        first = self.voted(node.vote(poll, ["a"], keyless), "counted")
        self.voted(node.vote(poll, ["c"], keyless), "changed")
        self.assertEqual(self.voted(node.vote(poll, ["a"], keyless), "replayed"), first)
        self.assertEqual([o["votes"] for o in node.results(poll)["options"]], [0, 1, 1])
        self.balanced(poll, received=7, counted=2, changed=2, replayed=2, invalid=1)

    def test_withdrawn_where_changes_are_allowed_and_refused_elsewhere(self):
        poll, token = self.poll(rules={"allow_change": True}), self.voter()
        mine = f"/v1/polls/{poll}/votes/mine"
        self.says(node.call("GET", mine, key=token), 404, "not_voted")
        self.says(node.call("DELETE", mine, key=token), 404, "not_voted")
        self.voted(node.vote(poll, ["a"], token), "counted")
        self.assertEqual(node.must(200, "DELETE", mine, key=token)["status"], "withdrawn")
        self.says(node.call("GET", mine, key=token), 404, "not_voted")
        self.assertEqual(node.results(poll)["voters"], 0)
        self.voted(node.vote(poll, ["b"], token), "counted")
        self.balanced(poll, received=4, counted=2, withdrawn=1, invalid=1)
        fixed = self.poll()
        self.voted(node.vote(fixed, ["a"], token), "counted")
        self.says(node.call("DELETE", f"/v1/polls/{fixed}/votes/mine", key=token), 409,
                  "change_not_allowed")
        self.assertEqual(node.results(fixed)["voters"], 1)

    def test_racing_copies_of_a_ballot_count_once(self):
        poll, tokens = self.poll(), [self.voter() for _ in range(20)]
        replies = together(8, lambda i: [node.vote(poll, ["a"], t, "once").json for t in tokens])
        for copies in zip(*replies):
            self.assertEqual(len({c["receipt"] for c in copies}), 1)
            self.assertEqual(sorted(c["status"] for c in copies), ["counted"] + ["replayed"] * 7)
        self.balanced(poll, received=160, counted=20, replayed=140)

    def test_one_voter_with_three_choices_at_once_gets_one(self):
        poll = self.poll()
        for _ in range(20):
            token = self.voter()
            replies = together(3, lambda i: node.vote(poll, ["abc"[i]], token))
            self.assertEqual(sorted(r.status for r in replies), [200, 409, 409])
        self.balanced(poll, received=60, counted=20, already_voted=40)

    def test_the_ledger_is_exact_after_refusals_on_other_connections(self):
        poll, other = self.poll(), node.event()
        token, stranger = self.voter(), node.token(other["code"])
        for _ in range(25):
            self.says(node.vote(poll, ["a"], None), 401, "voter_token_required")
            self.says(node.vote(poll, ["a"], token + "x"), 401, "voter_token_invalid")
            self.says(node.vote(poll, ["a"], stranger), 403, "wrong_event")
            self.says(node.vote(poll, b"{", token), 400, "malformed_json")
            self.says(node.vote(poll, {"choices": ["a"], "x": 1}, token), 400, "unknown_field")
            self.says(node.vote(poll, ["a"], token, "k" * 65), 400, "invalid_request")
        self.balanced(poll, received=150, unauthorised=75, invalid=75)


if __name__ == "__main__":
    unittest.main()
