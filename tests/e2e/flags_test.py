"""Runtime flags: what the operator changes while the node runs, and who is told."""

import json
import logging
import unittest

from live_client import Stream, live
from node import HOST, JSON, OPERATOR, Client, Node, wait_for


def setUpModule():
    global node
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # calls to the node may hold the loop
    node = Node(data_dir=None).start()
    unittest.addModuleCleanup(node.remove)


def put(name, value, of=None):
    return (of or node).must(200, "PUT", f"/v1/flags/{name}", {"value": value}, OPERATOR)


def evaluated(key=None, body=None, fields=None):
    path = "/ofrep/v1/evaluate/flags" + (f"/{key}" if key else "")
    with Client(node.operations) as client:
        return client.call("POST", path, {"context": {}} if body is None else body, fields=fields)


class Flags(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.event = node.event()
        self.poll = node.poll(self.event["id"])["id"]

    def tearDown(self):
        for flag in node.must(200, "GET", "/v1/flags", key=OPERATOR)["items"]:
            if flag["set"]:
                put(flag["name"], None)

    def holds(self, path, status, key=HOST, method="GET", body=None):
        """Every thread hears of it on its own: it holds when it does several times in a row."""
        return wait_for(lambda: all(node.call(method, path, body, key).status == status for _ in range(8)),
                        f"{method} {path} {status}", 5)

    def test_only_the_operator_sees_and_sets_them(self):
        for key in (None, HOST, node.token(self.event["code"])):
            self.assertEqual(node.call("GET", "/v1/flags", key=key).status, 401)
            self.assertEqual(node.call("PUT", "/v1/flags/joins", {"value": False}, key).status, 401)
        self.assertFalse(node.must(200, "GET", "/v1/flags/joins", key=OPERATOR)["set"])

    def test_a_wrong_value_is_refused_in_a_sentence_and_changes_nothing(self):
        for name, value, says in (("joins", "no", "true or false"), ("results-rate", 0, "0.1 to 20"),
                                  ("trace-share", 2, "0 to 1"), ("maintenance-notice", "é" * 251, "500")):
            refused = node.call("PUT", f"/v1/flags/{name}", {"value": value}, OPERATOR)
            self.assertEqual((refused.status, refused.code), (400, "invalid_request"))
            self.assertIn(says, refused.json["detail"])
        self.assertEqual(node.call("PUT", "/v1/flags/none", {"value": 1}, OPERATOR).status, 404)
        self.assertFalse(any(f["set"] for f in node.must(200, "GET", "/v1/flags", key=OPERATOR)["items"]))

    def test_joins_and_exports_and_event_streams_off_and_on(self):
        code, token = {"code": self.event["code"]}, node.token(self.event["code"])
        stream, export = f"/v1/events/{self.event['id']}/stream", f"/v1/polls/{self.poll}/export"
        for name in ("joins", "exports", "sse"):
            self.assertEqual(put(name, False)["value"], False)
        self.holds("/v1/join", 503, None, "POST", code)
        self.holds(export, 503)
        self.holds(stream, 503, None)
        refused = node.call("POST", "/v1/join", code)
        self.assertEqual((refused.code, refused.fields["Retry-After"]), ("overloaded", "5"))
        self.assertEqual(node.join(self.event["code"], token)["voter"]["token"], token)  # is in already
        self.assertEqual(node.vote(self.poll, ["a"], token).json["status"], "counted")
        for name in ("joins", "exports", "sse"):
            put(name, None)
        self.holds("/v1/join", 200, None, "POST", code)
        self.holds(export, 200)
        wait_for(lambda: self.stream_begins(), "a stream again", 5)

    def stream_begins(self):
        with Stream(node, self.event["id"]) as stream:
            return stream.reply.status == 200

    async def test_results_come_no_faster_than_their_rate(self):
        voters = [node.token(self.event["code"]) for _ in range(4)]
        put("results-rate", 0.1)
        async with live(node, self.event["id"]) as watching:
            await watching.say(type="subscribe", polls=[self.poll], max_hz=20)
            await watching.of_type("results", voters=0)
            for voter in voters:
                shown = node.metric("tallycast_snapshots_published_total")
                node.vote(self.poll, ["a"], voter)
                wait_for(lambda: node.metric("tallycast_snapshots_published_total") > shown, "a snapshot")
            await watching.answer("p", type="ping")  # comes behind whatever was sent before
            self.assertEqual([m["voters"] for m in watching.heard if m["type"] == "results"], [0])
            put("results-rate", 20)
            await watching.of_type("results", voters=4)
            self.assertEqual([m["voters"] for m in watching.heard if m["type"] == "results"], [0, 4])

    async def test_a_notice_reaches_those_who_watch_those_who_come_and_those_who_read(self):
        event = f"/v1/events/{self.event['id']}"
        self.assertNotIn("notice", node.must(200, "GET", event))
        tag = node.call("GET", event).fields["ETag"]
        async with live(node, self.event["id"]) as socket:
            with Stream(node, self.event["id"]) as stream:
                stream.event("welcome")
                await socket.of_type("welcome")
                put("maintenance-notice", "Back at “nine”.")
                self.assertEqual((await socket.of_type("notice"))["text"], "Back at “nine”.")
                self.assertEqual(stream.event("notice")[1]["text"], "Back at “nine”.")
            wait_for(lambda: node.must(200, "GET", event).get("notice") == "Back at “nine”.", "the notice")
            self.assertEqual(node.call("GET", event, key=HOST, fields={"If-None-Match": tag}).status, 200)
            async with live(node, self.event["id"]) as late:
                await late.of_type("notice", text="Back at “nine”.")
                self.assertEqual([m["type"] for m in late.heard], ["welcome", "notice"])
            put("maintenance-notice", None)
            self.assertEqual((await socket.of_type("notice"))["text"], "")

    def test_changes_are_logged_and_counted(self):
        before = node.metric("tallycast_flag_changes_total", 'flag="exports"')
        reply = node.call("PUT", "/v1/flags/exports", {"value": False}, OPERATOR, {"X-Request-Id": "who-did-it"})
        self.assertEqual(reply.status, 200)
        wait_for(lambda: node.metric("tallycast_flag_changes_total", 'flag="exports"') == before + 1, "the count")
        lines = [json.loads(line) for line in node.err.read_text().splitlines()]
        audit = [l for l in lines if l["message"] == "the operator set a flag" and l.get("http.request.id") == "who-did-it"]
        self.assertEqual([(l["labels.flag"], l["labels.value"]) for l in audit], [("exports", "false")])
        self.assertTrue(any(l["message"] == "a flag changed" and l["labels.flag"] == "exports" for l in lines))

    def test_openfeature_clients_read_them(self):
        put("results-rate", 5)
        wait_for(lambda: evaluated("results-rate").json["value"] == 5, "the evaluation", 2)
        one = evaluated("results-rate").json
        self.assertEqual((one["key"], one["reason"]), ("results-rate", "STATIC"))
        self.assertEqual(evaluated("joins").json["reason"], "DEFAULT")
        unknown = evaluated("none")
        self.assertEqual((unknown.status, unknown.json["errorCode"]), (404, "FLAG_NOT_FOUND"))
        self.assertEqual(evaluated("joins", b"[]").json["errorCode"], "PARSE_ERROR")
        everything = evaluated()
        self.assertEqual({f["key"]: f["value"] for f in everything.json["flags"]},
                         {"results-rate": 5, "sse": True, "joins": True, "exports": True, "trace-share": 0.01,
                          "maintenance-notice": ""})
        known = {"If-None-Match": everything.fields["ETag"], **JSON}
        self.assertEqual(evaluated(fields=known).status, 304)
        put("joins", False)
        wait_for(lambda: evaluated(fields=known).status == 200, "a new tag", 2)
        self.assertEqual(node.call("POST", "/ofrep/v1/evaluate/flags", {}).status, 404)  # not in public


class After_a_restart(unittest.TestCase):
    def test_they_are_as_they_were_set(self):
        with Node("--trace-share", "0.5", data_dir=None) as again:
            put("exports", False, again)
            put("joins", False, again)
            put("joins", None, again)
            self.assertEqual(again.stop(), 0)
            again.start()
            flags = {f["name"]: f for f in again.must(200, "GET", "/v1/flags", key=OPERATOR)["items"]}
            self.assertEqual((flags["exports"]["value"], flags["exports"]["set"]), (False, True))
            self.assertEqual((flags["joins"]["value"], flags["joins"]["set"]), (True, False))
            self.assertEqual((flags["trace-share"]["value"], flags["trace-share"]["default"]), (0.5, 0.5))
            self.assertEqual(again.metric("tallycast_flag_changes_total"), 0)  # found, not changed


if __name__ == "__main__":
    unittest.main()
