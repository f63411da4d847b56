"""The limits of many nodes where each tenant's bucket and each slice is on one of three primaries."""

import unittest

import limits_test

from cluster_parts.redis_servers import Cluster


class A_tenant(limits_test.A_tenant):
    kind = Cluster
    test_is_limited_by_each_node_alone_while_redis_is_away = None  # asks for one server

    @limits_test.while_redis_answers
    def test_keeps_what_it_has_taken_when_the_library_is_lost(self):
        burst = 80
        nodes = self.limited("--limit-tenant-rate", "0.01", "--limit-tenant-burst", str(burst))
        poll = nodes[0].poll(self.event)["id"]
        tokens = [nodes[0].token(self.code) for _ in range(3 * burst)]
        books = [[] for _ in nodes]
        for i, node in enumerate(nodes):
            for server in self.store.primaries():
                with server.link() as link:
                    link.ask("FUNCTION", "FLUSH")
            self.cast(node, poll, tokens[i::len(nodes)], books[i])
        self.assertLessEqual(self.balanced(nodes, poll, books), burst + len(nodes) * limits_test.block_of(0.01, burst))


class A_voter(limits_test.A_voter):
    kind = Cluster


if __name__ == "__main__":
    unittest.main()
