"""Votes over HTTP: what one costs a node, its peers and Redis.

Everybody is sent the same kind of request: token, idempotency key, body; each vote is its voter's first.
"""

import re
import subprocess

from cluster_parts.nodes import Keys, called
from cluster_parts.processes import Trouble
from cluster_parts.redis_servers import Standalone
from lab_parts.rounds import Absent, Figure
from lab_parts.servers import Nginx, NodePeer, program, start_nodes

TITLE = "Votes over HTTP"
FIGURES = [
    Figure("votes a CPU second of the node, Redis store ÷ nginx `return 204`",
           ("nginx 204", "cpu_us"), ("node on Redis", "cpu_us"), 0.65, 0.80),
    Figure("votes a CPU second of the node, embedded store, `async` ÷ nginx `return 204`",
           ("nginx 204", "cpu_us"), ("node, embedded", "cpu_us"), 0.5, 0.8),
    Figure("votes a CPU second of the node, Redis store ÷ fastify + ioredis",
           ("fastify + ioredis", "cpu_us"), ("node on Redis", "cpu_us"), 4, 6),
    Figure("CPU of Redis for SADD + HINCRBY at depth 64 ÷ for a vote of one node",
           ("SADD + HINCRBY", "redis_cpu_us"), ("node on Redis", "redis_cpu_us"), 0.6, 1.0),
    Figure("CPU of Redis for SADD + HINCRBY at depth 64 ÷ for a vote of four nodes",
           ("SADD + HINCRBY", "redis_cpu_us"), ("4 nodes on Redis", "redis_cpu_us")),
    Figure("votes a group, one node", ("node on Redis", "votes_a_group")),
    Figure("votes a group, four nodes", ("4 nodes on Redis", "votes_a_group"), None, 12, 24),
    Figure("votes a CPU second of nodes and Redis, four nodes ÷ one",
           ("node on Redis", "total_cpu_us"), ("4 nodes on Redis", "total_cpu_us"), 0.85, 0.95),
]
COSTS = [("cpu_us", "server, µs a vote"), ("join_cpu_us", "µs a join"), ("redis_cpu_us", "Redis, µs a vote"), ("per_second", "a second"),
         ("p99_ms", "p99, ms"), ("client_busy", "client's core")]


class Voted:
    """A contestant who is sent files of requests. `processes` and `redis` are those whose CPU counts."""

    counts = True  # answers that a vote was counted

    def __init__(self, name, lab):
        self.name, self.lab = name, lab
        self.folder = lab.folder / re.sub(r"\W+", "-", name)
        self.redis = []
        self.connections = lab.connections

    def cpu(self, processes):
        return sum(each.cpu_seconds() for each in processes)

    def run(self, number):
        server, store = self.cpu(self.processes), self.cpu(self.redis)
        told = self.lab.generator.run("votes", *[word for url in self.urls for word in ("--target", url)],
                                      "--connections", self.connections, "--replay", self.files[number])
        votes = told["settled"]
        if self.counts and told["counted"] != self.lab.votes:
            raise Trouble(f"{self.name}: {told['counted']} votes counted, {self.lab.votes} sent")
        figures = {"cpu_us": (self.cpu(self.processes) - server) / votes * 1e6,
                   "redis_cpu_us": (self.cpu(self.redis) - store) / votes * 1e6,
                   "per_second": told["per_second"], "p99_ms": told["latency_ms"]["p99"],
                   "client_busy": told["client_cpu_s"] / told["elapsed_s"]}
        figures["total_cpu_us"] = figures["cpu_us"] + figures["redis_cpu_us"]
        return figures


class Nodes(Voted):
    """One node or several, on the embedded store or on a Redis of their own."""

    def __init__(self, name, lab, count=1, on_redis=True):
        super().__init__(name, lab)
        self.count = count
        self.connections = count * lab.connections  # more nodes are there for more people
        self.store = Standalone(self.folder / "redis") if on_redis else None
        self.keys = Keys(self.folder / "keys")
        self.processes = []

    def start(self, runs):
        self.keys.make()
        options = ["--store", "embedded", "--data-dir", self.folder / "data"]
        if self.store:
            program("redis-server")
            self.store.start()
            self.redis = self.store.primaries()
            options = ["--store", self.store.url()]
        self.processes = start_nodes(self.count, self.folder, self.lab.binary, self.keys, options)
        self.urls = [node.url() for node in self.processes]
        before = self.cpu(self.processes)
        self.files = self.lab.generator.prepare(self.urls, self.keys.files["host"], runs, self.lab.votes,
                                                self.folder / "requests")
        self.join_cpu_us = (self.cpu(self.processes) - before) / runs / self.lab.votes * 1e6

    def groups(self):
        texts = [called(n.address, n.operations_port, "GET", "/metrics")[1].decode() for n in self.processes]
        return sum(float(re.search(r"(?m)^tallycast_store_groups_total (\S+)", text).group(1)) for text in texts)

    def run(self, number):
        before = self.groups()
        figures = super().run(number)
        figures["join_cpu_us"] = self.join_cpu_us
        figures["votes_a_group"] = self.lab.votes / max(1, self.groups() - before)
        return figures

    def stop(self):
        for node in self.processes:
            node.stop()
        if self.store:
            self.store.stop()


class Unvoted(Voted):
    """nginx, sent what the embedded node is sent."""

    counts = False

    def __init__(self, lab, model):
        super().__init__("nginx 204", lab)
        self.model = model
        self.processes = [Nginx("nginx", self.folder)]

    def start(self, _):
        self.processes[0].start()
        self.urls = [self.processes[0].url()]
        self.files = self.model.files

    def stop(self):
        self.processes[0].stop()


class Fastify(Voted):
    """The same route in Node, on a Redis of its own; sent what the node on Redis is sent, with the same token key."""

    def __init__(self, lab, model):
        super().__init__("fastify + ioredis", lab)
        self.model = model
        self.store = Standalone(self.folder / "redis")
        self.server = NodePeer("fastify", self.folder)
        self.processes = [self.server]

    def start(self, _):
        if not getattr(self.model, "files", None):
            raise Absent(f"{self.model.name} did not start")
        self.store.start()
        self.redis = self.store.primaries()
        self.urls, self.files = [self.server.url()], self.model.files
        with self.files[0].open("rb") as requests:
            head = requests.readline()
            poll = re.search(rb"/v1/polls/([^/]+)/votes", requests.read(int(head))).group(1).decode()
        node = self.model.processes[0]
        event = called(node.address, node.port, "GET", f"/v1/polls/{poll}", key=self.model.keys.read("host"))[1]["event"]
        self.store.server.ask("HSET", f"{{{poll}}}:poll", "status", "open", "event", event, "options", "a,b,c,d")
        key_id, _, key = self.model.keys.read("token").partition(":")
        self.server.start(self.lab.installs, "fastify_votes.mjs", self.store.server.port, key_id, key)

    def stop(self):
        self.server.stop()
        self.store.stop()


class Commands:
    """SADD and HINCRBY from redis-benchmark: what remembering a voter and counting cost when nothing is decided."""

    name = "SADD + HINCRBY"
    depth = 64

    def __init__(self, lab):
        self.lab = lab
        self.store = Standalone(lab.folder / "commands")

    def start(self, _):
        self.benchmark = program("redis-benchmark")
        self.store.start()

    def run(self, number):
        server = self.store.server
        voters, tally = f"{{poll}}voters:{number}", f"{{poll}}tally:{number}"
        before = server.cpu_seconds()
        for words in (("SADD", voters, "__rand_int__"), ("HINCRBY", tally, "a", "1")):
            subprocess.run([self.benchmark, "-p", str(server.port), "-c", "16", "-n", str(self.lab.votes), "-P",
                            str(self.depth), "-r", "2000000000", "-q", *words], check=True, capture_output=True)
        cpu = server.cpu_seconds() - before
        if int(server.ask("HGET", tally, "a")) < self.lab.votes:
            raise Trouble("redis-benchmark sent fewer commands than it was asked to")
        server.ask("UNLINK", voters, tally)
        return {"redis_cpu_us": cpu / self.lab.votes * 1e6}

    def stop(self):
        self.store.stop()


def contestants(lab):
    embedded = Nodes("node, embedded", lab, on_redis=False)
    on_redis = Nodes("node on Redis", lab)
    return [embedded, on_redis, Nodes("4 nodes on Redis", lab, count=4), Unvoted(lab, embedded),
            Fastify(lab, on_redis), Commands(lab)]
