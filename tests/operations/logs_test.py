#!/usr/bin/env python3
"""The log: whole lines with the names others know, no secret in it, and votes do not wait for it."""

import json
import re
import unittest

import node

STRANGER = "203.0.113.77"


class Logs(unittest.TestCase):
    def evening(self, on):
        """People vote, somebody errs, somebody attacks; what must not be found in the log afterwards."""
        event = on.event()
        poll = on.poll(event["id"])["id"]
        fields = {"X-Forwarded-For": STRANGER}
        voter = on.token(event["code"])
        key = "a-key-of-the-voter-0815"
        self.assertEqual(on.call("POST", f"/v1/polls/{poll}/votes", {"choices": ["c"]}, voter,
                                 {"Idempotency-Key": key, **fields}).status, 200)
        watcher = on.must(201, "POST", f"/v1/events/{event['id']}/watchers", {"ttl_s": 60})["token"]
        self.assertEqual(on.call("GET", f"/v1/events/{event['id']}/live?token={watcher}", fields=fields).status, 426)
        on.call("GET", f"/v1/events/{event['id']}", key=voter[:-1] + "x", fields=fields)
        on.call("POST", "/v1/join", b"{\"code\": \"" + b"x" * 100, fields=fields)
        with node.Raw(on.port) as attack:
            attack.send(f"GET /{voter} HTTP/1.1\r\nTransfer-Encoding: gzip\r\nAuthorization: {voter}\r\n\r\n".encode())
            attack.until_closed()
        return [voter, watcher, key, node.HOST, node.OPERATOR, STRANGER, '"c"']

    def test_no_token_key_ballot_or_address_is_in_it(self):
        with node.Node("--log-level", "debug", "--trusted-proxies", "127.0.0.1") as running:
            secrets = self.evening(running)
            self.assertEqual(running.stop(), 0)
            log = running.err.read_text()
            self.assertIn(f'"url.path":"/v1/polls/', log)
            for secret in secrets:
                self.assertNotIn(secret, log)

    def test_every_line_is_json_with_the_names_of_the_common_schema(self):
        with node.Node("--log-level", "debug") as running:
            self.evening(running)
            self.assertEqual(running.stop(), 0)
            lines = [json.loads(line) for line in running.err.read_text().splitlines()]
        self.assertGreater(len(lines), 10)
        for line in lines:
            self.assertLessEqual({"@timestamp", "log.level", "message", "ecs.version", "service.name"}, line.keys())
            self.assertRegex(line["@timestamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            for name in line:
                self.assertTrue(name.startswith("labels.") or re.fullmatch(r"@?[a-z]+(\.[a-z_]+)*", name), name)

    def test_a_log_that_cannot_be_written_stops_no_vote(self):
        with node.Node("--log-level", "debug", prefix=("sh", "-c", 'exec "$@" 2>/dev/full', "sh")) as running:
            self.evening(running)
            self.assertEqual(running.metric("tallycast_votes_total", 'outcome="counted"'), 1)
            self.assertEqual(running.stop(), 0)


class Readiness(unittest.TestCase):
    def test_in_words_and_in_lines(self):
        with node.Node() as running:
            self.assertEqual(running.ops("GET", "/readyz").raw, b"ok\n")
            lines = dict(line.split(": ") for line in running.ops("GET", "/readyz?verbose").raw.decode().splitlines())
            self.assertEqual((lines["store"], lines["threads"], lines["vote"]), ("ok", "ok", "admitted"))
            running.ops("POST", "/drain")
            reply = running.ops("GET", "/readyz?verbose")
            self.assertEqual(reply.status, 503)
            self.assertTrue(reply.raw.startswith(b"node: draining\nstore: ok\n"))


if __name__ == "__main__":
    unittest.main()
