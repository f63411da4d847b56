"""A cluster of three primaries and three replicas: one poll over all of them, slots that move while people vote, a
primary that dies."""

import time
import unittest

from redis_case import LONG, Redis_case, wait_for

from cluster_parts.redis_servers import Cluster

RUNS = 20 if LONG else 1
VOTERS = 500_000 if LONG else 10_000
RATE = 8000 if LONG else 2000
DOWN_AFTER = 5000 if LONG else 1500  # ms


class Cluster_case(Redis_case):
    def stage(self, *options):
        self.store = self.redis(Cluster, down_after=DOWN_AFTER)
        self.set = self.nodes(self.store, 2, *options)

    def slots_in_use(self):
        """Slots that hold a key, by the server that has them."""
        used = {}
        for server in self.store.primaries():
            with server.link() as link:
                cursor = "0"
                while True:
                    cursor, keys = link.ask("SCAN", cursor, "COUNT", 1000)
                    used.update(dict.fromkeys(link.ask_all([("CLUSTER", "KEYSLOT", key) for key in keys]), server))
                    if cursor == "0":
                        break
        return used


class Spread(Cluster_case):
    def test_one_poll_is_on_every_primary_and_counts_once(self):
        self.stage()
        before = self.slots_in_use()
        self.crowd(self.set, VOTERS).report()
        new = {slot: server for slot, server in self.slots_in_use().items() if slot not in before}
        self.assertEqual(set(new.values()), set(self.store.primaries()), "a server has no part of the poll")


class Slots_migrating(Cluster_case):
    def test_no_vote_fails_while_slots_move(self):
        self.stage()
        crowd = self.crowd(self.set, VOTERS, rate=RATE)
        crowd.wait_until_voted(0.1)
        moved = 0
        while crowd.under_way() and moved < (2000 if LONG else 60):
            primaries = self.store.primaries()
            for slot, server in self.slots_in_use().items():
                if not crowd.under_way():
                    break
                others = [each for each in primaries if each is not server]
                self.store.move_slot(slot, others[slot % len(others)], batch=1)
                moved += 1
        report = crowd.report()
        self.assertGreater(moved, 10)
        self.assertEqual(set(report["votes"]["statuses"]), {"200"}, "a vote failed")
        self.assertEqual(report["votes"]["unanswered"], 0)


class Primary_killed(Cluster_case):
    def test_at_async_nothing_is_lost_and_the_shard_goes_on_alone(self):
        self.lose_a_primary("async", returns=False)

    def test_at_replicated_nothing_is_lost_and_the_shard_waits_for_its_second_copy(self):
        self.lose_a_primary("replicated", returns=True)

    def lose_a_primary(self, level, returns):
        for run in range(RUNS):
            with self.subTest(run=run):
                self.stage("--durability", level)
                crowd = self.crowd(self.set, VOTERS, rate=RATE, settle=1)
                crowd.wait_until_voted(0.25)
                victim = self.store.primaries()[run % 3]
                slot = next(slot for slot, server in self.slots_in_use().items() if server is victim)
                victim.kill()
                begun = time.monotonic()
                wait_for(lambda: self.store.owner(slot) not in (None, victim), "a new primary", 60)
                print(f"replaced after {time.monotonic() - begun:.1f} s")
                if returns:
                    victim.start()
                crowd.report()


if __name__ == "__main__":
    unittest.main()
