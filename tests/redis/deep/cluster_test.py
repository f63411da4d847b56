"""A cluster of three primaries and three replicas: one poll over all of them, slots that move while people vote, a
primary that dies."""

import re
import time
import unittest

from redis_case import HOST, LONG, Redis_case, of_every_day_or_long, wait_for

from cluster_parts.redis_servers import SLOTS, Cluster

RUNS = of_every_day_or_long("RUNS", 1, 20)
VOTERS = of_every_day_or_long("VOTERS", 10_000, 500_000)
RATE = of_every_day_or_long("RATE", 2000, 8000)
DOWN_AFTER = 5000 if LONG else 1500  # ms
GOES_ON_WITHIN = 30                  # seconds, besides the time of the voting itself
OF_TRIALS = 8                        # so often at most two nodes wait for a replica when they try their rights at two places


class Cluster_case(Redis_case):
    def stage(self, *options, replicas=1):
        self.store = self.redis(Cluster, down_after=DOWN_AFTER, replicas=replicas)
        self.set = self.nodes(self.store, 2, *options)
        self.first_slot = {server: SLOTS * i // self.store.shares
                           for i, server in enumerate(self.store.servers[:self.store.shares])}

    def replaced(self, victim):
        """The server that has what this one had."""
        slot = self.first_slot[victim]
        return wait_for(lambda: (owner := self.store.owner(slot)) is not victim and owner, "a new primary", 60)

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
    def test_at_auto_nothing_is_lost_and_the_shard_goes_on_alone(self):
        self.lose_a_primary("auto", returns=False)

    def test_at_async_nothing_is_lost_and_the_shard_goes_on_alone(self):
        self.lose_a_primary("async", returns=False)

    def test_at_replicated_nothing_is_lost_and_the_shard_waits_for_its_second_copy(self):
        self.lose_a_primary("replicated", returns=True)

    def lose_a_primary(self, level, returns):
        self.each([(level, returns, run % 3) for run in range(RUNS)], self.once)

    def once(self, level, returns, which):
        self.stage("--durability", level)
        crowd = self.crowd(self.set, VOTERS, rate=RATE, settle=1)
        crowd.wait_until_voted(0.25)
        victim = self.store.primaries()[which]
        victim.kill()
        begun = time.monotonic()
        new = self.replaced(victim)
        found = time.monotonic()
        if returns:
            victim.start()
        report = crowd.report(GOES_ON_WITHIN + 2 * VOTERS / RATE)
        print(f"{level}: replaced after {found - begun:.1f} s, all voted {time.monotonic() - found:.1f} s later; "
              f"{report['votes']['statuses']}, applied again {self.applied_again():.0f}")
        self.assertEqual(self.waits_while_voting(new) > OF_TRIALS, returns, "waited for a replica that is not there, or did not")

    def test_at_auto_a_shard_that_has_a_replica_again_waits_for_it(self):
        self.stage("--durability", "auto")
        victim = self.store.primaries()[0]
        victim.kill()
        new = self.replaced(victim)
        self.assertLessEqual(self.waits_while_voting(new), OF_TRIALS)
        victim.start()
        self.store.wait_until_healthy()
        self.assertGreater(self.waits_while_voting(new), OF_TRIALS)

    def waits_while_voting(self, server):
        """How often a replica of this server was waited for, once for each group."""
        before = self.waits(server)
        self.crowd(self.set, 3000).report()
        return self.waits(server) - before

    def waits(self, server):
        calls = re.match(r"calls=(\d+)", server.info("commandstats").get("cmdstat_wait", ""))
        return int(calls[1]) if calls else 0

    def applied_again(self):
        return sum(node.metric("tallycast_store_applied_again_total") for node in self.set)


class Primary_frozen_for_a_moment(Cluster_case):
    """Not long enough to be replaced: what could not be placed there is placed when it is back."""

    def setUp(self):
        super().setUp()
        self.store = self.redis(Cluster, down_after=30_000)
        self.set = self.nodes(self.store, 2, "--store-slices", "16")
        event = self.set[0].event()
        self.event, self.code = event["id"], event["code"]
        self.frozen = next(server for server in self.store.primaries() if not server.ask("KEYS", "{tallycast}*"))
        self.addCleanup(self.frozen.resume)

    def voted(self):
        poll = self.set[0].poll(self.event)["id"]
        for i in range(20):
            node = self.set[i % 2]
            self.assertEqual(node.vote(poll, ["a"], node.token(self.code)).status, 200)
        return poll

    def is_final(self, poll):
        results = wait_for(lambda: (one := self.set[1].results(poll))["final"] and one, "final results", 15)
        self.assertEqual((results["status"], results["voters"]), ("closed", 20))

    def test_what_a_host_closed_meanwhile_is_final_in_the_end(self):
        poll = self.voted()
        self.frozen.pause()
        self.assertEqual(self.set[0].call("POST", f"/v1/polls/{poll}/close", {}, HOST).status, 503)
        self.frozen.resume()
        self.is_final(poll)

    def test_what_closed_by_itself_meanwhile_is_final_in_the_end(self):
        poll = self.voted()
        self.set[0].step(poll, "close")
        self.set[0].step(poll, "open", {"duration_ms": 1500})
        self.frozen.pause()
        closing = time.monotonic() + 4
        wait_for(lambda: time.monotonic() > closing, "the time of the close")
        self.frozen.resume()
        self.is_final(poll)


class Primary_back_while_it_is_replaced(Cluster_case):
    def test_what_it_takes_is_not_lost_with_the_nodes(self):
        self.stage("--durability", "replicated", replicas=2)
        crowd = self.crowd(self.set, VOTERS, rate=RATE, settle=1, options=["--timeout", 120])
        crowd.wait_until_voted(0.25)
        old = self.store.primaries()[0]
        self.back_while_it_is_replaced(old, self.store.servers)
        for node in self.set:
            node.kill()
        wait_for(lambda: old.role() == "slave", "the old one following", 30)
        wait_for(self.replaced(old).replicas_attached, "a replica attaching", 60)
        for node in self.set:
            node.start()
        crowd.report()


if __name__ == "__main__":
    unittest.main()
