"""Nodes, links, libraries and the only server die under load. A crowd keeps the ledger: what was acknowledged is
counted, what is counted was cast, nobody twice."""

import contextlib
import json
import random
import signal
import threading
import time
import unittest

from redis_case import HOST, LONG, Redis_case, wait_for

from cluster_parts.resp import Refusal
from node import Client, together
from reply_proxy import ReplyProxy

VOTERS = 500_000 if LONG else 8000
RATE = 8000 if LONG else 2500


class Node_killed(Redis_case):
    def test_vote_counted_without_an_answer_has_the_same_receipt_on_another_node(self):
        """The server has counted; the node dies before it can say so."""
        store = self.redis()
        with ReplyProxy((store.server.address, store.server.port)) as wire:
            doomed = self.node(f"redis://127.0.0.1:{wire.port}")
            other = self.node(store)
            event = other.event()
            poll = other.poll(event["id"])["id"]
            voters = [other.join(event["code"])["voter"] for _ in range(5)]
            self.assertEqual(doomed.vote(poll, ["a"], voters[0]["token"]).json["status"], "counted")
            for voter in voters[1:]:
                reached = threading.Event()

                def hold(words, reached=reached):
                    """The server does it; its answer never leaves."""
                    if words[0].upper() == b"FCALL" and words[1].endswith(b"_cast"):
                        reached.set()
                        return b""
                    return None

                wire.afterwards = hold
                with Client(doomed.port) as client:
                    client.wire.connect()
                    body = json.dumps({"choices": ["a"]})
                    client.wire.request("POST", f"/v1/polls/{poll}/votes", body, {
                        "Content-Type": "application/json", "Authorization": f"Bearer {voter['token']}",
                        "Idempotency-Key": "one"})
                    self.assertTrue(reached.wait(10), "the vote did not reach the server")
                    doomed.kill()
                wire.afterwards = lambda words: None
                known = wait_for(lambda: other.results(poll)["voters"], "the count")
                again = other.vote(poll, ["a"], voter["token"], "one")
                self.assertEqual((again.status, again.json["status"]), (200, "replayed"), again)
                self.assertEqual(other.vote(poll, ["a"], voter["token"], "one").json["receipt"], again.json["receipt"])
                wait_for(lambda: other.results(poll)["voters"] >= known, "results that do not step back")
                doomed.start()
            self.stands_behind(other, poll, {voter["number"]: "a" for voter in voters})

    def test_nodes_killed_under_load_lose_and_double_nothing(self):
        self.store = self.redis()
        nodes = self.nodes(self.store, 3)
        crowd = self.crowd(nodes, VOTERS, rate=RATE)
        for kill in range(1, 4):
            crowd.wait_until_voted(0.12)  # since the nodes that run were started
            victim = nodes[kill % 3]
            victim.kill()
            victim.start()
        crowd.report()


class Store_shaken(Redis_case):
    """One server, two nodes, a crowd; and something that happens to the server again and again."""

    def setUp(self):
        super().setUp()
        self.store = self.redis()
        self.server = self.store.server
        self.two = self.nodes(self.store, 2)

    def shaken(self, shake, least):
        """The whole crowd votes while the server is shaken; at least so many times."""
        crowd = self.crowd(self.two, VOTERS, rate=RATE)
        crowd.wait_until_voted(0.05)
        times = 0
        while crowd.under_way():
            with contextlib.suppress(OSError, Refusal):
                shake()
                times += 1
            crowd_is_over = threading.Event()
            crowd_is_over.wait(0.1)
        report = crowd.report()
        self.assertGreaterEqual(times, least)
        return report

    def test_functions_and_scripts_flushed_every_100_ms_go_unnoticed(self):
        def flush():
            self.server.ask("FUNCTION", "FLUSH", "ASYNC")
            self.server.ask("SCRIPT", "FLUSH", "ASYNC")

        report = self.shaken(flush, 10)
        self.assertEqual(set(report["votes"]["statuses"]), {"200"}, "somebody noticed")

    def test_all_links_killed_again_and_again(self):
        def kill():
            for kind in ("normal", "pubsub"):
                self.server.ask("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")

        self.shaken(kill, 10)

    def test_server_killed_and_started_from_its_file(self):
        crowd = self.crowd(self.two, VOTERS, rate=RATE)
        for share in (0.2, 0.45, 0.7):
            crowd.wait_until_voted(share)
            self.server.kill()
            self.server.start()
        crowd.report()

    def test_server_full_under_load(self):
        crowd = self.crowd(self.two, VOTERS, rate=RATE)
        crowd.wait_until_voted(0.2)
        self.server.set("maxmemory", 1)
        wait_for(lambda: self.store_refusals() > 20, "refused votes", 10)
        self.server.set("maxmemory", 0)
        crowd.report()

    def store_refusals(self):
        return sum(node.metric("tallycast_votes_rejected_total", 'reason="store"') for node in self.two)


class Export_from_a_silent_server(Redis_case):
    def test_is_refused_in_words_and_whole_once_the_server_is_back(self):
        store = self.redis()
        node = self.node(store)
        event = node.event()
        poll = node.poll(event["id"])["id"]
        voter = node.join(event["code"])["voter"]
        self.assertEqual(node.vote(poll, ["a"], voter["token"]).json["status"], "counted")
        path = f"/v1/polls/{poll}/export?format=csv"
        store.server.pause()
        try:
            reply = node.call("GET", path, key=HOST)
            self.assertEqual((reply.status, reply.code), (503, "store_unavailable"))
        finally:
            store.server.resume()
        wait_for(lambda: node.call("GET", path, key=HOST).status == 200, "the export")
        self.stands_behind(node, poll, {voter["number"]: "a"})


class Metrics_of_the_link(Redis_case):
    def test_count_links_commands_failures_and_round_trips(self):
        store = self.redis()
        node = self.node(store)
        event = node.event()
        poll = node.poll(event["id"])["id"]

        def metric(name):
            return node.metric(f"tallycast_store_{name}")

        before = {name: metric(name) for name in ("links_total", "commands_total", "round_trip_seconds_count")}
        self.assertGreater(before["links_total"], 0)
        token = node.token(event["code"])
        self.assertEqual(node.vote(poll, ["a"], token).status, 200)
        self.assertGreater(metric("commands_total"), before["commands_total"])
        self.assertGreater(metric("round_trip_seconds_count"), before["round_trip_seconds_count"])
        store.server.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        wait_for(lambda: metric("links_total") > before["links_total"], "a new link")
        failed = metric("calls_failed_total")
        store.server.pause()
        try:
            self.assertEqual(node.vote(poll, ["a"], token).status, 503)
            self.assertGreater(metric("calls_failed_total"), failed)
        finally:
            store.server.resume()
        wait_for(lambda: metric("queue") == 0, "an empty queue")


class Server_that_forgot(Redis_case):
    """It was killed and came back as it was a moment ago: it has forgotten which numbers it gave."""

    def test_gives_no_number_twice_that_a_living_node_knows(self):
        store = self.redis(settings={"appendonly": "no", "save": '""'})
        a, b = self.nodes(store, 2)
        event = a.event()
        poll = a.poll(event["id"])["id"]
        store.server.ask("SAVE")
        first = [a.join(event["code"])["voter"] for _ in range(20)]
        for voter in first:
            self.assertEqual(a.vote(poll, ["a"], voter["token"]).status, 200)
        store.server.kill()
        a.signal(signal.SIGSTOP)  # it is slow to hear of it
        store.server.start()
        c = self.node(store)      # and this one has never heard of another
        threading.Timer(1, a.signal, (signal.SIGCONT, )).start()
        second = [voter["voter"] for voter in together(8, lambda i: (b, c)[i % 2].join(event["code"]))]
        numbers = [voter["number"] for voter in first + second]
        self.assertEqual(len(set(numbers)), len(numbers), numbers)
        for voter in second:
            self.assertEqual(b.vote(poll, ["b"], voter["token"]).status, 200)
        wait_for(lambda: a.results(poll)["voters"] == len(numbers), "all votes")


class Results_under_faults(Redis_case):
    def test_live_results_never_step_back_on_any_node(self):
        """Versions and counts as each node tells them, asked all the time while links and nodes die."""
        store = self.redis()
        nodes = self.nodes(store, 3)
        event = nodes[0].event()
        poll = nodes[0].poll(event["id"])["id"]
        over, steps = threading.Event(), {node: [] for node in nodes}

        def watch(node):
            seen = (0, 0)
            while not over.is_set():
                with contextlib.suppress(Exception):  # a node that is just dead tells nothing
                    told = node.results(poll)
                    now = (told["version"], told["voters"])
                    if now < seen or now[1] < seen[1]:
                        steps[node].append((seen, now))
                    seen = max(seen, now)

        watchers = [threading.Thread(target=watch, args=(node, ), daemon=True) for node in nodes]
        for watcher in watchers:
            watcher.start()
        ballots, random_ = {}, random.Random(1)
        ends = time.monotonic() + (60 if LONG else 5)
        shaken = 0
        while time.monotonic() < ends:
            voter = self.insist(nodes, lambda node: node.join(event["code"])["voter"])
            choice = random_.choice("abc")
            self.insist(nodes, lambda node: self.voted(node, poll, choice, voter["token"]))
            ballots[voter["number"]] = choice
            if len(ballots) % 40 == 0:
                store.server.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                shaken += 1
            if len(ballots) % 150 == 0:
                victim = nodes[shaken % 3]
                victim.kill()
                victim.start()
        over.set()
        for watcher in watchers:
            watcher.join(30)
        self.assertEqual([back for node in nodes for back in steps[node]], [])
        self.assertGreater(shaken, 1)
        for node in nodes:
            wait_for(lambda: node.results(poll)["voters"] == len(ballots), "the last vote in the results", 5)
            self.stands_behind(node, poll, ballots)

    def voted(self, node, poll, choice, token):
        reply = node.vote(poll, [choice], token, "one")
        if reply.status != 200:
            raise AssertionError(reply)
        return reply

    def insist(self, nodes, work):
        """As a client does: on one node after another until one answers."""
        for node in random.sample(nodes, 3) * 20:
            with contextlib.suppress(OSError, AssertionError, Exception):
                return work(node)
            threading.Event().wait(0.05)
        raise AssertionError("no node answers")


if __name__ == "__main__":
    unittest.main()
