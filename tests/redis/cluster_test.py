"""A cluster of three primaries and three replicas: one poll over all of them, slots that move while people vote, a
primary that dies."""

import unittest

from redis_case import LONG, Redis_case, wait_for

from cluster_parts.redis_servers import Cluster

RUNS = 20 if LONG else 1
VOTERS = 500_000 if LONG else 10_000
RATE = 8000 if LONG else 2000
DOWN_AFTER = 5000 if LONG else 1500  # ms


class Cluster_case(Redis_case):
    def stage(self, nodes=2):
        self.store = self.redis(Cluster, down_after=DOWN_AFTER)
        self.set = self.nodes(self.store, nodes)

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


if __name__ == "__main__":
    unittest.main()
