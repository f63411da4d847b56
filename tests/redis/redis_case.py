"""What the tests of many nodes share: servers, nodes and a crowd, started here and ended by their own ids.

A crowd is `tallycast bench`: it keeps a ledger of every ballot and every answer, tells unknown from refused, and
compares in the end. Logs of every run are kept in the build folder; when a test fails their ends are shown.
"""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / path) for path in ("tools", "tests/support", "tests/e2e")]

from cluster_parts.processes import free_ports, wait_for  # noqa: E402, F401
from cluster_parts.redis_servers import Standalone  # noqa: E402
from node import HOST, Node, program  # noqa: E402
from recount import recounted  # noqa: E402

LONG = os.environ.get("TALLYCAST_LONG") == "1"  # tools/check --deep: many and large runs
LEVELS = os.environ.get("TALLYCAST_LEVELS", "async,replicated" if LONG else "auto").split(",")
TOKEN_KEYS = f"k1:{bytes(range(32)).hex()}"
HOUR = 3600.0
KEPT = pathlib.Path(os.environ.get("TALLYCAST_BUILD_DIR", tempfile.gettempdir()), "logs", "redis")


def of_every_day_or_long(name, every_day, long):
    """A measure of a test, which TALLYCAST_<name> in the environment may say otherwise."""
    return int(os.environ.get(f"TALLYCAST_{name}", long if LONG else every_day))


def clock_off_by(seconds):
    """The environment of a process whose wall clock is wrong, and whose steady clock is not."""
    (library,) = pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
    return {"LD_PRELOAD": str(library), "FAKETIME": f"{seconds:+.0f}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


class Crowd:
    """Voters of one new poll on some nodes, under way in a process of their own."""

    def __init__(self, case, nodes, voters, rate=None, settle=0, repeat=0.1, prefix=(), options=()):
        self.case, self.nodes, self.voters = case, nodes, voters
        self.folder = case.new_folder()
        targets = [word for node in nodes for word in ("--target", f"http://{node.address}:{node.port}")]
        command = [*prefix, program(), "bench", *targets, "--host-key", HOST, "--voters", voters, "--repeat", repeat,
                   "--connections", 48, "--settle", settle, "--json", self.folder / "report.json",
                   "--book", self.folder / "book.csv", "--i-own-this-target",
                   *(["--rate", rate, "--tolerate-lag"] if rate else []), *options]
        self.log = self.folder / "crowd.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        case.addCleanup(self.end)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def under_way(self):
        """False when it has finished or failed."""
        return self.process.poll() is None

    def counted(self):
        """Ballots that nodes which run have accepted since they started."""
        sums = 0
        for node in filter(Node.alive, self.nodes):
            with contextlib.suppress(OSError):
                sums += node.metric("tallycast_votes_total")
        return sums

    def wait_until_voted(self, share):
        """Until this share of the voters has been counted. The crowd must still be at it: a fault that comes after
        the last vote tests nothing."""
        wait_for(lambda: self.counted() >= share * self.voters or not self.under_way(), "votes before the fault", 120)
        if not self.under_way():
            raise AssertionError(f"the crowd is through before the fault:\n{self.log.read_text()}")

    def report(self, patience=300):
        """What came of it; every check of its ledger held, and two recounts in Redis come to the same."""
        code = self.process.wait(patience)
        if code != 0:
            raise AssertionError(f"the crowd ended with {code}:\n{self.log.read_text()}")
        report = json.loads((self.folder / "report.json").read_text())
        tally = recounted(self.case.store.primaries(), report["poll"])
        self.case.assertEqual(tally["n"], report["counted"])
        return report


    def lost(self, patience=300):
        """How many voters have an acknowledged ballot that is not in the end, whatever else came of it."""
        self.process.wait(patience)
        checks = json.loads((self.folder / "report.json").read_text())["checks"]
        (found, ) = [check for check in checks if check["claim"] == "every acknowledged voter is in the export"]
        return int(found["detail"] or 0)


class Redis_case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.kept = KEPT / self.id().removeprefix("__main__.")
        shutil.rmtree(self.kept, ignore_errors=True)
        self.kept.mkdir(parents=True)

    def each(self, of, once):
        """once(*measures) for each of them, with servers and nodes that end with it: many at once would be too much."""
        for run, measures in enumerate(of, 1):
            with self.subTest(run=run, measures=measures):
                once(*measures)
            self.doCleanups()

    def new_folder(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="tallycast-redis-"))
        self.addCleanup(self.keep_logs, folder)
        return folder

    def redis(self, kind=Standalone, **settings):
        made = kind(self.new_folder(), **settings)
        self.addCleanup(made.stop)
        made.start()
        return made

    def node(self, redis, *options, start=True, **named):
        """One more node on this store: a topology, or an address of a store."""
        store = redis if isinstance(redis, str) else redis.url()
        node = Node("--token-keys", TOKEN_KEYS, *options, store=store, **named)
        self.addCleanup(self.remove, node)
        return node.start() if start else node

    def remove(self, node):
        if node.alive():
            node.kill()
        self.keep_logs(node.folder)

    def nodes(self, redis, count, *options):
        made = [self.node(redis, *options, start=False).spawn() for _ in range(count)]
        for node in made:
            wait_for(node.is_ready, "the nodes getting ready")
        return made

    def crowd(self, nodes, voters, **named):
        return Crowd(self, nodes, voters, **named)

    def back_while_it_is_replaced(self, old, servers):
        """Freezes a primary until one of its two replicas is promoted, and until the other one leaves it, too."""
        def followers():
            return [server for server in servers
                    if server is not old and server.info("replication").get("master_port") == str(old.port)]

        replicas = followers()
        self.assertEqual(len(replicas), 2)
        old.pause()
        wait_for(lambda: any(replica.role() == "master" for replica in replicas), "one being promoted", 30)
        old.resume()
        wait_for(lambda: not followers(), "the other one being told", 30)

    def keep_logs(self, folder):
        failed = not getattr(getattr(self, "_outcome", None), "success", True)
        for log in folder.rglob("*"):
            if failed and log.suffix == ".csv":  # the crowd's book: who was told what
                shutil.copy(log, self.kept / f"{folder.name}-{log.name}")
            if log.is_file() and (log.suffix == ".log" or log.name.startswith(("log-", "out-"))):
                shutil.copy(log, self.kept / f"{folder.name}-{log.name}")
                if failed and log.stat().st_size:
                    tail = log.read_text(errors="replace").splitlines()[-15:]
                    print(f"--- the end of {log.name} ({self.kept})", *tail, sep="\n", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)

    def stands_behind(self, node, poll, ballots):
        """Results, ledger and export of this node are these ballots (voter's number to choice) and no others."""
        rows = node.call("GET", f"/v1/polls/{poll}/export?format=csv", key=HOST).raw.decode().splitlines()[1:]
        kept = {int(voter): choice for _, voter, choice in (row.split(",") for row in rows)}
        self.assertEqual(len(kept), len(rows), "a voter stands twice in the export")
        self.assertEqual(kept, ballots)
        results = node.results(poll)
        votes = {option["id"]: option["votes"] for option in results["options"]}
        self.assertEqual(votes, {o: sum(c == o for c in ballots.values()) for o in votes})
        self.assertEqual(results["voters"], len(ballots))
        self.assertTrue(node.ledger(poll)["balanced"])
