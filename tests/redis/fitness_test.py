"""What every server must be and must allow: a node that would not count as it promises says so at the start, with the
server's address, and one that finds out later says so, too."""

import re
import time
import unittest

from redis_case import ROOT, Redis_case, wait_for

from cluster_parts.redis_servers import Cluster

SOON = 5.0  # seconds: an answer at the start, and a look when something was refused


class Fitness_case(Redis_case):
    def refuses_to_start(self, store, *words, options=()):
        node = self.node(store, *options, start=False).spawn()
        self.assertNotEqual(wait_for(lambda: node.process.poll(), "the end of a node that cannot start", SOON), 0)
        for word in words:
            self.assertIn(word, node.log())

    def as_user(self, server, *rules):
        server.ask("ACL", "SETUSER", "node", "reset")
        server.ask("ACL", "SETUSER", "node", "on", ">secret", *rules)
        return f"redis://node:secret@127.0.0.1:{server.port}"


class Rights(Fitness_case):
    def setUp(self):
        super().setUp()
        self.server = self.redis().server

    def test_what_the_user_may_not_do_is_named_at_the_start(self):
        everything = ["+@all", "~*", "&*"]
        for rules, words in (
                (["+@all", "~*", "resetchannels"], ["SPUBLISH", "channel"]),
                ([*everything, "-xadd"], ["may not use XADD"]),
                ([*everything, "-bitfield", "-setrange"], ["may not use SETRANGE, BITFIELD"]),
                ([*everything, "-fcall"], ["'fcall'"]),
                ([*everything, "-ssubscribe"], ["'ssubscribe'"]),
                (["+@all", "~{tallycast}*", "&*"], ["keys like {tc"]),
                (["+@all", "~{tc*", "&*"], ["keys like {tallycast}"])):
            with self.subTest(rules):
                self.refuses_to_start(self.as_user(self.server, *rules), f"127.0.0.1:{self.server.port}", *words)

    def test_the_rights_that_the_handbook_names_are_enough(self):
        (line, ) = re.findall(r"(?m)^ACL SETUSER tallycast on >\S+ (.*)$", (ROOT / "docs/clustering.md").read_text())
        node = self.node(self.as_user(self.server, *line.split()))
        event = node.event()
        poll = node.poll(event["id"])["id"]
        self.assertEqual(node.vote(poll, ["a"], node.token(event["code"])).status, 200)
        node.step(poll, "close")
        self.assertEqual(node.results(poll)["voters"], 1)
        node.must(204, "DELETE", f"/v1/events/{event['id']}")
        self.assertEqual([key for key in self.server.ask("KEYS", "*") if "trial" in key], [])

    def test_a_right_that_is_taken_away_takes_the_node_out_until_it_is_back(self):
        node = self.node(self.as_user(self.server, "+@all", "~*", "&*"))
        event = node.event()
        poll = node.poll(event["id"])["id"]
        one, two = (node.token(event["code"]) for _ in range(2))
        self.server.ask("ACL", "SETUSER", "node", "-xadd")
        self.assertEqual(node.vote(poll, ["a"], one).status, 503)
        told = wait_for(lambda: self.not_ready(node), "the node not being ready", SOON)
        self.assertIn("XADD", told)
        until = time.monotonic() + 1.2  # reads go on all the time, and do not make it forget
        wait_for(lambda: self.assertIn("XADD", self.not_ready(node) or "ready") or time.monotonic() > until, "a while")
        self.server.ask("ACL", "SETUSER", "node", "+xadd")
        wait_for(node.is_ready, "the node being ready again", SOON)
        self.assertEqual(node.vote(poll, ["a"], two).status, 200)

    @staticmethod
    def not_ready(node):
        told = node.ops("GET", "/readyz")
        return told.raw.decode() if told.status == 503 else None

    def test_a_policy_that_forgets_ballots_is_named_when_it_is_set_later(self):
        node = self.node(self.as_user(self.server, "+@all", "~*", "&*"))
        self.server.set("maxmemory-policy", "allkeys-lru")
        self.server.set("maxmemory", "100mb")
        self.server.ask("CLIENT", "KILL", "TYPE", "normal")  # else it would be seen within ten seconds
        wait_for(lambda: "allkeys-lru" in node.ops("GET", "/readyz?verbose").raw.decode(), "the policy being seen", SOON)
        self.assertEqual(node.log().count("a server is not as it must be"), 1)
        self.server.set("maxmemory-policy", "noeviction")
        wait_for(lambda: "allkeys-lru" not in node.ops("GET", "/readyz?verbose").raw.decode(), "its end", SOON)


class Every_primary(Fitness_case):
    def test_of_a_cluster_is_asked(self):
        store = self.redis(Cluster)
        owner = store.owner(12387)  # of {tallycast}
        other = next(server for server in store.primaries() if server is not owner)
        place = f"127.0.0.1:{other.port}: "
        owner.set("appendfsync", "always")
        for server in store.primaries():
            if server is not other:
                server.set("appendfsync", "always")
        self.refuses_to_start(store, place, "appendfsync always", options=["--durability", "fsync"])
        other.set("maxmemory", "100mb")
        other.set("maxmemory-policy", "allkeys-lru")
        self.refuses_to_start(store, place, "noeviction")
        other.set("maxmemory-policy", "noeviction")
        other.ask("ACL", "SETUSER", "default", "-bitfield")
        self.refuses_to_start(store, place, "BITFIELD")
        other.ask("ACL", "SETUSER", "default", "+bitfield")
        self.node(store).kill()
        replica, = (server for server in store.servers
                    if server.role() == "slave" and server.info("replication")["master_port"] == str(other.port))
        replica.kill()
        wait_for(lambda: other.replicas_attached() == 0, "the replica being missed")
        self.refuses_to_start(store, place, "the primary has none", options=["--durability", "replicated"])


if __name__ == "__main__":
    unittest.main()
