"""`tallycast doctor` beside real servers: what is wrong with them is named with its remedy, and nothing else is."""

import subprocess
import unittest

from redis_case import HOUR, Redis_case, clock_off_by, free_ports, program, wait_for

from cluster_parts.redis_servers import Cluster, Sentinel

OTHER_LIBRARY = "#!lua name=tallycast1\nredis.register_function('tallycast1_cast', function() return 1 end)"


class Doctor(Redis_case):
    def told(self, store, *options, expect=0, environment=None):
        """What it says of Redis: lines of the findings, without what it says of this machine."""
        url = store if isinstance(store, str) else store.url()
        ran = subprocess.run([program(), "doctor", "--store", url, *options], capture_output=True, text=True,
                             env=environment, timeout=60, check=False)
        self.assertEqual(ran.returncode, expect, ran.stdout + ran.stderr)
        lines = ran.stdout.splitlines()
        pairs = [(a, b) for a, b in zip(lines, lines[1:]) if b.startswith("         fix: ")]
        of_redis = ("127.0.0.1:", "Sentinels", "A cluster", "No server")
        return [a + " " + b.strip() for a, b in pairs
                if "known hole" not in a and a.split(maxsplit=1)[1].startswith(of_redis) or "Sentinels" in a]

    def finds(self, what, findings):
        self.assertTrue(any(all(word in one for word in what) for one in findings), f"{what} in {findings}")

    def test_a_bad_address_is_named_with_all_other_bad_options(self):
        ran = subprocess.run([program(), "doctor", "--store", "redis://u:hush@h:99999", "--threads", "many"],
                             capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 2)
        self.assertIn("--store (command line): ", ran.stderr)
        self.assertIn("--threads (command line): ", ran.stderr)
        self.assertNotIn("hush", ran.stderr)

    def test_nobody_there(self):
        port, = free_ports(1)
        self.finds([f"PROBLEM  127.0.0.1:{port}", "refused"], self.told(f"redis://127.0.0.1:{port}", expect=1))

    def test_one_server(self):
        store = self.redis()
        fresh = self.told(store)
        self.finds(["advice", "does not have the functions yet"], fresh)
        self.node(store)
        self.assertEqual(len(self.told(store)), 1, "no replica, and nothing else")
        for name, value, what in (
                ("maxmemory-policy", "allkeys-lru", ["warning", "allkeys-lru", "`maxmemory-policy noeviction`"]),
                ("maxmemory", "100mb", ["PROBLEM", "allkeys-lru", "`maxmemory-policy noeviction`"]),
                ("appendonly", "no", ["PROBLEM", "appendonly no", "`appendonly yes`"])):
            store.server.set(name, value)
            self.finds(what, self.told(store, expect=0 if what[0] == "warning" else 1))
        self.finds(["PROBLEM", "--durability fsync"], self.told(store, "--durability", "fsync", expect=1))
        store.server.ask("FUNCTION", "LOAD", "REPLACE", OTHER_LIBRARY)
        self.finds(["warning", "another build", "FUNCTION DELETE"], self.told(store, expect=1))
        store.server.ask("ACL", "SETUSER", "poor", "on", ">secret", "+@all", "-config", "-function")
        poor = self.told(store.url().replace("redis://", "redis://poor:secret@"), expect=1)
        self.finds(["advice", "CONFIG GET is not allowed"], poor)
        self.finds(["PROBLEM", "may not look at functions"], poor)
        self.finds(["PROBLEM", "user and password"],
                   self.told(store.url().replace("redis://", "redis://poor:wrong@"), expect=1))

    def test_a_clock_an_hour_off(self):
        found = self.told(self.redis(), environment=clock_off_by(HOUR))
        self.finds(["warning", "Its clock is 3", "behind this machine's"], found)

    def test_sentinels_with_one_replica(self):
        store = self.redis(Sentinel, replicas=1)
        addresses = " ".join(f"127.0.0.1:{server.port}," for server in store.data)[:-1]
        found = self.told(store)
        self.finds(["warning", addresses, "min-replicas-to-write is 1 with 1 replica: after a failover"], found)
        for server in store.data:
            server.set("min-replicas-to-write", "0")
            server.set("repl-diskless-load", "disabled")
            server.set("repl-backlog-size", "1mb")
        found = self.told(store)
        self.finds(["warning", addresses, "repl-diskless-load disabled", "swapdb"], found)
        self.finds(["warning", addresses, "repl-backlog-size is 1048576", "64mb"], found)
        self.assertFalse([one for one in found if "min-replicas" in one], found)
        store.sentinels[0].ask("SENTINEL", "SET", store.service, "down-after-milliseconds", "1000")
        store.sentinels[2].kill()
        store.data[1].kill()
        wait_for(lambda: store.data[0].replicas_attached() == 0, "the replica being missed")
        found = self.told(store)
        self.finds(["warning", "down-after-milliseconds is 1000", "5000"], found)
        self.finds(["warning", f"127.0.0.1:{store.sentinels[2].port}: Connection refused", "Sentinel"], found)
        self.finds(["warning", f"127.0.0.1:{store.data[0].port}: It has no replica"], found)
        self.finds(["PROBLEM", "--durability replicated waits"], self.told(store, "--durability", "replicated", expect=1))
        store.sentinels[1].kill()
        self.finds(["PROBLEM", "1 of 3 Sentinels answer"], self.told(store, expect=1))

    def test_cluster(self):
        store = self.redis(Cluster)
        wait_for(lambda: all(len(shard) == 4 for shard in store.servers[0].ask("CLUSTER", "SLOTS")), "the replicas being known")
        fresh = self.told(store)
        self.finds(["advice", "does not have the functions yet"], fresh)
        self.assertEqual(len(fresh), 1, fresh)
        store.servers[1].set("cluster-require-full-coverage", "yes")
        store.servers[4].set("cluster-node-timeout", "20000")
        found = [one for one in self.told(store) if one not in fresh]
        self.finds(["warning", f"127.0.0.1:{store.servers[1].port}: With cluster-require-full-coverage yes"], found)
        self.finds(["warning", f"127.0.0.1:{store.servers[4].port}: cluster-node-timeout is 20000"], found)
        self.assertEqual(len(found), 2, found)


if __name__ == "__main__":
    unittest.main()
