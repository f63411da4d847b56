"""What the tests of polls and votes share: an event to vote in, and what an answer has to be."""

import re
import unittest

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


class Contract(unittest.TestCase):
    """One event a test, on the node that the module started and left here."""

    maxDiff = None
    node = None

    def setUp(self):
        event = self.node.event()
        self.event, self.code = event["id"], event["code"]

    def poll(self, **members):
        return self.node.poll(self.event, **members)["id"]

    def voter(self):
        return self.node.token(self.code)

    def says(self, reply, status, code):
        """It is the problem it should be, and whole."""
        self.assertEqual((reply.status, reply.code), (status, code), reply)
        self.assertEqual(reply.fields["Content-Type"], "application/problem+json")
        told = reply.json
        self.assertLessEqual({"type", "title", "status", "detail", "code", "request_id"},
                             told.keys())
        self.assertEqual(told["status"], status)
        self.assertEqual(told["request_id"], reply.fields["X-Request-Id"])
        self.assertEqual("retry_after_ms" in told, status in (429, 503), told)
        return told

    def voted(self, reply, status):
        self.assertEqual(reply.status, 200, reply)
        self.assertEqual(reply.json["status"], status, reply)
        self.assertRegex(reply.json["at"], TIME)
        return reply.json["receipt"]

    def balanced(self, poll, **expected):
        ledger = self.node.ledger(poll)
        rejected = {k: v for k, v in ledger["rejected"].items() if v}
        told = {
            k: ledger[k]
            for k in ("received", "counted", "changed", "replayed", "withdrawn") if ledger[k]
        }
        self.assertEqual({**told, **rejected}, expected)
        self.assertTrue(ledger["balanced"])
        self.assertEqual(ledger["voters"], ledger["counted"] - ledger["withdrawn"])
        self.assertEqual(
            set(ledger["rejected"]), {
                "invalid", "unauthorised", "not_open", "late", "already_voted", "limited",
                "overloaded", "store"
            })
