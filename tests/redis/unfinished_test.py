"""What a node had begun when it died or lost its wire, and what another asks for in between: the others see it through."""

import threading
import unittest

from redis_case import HOST, Redis_case, wait_for

from tcp_proxy import TcpProxy

LATENCY = 0.05     # seconds each way, so that there is something between two steps
FINISHED_IN = 10
OTHER_OPTIONS = [{"id": i, "label": f"Other {i}"} for i in "xyz"]


class Unfinished(Redis_case):
    def setUp(self):
        super().setUp()
        self.store = self.redis()
        self.wire = TcpProxy(("127.0.0.1", self.store.server.port))
        self.wire.__enter__()
        self.addCleanup(self.wire.__exit__)
        self.slow, self.other = self.node(f"redis://127.0.0.1:{self.wire.port}"), self.node(self.store)
        event = self.other.event()
        self.event, self.code = event["id"], event["code"]
        self.poll = self.other.poll(self.event)["id"]
        self.voter = self.other.token(self.code)
        wait_for(lambda: self.slow.call("GET", f"/v1/polls/{self.poll}", key=HOST).status == 200, "the poll everywhere")

    def in_slice(self, field):
        with self.store.server.link() as link:
            (meta, ) = link.ask("KEYS", f"*:{self.poll}:*:meta")
            return link.ask("HGET", meta, field)

    def begin(self, method, path, body):
        """Asks the node whose wire is slow; the answer comes into a list, if it comes."""
        answers = []

        def ask():
            try:
                answers.append(self.slow.call(method, path, body, HOST))
            except OSError:
                pass

        self.wire.latency = LATENCY
        asking = threading.Thread(target=ask)
        asking.start()
        self.addCleanup(asking.join)
        return asking, answers

    def hold(self):
        """The options are about to change: ballots are held, and nothing is written yet."""
        begun = self.begin("PATCH", f"/v1/polls/{self.poll}", {"options": OTHER_OPTIONS})
        wait_for(lambda: self.in_slice("hold") == "1", "the hold")
        return begun

    def test_ballots_that_a_dead_node_held_are_taken(self):
        self.hold()
        self.slow.kill()
        self.is_taken()

    def test_ballots_that_a_node_without_a_wire_held_are_taken(self):
        asking, answers = self.hold()
        self.wire.silent = True
        self.is_taken()
        self.wire.silent = False
        asking.join()
        self.assertEqual(answers[0].status, 503)
        poll = self.other.call("GET", f"/v1/polls/{self.poll}", key=HOST).json
        self.assertEqual([option["id"] for option in poll["options"]], ["a", "b", "c"])

    def is_taken(self):
        said = wait_for(lambda: (one := self.other.vote(self.poll, ["b"], self.voter)).status == 200 and one,
                        "a ballot taken", FINISHED_IN)
        self.assertEqual(said.json["status"], "counted")
        self.assertEqual([option["votes"] for option in self.other.results(self.poll)["options"]], [0, 1, 0])

    def test_no_ballot_slips_in_while_its_meaning_changes(self):
        asking, answers = self.hold()
        self.other.step(self.poll, "open")
        said = self.other.vote(self.poll, ["b"], self.voter)
        asking.join()
        self.assertEqual(answers[0].status, 200)
        self.assertNotEqual(said.status, 200)
        self.assertEqual(self.other.results(self.poll)["voters"], 0)
        self.assertEqual(self.other.vote(self.poll, ["y"], self.voter).json["status"], "counted")

    def test_a_close_is_finished(self):
        self.other.vote(self.poll, ["a"], self.voter)
        self.begin("POST", f"/v1/polls/{self.poll}/close", {})
        wait_for(lambda: self.other.call("GET", f"/v1/polls/{self.poll}", key=HOST).json["status"] == "closed",
                 "the close in the catalog")
        self.slow.kill()
        self.assertEqual(self.in_slice("st"), "o")
        results = wait_for(lambda: (one := self.other.results(self.poll))["final"] and one, "final results", FINISHED_IN)
        self.assertEqual(results["voters"], 1)


class A_version(Redis_case):
    def test_never_falls_over_resets_by_another_node(self):
        self.store = self.redis()
        nodes = self.nodes(self.store, 2, "--store-slices", "16")
        event = nodes[0].event()
        poll = nodes[0].poll(event["id"])["id"]
        tokens = [nodes[0].token(event["code"]) for _ in range(10)]
        done, seen = threading.Event(), []

        def watch():
            with nodes[1].client() as client:
                while not done.is_set():
                    answer = client.call("GET", f"/v1/polls/{poll}/results", key=HOST)
                    if answer.status == 200:
                        seen.append((answer.json["version"], answer.json["round"], answer.json["voters"]))

        watching = threading.Thread(target=watch)
        watching.start()
        self.addCleanup(watching.join)
        self.addCleanup(done.set)
        for _ in range(15):
            for token in tokens:
                nodes[0].vote(poll, ["a"], token)
            for step in ("close", "reset", "open"):
                nodes[0].step(poll, step)
        wait_for(lambda: seen and seen[-1][1] == 16, "the last round being seen", 10)
        done.set()
        watching.join()
        self.assertEqual(nodes[1].results(poll)["round"], 16)
        self.assertEqual([pair for pair in zip(seen, seen[1:]) if pair[1][0] < pair[0][0]], [])


if __name__ == "__main__":
    unittest.main()
