"""Server-Sent Events, and what everybody who watches live is told when the node goes away."""

import asyncio
import json
import logging
import signal
import time
import unittest

from live_client import Stream, live
from node import Node, wait_for


def setUpModule():
    global node
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # calls to the node may hold the loop
    node = Node().start()
    unittest.addModuleCleanup(node.remove)


class Streams(unittest.TestCase):
    def setUp(self):
        event = node.event()
        self.event, self.code = event["id"], event["code"]

    def test_welcome_then_results_with_versions_as_ids(self):
        poll, draft = node.poll(self.event)["id"], node.poll(self.event, opened=False)["id"]
        watcher = node.must(201, "POST", f"/v1/events/{self.event}/watchers", {})["token"]
        for key, query, polls in [(None, "", [poll]), (node.token(self.code), "", [poll]),
                                  (watcher, "", [poll, draft]),
                                  (None, f"?token={watcher}", [poll, draft])]:
            with Stream(node, self.event, key=key, query=query) as stream:
                self.assertTrue(
                    stream.reply.headers["Content-Type"].startswith("text/event-stream"))
                self.assertEqual(stream.reply.headers["Cache-Control"], "no-store")
                first = stream.block()
                self.assertEqual((first["event"], int(first["retry"]) > 0), ("welcome", True))
                self.assertEqual([p["id"] for p in json.loads(first["data"])["polls"]], polls)
                voters = stream.event("results", lambda d: d["poll"] == poll)[1]["voters"]
                node.vote(poll, ["a"], node.token(self.code))
                block, data = stream.event("results", lambda d: d["voters"] == voters + 1)
                self.assertEqual((data["type"], int(block["id"])), ("results", data["version"]))
        with Stream(node, self.event) as stream:
            node.step(poll, "close")
            stream.event("poll", lambda d: d["id"] == poll and d["status"] == "closed")
            stream.event("results", lambda d: d["final"])

    def test_a_silent_stream_says_that_it_lives(self):
        with Stream(node, self.event) as stream:
            began = time.monotonic()
            while "" not in (block := stream.block()):
                began = time.monotonic()
            self.assertLess(time.monotonic() - began, 15, "a comment at least every 15 s")
            self.assertIsNotNone(block)

    def test_wrong_callers_are_refused_before_the_stream(self):
        self.assertEqual(node.call("GET", "/v1/events/nowhere/stream").status, 404)
        self.assertEqual(
            node.call("GET", f"/v1/events/{self.event}/stream", key="tcv_bad").code,
            "voter_token_invalid")


class A_deleted_poll(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        event = node.event()
        self.event, self.poll = event["id"], node.poll(event["id"])["id"]
        self.watcher = node.must(201, "POST", f"/v1/events/{self.event}/watchers", {})["token"]

    async def test_is_told_to_those_who_were_subscribed_to_it(self):
        async with live(node, self.event) as one, live(node, self.event) as every, live(
                node, self.event) as other:
            await one.say(type="subscribe", polls=[self.poll])
            await every.say(type="subscribe", polls="all")
            for socket in (one, every):
                await socket.of_type("results", poll=self.poll)
            await other.hear()
            with Stream(node, self.event) as stream:
                stream.event("results")
                node.must(204, "DELETE", f"/v1/polls/{self.poll}")
                gone = {"type": "poll_removed", "poll": self.poll}
                self.assertEqual(stream.event("poll_removed")[1], gone)
                for socket in (one, every):
                    self.assertEqual(await socket.of_type("poll_removed"), gone)
            await other.answer("p", type="ping")
            self.assertEqual([m["type"] for m in other.heard], ["welcome", "pong"])
            later = node.poll(self.event)["id"]
            await every.of_type("poll", id=later)

    async def test_that_was_a_draft_is_told_to_its_host_alone(self):
        draft = node.poll(self.event, opened=False)["id"]
        with Stream(node, self.event, key=self.watcher) as stream:
            stream.event("results")  # after everything was subscribed to
            async with live(node, self.event) as stranger:
                await stranger.say(type="subscribe", polls="all")
                await stranger.of_type("results")
                for poll in (draft, self.poll):
                    node.must(204, "DELETE", f"/v1/polls/{poll}")
                    stream.event("poll_removed", lambda data: data["poll"] == poll)
                await stranger.of_type("poll_removed", poll=self.poll)
                self.assertNotIn(draft, [m.get("poll") for m in stranger.heard])

    async def test_that_goes_with_its_event_is_told_by_the_end(self):
        async with live(node, self.event) as socket:
            await socket.say(type="subscribe", polls="all")
            await socket.of_type("results")
            node.must(204, "DELETE", f"/v1/events/{self.event}")
            self.assertEqual((await socket.closed())[0], 4400)
            self.assertNotIn("poll_removed", [m["type"] for m in socket.heard])


class Going_away(unittest.IsolatedAsyncioTestCase):
    async def told_to_come_back(self, leave, ends):
        with Node("--reconnect-spread", "7s") as leaving:
            event = leaving.event()
            leaving.poll(event["id"])
            async with live(leaving, event["id"]) as early, live(leaving,
                                                                 event["id"]) as subscribed:
                await early.hear()
                await subscribed.say(type="subscribe", polls="all")
                await subscribed.of_type("results")
                with Stream(leaving, event["id"]) as stream:
                    stream.event("results")
                    leave(leaving)
                    for socket in (early, subscribed):
                        code, reason = await socket.closed()
                        self.assertEqual(code, 1012)
                        self.assertEqual(json.loads(reason), {"reconnect_ms": 7000})
                    blocks = await asyncio.to_thread(stream.rest)
                    self.assertEqual(blocks[-1].get("retry"), "7000")
            if ends:
                self.assertEqual(leaving.ended(), 0)
            else:
                self.assertEqual(
                    wait_for(lambda: leaving.ops("GET", "/readyz"), "an answer").status, 503)
                self.assertEqual(
                    leaving.call("GET", "/").status, 200, "who has not heard of it yet is served")
                async with live(leaving, event["id"]) as late:
                    self.assertEqual((await late.closed())[0], 1012)
                self.assertEqual(leaving.stop(), 0)

    async def test_drain_tells_everybody(self):
        await self.told_to_come_back(
            lambda n: self.assertEqual(n.ops("POST", "/drain").status, 202), ends=False)

    async def test_sigterm_tells_everybody_and_ends(self):
        await self.told_to_come_back(lambda n: n.signal(signal.SIGTERM), ends=True)


if __name__ == "__main__":
    unittest.main()
