"""A server whose memory is full counts nothing more, but what ends or removes something is still done, and what was
refused meanwhile is in the ledger once there is room."""

import threading
import unittest

from redis_case import HOST, Redis_case, wait_for

VOTERS = 12  # at once: a vote that is refused is held for two seconds


class Full_server(Redis_case):
    def setUp(self):
        super().setUp()
        self.server = self.redis().server
        self.node_ = self.node(f"redis://127.0.0.1:{self.server.port}")
        self.event = self.node_.event()
        self.polls = [self.node_.poll(self.event["id"])["id"] for _ in range(3)]
        self.other = self.node_.event()["id"]
        self.tokens = [self.node_.token(self.event["code"]) for _ in range(VOTERS)]
        self.server.set("maxmemory", "1mb")

    def answers(self, *asked):
        """Of (method, path), all at once."""
        found = {}

        def ask(one):
            found[one] = self.node_.call(*one, {} if one[0] == "POST" else None, HOST).status

        together = [threading.Thread(target=ask, args=(one, )) for one in asked]
        for thread in together:
            thread.start()
        for thread in together:
            thread.join()
        return [found[one] for one in asked]

    def test_lets_polls_end_and_go_and_nothing_begin(self):
        first, second, third = self.polls
        self.assertEqual(self.answers(("POST", f"/v1/polls/{first}/close"), ("POST", f"/v1/polls/{second}/pause"),
                                      ("DELETE", f"/v1/polls/{third}"), ("DELETE", f"/v1/events/{self.other}")),
                         [200, 200, 204, 204])
        self.assertEqual(self.node_.call("POST", "/v1/events", {"title": "One more"}, HOST).status, 503)
        self.assertEqual(self.answers(("POST", f"/v1/polls/{second}/open")), [503])
        self.assertTrue(self.node_.results(first)["final"])
        self.assertFalse([key for key in self.server.ask("KEYS", "*") if third in key])
        self.server.set("maxmemory", 0)
        self.assertEqual(self.answers(("POST", f"/v1/polls/{second}/open")), [200])

    def test_has_every_refusal_in_the_ledger_later(self):
        poll = self.polls[0]
        told = []

        def vote(i):
            told.append(self.node_.vote(poll, ["a" if i % 2 else "none"], self.tokens[i]).status)

        votes = [threading.Thread(target=vote, args=(i, )) for i in range(VOTERS)]
        for one in votes:
            one.start()
        for one in votes:
            one.join()
        self.assertEqual(sorted(told), [422] * (VOTERS // 2) + [503] * (VOTERS // 2))
        self.server.set("maxmemory", 0)
        wait_for(lambda: self.node_.ledger(poll)["received"] >= VOTERS, "the refusals in the ledger", 6)
        ledger = self.node_.ledger(poll)
        self.assertEqual((ledger["received"], ledger["rejected"]["invalid"], ledger["rejected"]["store"]),
                         (VOTERS, VOTERS // 2, VOTERS // 2))
        self.assertTrue(ledger["balanced"])


if __name__ == "__main__":
    unittest.main()
