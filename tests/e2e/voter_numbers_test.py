"""An event has as many voters as its tenant's quota says, whichever core they meet."""

import unittest

from node import OPERATOR, Node, together


def setUpModule():
    global node
    node = Node(threads=4).start()
    unittest.addModuleCleanup(node.remove)


class Quota_of_voters(unittest.TestCase):
    def event_for(self, voters):
        tenant = node.must(201, "POST", "/v1/tenants", {
            "name": "Small",
            "quotas": {"voters_per_event": voters}
        }, OPERATOR)
        key = node.must(201, "POST", f"/v1/tenants/{tenant['id']}/keys", None, OPERATOR)["key"]
        return node.event(key=key)["code"]

    def refused(self, code):
        reply = node.call("POST", "/v1/join", {"code": code})
        self.assertEqual((reply.status, reply.code), (409, "quota_exceeded"), reply)

    def test_is_reached_to_the_last_number_by_one_after_another(self):
        for voters in (1, 7, 800):  # a call each, and blocks
            with self.subTest(voters):
                code = self.event_for(voters)
                numbers = {node.join(code)["voter"]["number"] for _ in range(voters)}
                self.assertEqual(numbers, set(range(1, voters + 1)))
                self.refused(code)

    def test_is_never_passed_by_many_at_once(self):
        code = self.event_for(100)
        replies = together(150, lambda _: node.call("POST", "/v1/join", {"code": code}))
        numbers = [r.json["voter"]["number"] for r in replies if r.status == 200]
        self.assertEqual(len(numbers), len(set(numbers)))
        self.assertLessEqual(set(numbers), set(range(1, 101)))
        while len(numbers) < 100:  # those that a core had asked for while another was refused
            numbers.append(node.join(code)["voter"]["number"])
        self.assertEqual(set(numbers), set(range(1, 101)))
        self.refused(code)


if __name__ == "__main__":
    unittest.main()
