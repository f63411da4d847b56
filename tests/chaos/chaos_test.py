"""Nodes and servers of Redis that are killed, frozen, sent away and started again, at random and under load, and in
the end the count: acknowledged is counted, counted was cast, nobody twice.

The schedule is a function of its seed, which is printed and can be given again:

  TALLYCAST_CHAOS_SEED=7 TALLYCAST_CHAOS_MINUTES=20 TALLYCAST_CHAOS_RATE=900 ctest --test-dir build/dev -R chaos

One trouble at a time; but the next may come before the last is quite over, as it does in life."""

import os
import random
import signal
import time
import unittest

from redis_case import LONG, Redis_case, wait_for

from cluster_parts.redis_servers import Sentinel

MINUTES = float(os.environ.get("TALLYCAST_CHAOS_MINUTES", "20" if LONG else "2"))
SEED = int(os.environ.get("TALLYCAST_CHAOS_SEED", str(random.randrange(2**32))))
NODES = 3
RATE = int(os.environ.get("TALLYCAST_CHAOS_RATE", "400"))  # votes a second: the troubles are tried, not the machine
DOWN_AFTER = 1500       # ms until Sentinel takes a primary for dead
LONGEST_CALM = 6.0      # seconds between two troubles
LONGEST_FREEZE = 6.0
PATIENCE = 120


class Schedule:
    """Which trouble comes when and for how long; the same for the same seed."""

    def __init__(self, seed, seconds, names):
        dice = random.Random(seed)
        self.steps, at = [], dice.uniform(1, LONGEST_CALM)
        while at < seconds:
            self.steps.append((at, dice.choice(names), dice.randrange(2**16), dice.uniform(0.2, LONGEST_FREEZE)))
            at += dice.uniform(0.5, LONGEST_CALM)


def sleep(seconds):
    """Lets time pass: here it is the fault that lasts, and nothing is waited for."""
    until = time.monotonic() + seconds
    wait_for(lambda: time.monotonic() >= until, "the time to pass", seconds + 1)


class Chaos(Redis_case):
    TROUBLES = ("node_killed", "node_frozen", "node_sent_away", "primary_killed", "primary_frozen",
                "replica_killed", "scripts_flushed")

    # -- the troubles; `which` picks a victim, `seconds` says for how long

    def a_node(self, which):
        return self.set[which % NODES]

    def the_primary(self):
        """As soon as the Sentinels agree on one."""
        return wait_for(self.store.primary, "a primary", PATIENCE)

    def node_killed(self, which, seconds):
        node = self.a_node(which)
        node.kill()
        sleep(seconds / 2)
        node.start()

    def node_frozen(self, which, seconds):
        node = self.a_node(which)
        node.signal(signal.SIGSTOP)
        sleep(seconds)
        node.signal(signal.SIGCONT)
        wait_for(node.is_ready, "the node getting ready again", PATIENCE)

    def node_sent_away(self, which, _):
        node = self.a_node(which)
        self.assertEqual(node.stop(), 0)
        node.start()

    def primary_killed(self, _, seconds):
        old = self.the_primary()
        old.kill()
        self.store.replaced(old, PATIENCE)
        sleep(seconds / 3)
        old.launch_server()
        self.store.wait_until_healthy(PATIENCE)

    def primary_frozen(self, _, seconds):
        old = self.the_primary()
        old.pause()
        sleep(seconds)
        old.resume()
        self.store.wait_until_healthy(PATIENCE)

    def replica_killed(self, which, seconds):
        primary = self.the_primary()
        replicas = [s for s in self.store.data if s is not primary]
        victim = replicas[which % len(replicas)]
        victim.kill()
        sleep(seconds)
        victim.launch_server()
        self.store.wait_until_healthy(PATIENCE)

    def scripts_flushed(self, *_):
        self.the_primary().ask("FUNCTION", "FLUSH")

    # -- the test

    def test_whatever_happens_the_count_is_right(self):
        schedule = Schedule(SEED, MINUTES * 60, self.TROUBLES)
        print(f"seed {SEED}: {len(schedule.steps)} troubles in {MINUTES:g} minutes", flush=True)
        self.store = self.redis(Sentinel, down_after=DOWN_AFTER)
        self.set = self.nodes(self.store, NODES, "--durability", "replicated")
        crowd = self.crowd(self.set, int(RATE * MINUTES * 60), rate=RATE, settle=5,
                           options=("--timeout", int(MINUTES * 180 + PATIENCE)))
        wait_for(lambda: crowd.counted() > 0, "the first votes", PATIENCE)
        begun, done = time.monotonic(), 0
        for at, trouble, which, seconds in schedule.steps:
            wait_for(lambda when=begun + at: time.monotonic() >= when, "the next trouble", LONGEST_CALM + 1)
            if not crowd.under_way():
                break
            print(f"{time.monotonic() - begun:6.1f} s  {trouble}", flush=True)
            getattr(self, trouble)(which, seconds)
            done += 1
        report = crowd.report(MINUTES * 60 * 3 + PATIENCE)
        print(f"{done} troubles; {report['votes']['statuses']}")
        self.assertGreaterEqual(done, min(5, len(schedule.steps)), "too little happened while people voted")
        self.assertEqual(report["counted"], int(RATE * MINUTES * 60), "somebody's vote did not get through in the end")


class Schedules(unittest.TestCase):
    def test_a_seed_gives_the_same_schedule_again(self):
        first, again, other = (Schedule(seed, 60, Chaos.TROUBLES).steps for seed in (7, 7, 8))
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)
        self.assertEqual({name for _, name, _, _ in Schedule(7, 3600, Chaos.TROUBLES).steps}, set(Chaos.TROUBLES))


if __name__ == "__main__":
    unittest.main(verbosity=2)
