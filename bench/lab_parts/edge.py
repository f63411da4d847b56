"""A node past what it can do: first a closed loop finds its capacity, then each step offers a multiple of it.

The clients are honest: who is refused comes again when the node said, with the same key. So a step of three times the
capacity goes on until everybody has voted, and goodput is what was counted while the load was offered.
"""

import contextlib
import pathlib
import statistics
import threading
import time

from cluster_parts.nodes import Keys, called
from lab_parts.servers import start_nodes

TITLE = "At the edge"
STEPS = (1, 1.5, 2, 3)
RECOVERY = 0.5  # times the capacity
GOALS = {"goodput": 0.90, "p99_ms": 250, "recovery_s": 5}
CALM_MS = 250   # a vote that is answered within this is not felt
PAUSE = 0.1     # between two looks at the node's memory


def own_memory(pid):
    """Bytes of the process's own, without files and the kernel's; none when it has ended."""
    with contextlib.suppress(OSError, ValueError):
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Anonymous:"):
                return int(line.split()[1]) * 1024
    return None


class Peak:
    """The most memory that was seen while it lives."""

    def __init__(self, pid):
        self.pid, self.most, self.over = pid, own_memory(pid) or 0, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def watch(self):
        while not self.over.wait(PAUSE):
            self.most = max(self.most, own_memory(self.pid) or 0)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def goodput(votes, seconds):
    """Votes counted a second while the load was offered. The last second of a run is not whole."""
    course = votes["settled_in_second"][:max(1, int(seconds))]
    return statistics.fmean(course)


def refusals(votes):
    """Of both kinds, over all statuses."""
    kinds = votes["refusals"]
    return {"by_status": kinds, "honest": sum(each["with_retry_after"] for each in kinds.values()),
            "unexplained": sum(each["without"] for each in kinds.values())}


def step_of(report, times, rate, seconds, memory):
    """What the page tells of one step."""
    votes = report["votes"]
    return {"times": times, "rate": rate, "goodput": goodput(votes, seconds), "p99_ms": votes["last_try_ms"]["p99"],
            "whole_p99_ms": votes["latency_ms"]["p99"], "refused": refusals(votes), "elapsed_s": votes["elapsed_s"],
            "client_late": votes["client_late"] / max(1, votes["wanted"]), "counted": report["counted"], **memory}


def verdicts(steps, peak, recovery_s, before, after):
    """Each demand and whether it is met."""
    least = min(step["goodput"] for step in steps) / peak
    slowest = max(step["p99_ms"] for step in steps)
    unexplained = sum(step["refused"]["unexplained"] for step in steps)
    return [{"claim": f"goodput stays at {GOALS['goodput']:.0%} of its peak", "value": f"{least:.0%}", "holds": least >= GOALS["goodput"]},
            {"claim": f"p99 of what is accepted is under {GOALS['p99_ms']} ms", "value": f"{slowest:,.0f} ms",
             "holds": slowest < GOALS["p99_ms"]},
            {"claim": "every refusal says when to come back", "value": f"{unexplained:,} did not", "holds": unexplained == 0},
            {"claim": f"the node is calm again within {GOALS['recovery_s']} s", "value": "never" if recovery_s is None else f"{recovery_s:.1f} s",
             "holds": recovery_s is not None and recovery_s <= GOALS["recovery_s"]},
            {"claim": "memory falls back: at most a half more than before",
             "value": f"{before / 2**20:,.1f} → {after / 2**20:,.1f} MiB", "holds": after <= 1.5 * before}]


class Edge:
    """One node, and everything that is done to it."""

    def __init__(self, lab, told):
        self.lab, self.told = lab, told
        self.folder = lab.folder / "edge"

    def run(self):
        keys = Keys(self.folder / "keys")
        keys.make()
        (self.node,) = start_nodes(1, self.folder, self.lab.binary, keys, ["--store", "embedded", "--data-dir", self.folder / "data"])
        try:
            self.common = ["--target", self.node.url(), "--host-key-file", keys.files["host"], "--repeat", 0, "--delete"]
            return self.figures()
        finally:
            self.node.stop()

    def figures(self):
        self.told(TITLE)
        capacity = self.capacity()
        before = own_memory(self.node.pid)
        steps = [self.step(times, capacity, self.lab.edge_seconds) for times in STEPS]
        recovery_s = self.recovery()
        calm = self.step(RECOVERY, capacity, self.lab.edge_seconds)
        after = own_memory(self.node.pid)
        peak = max([capacity, *(step["goodput"] for step in steps)])
        checks = verdicts(steps, peak, recovery_s, before, after)
        return {"title": TITLE, "seconds": self.lab.edge_seconds, "connections": self.lab.edge_connections, "capacity": capacity,
                "peak": peak, "steps": steps, "recovery": calm, "recovery_s": recovery_s,
                "memory": {"before": before, "peak": max(step["memory_peak"] for step in steps), "after": after}, "verdicts": checks}

    def capacity(self):
        """Votes a second of a closed loop."""
        told = self.lab.generator.run("votes", *self.common, "--voters", self.lab.votes, "--connections", self.lab.connections)
        rate = told["votes"]["per_second"]
        self.told(f"  capacity: {rate:,.0f} votes a second")
        return rate

    def step(self, times, capacity, seconds):
        rate = times * capacity
        before = own_memory(self.node.pid)
        with Peak(self.node.pid) as peak:
            report = self.lab.generator.run("votes", *self.common, "--steps", f"{rate:.1f}:{seconds}", "--connections",
                                            self.lab.edge_connections, "--tolerate-lag")
        memory = {"memory_before": before, "memory_peak": peak.most, "memory_after": own_memory(self.node.pid)}
        told = step_of(report, times, rate, seconds, memory)
        self.told(f"  {times:g} times: goodput {told['goodput']:,.0f}/s, p99 {told['p99_ms']:.0f} ms, refused "
                  f"{told['refused']['honest']:,} honestly, {told['refused']['unexplained']:,} not")
        return told

    def recovery(self, patience=30):
        """Seconds from the end of the worst step until the node is ready and answers a stranger at once."""
        begun = time.monotonic()
        while (spent := time.monotonic() - begun) < patience:
            with contextlib.suppress(OSError):
                asked = time.monotonic()
                status, _ = called(self.node.address, self.node.port, "GET", "/v1/events/none")
                if status < 500 and self.node.ready() and time.monotonic() - asked < CALM_MS / 1e3:
                    return spent
            time.sleep(PAUSE)
        return None
