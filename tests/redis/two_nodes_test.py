"""Several nodes on one Redis are one: what one of them is told holds on every other, and a voter has one ballot
wherever it is cast."""

import collections
import contextlib
import datetime
import random
import time
import unittest

from redis_case import HOST, HOUR, LONG, Redis_case, clock_off_by, wait_for

from node import OPERATOR, Client, together
from recount import recounted

REVOKED_WITHIN = 5.0  # seconds


class Two_nodes(Redis_case):
    def setUp(self):
        super().setUp()
        self.store = self.redis()
        self.a, self.b = self.nodes(self.store, 2)
        event = self.a.event()
        self.event, self.code = event["id"], event["code"]

    def poll(self, **members):
        return self.a.poll(self.event, **members)["id"]

    def test_a_recount_of_each_type_comes_to_what_is_shown(self):
        """From the sheets and from the logs, by nothing of the product."""
        many = [{"id": f"o{i}", "label": f"Option {i}"} for i in range(40)]
        for members, cast, votes in (
                ({"type": "single"}, lambda i: {"choices": ["abc"[i % 3]]}, lambda i: ["abc"[i % 3]]),
                ({"type": "multiple", "options": many, "rules": {"max_choices": 3}},
                 lambda i: {"choices": [f"o{i}", f"o{39 - i}"]}, lambda i: [f"o{i}", f"o{39 - i}"]),
                ({"type": "multiple", "rules": {"max_choices": 2}},
                 lambda i: {"choices": ["a", "bc"[i % 2]]}, lambda i: ["a", "bc"[i % 2]]),
                ({"type": "rating", "rules": {"scale": 5}}, lambda i: {"rating": 1 + i % 5}, None),
                ({"type": "ranking", "rules": {"max_choices": 2}},
                 lambda i: {"choices": ["abc"[i % 3], "abc"[(i + 1) % 3]]}, None)):
            for change in (False, True):
                with self.subTest(type=members["type"], change=change):
                    rules = {**members.get("rules", {}), "allow_change": change}
                    poll = self.poll(**{**members, "rules": rules})
                    shown = collections.Counter()
                    for i in range(7):
                        token = self.a.token(self.code)
                        if change:
                            self.assertEqual(self.a.vote(poll, cast(i + 7), token, "first").status, 200)
                        self.assertEqual(self.b.vote(poll, cast(i), token, "second").status, 200)
                        shown.update(votes(i) if votes else [])
                    tally = recounted(self.store.primaries(), poll)
                    self.assertEqual(tally["n"], 7)
                    if votes:
                        told = {o["id"]: o["votes"] for o in self.a.results(poll)["options"] if o["votes"]}
                        self.assertEqual(told, dict(shown))
                        self.assertEqual(sum(tally.values()) - 7, sum(shown.values()))

    def test_vote_on_one_is_in_the_results_of_the_other(self):
        poll = self.poll()
        ballots = {}
        for i in range(20):
            voter = self.b.join(self.code)["voter"]
            choice = "abc"[i % 3]
            voted_at, asked_at = (self.a, self.b) if i % 2 else (self.b, self.a)
            self.assertEqual(voted_at.vote(poll, [choice], voter["token"]).json["status"], "counted")
            ballots[voter["number"]] = choice
            mine = asked_at.must(200, "GET", f"/v1/polls/{poll}/votes/mine", key=voter["token"])
            self.assertEqual(mine["choices"], [choice])
            # Results of a node that hears of a vote from elsewhere may be a tick behind.
            wait_for(lambda: asked_at.results(poll)["voters"] == len(ballots), "the vote in the other's results", 2)
        for node in (self.a, self.b):
            self.stands_behind(node, poll, ballots)

    def test_voter_who_votes_on_both_has_one_ballot(self):
        poll = self.poll()
        voter = self.a.join(self.code)["voter"]
        first = self.a.vote(poll, ["a"], voter["token"])
        self.assertEqual(first.json["status"], "counted")
        again = self.b.vote(poll, ["a"], voter["token"])
        self.assertEqual((again.json["status"], again.json["receipt"]), ("replayed", first.json["receipt"]))
        other = self.b.vote(poll, ["b"], voter["token"])
        self.assertEqual((other.status, other.code), (409, "already_voted"))
        self.stands_behind(self.b, poll, {voter["number"]: "a"})

    def test_key_means_the_same_on_both(self):
        poll = self.poll(rules={"allow_change": True})
        voter = self.a.join(self.code)["voter"]
        first = self.a.vote(poll, ["a"], voter["token"], "k1")
        self.assertEqual(self.b.vote(poll, ["b"], voter["token"], "k2").json["status"], "changed")
        late = self.b.vote(poll, ["a"], voter["token"], "k1")
        self.assertEqual((late.json["status"], late.json["receipt"]), ("replayed", first.json["receipt"]))
        reused = self.b.vote(poll, ["c"], voter["token"], "k1")
        self.assertEqual((reused.status, reused.code), (422, "idempotency_key_reused"))
        self.stands_behind(self.a, poll, {voter["number"]: "b"})

    def test_flag_set_on_one_holds_on_the_other_within_two_seconds(self):
        def change(node, name, value):
            return node.must(200, "PUT", f"/v1/flags/{name}", {"value": value}, OPERATOR)

        change(self.a, "joins", False)
        wait_for(lambda: self.b.call("POST", "/v1/join", {"code": self.code}).status == 503, "no joins on B", 2)
        change(self.b, "joins", None)
        wait_for(lambda: self.a.call("POST", "/v1/join", {"code": self.code}).status == 200, "joins on A", 2)
        change(self.b, "maintenance-notice", "Soon")
        seen = lambda: self.a.must(200, "GET", f"/v1/events/{self.event}").get("notice")
        wait_for(lambda: seen() == "Soon", "the notice on A", 2)
        third = self.nodes(self.store, 1)[0]  # is told what was set before it came
        self.assertEqual(third.must(200, "GET", "/v1/flags/maintenance-notice", key=OPERATOR)["value"], "Soon")
        self.assertFalse(third.must(200, "GET", "/v1/flags/joins", key=OPERATOR)["set"])

    def test_what_a_host_does_on_one_holds_on_the_other_at_once(self):
        event = self.a.event(title="Made on A")
        self.assertEqual(self.b.must(200, "GET", f"/v1/events/{event['id']}")["title"], "Made on A")
        voter = self.b.join(event["code"])["voter"]
        draft = self.a.poll(event["id"], opened=False)
        poll = draft["id"]
        self.assertEqual(self.b.vote(poll, ["a"], voter["token"]).code, "poll_not_found")
        self.a.step(poll, "open")
        self.assertEqual(self.b.vote(poll, ["a"], voter["token"]).json["status"], "counted")
        late = self.b.join(event["code"])["voter"]
        self.a.step(poll, "pause")
        self.assertEqual(self.b.vote(poll, ["a"], late["token"]).code, "poll_paused")
        self.b.step(poll, "open")
        self.a.step(poll, "close")
        self.assertEqual(self.b.vote(poll, ["a"], late["token"]).code, "poll_closed")
        closed = self.b.results(poll)
        self.assertEqual((closed["status"], closed["final"], closed["voters"]), ("closed", True, 1))
        self.a.step(poll, "reset")
        self.assertEqual(self.b.results(poll)["round"], 2)
        self.a.must(200, "PATCH", f"/v1/events/{event['id']}", {"title": "Changed on A"})
        self.assertEqual(self.b.must(200, "GET", f"/v1/events/{event['id']}")["title"], "Changed on A")
        self.a.call("DELETE", f"/v1/events/{event['id']}", key=HOST)
        self.assertEqual(self.b.call("GET", f"/v1/events/{event['id']}", key=HOST).status, 404)

    def test_revoked_key_is_dead_on_the_other_within_five_seconds(self):
        tenant = self.a.must(201, "POST", "/v1/tenants", {"name": "Other"}, OPERATOR)["id"]
        made = self.a.must(201, "POST", f"/v1/tenants/{tenant}/keys", {}, OPERATOR)
        key = made["key"]
        for node in (self.a, self.b):
            node.must(200, "GET", "/v1/events", key=key)
        began = time.monotonic()
        self.assertLess(self.a.call("DELETE", f"/v1/tenants/{tenant}/keys/{made['id']}", key=OPERATOR).status, 300)
        for node in (self.a, self.b):
            wait_for(lambda: node.call("GET", "/v1/events", key=key).status == 401, "the end of the key",
                     REVOKED_WITHIN - (time.monotonic() - began))


class Slice_that_forgot(Redis_case):
    """A failover may lose how a poll was placed last, but not the catalog: nodes know better and place it again
    before a ballot is decided."""

    def setUp(self):
        super().setUp()
        self.store = self.redis()
        (self.a, ) = self.nodes(self.store, 1)
        self.event = self.a.event()
        self.link = self.store.server.link(10)
        self.addCleanup(self.link.close)

    def forgets(self, poll, *steps):
        """The steps are made, and then the slice is as it was before."""
        (meta, ) = self.link.ask("KEYS", f"*:{poll}:*:meta")
        before = self.link.ask("HGETALL", meta)
        for step in steps:
            self.a.step(poll, step)
        self.assertNotEqual(self.link.ask("HGETALL", meta), before)
        self.link.ask("HSET", meta, *before)

    def vote(self, poll):
        return self.a.vote(poll, ["a"], self.a.join(self.event["code"])["voter"]["token"], "k")

    def test_its_close_takes_no_vote_and_the_results_stay(self):
        poll = self.a.poll(self.event["id"])["id"]
        self.assertEqual(self.vote(poll).status, 200)
        self.forgets(poll, "close")
        late = self.vote(poll)
        self.assertEqual((late.status, late.code), (409, "poll_closed"))
        shown = self.a.results(poll)
        self.assertEqual((shown["status"], shown["final"], shown["voters"]), ("closed", True, 1))

    def test_its_opening_counts_the_first_vote(self):
        poll = self.a.poll(self.event["id"], opened=False)["id"]
        self.forgets(poll, "open")
        self.assertEqual(self.vote(poll).json["status"], "counted")

    def test_its_round_counts_in_the_one_that_is(self):
        poll = self.a.poll(self.event["id"])["id"]
        self.assertEqual(self.vote(poll).status, 200)
        self.a.step(poll, "close")
        self.forgets(poll, "reset", "open")
        self.assertEqual(self.vote(poll).json["round"], 2)
        self.assertEqual(self.a.results(poll)["voters"], 1)


class Races(Redis_case):
    def setUp(self):
        super().setUp()
        self.store = self.redis()
        self.three = self.nodes(self.store, 3)
        event = self.three[0].event()
        self.event, self.code = event["id"], event["code"]

    def at_once(self, poll, voter, ballots):
        """Each ballot on another node, all at the same moment."""
        def cast(i):
            return self.three[i % 3].vote(poll, [ballots[i]], voter["token"], f"k{i}")

        return together(len(ballots), cast)

    def test_of_three_choices_at_once_one_wins_and_two_are_told(self):
        poll = self.three[0].poll(self.event)["id"]
        standing = {}
        for _ in range(100 if LONG else 25):
            voter = self.three[0].join(self.code)["voter"]
            replies = self.at_once(poll, voter, "abc")
            self.assertEqual(sorted(r.status for r in replies), [200, 409, 409], replies)
            standing[voter["number"]] = next("abc"[i] for i, r in enumerate(replies) if r.status == 200)
        self.stands_behind(self.three[1], poll, standing)

    def test_where_changes_are_allowed_exactly_one_of_three_stands_on_all_nodes(self):
        poll = self.three[0].poll(self.event, rules={"allow_change": True})["id"]
        standing = {}
        for _ in range(100 if LONG else 25):
            voter = self.three[0].join(self.code)["voter"]
            replies = self.at_once(poll, voter, "abc")
            self.assertEqual(sorted(r.json["status"] for r in replies), ["changed", "changed", "counted"])
            told = {tuple(n.must(200, "GET", f"/v1/polls/{poll}/votes/mine", key=voter["token"])["choices"])
                    for n in self.three}
            self.assertEqual(len(told), 1)
            standing[voter["number"]] = told.pop()[0]
        self.stands_behind(self.three[2], poll, standing)

    def test_key_with_another_body_moves_nothing_wherever_it_comes(self):
        poll = self.three[0].poll(self.event)["id"]
        voter = self.three[0].join(self.code)["voter"]
        self.three[0].vote(poll, ["a"], voter["token"], "key")
        version = self.three[0].results(poll)["version"]
        for node in self.three:
            reply = node.vote(poll, ["b"], voter["token"], "key")
            self.assertEqual((reply.status, reply.code), (422, "idempotency_key_reused"))
        self.stands_behind(self.three[1], poll, {voter["number"]: "a"})
        self.assertEqual(self.three[0].results(poll)["version"], version)

    def test_racing_copies_over_three_nodes_count_once(self):
        """Every voter's ballot twenty times, on all nodes at once, in an order of chance."""
        voters, copies, workers = 10_000 if LONG else 150, 20, 12
        poll = self.three[0].poll(self.event)["id"]
        with self.three[0].client() as client:
            crowd = [client.call("POST", "/v1/join", {"code": self.code}).json["voter"] for _ in range(voters)]
        sendings = [voter for voter in crowd for _ in range(copies)]
        # Copies stay near each other, so that they race.
        order = sorted(range(len(sendings)), key=lambda i: i + random.Random(i).randrange(3 * copies))

        def cast(worker):
            said = []
            with contextlib.ExitStack() as stack:
                clients = [stack.enter_context(Client(node.port)) for node in self.three]
                for i in order[worker::workers]:
                    voter = sendings[i]
                    reply = clients[i % 3].vote(poll, ["abc"[voter["number"] % 3]], voter["token"], "one")
                    said.append((voter["number"], reply.status, reply.json["status"], reply.json["receipt"]))
            return said

        said = [each for part in together(workers, cast) for each in part]
        self.assertEqual({status for _, status, _, _ in said}, {200})
        self.assertEqual(sum(word == "counted" for _, _, word, _ in said), voters)
        self.assertEqual(len({(number, receipt) for number, _, _, receipt in said}), voters)
        self.stands_behind(self.three[0], poll, {v["number"]: "abc"[v["number"] % 3] for v in crowd})


class A_clock_an_hour_off(Redis_case):
    """Opening, closing and a voter's time follow the clock of the store, whatever a node's own says."""

    def test_polls_close_by_the_stores_clock_on_every_node(self):
        store = self.redis()
        right = self.node(store)
        event = right.event()
        for offset in (HOUR, -HOUR):
            with self.subTest(offset=offset):
                wrong = self.node(store, environment=clock_off_by(offset))
                voters = [wrong.join(event["code"])["voter"] for _ in range(4)]
                poll = wrong.poll(event["id"], opened=False)["id"]
                wrong.step(poll, "open", {"duration_ms": 1500})
                for node, voter in zip((wrong, right), voters):
                    self.assertEqual(node.vote(poll, ["a"], voter["token"]).json["status"], "counted")
                wait_for(lambda: right.results(poll)["final"], "the close", 4)
                for node, voter in zip((wrong, right), voters[2:]):
                    reply = node.vote(poll, ["a"], voter["token"])
                    self.assertEqual((reply.status, reply.code), (409, "poll_closed"))
                    self.assertTrue(0 <= reply.json["late_ms"] < 10_000, reply)
                    self.assertTrue(node.results(poll)["final"])
                self.stands_behind(right, poll, {v["number"]: "a" for v in voters[:2]})

    def test_tokens_end_by_the_store_s_clock(self):
        store = self.redis()
        nodes = [self.node(store, "--token-ttl", "10m", environment=environment)
                 for environment in (None, clock_off_by(HOUR), clock_off_by(-HOUR))]
        event = nodes[0].event()
        poll = nodes[0].poll(event["id"], rules={"allow_change": True})["id"]
        for at, joined in enumerate(nodes):
            voter = joined.join(event["code"])["voter"]
            left = datetime.datetime.fromisoformat(voter["expires_at"]) - datetime.datetime.now(datetime.timezone.utc)
            self.assertTrue(590 < left.total_seconds() < 605, f"node {at}: {left}")
            self.assertEqual([node.vote(poll, ["a"], voter["token"]).status for node in nodes], [200] * 3, f"node {at}")

    def test_a_node_that_is_wrong_never_tells_a_negative_wait(self):
        wrong = self.node(self.redis(), "--limit-voter-burst", "2", "--limit-voter-rate", "0.5", limits="on",
                          environment=clock_off_by(-HOUR))
        event = wrong.event()
        poll = wrong.poll(event["id"])["id"]
        token = wrong.token(event["code"])
        replies = [wrong.vote(poll, ["a"], token) for _ in range(6)]
        refused = [reply for reply in replies if reply.status == 429]
        self.assertTrue(refused, replies)
        for reply in refused:
            self.assertTrue(0 < reply.json["retry_after_ms"] < 60_000, reply)
            self.assertGreaterEqual(int(reply.fields["Retry-After"]), 0)


if __name__ == "__main__":
    unittest.main()
