"""The live WebSocket as browsers use it, from the welcome to the last result."""

import asyncio
import json
import logging
import time
import unittest
import urllib.parse

import websockets

from live_client import answered, live
from node import HOST, OPERATOR, Node, together

ALLOWED = "https://show.example.org"


def setUpModule():
    global node
    node = Node("--allowed-origins", ALLOWED, limits="on").start()
    unittest.addModuleCleanup(node.remove)


class Live(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        logging.getLogger("asyncio").setLevel(
            logging.ERROR)  # calls to the node may hold the loop for a moment
        event = node.event()
        self.event, self.code = event["id"], event["code"]

    def watcher(self, event=None):
        return node.must(201, "POST", f"/v1/events/{event or self.event}/watchers", {})["token"]

    async def refused(self, status, query="", **options):
        with self.assertRaises(websockets.InvalidHandshake) as raised:
            async with live(node, self.event, query, **options):
                pass
        self.assertEqual(answered(raised.exception), status)

    async def test_welcome_is_first_and_says_what_the_caller_may_see(self):
        poll, draft = node.poll(self.event)["id"], node.poll(self.event, opened=False)["id"]
        joined = node.join(self.code)["voter"]
        for fields, voter, polls in [({}, None, [poll]),
                                     ({"Cookie": f"tallycast_voter={joined['token']}"},
                                      joined["number"], [poll]),
                                     ({"Authorization": f"Bearer {HOST}"}, None, [poll, draft])]:
            async with live(node, self.event, fields=fields) as socket:
                self.assertEqual(socket.wire.subprotocol, "tallycast.v1")
                first = await socket.hear()
                self.assertEqual((first["type"], first["voter"]), ("welcome", voter))
                self.assertEqual(first["event"]["id"], self.event)
                self.assertEqual([p["id"] for p in first["polls"]], polls)
                self.assertRegex(first["server_time"], r"^\d{4}-.*Z$")

    async def test_auth_makes_a_voter_a_watcher_or_a_host_of_anybody(self):
        draft, joined = node.poll(self.event, opened=False)["id"], node.join(self.code)["voter"]
        async with live(node, self.event) as socket:
            self.assertEqual((await socket.hear())["voter"], None)
            self.assertEqual((await socket.auth(joined["token"]))["voter"], joined["number"])
        for token in (HOST, self.watcher()):
            async with live(node, self.event) as socket:
                await socket.hear()
                self.assertEqual([p["id"] for p in (await socket.auth(token))["polls"]], [draft])

    async def test_a_wrong_token_is_told_and_the_connection_closed(self):
        other = node.event()
        cases = [(node.token(other["code"]), "wrong_event"),
                 (self.watcher(other["id"]), "wrong_event"),
                 ("tcv_nonsense", "voter_token_invalid"), ("tcw_x.y", "voter_token_invalid"),
                 (OPERATOR, "wrong_event"), ("tck_nobody", "unauthorised"),
                 ("x" * 3000, "unauthorised")]
        for token, code in cases:
            with self.subTest(token[:30]):
                async with live(node, self.event) as socket:
                    await socket.say(type="auth", token=token)
                    closing, _ = await socket.closed()
                    self.assertEqual(socket.heard[-1]["code"], code)
                    self.assertEqual(closing, 4401)

    async def test_only_a_watcher_token_may_stand_in_the_address(self):
        draft, watcher, voter = node.poll(self.event,
                                          opened=False)["id"], self.watcher(), node.token(self.code)
        for query, fields in [(f"?token={watcher}", {}),
                              (f"?a=b&token={watcher}", {"Cookie": f"tallycast_voter={voter}"})]:
            async with live(node, self.event, query, fields=fields) as socket:
                self.assertEqual([p["id"] for p in (await socket.hear())["polls"]], [draft])
        foreign = self.watcher(node.event()["id"])
        refusals = [(voter, 401), (HOST, 401), (OPERATOR, 401), ("", 401), (watcher[:-1], 401),
                    ("tcw_", 401), (foreign, 403)]
        for token, status in refusals:
            with self.subTest(token[:8]):
                query = "?" + urllib.parse.urlencode({"token": token})
                await self.refused(status, query)
                self.assertEqual(
                    node.call("GET", f"/v1/events/{self.event}/stream{query}").status, status)
        await self.refused(400, f"?token={watcher}&token={watcher}")
        self.assertNotIn(watcher, node.log())

    async def test_the_first_results_come_at_once_and_then_what_changes(self):
        poll = node.poll(self.event)["id"]
        node.vote(poll, ["a"], node.token(self.code))
        for polls in ([poll], "all"):
            async with live(node, self.event) as socket:
                await socket.say(type="subscribe", polls=polls)
                first = await socket.of_type("results",
                                             poll=poll,
                                             voters=node.results(poll)["voters"])
                token, before = node.token(self.code), first["voters"]
                self.assertEqual(node.vote(poll, ["b"], token).status, 200)
                last = await socket.until(
                    lambda m: m["type"] == "results" and m["voters"] == before + 1)
                told = node.results(poll)
                for volatile in (last, told):
                    volatile.pop("server_time")
                self.assertEqual(last, {"type": "results", **told})
                node.step(poll, "pause")
                changed = await socket.of_type("poll", id=poll)
                self.assertEqual((changed["status"], changed["poll_type"]), ("paused", "single"))
                node.step(poll, "open")
                await socket.of_type("poll", id=poll, status="open")

    async def test_all_means_also_polls_that_come_later(self):
        async with live(node, self.event) as socket:
            await socket.say(type="subscribe", polls="all", max_hz=20)
            await socket.answer("p", type="ping")
            poll = node.poll(self.event)["id"]
            await socket.of_type("poll", id=poll, status="open")
            self.assertNotIn("draft", [m.get("status") for m in socket.heard])
            node.vote(poll, ["c"], node.token(self.code))
            await socket.until(
                lambda m: m["type"] == "results" and m["poll"] == poll and m["voters"] == 1)
            node.step(poll, "close")
            await socket.until(lambda m: m["type"] == "results" and m["final"])

    async def test_unsubscribed_polls_are_silent(self):
        one, two = node.poll(self.event)["id"], node.poll(self.event)["id"]
        async with live(node, self.event) as socket:
            await socket.say(type="subscribe", polls=[one, two], max_hz=20)
            await socket.of_type("results", poll=one)
            await socket.say(type="unsubscribe", polls=[one])
            await socket.answer("p1", type="ping")
            known, token = len(socket.heard), node.token(self.code)
            node.vote(one, ["a"], token)
            node.vote(two, ["a"], token)
            await socket.until(lambda m: m.get("poll") == two and m.get("voters") == 1)
            self.assertNotIn(one, [m.get("poll") for m in socket.heard[known:]])

    async def test_max_hz_is_kept_and_the_newest_arrives(self):
        poll, counts = node.poll(self.event)["id"], {}
        tokens = [node.token(self.code) for _ in range(150)]

        async def count(hz):
            async with live(node, self.event) as socket:
                await socket.say(type="subscribe", polls=[poll], max_hz=hz)
                began = time.monotonic()
                await socket.until(lambda m: m.get("voters") == len(tokens))
                told = [m for m in socket.heard if m["type"] == "results"]
                counts[hz] = (len(told), time.monotonic() - began)

        async def vote():
            for token in tokens:
                await asyncio.to_thread(node.vote, poll, ["a"], token)
                await asyncio.sleep(0.02)

        await asyncio.gather(count(0.5), count(2), count(20), vote())
        for hz, (told, elapsed) in counts.items():
            self.assertLessEqual(told, elapsed * hz + 2, f"{hz} Hz")
        self.assertGreater(counts[20][0], counts[0.5][0])

    async def test_versions_never_fall_while_everybody_votes(self):
        poll = node.poll(self.event, rules={"allow_change": True})["id"]

        async def watch():
            async with live(node, self.event) as socket:
                await socket.say(type="subscribe", polls="all", max_hz=20)
                await socket.until(lambda m: m["type"] == "results" and m["final"])
                seen = [(m["round"], m["version"]) for m in socket.heard if m["type"] == "results"]
                self.assertEqual(seen, sorted(seen))
                return socket.heard[-1]

        def crowd():

            def one(_):
                with node.client() as client:
                    for _ in range(15):
                        token = client.call("POST", "/v1/join",
                                            {"code": self.code}).json["voter"]["token"]
                        for choice in "abc":
                            self.assertEqual(client.vote(poll, [choice], token).status, 200)

            together(4, one)
            node.step(poll, "close")

        *last, _ = await asyncio.gather(*(watch() for _ in range(6)), asyncio.to_thread(crowd))
        told = node.results(poll)
        for results in last:
            self.assertEqual((results["voters"], results["version"], results["options"]),
                             (60, told["version"], told["options"]))

    async def test_votes_over_the_socket(self):
        poll, token = node.poll(self.event)["id"], node.token(self.code)
        ballot = {"type": "vote", "poll": poll, "choices": ["a"]}
        async with live(node, self.event) as socket:
            self.assertEqual((await socket.answer("early", **ballot))["code"],
                             "voter_token_required")
            await socket.auth(token)
            ack = await socket.answer("k1", **ballot)
            self.assertEqual((ack["type"], ack["status"]), ("ack", "counted"))
            again = await socket.answer("k1", **ballot)
            self.assertEqual((again["status"], again["receipt"]), ("replayed", ack["receipt"]))
            errors = [("k1", {**ballot, "choices": ["b"]}, "idempotency_key_reused"),
                      ("k2", {**ballot, "choices": ["b"]}, "already_voted"),
                      ("k3", {**ballot, "poll": "nowhere"}, "poll_not_found"),
                      ("k4", {**ballot, "choices": ["z"]}, "invalid_ballot"),
                      ("k5", {**ballot, "rating": 1}, "invalid_request"),
                      ("k6", {**ballot, "x": 1}, "unknown_field")]
            for name, message, code in errors:
                told = await socket.answer(name, **message)
                self.assertEqual((told["type"], told["code"]), ("error", code), told)
        over_http = node.vote(poll, ["a"], token, "k1").json
        self.assertEqual((over_http["status"], over_http["receipt"]), ("replayed", ack["receipt"]))
        self.assertEqual(node.results(poll)["voters"], 1)
        self.assertTrue(node.ledger(poll)["balanced"])

    async def test_results_after_the_vote_come_after_the_vote(self):
        poll, token = node.poll(self.event, results="after_vote")["id"], node.token(self.code)
        async with live(node, self.event) as voter, live(node, self.event) as nobody, live(
                node, self.event) as watcher:
            await voter.auth(token)
            await watcher.auth(self.watcher())
            for socket in (voter, nobody, watcher):
                await socket.say(type="subscribe", polls=[poll], max_hz=20)
            await watcher.of_type("results", poll=poll)
            await voter.answer("p", type="ping")
            self.assertNotIn("results", [m["type"] for m in voter.heard])
            self.assertEqual((await voter.answer("k", type="vote", poll=poll,
                                                 choices=["a"]))["status"], "counted")
            for socket in (voter, watcher):
                await socket.until(lambda m: m["type"] == "results" and m["voters"] == 1)
            await nobody.answer("p", type="ping")
            self.assertNotIn("results", [m["type"] for m in nobody.heard])
            node.step(poll, "close")
            await nobody.until(lambda m: m["type"] == "results" and m["final"])

    async def test_messages_that_are_wrong_are_answered_and_the_connection_lives(self):
        poll = node.poll(self.event)["id"]
        cases = [
            "", "x", "[]", "{}", '{"type":"dance"}', '{"type":"subscribe"}',
            '{"type":"subscribe","polls":["nowhere"]}', '{"type":"subscribe","polls":"some"}',
            '{"type":"subscribe","polls":"all","max_hz":0.01}',
            '{"type":"subscribe","polls":"all","max_hz":21}',
            '{"type":"subscribe","polls":"all","max_hz":"1"}', '{"type":"ping"}',
            '{"type":"ping","id":""}', '{"type":"ping","type":"ping","id":"x"}',
            '{"type":"vote","poll":"%s","choices":["a"]}' % poll, '{"type":"auth"}',
            '{"type":"ping","id":"\\ud800"}', "[" * 4000
        ]
        async with live(node, self.event) as socket:
            await socket.hear()
            for text in cases:
                await socket.wire.send(text)
                self.assertEqual((await socket.hear())["type"], "error", text[:60])
            pong = await socket.answer("still", type="ping")
            self.assertEqual(pong["type"], "pong")
            self.assertIn("server_time", pong)

    async def test_origins(self):
        own = f"127.0.0.1:{node.port}"
        for origin in (None, f"http://{own}", f"https://{own}", ALLOWED):
            async with live(node, self.event, origin=origin) as socket:
                self.assertEqual((await socket.hear())["type"], "welcome")
        for origin in ("https://evil.example",
                       "null", ALLOWED + ".evil.example", "https://evil-show.example.org",
                       ALLOWED.upper(), ALLOWED + ":443", "http://show.example.org",
                       "https://user@show.example.org", f"http://{own}.evil.example",
                       "http://127.0.0.1", ALLOWED + "/", f"ftp://{own}"):
            with self.subTest(origin):
                await self.refused(403, origin=origin)

    async def test_what_the_address_refuses(self):
        await self.refused(400, subprotocols=["other.v1"])
        async with live(node, self.event, subprotocols=["other", "tallycast.v1"]) as socket:
            self.assertEqual(socket.wire.subprotocol, "tallycast.v1")
        with self.assertRaises(websockets.InvalidHandshake) as raised:
            async with live(node, "nowhere"):
                pass
        self.assertEqual(answered(raised.exception), 404)
        reply = node.call("GET", f"/v1/events/{self.event}/live")
        self.assertEqual((reply.status, reply.fields["Sec-WebSocket-Version"]), (426, "13"))


if __name__ == "__main__":
    unittest.main()
