"""Who may do what: every route with every kind of wrong caller, visibility for each caller, joins,
keys and tokens. What belongs to somebody else looks as if it were not there."""

import base64
import hashlib
import hmac
import re
import struct
import time
import unittest

from node import HOST, OPERATOR, Node, wait_for

SECRET = bytes(range(32))
OLD_SECRET = bytes(range(32, 64))
NOT_OURS = "The token is not one of ours."


def setUpModule():
    global node
    node = Node("--token-keys", f"k2:{SECRET.hex()},k1:{OLD_SECRET.hex()}").start()
    unittest.addModuleCleanup(node.remove)


def forged(kind, event, number, expires, key="k2", secret=SECRET):
    """A token as the node signs them, with an expiry of our choice."""
    head = f"{kind}_{key}."
    claims = struct.pack(">16sQIIH", event.encode(), number, int(expires) - 60, int(expires), 1)
    mac = hmac.new(secret, head.encode() + claims, hashlib.sha256).digest()
    return head + base64.urlsafe_b64encode(claims + mac).decode().rstrip("=")


class Two_tenants(unittest.TestCase):
    """One event of ours with an open poll and a draft, and a second tenant with its own."""

    @classmethod
    def setUpClass(cls):
        cls.other_tenant = node.must(201, "POST", "/v1/tenants", {"name": "Other"}, OPERATOR)["id"]
        made = node.must(201, "POST", f"/v1/tenants/{cls.other_tenant}/keys", {"label": "theirs"},
                         OPERATOR)
        cls.other_host, cls.other_key = made["key"], made["id"]
        event = node.event()
        cls.event, cls.code = event["id"], event["code"]
        cls.poll = node.poll(cls.event)["id"]
        cls.draft = node.poll(cls.event, opened=False)["id"]
        other = node.event(key=cls.other_host)
        cls.other_event, cls.other_code = other["id"], other["code"]
        cls.voter = node.token(cls.code)
        cls.stranger = node.token(cls.other_code)
        cls.watcher = node.must(201, "POST", f"/v1/events/{cls.event}/watchers",
                                {"ttl_s": 60})["token"]

    def says(self, reply, status, code):
        self.assertEqual((reply.status, reply.code), (status, code), reply)
        return reply.json


class Every_route_with_every_wrong_caller(Two_tenants):
    NEW_POLL = {"type": "rating", "question": "?"}

    def host_routes(self, event, poll):
        return [
            ("POST", f"/v1/events/{event}/polls", self.NEW_POLL),
            ("GET", f"/v1/events/{event}/polls", None),
            ("PATCH", f"/v1/events/{event}", {"title": "Taken"}),
            ("DELETE", f"/v1/events/{event}", None),
            ("POST", f"/v1/events/{event}/watchers", {"ttl_s": 60}),
            ("GET", f"/v1/polls/{poll}", None),
            ("PATCH", f"/v1/polls/{poll}", {"question": "Taken?"}),
            ("DELETE", f"/v1/polls/{poll}", None),
            *(("POST", f"/v1/polls/{poll}/{step}", None)
              for step in ("open", "pause", "close", "reset", "archive")),
            ("GET", f"/v1/polls/{poll}/ledger", None),
            ("GET", f"/v1/polls/{poll}/export?format=csv", None),
        ]

    def operator_routes(self, tenant, key):
        return [
            ("POST", "/v1/tenants", {"name": "Mine"}),
            ("GET", "/v1/tenants", None),
            ("GET", f"/v1/tenants/{tenant}", None),
            ("PATCH", f"/v1/tenants/{tenant}", {"name": "Mine"}),
            ("DELETE", f"/v1/tenants/{tenant}", None),
            ("POST", f"/v1/tenants/{tenant}/keys", {"label": "mine"}),
            ("GET", f"/v1/tenants/{tenant}/keys", None),
            ("DELETE", f"/v1/tenants/{tenant}/keys/{key}", None),
        ]

    def nothing_moved(self):
        event = node.must(200, "GET", f"/v1/events/{self.event}", key=HOST)
        self.assertEqual(event["title"], "An evening")
        self.assertEqual([p["id"] for p in event["polls"]], [self.poll, self.draft])
        self.assertEqual([p["status"] for p in event["polls"]], ["open", "draft"])
        tenant = node.must(200, "GET", f"/v1/tenants/{self.other_tenant}", key=OPERATOR)
        self.assertEqual(tenant["name"], "Other")

    def revoked(self):
        made = node.must(201, "POST", f"/v1/tenants/{self.other_tenant}/keys", {}, OPERATOR)
        node.must(204, "DELETE", f"/v1/tenants/{self.other_tenant}/keys/{made['id']}", key=OPERATOR)
        return made["key"]

    def test_host_routes(self):
        late = time.time() - 1
        wrong = {
            "no key": (None, "unauthorised"),
            "an unknown key": ("tck_" + "x" * 43, "unauthorised"),
            "the operator": (OPERATOR, "unauthorised"),
            "a voter": (self.voter, "unauthorised"),
            "a watcher": (self.watcher, "unauthorised"),
            "a revoked key": (self.revoked(), "unauthorised"),
            "an expired voter": (forged("tcv", self.event, 1, late), "voter_token_expired"),
            "an expired watcher": (forged("tcw", self.event, 0, late), "voter_token_expired"),
            "a damaged voter": (self.voter[:-1], "voter_token_invalid"),
        }
        routes = [("POST", "/v1/events", {"title": "x"}), ("GET", "/v1/events", None),
                  *self.host_routes(self.event, self.poll)]
        for who, (key, code) in wrong.items():
            for method, path, body in routes:
                with self.subTest(who, route=f"{method} {path}"):
                    reply = node.call(method, path, body, key)
                    self.says(reply, 401, code)
                    self.assertIn("Bearer", reply.fields["WWW-Authenticate"])
        self.nothing_moved()

    def test_another_tenants_host_finds_nothing_where_there_is_something(self):
        for poll in (self.poll, self.draft):
            for method, path, body in self.host_routes(self.event, poll):
                with self.subTest(f"{method} {path}"):
                    there = node.call(method, path, body, self.other_host)
                    code = "event_not_found" if "/events/" in path else "poll_not_found"
                    self.says(there, 404, code)
                    nowhere = node.call(
                        method,
                        path.replace(self.event, "nowhere").replace(poll, "nowhere"), body,
                        self.other_host)
                    for told in (there.json, nowhere.json):
                        del told["request_id"], told["at"]
                    self.assertEqual(there.json, nowhere.json,
                                     "the answer tells that there is something")
        for path in (f"/v1/events/{self.event}", f"/v1/polls/{self.poll}/results"):
            self.assertEqual(node.call("GET", path, key=self.other_host).status, 404)
        listed = node.must(200, "GET", "/v1/events", key=self.other_host)["items"]
        self.assertEqual([e["id"] for e in listed], [self.other_event])
        self.nothing_moved()

    def test_operator_routes(self):
        for who, key in [("no key", None), ("a host", HOST), ("their host", self.other_host),
                         ("a voter", self.voter), ("a watcher", self.watcher),
                         ("a near key", OPERATOR[:-1]), ("a longer key", OPERATOR + "x"),
                         ("a revoked key", self.revoked())]:
            for method, path, body in self.operator_routes(self.other_tenant, self.other_key):
                with self.subTest(who, route=f"{method} {path}"):
                    self.says(node.call(method, path, body, key), 401, "unauthorised")
        for method, path, body in self.operator_routes("nowhere", "nowhere")[2:]:
            with self.subTest(f"{method} {path}"):
                self.says(node.call(method, path, body, OPERATOR), 404, "tenant_not_found")
        self.says(
            node.call("DELETE", f"/v1/tenants/{self.other_tenant}/keys/nowhere", key=OPERATOR), 404,
            "key_not_found")
        self.nothing_moved()

    def test_voter_routes(self):
        late = forged("tcv", self.event, 1, time.time() - 1)
        cases = [(None, 401, "voter_token_required"), (HOST, 401, "voter_token_required"),
                 (OPERATOR, 401, "voter_token_required"),
                 (self.watcher, 401, "voter_token_required"),
                 ("tck_nobody", 401, "voter_token_invalid"), (late, 401, "voter_token_expired"),
                 (self.stranger, 403, "wrong_event")]
        for key, status, code in cases:
            for method, path, body in [("POST", "votes", {"choices": ["a"]}),
                                       ("GET", "votes/mine", None), ("DELETE", "votes/mine", None)]:
                with self.subTest(key=key, route=f"{method} {path}"):
                    self.says(node.call(method, f"/v1/polls/{self.poll}/{path}", body, key), status,
                              code)
                    self.says(node.call(method, f"/v1/polls/{self.draft}/{path}", body, self.voter),
                              404, "poll_not_found")
        self.assertEqual(node.results(self.poll)["voters"], 0)


class Keys(Two_tenants):
    def test_a_key_is_shown_once_and_dies_at_once_on_every_core(self):
        keys = f"/v1/tenants/{self.other_tenant}/keys"
        made = node.must(201, "POST", keys, {"label": "short-lived"}, OPERATOR)
        self.assertTrue(made["key"].startswith(made["prefix"]))
        self.assertLess(len(made["prefix"]), 12)
        listed = {k["id"]: k for k in node.must(200, "GET", keys, key=OPERATOR)["items"]}
        self.assertEqual(listed[made["id"]]["label"], "short-lived")
        self.assertNotIn("key", listed[made["id"]])
        kept = [node.client() for _ in range(8)]
        for client in kept:
            self.addCleanup(client.wire.close)
            self.assertEqual(client.call("GET", "/v1/events", key=made["key"]).status, 200)
        node.must(204, "DELETE", f"{keys}/{made['id']}", key=OPERATOR)
        for client in kept:
            self.assertEqual(client.call("GET", "/v1/events", key=made["key"]).status, 401)
        self.says(node.call("DELETE", f"{keys}/{made['id']}", key=OPERATOR), 404, "key_not_found")
        self.assertEqual(node.call("GET", "/v1/events", key=self.other_host).status, 200)

    def test_a_tenant_goes_with_all_it_has(self):
        tenant = node.must(
            201, "POST", "/v1/tenants",
            {"name": "Short", "quotas": {"events": 1, "polls_per_event": 1, "voters_per_event": 2}},
            OPERATOR)
        path = f"/v1/tenants/{tenant['id']}"
        key = node.must(201, "POST", f"{path}/keys", None, OPERATOR)["key"]
        event = node.event(key=key)
        poll = node.poll(event["id"], key=key)["id"]
        self.says(node.call("POST", "/v1/events", {"title": "x"}, key), 409, "quota_exceeded")
        self.says(
            node.call("POST", f"/v1/events/{event['id']}/polls",
                      {"type": "rating", "question": "?"}, key), 409, "quota_exceeded")
        token = node.token(event["code"])
        changed = node.must(200, "PATCH", path, {"name": "Shorter", "quotas": {"events": 2}},
                            OPERATOR)
        self.assertEqual(changed["name"], "Shorter")
        self.assertEqual(changed["quotas"]["events"], 2)
        self.assertEqual(changed["quotas"]["polls_per_event"], 1, "what is left out stays")
        node.event(key=key)
        node.must(204, "DELETE", path, key=OPERATOR)
        self.says(node.call("GET", "/v1/events", key=key), 401, "unauthorised")
        self.says(node.vote(poll, ["a"], token), 404, "poll_not_found")
        self.says(node.call("GET", path, key=OPERATOR), 404, "tenant_not_found")


class Joins(Two_tenants):
    def test_who_comes_back_with_a_token_is_the_same_voter(self):
        first = node.join(self.code)
        self.assertEqual(first["event"]["id"], self.event)
        self.assertEqual([p["id"] for p in first["polls"]], [self.poll], "drafts are for the host")
        for token, fields in [(first["voter"]["token"], {}),
                              (None, {"Cookie":
                                      f"a=b; tallycast_voter={first['voter']['token']}"})]:
            again = node.call("POST", "/v1/join", {"code": self.code}, token, fields)
            self.assertEqual(again.json["voter"], first["voter"])
            self.assertIn(first["voter"]["token"], again.fields["Set-Cookie"])
        for other in (None, self.stranger, first["voter"]["token"][:-2],
                      forged("tcv", self.event, 5,
                             time.time() - 1), HOST):
            new = node.call("POST", "/v1/join", {"code": self.code}, other)
            self.assertEqual(new.status, 200, new)
            self.assertNotEqual(new.json["voter"]["number"], first["voter"]["number"])

    def test_codes_are_read_as_people_write_them(self):
        self.assertRegex(self.code, r"^[A-HJ-NP-Z2-9]{6,8}$")
        typed = f" {self.code[:3].lower()}-{self.code[3:]} "
        self.assertEqual(node.join(typed)["event"]["id"], self.event)
        self.says(node.call("POST", "/v1/join", {"code": "QQQQQQ"}), 404, "event_not_found")
        self.says(node.call("POST", "/v1/join", {"code": ""}), 400, "invalid_request")

    def test_codes_are_unique_and_no_pages(self):
        made = node.event(code="summer24")
        for taken in ("SUMMER24", "summer-24"):
            self.says(node.call("POST", "/v1/events", {"title": "x", "code": taken}, HOST), 409,
                      "code_taken")
        self.says(node.call("PATCH", f"/v1/events/{self.event}", {"code": "summer24"}, HOST), 409,
                  "code_taken")
        for bad in ("abc", "abcdefghi", "ab!def", "openapi", "studio", "summer20", "summero",
                    "summer21", "summeri", "kelvin"):
            for method, path in (("POST", "/v1/events"), ("PATCH", f"/v1/events/{made['id']}")):
                self.says(node.call(method, path, {"title": "x", "code": bad}, HOST), 400,
                          "invalid_request")
        kept = node.must(200, "PATCH", f"/v1/events/{made['id']}", {"code": "summer-24"})
        self.assertEqual(kept["code"], "SUMMER24")
        node.must(204, "DELETE", f"/v1/events/{made['id']}")
        node.must(204, "DELETE", f"/v1/events/{node.event(code='summer24')['id']}")

    def test_the_cookie_is_out_of_reach_of_scripts_and_votes(self):
        cookie = node.call("POST", "/v1/join", {"code": self.code}).fields["Set-Cookie"]
        for part in ("HttpOnly", "SameSite=Lax", "Path=/"):
            self.assertIn(part, cookie)
        self.assertNotIn("Secure", cookie)
        poll = node.poll(self.event)["id"]
        fields = {"Cookie": cookie.split(";")[0]}
        reply = node.call("POST", f"/v1/polls/{poll}/votes", {"choices": ["a"]}, fields=fields)
        self.assertEqual(reply.json["status"], "counted")
        node.must(204, "DELETE", f"/v1/polls/{poll}")


class Visibility(Two_tenants):
    # rule: who sees it while it is open, who when it is closed
    EVERYBODY = {"anyone", "stranger", "joined", "voted", "watcher", "host"}
    RULES = {
        "always": (EVERYBODY, EVERYBODY), "after_vote": ({"voted", "watcher", "host"}, EVERYBODY),
        "after_close": ({"watcher", "host"}, EVERYBODY), "never": ({"watcher",
                                                                    "host"}, {"watcher", "host"})
    }

    def test_results_for_each_rule_caller_and_status(self):
        for rule, (while_open, when_closed) in self.RULES.items():
            event = node.event()
            poll = node.poll(event["id"], results=rule)["id"]
            watcher = node.must(201, "POST", f"/v1/events/{event['id']}/watchers", {})["token"]
            callers = {
                "anyone": None, "stranger": self.stranger, "joined": node.token(event["code"]),
                "voted": node.token(event["code"]), "watcher": watcher, "host": HOST
            }
            self.assertEqual(node.vote(poll, ["a"], callers["voted"]).status, 200)
            for step, seers in ((None, while_open), ("close", when_closed)):
                if step:
                    node.step(poll, step)
                for who, key in callers.items():
                    with self.subTest(rule, step=step, who=who):
                        self.sees(event["id"], poll, key, who in seers)
            self.says(node.call("GET", f"/v1/polls/{poll}/results", key=self.other_host), 404,
                      "poll_not_found")

    def sees(self, event, poll, key, visible):
        reply = node.call("GET", f"/v1/polls/{poll}/results", key=key)
        if visible:
            self.assertEqual((reply.status, reply.json and reply.json["voters"]), (200, 1), reply)
        else:
            self.says(reply, 403, "results_hidden")
            self.assertNotIn("votes", reply.json)
        # The event's own view follows within a tick.
        wait_for(lambda: self.seen_in_event(event, key) == visible, "the event's results")

    def seen_in_event(self, event, key):
        return [
            r["voters"] for r in node.must(200, "GET", f"/v1/events/{event}", key=key)["results"]
        ] == [1]

    def test_drafts_are_for_the_host_and_its_watchers(self):
        for key, polls in [(None, 1), (self.voter, 1), (self.stranger, 1), (HOST, 2),
                           (self.watcher, 2)]:
            self.assertEqual(
                len(node.must(200, "GET", f"/v1/events/{self.event}", key=key)["polls"]), polls)
        for key, status in [(None, 404), (self.voter, 404), (HOST, 200), (self.watcher, 200)]:
            self.assertEqual(
                node.call("GET", f"/v1/polls/{self.draft}/results", key=key).status, status)

    def test_old_rounds_are_for_the_host(self):
        poll = node.poll(self.event)["id"]
        node.vote(poll, ["a"], self.voter)
        node.step(poll, "reset")
        self.says(node.call("GET", f"/v1/polls/{poll}/results?round=1", key=self.voter), 403,
                  "results_hidden")
        self.assertEqual(node.results(poll, self.watcher, "?round=1")["voters"], 1)
        node.must(204, "DELETE", f"/v1/polls/{poll}")


class Tokens(Two_tenants):
    def test_no_flipped_bit_makes_a_valid_token_and_all_are_told_the_same(self):
        path = f"/v1/polls/{self.poll}/votes/mine"
        said, tried = set(), 0
        with node.client() as client:
            for flipped in self.flips():
                tried += 1
                if not re.fullmatch(r"[\x21-\x7e]+", flipped):
                    flipped = base64.b64encode(
                        flipped.encode("latin-1")).decode()  # cannot stand in a header
                reply = client.call("GET", path, key=flipped)
                self.assertEqual(reply.status, 401, flipped)
                said.add((reply.code, reply.json["detail"]))
        self.assertEqual(said, {("voter_token_invalid", NOT_OURS)})
        self.assertGreater(tried, 1200)

    def flips(self):
        for i in range(len(self.voter)):
            for bit in range(8):
                yield self.voter[:i] + chr(ord(self.voter[i]) ^ 1 << bit) + self.voter[i + 1:]
        head, text = self.voter.split(".")
        raw = base64.urlsafe_b64decode(text + "==")
        for i in range(len(raw) * 8):
            flipped = raw[:i // 8] + bytes([raw[i // 8] ^ 1 << i % 8]) + raw[i // 8 + 1:]
            yield f"{head}." + base64.urlsafe_b64encode(flipped).decode().rstrip("=")

    def test_what_is_nearly_a_token_is_told_the_same(self):
        body = self.voter.split(".")[1]
        near = [self.voter[:n] for n in range(4, len(self.voter), 7)] + [
            self.voter + "A", self.voter + "=", self.voter + ".", "tcv_." + body, "tcv_k1." + body,
            "tcv_k3." + body, "tcw_k2." + body, "tcv_k2." + body.replace("A", "+"),
            "tcv_" + "A" * 4096,
            forged("tcv", self.event, 1, 2**32 - 1, secret=bytes(32)),
            self.watcher.replace("tcw", "tcv")
        ]
        for token in near:
            with self.subTest(token[:60]):
                told = self.says(node.call("GET", f"/v1/polls/{self.poll}/votes/mine", key=token),
                                 401, "voter_token_invalid")
                self.assertEqual(told["detail"], NOT_OURS)

    def test_both_keys_verify_and_the_first_signs(self):
        self.assertTrue(self.voter.startswith("tcv_k2."))
        for key, secret in (("k2", SECRET), ("k1", OLD_SECRET)):
            token = forged("tcv", self.event, 900, time.time() + 60, key, secret)
            self.says(node.call("GET", f"/v1/polls/{self.poll}/votes/mine", key=token), 404,
                      "not_voted")

    def test_a_watcher_sees_one_event_and_changes_nothing(self):
        self.assertEqual(
            node.must(200, "GET", f"/v1/events/{self.event}", key=self.watcher)["id"], self.event)
        draft = node.poll(self.other_event, opened=False, key=self.other_host)["id"]
        self.says(node.call("GET", f"/v1/polls/{draft}/results", key=self.watcher), 404,
                  "poll_not_found")
        for ttl in (0, -1, 59, 30 * 86400 + 1, 1.5, "60"):
            self.says(node.call("POST", f"/v1/events/{self.event}/watchers", {"ttl_s": ttl}, HOST),
                      400, "invalid_request")


if __name__ == "__main__":
    unittest.main()
