"""HTTP itself: caching, request ids, limits and their fields, lists page by page, methods and media
types, and bodies that are too large, not JSON, or text that would deceive."""

import itertools
import re
import unittest

from node import HOST, OPERATOR, Node, wait_for

DEEP = 10000


def setUpModule():
    global node
    node = Node().start()
    unittest.addModuleCleanup(node.remove)


class Over_http(unittest.TestCase):
    def setUp(self):
        event = node.event()
        self.event, self.code = event["id"], event["code"]

    def says(self, reply, status, code):
        self.assertEqual((reply.status, reply.code), (status, code), reply)
        return reply.json


class Caching(Over_http):
    def revalidates(self, path, key, control, move):
        first = node.call("GET", path, key=key)
        self.assertEqual(first.status, 200, first)
        tag = first.fields["ETag"]
        self.assertRegex(tag, r'^W/"[^"]+"$')
        self.assertIn(control, first.fields["Cache-Control"])
        self.assertIn("Authorization", first.fields["Vary"])
        for sent in (tag, tag[2:], f'"other", {tag}', "*"):
            again = node.call("GET", path, key=key, fields={"If-None-Match": sent})
            self.assertEqual((again.status, again.raw), (304, b""), sent)
            self.assertEqual((again.fields["ETag"], again.fields["Cache-Control"]),
                             (tag, first.fields["Cache-Control"]))
        self.assertEqual(
            node.call("GET", path, key=key, fields={"If-None-Match": tag[:-2] + '"'}).status, 200)
        move()
        wait_for(
            lambda: node.call("GET", path, key=key, fields={"If-None-Match": tag}).status == 200,
            "a new ETag")
        self.assertNotEqual(node.call("GET", path, key=key).fields["ETag"], tag)

    def test_an_event_is_revalidated(self):
        path, poll = f"/v1/events/{self.event}", node.poll(self.event)["id"]
        voter, titles = node.token(self.code), itertools.count()
        wait_for(lambda: node.must(200, "GET", path)["results"], "the first results")
        for key, control in ((None, "public"), (voter, "private"), (HOST, "private")):
            for move in (
                    lambda: node.vote(poll, ["a"], node.token(self.code)),
                    lambda: node.poll(self.event),
                    lambda: node.must(200, "PATCH", path, {"title": f"Evening of {next(titles)}"})):
                self.revalidates(path, key, control, move)

    def test_results_are_revalidated(self):
        poll = node.poll(self.event)["id"]
        path = f"/v1/polls/{poll}/results"
        for move in (lambda: node.vote(poll, ["a"], node.token(self.code)),
                     lambda: node.step(poll, "pause"), lambda: node.step(poll, "close"),
                     lambda: node.step(poll, "open")):
            self.revalidates(path, None, "public", move)
        self.revalidates(path, node.token(self.code), "private", lambda: node.step(poll, "reset"))

    def test_no_connection_sees_a_version_fall_from_results_to_the_event(self):
        poll = node.poll(self.event)["id"]
        with node.client() as client:
            for _ in range(20):
                client.vote(poll, ["a"], node.token(self.code))
                asked = client.call("GET", f"/v1/polls/{poll}/results").json["version"]
                (shown,) = client.call("GET", f"/v1/events/{self.event}").json["results"]
                self.assertGreaterEqual(shown["version"], asked)

    def test_results_of_another_poll_with_the_same_version_are_something_new(self):
        first, second = (node.poll(self.event, results="after_vote", rules={"allow_change": True})["id"] for _ in range(2))
        voter, path = node.token(self.code), f"/v1/events/{self.event}"

        def seen():
            reply = node.call("GET", path, key=voter)
            return [(r["poll"], r["version"]) for r in reply.json["results"]], reply.fields["ETag"]

        node.vote(first, ["a"], voter)
        before, tag = wait_for(lambda: (got := seen())[0] == [(first, 2)] and got, "the vote in the first poll")
        node.must(200, "DELETE", f"/v1/polls/{first}/votes/mine", key=voter)
        node.vote(second, ["a"], voter)
        wait_for(lambda: seen()[0] == [(second, 2)], "the vote in the second poll")
        self.assertEqual(node.call("GET", path, key=voter, fields={"If-None-Match": tag}).status, 200, before)

    def test_what_is_one_voters_is_never_public(self):
        poll = node.poll(self.event, results="after_vote")["id"]
        wait_for(lambda: node.must(200, "GET", f"/v1/events/{self.event}", key=HOST)["results"],
                 "the first results")
        self.assertIn("private",
                      node.call("GET", f"/v1/events/{self.event}").fields["Cache-Control"])
        cookie = {"Cookie": f"tallycast_voter={node.token(self.code)}"}
        self.assertIn(
            "private",
            node.call("GET", f"/v1/events/{self.event}", fields=cookie).fields["Cache-Control"])
        self.assertEqual(
            node.call("GET", f"/v1/polls/{poll}/results").fields["Cache-Control"], "no-store")
        self.assertEqual(
            node.call("POST", "/v1/join", {"code": self.code}).fields["Cache-Control"], "no-store")

    def test_head_of_a_stream_has_an_end(self):
        reply = node.call("HEAD", f"/v1/events/{self.event}/stream")
        self.assertEqual((reply.status, reply.raw), (200, b""))
        self.assertTrue(reply.fields["Content-Type"].startswith("text/event-stream"))

    def test_head_is_get_without_the_body(self):
        poll = node.poll(self.event)["id"]
        wait_for(lambda: node.must(200, "GET", f"/v1/events/{self.event}")["results"],
                 "the first results")
        for path, key in [(f"/v1/events/{self.event}", None), (f"/v1/polls/{poll}/results", HOST),
                          ("/v1/events?limit=1", HOST), ("/", None), ("/openapi.yaml", None),
                          ("/v1/nothing", None), (f"/v1/polls/{poll}/ledger", None)]:
            with self.subTest(path):
                got, head = node.call("GET", path, key=key), node.call("HEAD", path, key=key)
                self.assertEqual((head.status, head.raw), (got.status, b""))
                for name in ("Content-Type", "ETag", "Cache-Control"):
                    self.assertEqual(head.fields[name], got.fields[name])
                self.assertAlmostEqual(int(head.fields["Content-Length"]), len(got.raw), delta=3)


class Fields(Over_http):
    def test_request_ids_are_kept_or_made(self):
        for kept in ("abc", "x" * 64, "!~-/"):
            self.assertEqual(
                node.call("GET", "/v1/nothing", fields={"X-Request-Id": kept}).json["request_id"],
                kept)
            self.assertEqual(
                node.call("GET", "/v1/events", key=HOST,
                          fields={"X-Request-Id": kept}).fields["X-Request-Id"], kept)
        made = set()
        for refused in ("x" * 65, "a b", "", "ü"):
            told = node.call("GET",
                             "/v1/nothing",
                             fields={"X-Request-Id":
                                     refused.encode("latin-1")}).fields["X-Request-Id"]
            self.assertRegex(told, r"^[!-~]{1,64}$")
            self.assertNotEqual(told, refused)
            made.add(told)
        self.assertEqual(len(made), 4)

    def test_methods_and_paths_that_do_not_exist(self):
        poll = node.poll(self.event)["id"]
        for method, path, allow in [
            ("PUT", f"/v1/events/{self.event}", {"GET", "HEAD", "PATCH", "DELETE"}),
            ("GET", "/v1/join", {"POST"}), ("DELETE", f"/v1/polls/{poll}/votes", {"POST"}),
            ("POST", f"/v1/polls/{poll}", {"GET", "HEAD", "PATCH", "DELETE"})
        ]:
            reply = node.call(method, path, key=HOST)
            self.says(reply, 405, "method_not_allowed")
            self.assertEqual(set(re.split(", *", reply.fields["Allow"])), allow, path)
        for path in ("/v1/", "/v2/events", f"/v1/events/{self.event}/",
                     f"/v1/polls/{poll}/votes/yours", "//", "/v1/events//polls"):
            self.says(node.call("GET", path, key=HOST), 404, "not_found")

    def test_ids_that_are_none_are_not_found(self):
        for odd in ("x" * 33, "x" * 2000, "%00", "a%2Fb", "..", "'", "%F0%9F%92%A9"):
            with self.subTest(odd[:40]):
                self.says(node.call("GET", f"/v1/events/{odd}"), 404, "event_not_found")
                self.says(node.call("GET", f"/v1/polls/{odd}/results"), 404, "poll_not_found")

    def test_the_operations_are_not_public(self):
        for path in ("/livez", "/readyz", "/metrics", "/drain"):
            self.assertIn(node.call("GET", path).status, (404, 405))
        self.assertIn(node.call("POST", "/drain").status, (403, 404, 405))
        self.assertEqual(node.ops("GET", "/livez").status, 200)
        self.assertEqual(
            node.ops("GET", "/metrics").fields["Content-Type"],
            "text/plain; version=0.0.4; charset=utf-8")
        self.assertEqual(node.ops("GET", "/v1/events").status, 404)

    def test_no_page_in_a_browser_drains_the_node(self):
        for origin in ("https://elsewhere.example", "null", f"http://127.0.0.1:{node.operations}"):
            reply = node.ops("POST", "/drain", {"Origin": origin})
            self.says(reply, 403, "forbidden")
        self.assertEqual(node.ops("GET", "/readyz").status, 200)

    def test_other_media_types_are_refused(self):
        poll, token = node.poll(self.event)["id"], node.token(self.code)
        for kind in (None, "text/plain", "application/jsonx", "application/x-www-form-urlencoded",
                     "application/json/x"):
            reply = node.call("POST", f"/v1/polls/{poll}/votes", {"choices": ["a"]}, token,
                              {"Content-Type": kind})
            self.says(reply, 415, "unsupported_media_type")
        for kind in ("application/json; charset=utf-8", "Application/JSON"):
            reply = node.call("POST", f"/v1/polls/{poll}/votes", {"choices": ["a"]}, token,
                              {"Content-Type": kind})
            self.assertEqual(reply.status, 200, reply)

    def test_lists_come_page_by_page(self):
        tenant = node.must(201, "POST", "/v1/tenants", {"name": "Lists"}, OPERATOR)["id"]
        key = node.must(201, "POST", f"/v1/tenants/{tenant}/keys", {}, OPERATOR)["key"]
        event = node.event(key=key)["id"]
        polls = [node.poll(event, opened=False, key=key)["id"] for _ in range(61)]
        events = [event] + [node.event(key=key)["id"] for _ in range(4)]
        keys = {
            node.must(201, "POST", f"/v1/tenants/{tenant}/keys", {}, OPERATOR)["id"]
            for _ in range(4)
        }
        self.assertEqual(self.pages(f"/v1/events/{event}/polls", key, ""), [polls[:50], polls[50:]])
        self.assertEqual(self.pages(f"/v1/events/{event}/polls", key, "limit=20&"),
                         [polls[:20], polls[20:40], polls[40:60], polls[60:]])
        self.assertEqual(self.pages(f"/v1/events/{event}/polls", key, "limit=61&"), [polls])
        # Events of the same millisecond stand in any order, but always in the same.
        told = self.pages("/v1/events", key, "limit=2&")
        self.assertEqual([len(p) for p in told], [2, 2, 1])
        self.assertEqual(sorted(e for p in told for e in p), sorted(events))
        self.assertEqual(self.pages("/v1/events", key, "limit=5&"), [[e for p in told for e in p]])
        self.assertEqual(
            [len(p) for p in self.pages(f"/v1/tenants/{tenant}/keys", OPERATOR, "limit=2&")],
            [2, 2, 1])
        self.assertLessEqual(
            keys, {k
                   for p in self.pages(f"/v1/tenants/{tenant}/keys", OPERATOR, "")
                   for k in p})
        self.assertIn(tenant,
                      {t
                       for p in self.pages("/v1/tenants", OPERATOR, "limit=1&")
                       for t in p})
        for wrong in ("limit=0", "limit=201", "limit=-1", "limit=x", "limit=", "limit=1.5",
                      "cursor=nowhere"):
            self.says(node.call("GET", f"/v1/events?{wrong}", key=key), 400, "invalid_request")

    def pages(self, path, key, query):
        pages, cursor = [], ""
        while cursor is not None:
            told = node.must(
                200,
                "GET",
                f"{path}?{query}cursor={cursor}" if cursor else f"{path}?{query}".rstrip("&?"),
                key=key)
            pages.append([item["id"] for item in told["items"]])
            cursor = told["next_cursor"]
        return pages


class Limits(unittest.TestCase):
    def limited(self, *options):
        limited = Node(*options, limits="on").start()
        self.addCleanup(limited.remove)
        return limited

    def refused(self, reply, limit):
        self.assertEqual((reply.status, reply.code), (429, "rate_limited"), reply)
        self.assertEqual(reply.json["limit"], limit)
        wait, wait_ms = int(reply.fields["Retry-After"]), reply.json["retry_after_ms"]
        self.assertGreater(wait_ms, 0)
        self.assertEqual(wait, -(-wait_ms // 1000))
        self.assertEqual(reply.fields["RateLimit"].split(";")[:2], [f'"{limit}"', "r=0"])

    def test_a_voter_is_limited_and_the_others_are_not(self):
        limited = self.limited("--limit-voter-rate", "0.02", "--limit-voter-burst", "3",
                               "--limit-connection-burst", "1000")
        event = limited.event()
        poll = limited.poll(event["id"], rules={"allow_change": True})["id"]
        with limited.client() as client:
            token = limited.token(event["code"])
            for left in (2, 1, 0):
                reply = client.vote(poll, ["abc"[left]], token, f"k{left}")
                self.assertEqual(reply.status, 200, reply)
                self.assertRegex(reply.fields["RateLimit"], rf'^"voter";r={left};t=\d+$')
                self.assertRegex(reply.fields["RateLimit-Policy"], r'^"voter";q=3;w=150$')
            self.refused(client.vote(poll, ["a"], token, "k9"), "voter")
            self.refused(client.call("DELETE", f"/v1/polls/{poll}/votes/mine", key=token), "voter")
            self.assertEqual(client.vote(poll, ["a"], limited.token(event["code"])).status, 200)
        ledger = limited.ledger(poll)
        self.assertEqual((ledger["received"], ledger["rejected"]["limited"], ledger["balanced"]),
                         (6, 2, True))

    def test_a_tenant_is_limited_over_all_threads(self):
        limited = Node("--limit-tenant-rate", "0.01", "--limit-tenant-burst", "10", limits="on", threads=4).start()
        self.addCleanup(limited.remove)
        event = limited.event()
        poll = limited.poll(event["id"])["id"]
        replies = [limited.vote(poll, ["a"], limited.token(event["code"])) for _ in range(40)]
        self.assertEqual([reply.status for reply in replies], [200] * 10 + [429] * 30)
        self.refused(replies[-1], "tenant")
        ledger = limited.ledger(poll)
        self.assertEqual((ledger["counted"], ledger["rejected"]["limited"]), (10, 30))

    def test_a_voter_changes_only_so_often_over_all_threads(self):
        limited = Node("--limit-voter-rate", "0.01", "--limit-voter-burst", "3", limits="on", threads=4).start()
        self.addCleanup(limited.remove)
        event = limited.event()
        poll = limited.poll(event["id"], rules={"allow_change": True})["id"]
        token = limited.token(event["code"])
        replies = [limited.vote(poll, ["abc"[i % 3]], token, f"k{i}") for i in range(12)]
        self.assertEqual([reply.status for reply in replies], [200] * 3 + [429] * 9)
        changes = [reply for reply in replies[3:] if reply.json["limit"] == "change"]
        self.assertTrue(changes, "a thread that had seen few of them asked the store")
        self.refused(changes[0], "change")
        ledger = limited.ledger(poll)
        self.assertEqual((ledger["counted"], ledger["changed"], ledger["rejected"]["limited"]), (1, 2, 9))

    def test_joins_and_connections_are_limited(self):
        limited = self.limited("--limit-join-address-rate", "0.02", "--limit-join-address-burst",
                               "2")
        code = limited.event()["code"]
        with limited.client() as client:
            for _ in range(2):
                reply = client.call("POST", "/v1/join", {"code": code})
                self.assertIn("RateLimit-Policy", reply.fields)
                self.assertEqual(reply.status, 200)
            self.refused(client.call("POST", "/v1/join", {"code": code}), "join")
        limited = self.limited("--limit-connection-rate", "0.02", "--limit-connection-burst", "3")
        with limited.client() as client:
            replies = [client.call("GET", "/v1/events", key=HOST) for _ in range(4)]
            self.assertEqual([reply.status for reply in replies], [200, 200, 200, 429])
            self.assertEqual([reply.fields["RateLimit"].split(";")[1] for reply in replies], ["r=2", "r=1", "r=0", "r=0"])
        self.assertEqual(
            limited.call("GET", "/v1/events", key=HOST).status, 200,
            "another connection has its own")


class Bodies(Over_http):
    NOT_JSON = {
        "nothing": b"",
        "a word": b"yes",
        "half": b'{"choices":["a"',
        "two": b'{"choices":["a"]}{}',
        "a comma": b'{"choices":["a"],}',
        "deep lists": b'{"choices":' + b"[" * DEEP + b"]" * 2000,
        "deep objects": b'{"a":' * 3000,
        "NaN": b'{"rating":NaN}',
        "too large a number": b'{"rating":1e400}',
        "infinity": b'{"rating":-Infinity}',
        "a lone high surrogate": b'{"choices":["\\ud800"]}',
        "a lone low surrogate": b'{"choices":["\\udc00x"]}',
        "bad UTF-8": b'{"choices":["\xff"]}',
        "long UTF-8": b'{"choices":["\xc0\xaf"]}',
        "surrogate in UTF-8": b'{"choices":["\xed\xa0\x80"]}',
        "a byte order mark": b'\xef\xbb\xbf{"choices":["a"]}',
        "doubled members": b'{"choices":["a"],"choices":["b"]}',
        "a control character": b'{"choices":["\x01"]}',
        "hex": b'{"rating":0x1}',
        "a plus": b'{"rating":+1}',
        "a leading zero": b'{"rating":01}',
        "a comment": b'{"choices":["a"]/**/}',
        "quotes": b"{'choices':['a']}",
        "doubled by an escape": b'{"choices":["a"],"ch\\u006fices":["b"]}',
        "a NUL": b'{"choices":["a"]}\x00',
    }

    def test_bodies_that_are_not_json_are_refused_and_told_where(self):
        poll, token = node.poll(self.event)["id"], node.token(self.code)
        routes = [(f"/v1/polls/{poll}/votes", token), ("/v1/join", None), ("/v1/events", HOST),
                  (f"/v1/events/{self.event}/polls", HOST)]
        for name, body in self.NOT_JSON.items():
            for path, key in routes:
                with self.subTest(name, path=path):
                    # A number that no double holds may be read as one that does not fit here.
                    code = "malformed_json" if name != "too large a number" else "invalid_request"
                    reply = node.call("POST", path, body, key)
                    self.assertIn((reply.status, reply.code), {(400, "malformed_json"),
                                                               (400, code)}, reply)
                    told = reply.json
                    self.assertRegex(told["detail"], r"\d|empty|twice|choices|rating",
                                     "it does not say where")
        self.assertEqual(node.results(poll)["voters"], 0)
        self.assertEqual(node.ledger(poll)["rejected"]["invalid"], len(self.NOT_JSON))

    def test_json_of_another_form_is_refused(self):
        poll, token = node.poll(self.event)["id"], node.token(self.code)
        cases = [(b"[]", None), (b"null", None), (b"1", None), ({}, "invalid_request"),
                 ({"choices": "a"}, "invalid_request"), ({"choices": [1]}, "invalid_request"),
                 ({"choices": [["a"]]}, None), ({"choices": None}, "invalid_request"),
                 ({"rating": "4"}, "invalid_request"), ({"rating": 1.5}, "invalid_request"),
                 ({"rating": True}, "invalid_request"),
                 ({"choices": ["a"], "rating": 1}, "invalid_request"),
                 ({"choices": ["a"], "extra": 0}, "unknown_field")]
        for body, code in cases:
            with self.subTest(body=body):
                reply = node.call("POST", f"/v1/polls/{poll}/votes", body, token)
                self.assertEqual(reply.status, 400, reply)
                self.assertIn(reply.code, [code] if code else ("invalid_request", "malformed_json"))
        for path, body in [("/v1/events", {"title": "x", "x": 1}),
                           (f"/v1/polls/{poll}/open", {"hurry": 1}),
                           ("/v1/join", {"code": "x", "y": 1}),
                           (f"/v1/events/{self.event}/watchers", {"ttl": 60}),
                           (f"/v1/polls/{poll}/close", {"duration_ms": 5000})]:
            told = self.says(node.call("POST", path, body, HOST), 400, "unknown_field")
            self.assertIn(list(body)[-1], told["detail"])

    def test_large_bodies_are_refused(self):
        poll, token = node.poll(self.event)["id"], node.token(self.code)
        long = "x" * 65536
        self.says(node.vote(poll, {"choices": [long]}, token), 413, "body_too_large")
        self.says(node.call("POST", "/v1/join", {"code": long}), 413, "body_too_large")
        fits = b'{"choices":["a"]}'.ljust(16 * 1024)
        self.assertEqual(node.vote(poll, fits, token).status, 200)
        self.says(node.vote(poll, fits + b" ", token), 413, "body_too_large")
        self.says(node.vote(poll, {"choices": ["a"] * 3000}, token), 422, "invalid_ballot")
        self.says(node.call("POST", "/v1/events", {"title": long}, HOST), 400, "invalid_request")
        self.says(node.call("POST", "/v1/events", {"title": long * 5}, HOST), 413, "body_too_large")

    def test_polls_that_are_wrong_are_refused_with_the_place(self):
        two = ["Blue", "Red"]
        cases = [
            ({"options": [f"o{i}" for i in range(10000)]}, "options"),
            ({"options": ["one"]}, "options"),
            ({"options": [f"o{i}" for i in range(65)]}, "options"),
            ({"type": "ranking", "options": [f"o{i}" for i in range(13)]}, "options"),
            ({"options": [{"id": "a", "label": "1"}, {"id": "a", "label": "2"}]}, "options[1].id"),
            ({"options": ["Blue", "Blue"]}, "options[1]"),
            ({"options": ["Blue", "bLUE "]}, "options[1]"),
            ({"options": ["Blue", "\uff22lue"]}, "options[1]"),
            ({"options": ["caf\u00e9", "cafe\u0301"]}, "options[1]"),
            ({"options": ["", "x"]}, "options[0]"),
            ({"options": ["  ", "x"]}, "options[0]"),
            ({"options": ["x" * 5000, "y"]}, "options[0]"),
            ({"options": ["a\u202eb", "y"]}, "options[0]"),
            ({"options": ["a\u0007b", "y"]}, "options[0]"),
            ({"options": [{"id": "a b", "label": "1"}, "2"]}, "options[0].id"),
            ({"question": "\u2066hidden", "options": two}, "question"),
            ({"question": "", "options": two}, "question"),
            ({"type": "essay", "options": two}, "type"),
            ({"options": two, "results": "sometimes"}, "results"),
            ({"options": two, "rules": {"max_choices": 2}}, "rules"),
            ({"type": "multiple", "options": two, "rules": {"min_choices": 2, "max_choices":
                                                            1}}, "rules"),
            ({"type": "multiple", "options": two, "rules": {"max_choices": 3}}, "rules"),
            ({"type": "rating", "rules": {"scale": 11}}, "scale"),
            ({"type": "rating", "rules": {"scale": 1}}, "scale"),
            ({"type": "rating", "options": two}, "options"),
            ({"options": two, "grace_ms": 10001}, "grace_ms"),
            ({"options": two, "closes_at": "tomorrow"}, "closes_at"),
            ({"options": two, "closes_at": "2026-13-01T00:00:00Z"}, "closes_at"),
        ]
        for members, place in cases:
            with self.subTest(place, members=str(members)[:80]):
                body = {"type": "single", "question": "?", **members}
                told = self.says(node.call("POST", f"/v1/events/{self.event}/polls", body, HOST),
                                 400, "invalid_request")
                self.assertIn(place, told["detail"])
        self.assertEqual(node.must(200, "GET", f"/v1/events/{self.event}/polls")["items"], [])

    def test_text_is_kept_in_one_form_and_comes_back_whole(self):
        poll = node.poll(self.event,
                         question="cafe\u0301 \U0001f600 \"<b>\\",
                         options=["\u0645\u0631\u062d\u0628\u0627", "\u4f60\u597d"])
        self.assertEqual(poll["question"], "caf\u00e9 \U0001f600 \"<b>\\")
        self.assertEqual([o["label"] for o in poll["options"]],
                         ["\u0645\u0631\u062d\u0628\u0627", "\u4f60\u597d"])


if __name__ == "__main__":
    unittest.main()
