#!/usr/bin/env python3
"""docs/openapi.yaml is well formed, names what the router knows, and is what a running node does."""

import re
import unittest

from jsonschema import Draft202012Validator

import described_json
import running_node
from running_node import HOST_KEY, OPERATOR_KEY, ROOT, wait_for

HOME = "openapi.yaml"
SPEC = described_json.read(ROOT / "docs" / HOME)
DOCUMENTS = described_json.Documents(openapi_yaml=SPEC)
JSON_TYPES = ("application/json", "application/problem+json")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def operations():
    for path, item in SPEC["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method], item.get("parameters", [])


def resolved(value):
    return DOCUMENTS.resolved(value, HOME)[0]


def patterns(path, parameters):
    """The router's patterns of a path; a parameter with a list of values stands for each of them."""
    found = [path]
    for parameter in map(resolved, parameters):
        values = parameter["schema"].get("enum", ["{}"]) if parameter["in"] == "path" else []
        if values:
            found = [p.replace("{%s}" % parameter["name"], v) for p in found for v in values]
    return found


class Form(unittest.TestCase):
    def test_it_is_openapi_3_1_with_its_required_members(self):
        self.assertRegex(SPEC["openapi"], r"^3\.1\.\d+$")
        self.assertTrue(SPEC["info"]["title"] and SPEC["info"]["version"])
        self.assertLessEqual(set(SPEC), {"openapi", "info", "jsonSchemaDialect", "servers", "paths", "webhooks",
                                         "components", "security", "tags", "externalDocs"})
        self.assertLessEqual(set(SPEC["components"]), {"schemas", "responses", "parameters", "examples", "requestBodies",
                                                       "headers", "securitySchemes", "links", "callbacks", "pathItems"})

    def test_every_reference_leads_somewhere_and_every_component_is_used(self):
        self.assertEqual(DOCUMENTS.broken_references(HOME), [])
        used = {v["$ref"] for _, v in described_json.walk(SPEC) if isinstance(v, dict) and "$ref" in v}
        used |= {f"#/components/securitySchemes/{name}" for _, _, o, _ in operations()
                 for choice in o.get("security", []) for name in choice}
        for kind, named in SPEC["components"].items():
            for name in named:
                self.assertIn(f"#/components/{kind}/{name}", used)

    def test_every_schema_is_one(self):
        schemas = [v["schema"] for _, v in described_json.walk(SPEC) if isinstance(v, dict) and "schema" in v]
        for schema in [*schemas, *SPEC["components"]["schemas"].values()]:
            Draft202012Validator.check_schema(schema)

    def test_operations_are_complete_and_have_names_of_their_own(self):
        names = [o["operationId"] for _, _, o, _ in operations()]
        self.assertEqual(len(names), len(set(names)), names)
        tags = {t["name"] for t in SPEC["tags"]}
        for path, method, operation, _ in operations():
            with self.subTest(path=path, method=method):
                self.assertLessEqual(set(operation), {"tags", "operationId", "summary", "description", "security",
                                                      "parameters", "requestBody", "responses"})
                self.assertLessEqual(set(operation["tags"]), tags)
                self.assertTrue(operation["responses"])
                for status, answer in operation["responses"].items():
                    self.assertRegex(str(status), r"^([1-5]\d\d|default)$")
                    self.assertIn("description", resolved(answer))
                for choice in operation.get("security", []):
                    self.assertLessEqual(set(choice), set(SPEC["components"]["securitySchemes"]))

    def test_parameters_of_a_path_are_those_declared(self):
        for path, method, operation, shared in operations():
            declared = [resolved(p) for p in [*shared, *operation.get("parameters", [])]]
            with self.subTest(path=path, method=method):
                for parameter in declared:
                    self.assertTrue({"name", "in", "schema"} <= set(parameter), parameter)
                in_path = {p["name"] for p in declared if p["in"] == "path"}
                self.assertEqual(in_path, set(re.findall(r"{(\w+)}", path)))
                self.assertTrue(all(p.get("required") for p in declared if p["in"] == "path"))


class Agreement_with_the_source(unittest.TestCase):
    def test_described_routes_are_the_routes_of_the_router(self):
        source = (ROOT / "src/net/routes.cpp").read_text(encoding="utf-8")
        known = {(method.rstrip("_"), pattern)
                 for method, pattern in re.findall(r'\{verb::(\w+), "([^"]+)", \w+, \w+[^}]*\}', source)}
        self.assertGreater(len(known), 30)
        described = {(method, pattern) for path, method, _, shared in operations() for pattern in patterns(path, shared)}
        self.assertEqual(described, known)

    def test_described_codes_are_the_codes_of_the_error_table(self):
        source = (ROOT / "src/wire/problem.cpp").read_text(encoding="utf-8")
        table = dict(re.findall(r'problem\{errc::\w+, "(\w+)", (\d+),', source))
        self.assertEqual(set(SPEC["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]), set(table))

    def test_the_node_serves_this_description(self):
        node = running_node.start(type(self))
        answer = node.call("GET", "/openapi.yaml")
        self.assertEqual(answer.media_type, "application/yaml")
        self.assertEqual(answer.body, (ROOT / "docs" / HOME).read_bytes())


PAGES = {"startPage", "postJoinCode", "eventPage", "postBallotForm", "pageStyle", "asset", "worker", "studio", "presenter", "noPresenter", "docs", "openapi", "livez", "readyz", "metrics"}


class Conversation:
    """Calls a node by operationId and holds every answer against the description."""

    def __init__(self, test, node):
        self.test, self.node, self.called = test, node, set()
        self.by_name = {o["operationId"]: (path, method, o) for path, method, o, _ in operations()}

    def call(self, name, path=(), query="", body=None, expect=200, raw=False, **more):
        template, method, operation = self.by_name[name]
        values = dict(path)
        address = re.sub(r"{(\w+)}", lambda m: values[m.group(1)], template) + query
        base = self.node.operations if operation["tags"] == ["operations"] else None
        answer = self.node.call(method.upper(), address, body=body, base=base, **more)
        where = f"{name} {address}"
        self.test.assertEqual(answer.status, expect, f"{where}: {answer.body[:600]!r}")
        if isinstance(body, dict) and expect < 300:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            self.test.assertEqual(DOCUMENTS.faults(body, schema, HOME), [], f"{where}: the request")
        self.check_answer(where, operation, answer)
        self.called.add(name)
        return answer.json() if answer.media_type in JSON_TYPES and answer.body and not raw else answer

    def check_answer(self, where, operation, answer):
        described = operation["responses"].get(str(answer.status), operation["responses"].get("default"))
        self.test.assertIsNotNone(described, f"{where}: {answer.status} is not described")
        described = resolved(described)
        for field in described.get("headers", {}):
            if field not in ("Retry-After", "Location"):
                self.test.assertIn(field, answer.fields, where)
        if "content" not in described:
            return self.test.assertEqual(answer.body, b"", where)
        self.test.assertIn(answer.media_type, described["content"], where)
        if answer.media_type in JSON_TYPES:
            schema = described["content"][answer.media_type]["schema"]
            self.test.assertEqual(DOCUMENTS.faults(answer.json(), schema, HOME), [], where)
        if answer.media_type == "application/problem+json":
            self.test.assertEqual(answer.json()["status"], answer.status, where)
            self.test.assertEqual(answer.json()["request_id"], answer.fields["X-Request-Id"], where)


POLLS = {
    "single": ({"type": "single", "question": "Best act?", "options": ["Blue", {"id": "red", "label": "Red"}],
                "rules": {"allow_change": True}, "results": "after_vote"}, {"choices": ["red"]}),
    "multiple": ({"type": "multiple", "question": "Which ones?", "options": ["One", "Two", "Three"],
                  "rules": {"min_choices": 1, "max_choices": 2}, "closes_at": "2999-01-01T00:00:00.000Z",
                  "grace_ms": 500}, {"choices": ["a", "c"]}),
    "rating": ({"type": "rating", "question": "How was it?", "rules": {"scale": 7}}, {"rating": 6}),
    "ranking": ({"type": "ranking", "question": "In which order?", "options": ["One", "Two", "Three"]},
                {"choices": ["c", "a"]}),
}


class Agreement_with_a_node(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = running_node.start(cls)

    def setUp(self):
        self.api = Conversation(self, self.node)

    def an_event(self, **more):
        return self.api.call("createEvent", body={"title": "An evening", **more}, token=HOST_KEY, expect=201)

    def a_poll(self, event, kind="single"):
        created = self.api.call("createPoll", [("event", event["id"])], body=POLLS[kind][0], token=HOST_KEY, expect=201)
        return [("poll", created["id"])]

    def a_voter(self, event):
        return self.api.call("join", body={"code": event["code"].lower()})["voter"]["token"]

    def step(self, poll, name, body=None, **more):
        return self.api.call("movePoll", [*poll, ("step", name)], body=body, token=HOST_KEY, **more)

    def test_every_described_answer_of_an_evening(self):
        api, calls = self.api, set(self.api.by_name)
        event = self.an_event(settings={"locale": "de-AT"})
        at = [("event", event["id"])]
        self.assertIn(event["id"], [e["id"] for e in api.call("listEvents", token=HOST_KEY)["items"]])
        api.call("changeEvent", at, body={"title": "Another evening"}, token=HOST_KEY)
        self.sessions()
        api.call("invitation", at)
        self.assertEqual(api.call("connections", at, token=HOST_KEY)["connections"], 0)
        watcher = api.call("createWatcher", at, body={"ttl_s": 60}, token=HOST_KEY, expect=201)["token"]
        polls = {kind: self.a_poll(event, kind) for kind in POLLS}
        first = api.call("listPolls", at, query="?limit=3", token=HOST_KEY)
        rest = api.call("listPolls", at, query=f"?limit=3&cursor={first['next_cursor']}", token=HOST_KEY)
        self.assertEqual((len(first["items"]), len(rest["items"]), rest["next_cursor"]), (3, 1, None))
        voter = self.a_voter(event)
        for kind, poll in polls.items():
            with self.subTest(kind=kind):
                self.one_poll(kind, poll, voter)
        for token in (None, voter, watcher, HOST_KEY):
            view = api.call("seeEvent", at, token=token)
            self.assertEqual(len(view["polls"]), 4)
        self.not_modified("seeEvent", at)
        self.rest_of_the_host(polls, at)
        self.operators()
        self.flags()
        self.assertEqual(calls - api.called, {"live", "stream", "drain", "rebalance", "withdrawVote", *PAGES},
                         "these have tests of their own")

    def sessions(self):
        self.assertEqual(self.api.call("signIn", body={"host_key": HOST_KEY}), self.api.call("whoIsSignedIn", token=HOST_KEY))
        self.api.call("whoIsSignedIn", expect=401)
        self.api.call("signOut", expect=204)

    def one_poll(self, kind, poll, voter):
        api, ballot = self.api, POLLS[kind][1]
        self.step(poll, "open", {"duration_ms": 3_600_000} if kind == "rating" else None)
        key = [("Idempotency-Key", f"key-{kind}")]
        counted = api.call("vote", poll, body=ballot, token=voter, fields=key)
        again = api.call("vote", poll, body=ballot, token=voter, fields=key)
        self.assertEqual((counted["status"], again["status"]), ("counted", "replayed"))
        self.assertEqual(counted["receipt"], again["receipt"])
        mine = api.call("myVote", poll, token=voter)
        self.assertEqual(mine["receipt"], counted["receipt"])
        self.assertLessEqual(ballot.items(), mine.items())
        results = api.call("results", poll, token=voter)
        self.assertEqual((results["voters"], results["final"]), (1, False))
        self.assertTrue(api.call("ledger", poll, token=HOST_KEY)["balanced"])
        rows = api.call("export", poll, token=HOST_KEY).body.decode().splitlines()
        self.assertEqual((len(rows), rows[0].split(",")[:2]), (2, ["round", "voter"]))
        api.call("export", poll, query="?format=ndjson&round=1", token=HOST_KEY)
        for step in ("pause", "open", "close", "close"):
            self.step(poll, step)
        self.assertTrue(api.call("results", poll, token=HOST_KEY)["final"])

    def rest_of_the_host(self, polls, at):
        api, poll = self.api, polls["multiple"]
        self.assertEqual(self.step(poll, "reset")["round"], 2)
        api.call("results", poll, query="?round=1", token=HOST_KEY)
        api.call("results", poll, query="?round=1", expect=403)
        api.call("ledger", poll, query="?round=7", token=HOST_KEY, expect=404)
        api.call("changePoll", poll, body={"question": "Which ones then?"}, token=HOST_KEY)
        api.call("changePoll", polls["single"], body={"options": ["X", "Y"]}, token=HOST_KEY, expect=409)
        self.step(polls["single"], "archive")
        self.step(polls["single"], "open", expect=409)
        api.call("getPoll", poll, token=HOST_KEY)
        api.call("deletePoll", poll, token=HOST_KEY, expect=204)
        api.call("getPoll", poll, token=HOST_KEY, expect=404)
        self.not_modified("results", polls["rating"])
        api.call("deleteEvent", at, token=HOST_KEY, expect=204)
        api.call("seeEvent", at, expect=404)

    def not_modified(self, name, path):
        """The tag of one answer spares the next, as long as nothing moves in between."""
        template = self.api.by_name[name][0]
        tag = self.node.call("GET", re.sub(r"{(\w+)}", lambda m: dict(path)[m.group(1)], template)).fields["ETag"]
        self.api.call(name, path, fields=[("If-None-Match", tag)], expect=304)

    def operators(self):
        api = self.api
        tenant = api.call("createTenant", body={"name": "A theatre", "quotas": {"events": 3}}, token=OPERATOR_KEY, expect=201)
        at = [("tenant", tenant["id"])]
        self.assertEqual(tenant["quotas"]["events"], 3)
        self.assertIn(tenant, api.call("listTenants", token=OPERATOR_KEY)["items"])
        api.call("getTenant", at, token=OPERATOR_KEY)
        api.call("changeTenant", at, body={"name": "Another theatre"}, token=OPERATOR_KEY)
        key = api.call("createKey", at, body={"label": "box office"}, token=OPERATOR_KEY, expect=201)
        self.assertTrue(key["key"].startswith(key["prefix"]))
        api.call("listEvents", token=key["key"])
        self.assertNotIn("key", api.call("listKeys", at, token=OPERATOR_KEY)["items"][0])
        api.call("deleteKey", [*at, ("key", key["id"])], token=OPERATOR_KEY, expect=204)
        api.call("deleteTenant", at, token=OPERATOR_KEY, expect=204)
        api.call("getTenant", at, token=OPERATOR_KEY, expect=404)

    def flags(self):
        api, token, at = self.api, OPERATOR_KEY, [("flag", "results-rate")]
        self.assertFalse(any(flag["set"] for flag in api.call("listFlags", token=token)["items"]))
        self.assertEqual(api.call("setFlag", at, body={"value": 2.5}, token=token)["value"], 2.5)
        wait_for(lambda: api.call("getFlag", at, token=token)["set"], "the flag being heard of")
        api.call("setFlag", at, body={"value": None}, token=token)
        api.call("setFlag", [("flag", "sse")], body={"value": 1}, token=token, expect=400)
        api.call("setFlag", [("flag", "none")], body={"value": 1}, token=token, expect=404)
        api.call("getFlag", at, token=HOST_KEY, expect=401)
        api.call("evaluateFlag", at, body={"context": {"targetingKey": "x"}})
        api.call("evaluateFlag", [("flag", "none")], expect=404)
        api.call("evaluateFlag", at, body="no", expect=400)
        tag = api.call("evaluateFlags", raw=True).fields["ETag"]
        api.call("evaluateFlags", fields=[("If-None-Match", tag)], expect=304)
        api.call("evaluateFlags", body="[]", expect=400)

    def test_pages_and_operations(self):
        self.node = running_node.Node()
        self.addCleanup(self.node.stop)
        api = self.api = Conversation(self, self.node)
        event = self.an_event()
        form = [("Content-Type", "application/x-www-form-urlencoded")]
        for name in ("startPage", "pageStyle", "docs", "openapi", "livez", "readyz", "metrics"):
            api.call(name)
        assets = re.findall(r'"/assets/([^"]+)"', api.call("startPage").body.decode())
        for asset in assets:
            api.call("asset", [("asset", asset)])
        built = 200 if assets else 404  # a server may be built without pages
        api.call("worker", expect=built)
        api.call("studio", expect=built)
        api.call("presenter", [("event", event["id"])], expect=built)
        api.call("noPresenter", expect=303)
        api.call("asset", [("asset", "none.js")], expect=404)
        where = api.call("postJoinCode", body=f"code={event['code']}", fields=form, expect=303).fields["Location"]
        self.assertEqual(where, f"/{event['code']}")
        api.call("postJoinCode", body="code=AAAAAA", fields=form, expect=404)
        poll = self.a_poll(event)
        self.step(poll, "open")
        page = api.call("eventPage", [("code", event["code"])])
        cookie = [("Cookie", page.fields["Set-Cookie"].split(";")[0])]
        fields = re.findall(r'name="([^"]+)" value="([^"]+)"', page.body.decode())
        chosen = {name: value for name, value in fields if not name.startswith("withdraw")}
        body = "&".join(f"{name}={value}" for name, value in chosen.items())
        posted = api.call("postBallotForm", [("code", event["code"])], body=body, fields=[*form, *cookie])
        self.assertIn("Your vote was counted", posted.body.decode())
        api.call("postBallotForm", [("code", event["code"])], body="nothing", fields=[*form, *cookie], expect=400)
        self.assertLessEqual(PAGES, api.called)

    def test_withdrawal(self):
        event = self.an_event()
        poll, voter = self.a_poll(event), self.a_voter(event)
        self.step(poll, "open")
        self.api.call("withdrawVote", poll, token=voter, expect=404)
        self.api.call("vote", poll, body={"choices": ["a"]}, token=voter)
        key = [("Idempotency-Key", "take it back")]
        self.api.call("withdrawVote", poll, token=voter, fields=key, expect=400)  # a blank is not visible
        key = [("Idempotency-Key", "take-it-back")]
        self.assertEqual(self.api.call("withdrawVote", poll, token=voter, fields=key)["status"], "withdrawn")
        self.assertEqual(self.api.call("withdrawVote", poll, token=voter, fields=key)["status"], "replayed")
        self.api.call("myVote", poll, token=voter, expect=404)

    def test_refusals_have_the_described_form_and_code(self):
        event, other = self.an_event(), self.an_event()
        voter, stranger = self.a_voter(event), self.a_voter(other)
        poll, draft, fixed = self.a_poll(event), self.a_poll(event), self.a_poll(event, "rating")
        self.step(poll, "open")
        self.step(fixed, "open")
        good = {"choices": ["a"]}
        self.api.call("vote", poll, body=good, token=voter, fields=[("Idempotency-Key", "k")])
        self.api.call("vote", fixed, body={"rating": 1}, token=voter)
        json_text = [("Content-Type", "application/json")]
        table = [
            ("malformed_json", 400, poll, "{", {"token": voter, "fields": json_text}),
            ("unknown_field", 400, poll, {**good, "x": 1}, {"token": voter}),
            ("invalid_request", 400, poll, {}, {"token": voter}),
            ("voter_token_required", 401, poll, good, {}),
            ("voter_token_invalid", 401, poll, good, {"token": voter[:-1] + "!"}),
            ("wrong_event", 403, poll, good, {"token": stranger}),
            ("poll_not_found", 404, draft, good, {"token": voter}),
            ("already_voted", 409, fixed, {"rating": 2}, {"token": voter}),
            ("body_too_large", 413, poll, "[" + " " * 17_000, {"token": voter, "fields": json_text}),
            ("unsupported_media_type", 415, poll, "a", {"token": voter}),
            ("invalid_ballot", 422, poll, {"choices": ["z"]}, {"token": voter}),
            ("idempotency_key_reused", 422, poll, {"choices": ["red"]},
             {"token": voter, "fields": [("Idempotency-Key", "k")]}),
        ]
        for code, status, where, body, more in table:
            with self.subTest(code=code):
                self.assertEqual(self.api.call("vote", where, body=body, expect=status, **more)["code"], code)
        self.step(poll, "pause")
        self.assertEqual(self.api.call("vote", poll, body={"choices": ["red"]}, token=voter, expect=409)["code"], "poll_paused")
        self.step(poll, "close")
        late = self.api.call("vote", poll, body={"choices": ["red"]}, token=voter, expect=409)
        self.assertEqual(late["code"], "poll_closed")
        self.assertLessEqual({"closed_at", "late_ms"}, set(late))
        for token in (None, voter, OPERATOR_KEY):
            self.assertEqual(self.api.call("listEvents", token=token, expect=401)["code"], "unauthorised")

    def test_a_limit_says_when_to_come_back(self):
        node = running_node.Node("--threads", "1", "--limit-join-address-rate", "0.01", "--limit-join-address-burst", "1")
        self.addCleanup(node.stop)
        api = Conversation(self, node)
        event = api.call("createEvent", body={"title": "Small"}, token=HOST_KEY, expect=201)
        api.call("join", body={"code": event["code"]})
        refused = api.call("join", body={"code": event["code"]}, expect=429)
        self.assertEqual(refused["code"], "rate_limited")
        self.assertGreater(refused["retry_after_ms"], 0)
        self.assertIn("limit", refused)

    def test_live_address_without_a_handshake_and_what_sends_people_away(self):
        event = self.an_event()
        self.api.call("live", [("event", event["id"])], expect=426)
        self.api.call("stream", [("event", "nobody")], expect=404)
        node = running_node.Node()
        self.addCleanup(node.stop)
        api = Conversation(self, node)
        api.call("rebalance", query="?share=0.5", expect=202)
        api.call("rebalance", query="?share=2", expect=400)
        api.call("drain", expect=202)
        self.assertEqual(api.call("readyz", expect=503).body, b"draining\n")


if __name__ == "__main__":
    unittest.main()
