#!/usr/bin/env python3
"""deploy/edge: what nginx keeps for a second reaches the node seldom, never steps back, and is nobody's own."""

import getpass
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import yaml

import node
from dashboards_test import ROOT, program
from node import PATIENCE

sys.path.append(str(ROOT / "tools"))
from cluster_parts import proxies  # noqa: E402
from cluster_parts.processes import free_ports  # noqa: E402

EDGE = ROOT / "deploy" / "edge"
SECONDS = 4
READS = "tallycast_results_requests_total"


class Edge(proxies.Nginx):
    kind = "edge"
    file = EDGE / "nginx.conf"

    def configuration(self):
        text, found = re.subn("proxy_cache_path [^ ]+", f"proxy_cache_path {self.folder}/kept", super().configuration())
        assert found == 1
        # A folder of a test is its user's alone, and nginx gives up being root otherwise.
        return f"user {getpass.getuser()};\n{text}" if os.geteuid() == 0 else text


class Behind:
    """The node as a proxy of the tools knows it."""

    def __init__(self, of):
        self.name, self.address, self.port, self.operations_port = "node", of.address, of.port, of.operations


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.node = node.Node("--trusted-proxies", "127.0.0.1").start()
        self.addCleanup(self.node.remove)
        (self.port,) = free_ports(1)
        self.edge = Edge(pathlib.Path(folder.name), ("127.0.0.1", self.port), [Behind(self.node)])
        self.addCleanup(self.edge.stop)
        self.edge.start()
        self.event = self.node.event()
        self.poll = self.node.poll(self.event["id"])["id"]
        self.path = f"/v1/polls/{self.poll}/results"

    def get(self, path, key=None, **fields):
        with node.Client(self.port) as client:
            return client.call("GET", path, key=key, fields={k.replace("_", "-"): v for k, v in fields.items()})


class Load(Case):
    def test_thousands_of_reads_reach_the_node_at_most_twice_a_second_and_never_step_back(self):
        over, seen = threading.Event(), []

        def vote():
            while not over.is_set():
                self.node.vote(self.poll, ["a"], self.node.token(self.event["code"]))

        def watch():
            with node.Client(self.port) as client:
                while not over.is_set():
                    seen.append(client.call("GET", self.path).json["version"])
        threads = [threading.Thread(target=work, daemon=True) for work in (vote, watch)]
        before, begun = self.node.metric(READS), time.monotonic()
        for thread in threads:
            thread.start()
        try:
            asked = self.crowd()
        finally:
            over.set()
            for thread in threads:
                thread.join(PATIENCE)
        reached, took = self.node.metric(READS) - before, time.monotonic() - begun
        print(f"{asked + len(seen)} reads in {took:.1f} s, of which {reached:.0f} reached the node")
        self.assertLessEqual(reached, 2 * took)
        self.assertGreaterEqual(reached, 2, "what is kept is renewed")
        self.assertGreater(asked, 100 * reached)
        self.assertEqual(seen, sorted(seen), "no version steps back")
        self.assertGreater(seen[-1], seen[0], "votes are seen through the edge")

    def crowd(self):
        """How many reads were answered, all of them with a result."""
        ran = subprocess.run([program("wrk"), "-t1", "-c32", f"-d{SECONDS}s", f"http://127.0.0.1:{self.port}{self.path}"],
                             capture_output=True, text=True, timeout=PATIENCE + SECONDS, check=True)
        self.assertNotIn("Non-2xx", ran.stdout)
        return int(re.search(r"(\d+) requests in", ran.stdout).group(1))


class Replies(Case):
    def reaches_the_node(self, *arguments, **fields):
        before = self.node.metric(READS)
        reply = self.get(*arguments, **fields)
        self.assertEqual(reply.status, 200, reply)
        return self.node.metric(READS) > before, reply

    def test_what_is_somebodys_own_is_asked_of_the_node_and_kept_for_nobody(self):
        token = self.node.token(self.event["code"])
        ways = [{"key": token}, {"key": node.HOST}, {"Cookie": f"tallycast_voter={token}"}]
        for way in ways + ways:
            reached, reply = self.reaches_the_node(self.path, **way)
            self.assertTrue(reached, way)
            self.assertEqual(reply.fields["X-Cache"], "BYPASS")
            self.assertIn("private", reply.fields["Cache-Control"])

    def test_results_for_those_who_voted_are_not_shown_to_others(self):
        hidden = self.node.poll(self.event["id"], results="after_vote")["id"]
        path, token = f"/v1/polls/{hidden}/results", self.node.token(self.event["code"])
        self.node.vote(hidden, ["a"], token)
        self.assertEqual(self.get(path, token).json["options"][0]["votes"], 1)
        stranger = self.get(path)
        self.assertNotIn("votes", (stranger.json.get("options") or [{}])[0], stranger)

    def test_refusals_and_votes_are_kept_for_nobody(self):
        for _ in range(2):
            with node.Client(self.port) as client:
                for asked in (client.call("GET", "/v1/polls/none/results"), client.vote(self.poll, ["a"], None),
                              client.call("POST", "/v1/join", {"code": self.event["code"]})):
                    self.assertEqual(asked.fields["Cache-Control"], "no-store", asked)
                    self.assertNotIn(asked.fields.get("X-Cache"), ("HIT", "STALE", "UPDATING"))

    def test_cookies_of_others_and_validators_are_answered_at_the_edge(self):
        first = self.get(self.path)
        asked = [self.get(self.path, Cookie=f"measuring={i}") for i in range(20)]
        self.assertIn("HIT", [reply.fields["X-Cache"] for reply in asked])
        before = self.node.metric(READS)
        unchanged = [self.get(self.path, If_None_Match=first.fields["ETag"]).status for _ in range(20)]
        self.assertEqual(set(unchanged), {304})
        self.assertLess(self.node.metric(READS) - before, 20)

    def test_what_was_shown_last_stays_while_no_node_answers(self):
        shown = self.get(self.path).json
        self.node.kill()
        stale = node.wait_for(lambda: (r := self.get(self.path)).fields["X-Cache"] == "STALE" and r, "it gets old")
        self.assertEqual((stale.status, stale.json), (200, shown))

    def test_an_event_stream_comes_through_as_it_is_written(self):
        with node.Raw(self.port) as stream:
            stream.send(f"GET /v1/events/{self.event['id']}/stream HTTP/1.1\r\nHost: here\r\n\r\n".encode())
            stream.until(lambda got: b'"version":1' in got, "the results at the start")
            self.node.vote(self.poll, ["b"], self.node.token(self.event["code"]))
            stream.until(lambda got: b'"version":2' in got, "the vote")


class Examples(unittest.TestCase):
    """What cannot be run here is at least read: it fits the files that are run, and the node's own answers."""

    kong = yaml.safe_load((EDGE / "kong.yaml").read_text(encoding="utf-8"))
    traefik = yaml.safe_load((EDGE / "traefik.yaml").read_text(encoding="utf-8"))["http"]

    def test_all_send_to_the_same_nodes(self):
        haproxy = (ROOT / "deploy/haproxy/tallycast.cfg").read_text(encoding="utf-8")
        nodes = re.findall(r"server \S+ (\S+) check port 8081", haproxy)
        (upstream,) = self.kong["upstreams"]
        self.assertEqual([t["target"] for t in upstream["targets"]], nodes)
        balancer = self.traefik["services"]["tallycast"]["loadBalancer"]
        self.assertEqual([s["url"] for s in balancer["servers"]], [f"http://{n}" for n in nodes])
        self.assertEqual((balancer["healthCheck"]["path"], balancer["healthCheck"]["port"]), ("/readyz", 8081))

    def test_names_within_them_lead_somewhere(self):
        (service,) = self.kong["services"]
        self.assertEqual(service["host"], self.kong["upstreams"][0]["name"])
        (router,) = self.traefik["routers"].values()
        self.assertIn(router["service"], self.traefik["services"])
        self.assertLessEqual(set(router["middlewares"]), set(self.traefik["middlewares"]))
        self.assertIn(self.traefik["services"]["tallycast"]["loadBalancer"]["serversTransport"],
                      self.traefik["serversTransports"])
        static = yaml.safe_load((EDGE / "traefik_static.yaml").read_text(encoding="utf-8"))
        self.assertLessEqual(set(router["entryPoints"]), set(static["entryPoints"]))
        self.assertEqual(static["entryPoints"]["public"]["transport"]["respondingTimeouts"]["writeTimeout"], "0s")

    def test_they_wait_longer_than_nodes_are_silent(self):
        (service,) = self.kong["services"]
        self.assertGreater(min(service["read_timeout"], service["write_timeout"]), 25000)

    def test_what_is_kept_is_what_the_node_calls_public(self):
        kept = self.kong["services"][0]["routes"][1]
        nginx = re.search(r"location ~ (\S+) \{", (EDGE / "nginx.conf").read_text(encoding="utf-8")).group(1)
        with node.Node() as running:
            event = running.event()
            poll = running.poll(event["id"])["id"]
            for path in (f"/v1/polls/{poll}/results", f"/v1/events/{event['id']}", f"/v1/polls/{poll}/ledger",
                         f"/v1/polls/{poll}/votes/mine", "/v1/events", "/v1/join", "/"):
                public = (running.call("GET", path).fields["Cache-Control"] or "").startswith("public, max-age=1,")
                self.assertEqual(bool(re.search(nginx, path)), public, path)
                self.assertEqual(any(re.search(f"^{p.removeprefix('~')}", path) for p in kept["paths"]), public, path)
        (plugin,) = kept["plugins"]
        self.assertTrue(plugin["config"]["cache_control"])
        self.assertEqual(plugin["config"]["vary_headers"], ["Authorization", "Cookie", "Origin"])


if __name__ == "__main__":
    unittest.main()
