"""A primary with two replicas and three Sentinels, and what happens to the primary under load. Whatever it is:
acknowledged is counted, counted was cast, nobody twice, and voting goes on soon.

Every day one run of each with few votes; tools/check --deep makes 20 of 500,000 at each level."""

import re
import time
import unittest

from redis_case import HOST, LEVELS, LONG, Redis_case, of_every_day_or_long, wait_for

from cluster_parts.redis_servers import Sentinel

RUNS = of_every_day_or_long("RUNS", 1, 20)
VOTERS = of_every_day_or_long("VOTERS", 15_000, 500_000)
RATE = of_every_day_or_long("RATE", 2500, 12_000)
DOWN_AFTER = 5000 if LONG else 1500     # ms
SERVES_AGAIN_WITHIN = 2.5               # seconds after the failure was detected: faults.md, case 1
DEMOTED_WITHIN = 30                     # seconds: Sentinel takes 8 to 10 to demote a primary that is back


class Sentinel_case(Redis_case):
    def stage(self, nodes=2, *options):
        self.store = self.redis(Sentinel, down_after=DOWN_AFTER)
        self.set = self.nodes(self.store, nodes, *options)

    def replaced(self, old):
        """Until another is the primary and is followed: a node that starts at `replicated` wants a replica there."""
        new = self.store.replaced(old)
        wait_for(new.replicas_attached, "a replica attaching", 60)

    def all_follow(self):
        """One primary that all follow again, so that whoever compares does not ask a stale one."""
        self.store.wait_until_healthy(DEMOTED_WITHIN + 30)


class Primary_killed(Sentinel_case):
    def test_nothing_is_lost_and_voting_goes_on_soon(self):
        self.each([(level, ) for level in LEVELS] * RUNS, self.once)

    def once(self, level):
        self.stage(2, "--durability", level)
        crowd = self.crowd(self.set, VOTERS, rate=RATE, settle=1)
        crowd.wait_until_voted(0.25)
        old = self.store.primary()
        counted = crowd.counted()
        old.kill()
        begun = time.monotonic()
        self.store.replaced(old)
        found = time.monotonic()
        wait_for(lambda: crowd.counted() > counted + 200 or not crowd.under_way(), "votes again", 30)
        took = time.monotonic() - found
        report = crowd.report()
        print(f"{level}: found after {found - begun:.1f} s, voting {took:.1f} s later; "
              f"{report['votes']['statuses']}, applied again: {self.applied_again():.0f}")
        self.assertLess(took, SERVES_AGAIN_WITHIN)
        self.assertGreater(report["votes"]["statuses"].get("503", 0), 0, "nobody voted in the gap")
        self.hints(crowd)

    def applied_again(self):
        return sum(node.metric("tallycast_store_applied_again_total") for node in self.set)

    def hints(self, crowd):
        """What is told in the gap to wait is short."""
        self.assertEqual(len(re.findall(r"WRONG", crowd.log.read_text())), 0)


class Primary_and_node_killed(Sentinel_case):
    def test_at_replicated_nothing_is_lost(self):
        self.stage(2, "--durability", "replicated")
        crowd = self.crowd(self.set, VOTERS, rate=RATE, settle=1, options=["--timeout", 120])
        crowd.wait_until_voted(0.25)
        primary = self.store.primary()
        primary.kill()
        self.set[0].kill()
        self.replaced(primary)
        self.set[0].start()
        crowd.report()


class Primary_frozen(Sentinel_case):
    def test_back_after_five_seconds_it_doubles_nothing(self):
        self.stage()
        crowd = self.crowd(self.set, VOTERS, rate=RATE, settle=2)
        crowd.wait_until_voted(0.25)
        old = self.store.primary()
        old.pause()
        frozen = time.monotonic()
        wait_for(lambda: time.monotonic() > frozen + 5, "five seconds")
        old.resume()
        self.all_follow()
        crowd.report()

    def test_frozen_for_less_than_anybody_notices(self):
        self.stage()
        primary = self.store.primary()
        crowd = self.crowd(self.set, VOTERS, rate=RATE)
        for share in (0.2, 0.4, 0.6):
            crowd.wait_until_voted(share)
            primary.pause()
            frozen = time.monotonic()
            wait_for(lambda: time.monotonic() > frozen + 0.8, "a moment")
            primary.resume()
        crowd.report()
        self.assertIs(self.store.primary(), primary)


class Primary_back_while_it_is_replaced(Sentinel_case):
    """Another is promoted already, but the second replica has not been told, and vouches for what the old primary
    still takes. A node that acknowledged on that and died would take the last memory of those ballots with it."""

    def test_what_it_takes_is_not_acknowledged(self):
        self.stage(2, "--durability", "replicated")
        crowd = self.crowd(self.set, VOTERS, rate=RATE, settle=1, options=["--timeout", 120])
        crowd.wait_until_voted(0.25)
        old = self.store.primary()
        self.back_while_it_is_replaced(old, self.store.data)
        for node in self.set:
            node.kill()
        self.replaced(old)
        for node in self.set:
            node.start()
        crowd.report()


class Replicas_gone(Sentinel_case):
    def test_at_replicated_votes_are_refused_and_reads_go_on(self):
        self.stage(1, "--durability", "replicated")
        (node, ) = self.set
        event = node.event()
        poll = node.poll(event["id"])["id"]
        voters = [node.join(event["code"])["voter"] for _ in range(4)]
        self.assertEqual(node.vote(poll, ["a"], voters[0]["token"], "k").status, 200)
        primary = self.store.primary()
        replicas = [server for server in self.store.data if server is not primary]
        for replica in replicas:
            replica.kill()
        refused = node.vote(poll, ["a"], voters[1]["token"], "k")
        self.assertEqual((refused.status, refused.code), (503, "store_unavailable"), refused)
        self.assertEqual(node.call("GET", f"/v1/polls/{poll}/results", key=HOST).status, 200)
        self.assertGreater(node.metric("tallycast_votes_rejected_total", 'reason="store"'), 0)
        for replica in replicas:
            replica.start()

        def voted():
            return node.vote(poll, ["a"], voters[1]["token"], "k").status == 200

        wait_for(voted, "votes counting again", 30)
        self.stands_behind(node, poll, {voter["number"]: "a" for voter in voters[:2]})


if __name__ == "__main__":
    unittest.main()
