#!/usr/bin/env python3
"""docs/asyncapi.yaml is well formed and describes each message a running node sends or takes."""

import asyncio
import json
import re
import unittest
import urllib.parse
import urllib.request

import websockets
from jsonschema import Draft202012Validator

import described_json
import running_node
from running_node import HOST_KEY, OPERATOR_KEY, PATIENCE, ROOT

HOME = "asyncapi.yaml"
SPEC = described_json.read(ROOT / "docs" / HOME)
DOCUMENTS = described_json.Documents(asyncapi_yaml=SPEC, openapi_yaml=described_json.read(ROOT / "docs" / "openapi.yaml"))
MESSAGES = SPEC["components"]["messages"]


def names_of(operation):
    return {reference["$ref"].rsplit("/", 1)[1] for reference in SPEC["operations"][operation]["messages"]}


class Form(unittest.TestCase):
    def test_it_is_asyncapi_3_with_its_required_members(self):
        self.assertEqual(SPEC["asyncapi"], "3.0.0")
        self.assertTrue(SPEC["info"]["title"] and SPEC["info"]["version"])
        self.assertLessEqual(set(SPEC), {"asyncapi", "id", "info", "servers", "defaultContentType", "channels", "operations",
                                         "components"})
        for server in SPEC["servers"].values():
            self.assertLessEqual({"host", "protocol"}, set(server))
        for channel in SPEC["channels"].values():
            self.assertEqual(set(re.findall(r"{(\w+)}", channel["address"])), set(channel["parameters"]))
        for operation in SPEC["operations"].values():
            self.assertIn(operation["action"], ("send", "receive"))
            for message in operation["messages"]:
                self.assertTrue(message["$ref"].startswith(operation["channel"]["$ref"] + "/messages/"), message)

    def test_every_reference_leads_somewhere_and_every_component_is_used(self):
        self.assertEqual(DOCUMENTS.broken_references(HOME), [])
        used = {v["$ref"] for _, v in described_json.walk(SPEC) if isinstance(v, dict) and "$ref" in v}
        for kind, named in SPEC["components"].items():
            for name in named:
                self.assertIn(f"#/components/{kind}/{name}", used)

    def test_every_schema_is_one_and_names_its_message(self):
        for name, message in MESSAGES.items():
            Draft202012Validator.check_schema(message["payload"])
            self.assertTrue(DOCUMENTS.faults({"type": "something else"}, message["payload"], HOME), name)


class Agreement_with_the_source(unittest.TestCase):
    def test_described_messages_are_those_the_source_reads_and_writes(self):
        source = (ROOT / "src/wire/live_message.cpp").read_text(encoding="utf-8")
        self.assertEqual(names_of("say"), set(re.findall(r'\*type == "(\w+)"', source)))
        written = re.findall(r'text\("type", "(\w+)"\)', source) + re.findall(r'"type":"(\w+)"', source)
        self.assertEqual(names_of("hear"), set(written))

    def test_described_close_codes_are_those_the_source_sends(self):
        header = (ROOT / "include/tallycast/wire/ws_frame.hpp").read_text(encoding="utf-8")
        codes = dict(re.findall(r"inline constexpr std::uint16_t (\w+) = (\d{4});", header))
        sent = "\n".join((ROOT / "src" / file).read_text(encoding="utf-8")
                         for file in ("net/websocket_session.cpp", "wire/ws_frame.cpp"))
        used = {number for name, number in codes.items() if re.search(rf"code::{name}\b", sent)}
        used -= {codes["none"], codes["normal"], codes["going_away"]}  # an echo, or none at all
        described = set(re.findall(r"\b(?:1\d{3}|44\d\d)\b", SPEC["channels"]["live"]["description"].split("Close codes:")[1]))
        self.assertEqual(described, used)


class Live:
    """A connection that holds everything sent and received against the description."""

    def __init__(self, test, socket):
        self.test, self.socket, self.heard = test, socket, []

    async def say(self, **message):
        self.test.assertEqual(DOCUMENTS.faults(message, MESSAGES[message["type"]]["payload"], HOME), [], message)
        await self.socket.send(json.dumps(message))

    async def hear(self, wanted, **members):
        """The next message of this type with these members; others that come before are checked and passed over."""
        while True:
            message = json.loads(await asyncio.wait_for(self.socket.recv(), PATIENCE))
            self.test.check(message, "hear")
            self.heard.append(message["type"])
            if message["type"] == wanted and members.items() <= message.items():
                return message


class Agreement_with_a_node(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = running_node.start(cls)

    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)  # which would complain of slow machines

    def check(self, message, operation):
        self.assertIn(message["type"], names_of(operation), message)
        self.assertEqual(DOCUMENTS.faults(message, MESSAGES[message["type"]]["payload"], HOME), [], message)

    def host(self, method, path, body=None):
        answer = self.node.call(method, path, body=body, token=HOST_KEY)
        self.assertLess(answer.status, 300, answer.body)
        return answer.json()

    def setUp(self):
        self.event = self.host("POST", "/v1/events", {"title": "Live"})
        self.poll = self.host("POST", f"/v1/events/{self.event['id']}/polls",
                              {"type": "single", "question": "Who?", "options": ["A", "B"]})["id"]
        self.rating = self.host("POST", f"/v1/events/{self.event['id']}/polls", {"type": "rating", "question": "How?"})["id"]
        self.host("POST", f"/v1/polls/{self.poll}/open")
        self.host("POST", f"/v1/polls/{self.rating}/open")
        joined = self.node.call("POST", "/v1/join", body={"code": self.event["code"]}).json()
        self.token, self.number = joined["voter"]["token"], joined["voter"]["number"]

    def address(self, channel, query=""):
        return self.node.url + SPEC["channels"][channel]["address"].replace("{event}", self.event["id"]) + query

    def connect(self, query="", **more):
        return websockets.connect(self.address("live", query).replace("http", "ws", 1), subprotocols=["tallycast.v1"], **more)

    async def closed(self, socket):
        """(code, reason) with which the node ends the connection; what comes before is checked."""
        try:
            while True:
                self.check(json.loads(await asyncio.wait_for(socket.recv(), PATIENCE)), "hear")
        except websockets.ConnectionClosed as end:
            return end.rcvd.code, end.rcvd.reason

    async def test_every_message_of_a_conversation(self):
        async with self.connect() as socket:
            self.assertEqual(socket.subprotocol, "tallycast.v1")
            live = Live(self, socket)
            self.assertIsNone((await live.hear("welcome"))["voter"])
            self.assertEqual(live.heard, ["welcome"], "always first")
            await live.say(type="auth", token=self.token)
            self.assertEqual((await live.hear("welcome"))["voter"], self.number)
            await live.say(type="ping", id="now")
            await live.hear("pong", id="now")
            await live.say(type="subscribe", polls="all", max_hz=20)
            await live.hear("results", poll=self.poll, voters=0)
            await live.hear("results", poll=self.rating, voters=0)
            await live.say(type="vote", id="tap", poll=self.poll, choices=["a"])
            first = await live.hear("ack", id="tap", status="counted")
            await live.say(type="vote", id="tap", poll=self.poll, choices=["a"])
            again = await live.hear("ack", id="tap", status="replayed")
            self.assertEqual(first["receipt"], again["receipt"])
            await live.say(type="vote", id="stars", poll=self.rating, rating=5)
            await live.hear("ack", id="stars")
            await live.say(type="vote", id="other", poll=self.poll, choices=["b"])
            await live.hear("error", id="other", code="already_voted")
            await live.say(type="unsubscribe", polls=[self.rating])
            self.host("POST", f"/v1/polls/{self.poll}/close")
            await live.hear("poll", id=self.poll, status="closed", poll_type="single")
            await live.hear("results", poll=self.poll, voters=1, final=True)
            await live.say(type="vote", id="late", poll=self.poll, choices=["b"])
            self.assertIn("late_ms", await live.hear("error", id="late", code="poll_closed"))
            self.host("DELETE", f"/v1/polls/{self.poll}")
            await live.hear("poll_removed", poll=self.poll)
            for value, text in (("Back at nine.", "Back at nine."), (None, "")):
                self.node.call("PUT", "/v1/flags/maintenance-notice", body={"value": value}, token=OPERATOR_KEY)
                await live.hear("notice", text=text)
            self.assertLessEqual(names_of("hear"), set(live.heard))

    async def test_messages_of_the_wrong_form_are_answered_and_the_connection_stays(self):
        table = [("{", "malformed_json"), ('{"type":"shout"}', "invalid_request"), ('{"type":"ping","id":"p","x":1}', "unknown_field"),
                 ('{"type":"subscribe","polls":"all","max_hz":21}', "invalid_request"),
                 ('{"type":"subscribe","polls":["nobody"]}', "poll_not_found")]
        async with self.connect() as socket:
            live = Live(self, socket)
            for text, code in table:
                await socket.send(text)
                await live.hear("error", code=code)
            await live.say(type="vote", id="v", poll=self.poll, choices=["a"])
            await live.hear("error", id="v", code="voter_token_required")

    async def test_watchers_and_hosts_see_drafts_and_strangers_do_not(self):
        draft = self.host("POST", f"/v1/events/{self.event['id']}/polls", {"type": "rating", "question": "Later?"})["id"]
        watcher = self.host("POST", f"/v1/events/{self.event['id']}/watchers", {})["token"]
        for token, sees in ((watcher, True), (HOST_KEY, True), (self.token, False)):
            async with self.connect() as socket:
                live = Live(self, socket)
                await live.hear("welcome")
                await live.say(type="auth", token=token)
                self.assertEqual(draft in [p["id"] for p in (await live.hear("welcome"))["polls"]], sees)

    async def test_a_watcher_token_may_stand_in_the_address(self):
        draft = self.host("POST", f"/v1/events/{self.event['id']}/polls", {"type": "rating", "question": "Later?"})["id"]
        watcher = self.host("POST", f"/v1/events/{self.event['id']}/watchers", {})["token"]
        async with self.connect(f"?token={watcher}") as socket:
            self.assertIn(draft, [p["id"] for p in (await Live(self, socket).hear("welcome"))["polls"]])

    async def test_a_token_that_is_not_valid_here_ends_with_4401(self):
        other = self.host("POST", "/v1/events", {"title": "Another"})
        stranger = self.node.call("POST", "/v1/join", body={"code": other["code"]}).json()["voter"]["token"]
        for token in ("tcv_nonsense", stranger):
            async with self.connect() as socket:
                await Live(self, socket).say(type="auth", token=token)
                self.assertEqual((await self.closed(socket))[0], 4401)

    async def test_floods_and_oversized_messages_end_with_their_codes(self):
        async with self.connect() as socket:
            for i in range(200):
                await socket.send('{"type":"ping","id":"%d"}' % i)
            self.assertEqual((await self.closed(socket))[0], 4429)
        async with self.connect() as socket:
            await socket.send(" " * 4097)
            self.assertEqual((await self.closed(socket))[0], 1009)
        async with self.connect() as socket:
            await socket.send(b"{}")
            self.assertEqual((await self.closed(socket))[0], 1003)
        async with self.connect() as socket:
            await socket.send([" "] * 70)
            self.assertEqual((await self.closed(socket))[0], 4400)

    async def test_a_draining_node_says_1012_and_when_to_come_back(self):
        node, self.node = self.node, running_node.Node("--reconnect-spread", "3s")
        try:
            self.setUp()
            async with self.connect() as socket:
                await Live(self, socket).hear("welcome")
                self.node.call("POST", "/drain", base=self.node.operations)
                code, reason = await self.closed(socket)
            self.assertEqual((code, json.loads(reason)), (1012, {"reconnect_ms": 3000}))
        finally:
            self.node.stop()
            self.node = node

    def events_of(self, stream):
        """(fields) of each event; comments left out."""
        fields = {}
        for line in stream:
            line = line.decode().rstrip("\n")
            if not line:
                yield fields
                fields = {}
            elif not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value

    async def test_an_event_stream_sends_the_same_messages(self):
        with urllib.request.urlopen(self.address("stream"), timeout=PATIENCE) as stream:
            self.assertEqual(stream.headers.get_content_type(), "text/event-stream")
            events = self.events_of(stream)
            first = next(events)
            self.assertEqual((first["event"], first["id"], first["retry"]), ("welcome", "0", "2000"))
            self.host("POST", f"/v1/polls/{self.poll}/close")
            seen = [first]
            while {"poll", "results"} - {e["event"] for e in seen} or '"final":true' not in seen[-1]["data"]:
                seen.append(next(events))
            self.host("DELETE", f"/v1/polls/{self.poll}")
            while seen[-1]["event"] != "poll_removed":
                seen.append(next(events))
        for event in seen:
            message = json.loads(event["data"])
            self.check(message, "watch")
            self.assertEqual(message["type"], event["event"])
            if message["type"] == "results":
                self.assertEqual(int(event["id"]), message["version"])


if __name__ == "__main__":
    unittest.main()
