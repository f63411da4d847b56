"""Who votes by one way and watches by another sees there what the vote shows."""

import contextlib
import logging
import time
import unittest

from live_client import Stream, live
from node import PATIENCE, Node

WATCHERS = 8  # enough that votes and watchers meet on different cores


def setUpModule():
    global node
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # calls to the node may hold the loop
    node = Node().start()
    unittest.addModuleCleanup(node.remove)


class Results_after_the_vote(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        event = node.event()
        self.event, self.code = event["id"], event["code"]
        self.poll = node.poll(self.event, results="after_vote", rules={"allow_change": True})["id"]

    async def watching(self, until, token):
        """A socket of this voter's, subscribed and without results."""
        socket = await until.enter_async_context(live(node, self.event))
        await socket.auth(token)
        await socket.say(type="subscribe", polls=[self.poll], max_hz=20)
        await socket.answer("subscribed", type="ping")
        self.assertNotIn("results", [m["type"] for m in socket.heard])
        return socket

    async def test_a_vote_over_http_shows_them_on_every_socket_of_the_voter(self):
        tokens = [node.token(self.code) for _ in range(WATCHERS)]
        async with contextlib.AsyncExitStack() as until:
            sockets = [await self.watching(until, token) for token in tokens * 2]
            stranger = await self.watching(until, node.token(self.code))
            for voters, token in enumerate(tokens, 1):
                self.assertEqual(node.vote(self.poll, ["a"], token).status, 200)
                for socket in sockets[voters - 1::WATCHERS]:
                    await socket.until(
                        lambda m: m["type"] == "results" and m["voters"] == voters)
            await stranger.answer("p", type="ping")
            self.assertNotIn("results", [m["type"] for m in stranger.heard])

    async def test_they_are_gone_again_with_the_ballot(self):
        token = node.token(self.code)
        async with contextlib.AsyncExitStack() as until:
            voter = await self.watching(until, token)
            node.vote(self.poll, ["a"], token)
            await voter.of_type("results", voters=1)
            node.must(200, "DELETE", f"/v1/polls/{self.poll}/votes/mine", key=token)
            await self.hear_nothing_more(voter)

    async def test_a_copy_of_a_withdrawn_ballot_does_not_bring_them_back(self):
        token = node.token(self.code)
        async with contextlib.AsyncExitStack() as until:
            over_http, over_socket = [await self.watching(until, token) for _ in range(2)]
            node.vote(self.poll, ["a"], token, "k1")
            await over_http.of_type("results", voters=1)
            node.must(200, "DELETE", f"/v1/polls/{self.poll}/votes/mine", key=token)
            self.assertEqual(node.vote(self.poll, ["a"], token, "k1").json["status"], "replayed")
            ack = await over_socket.answer("k1", type="vote", poll=self.poll, choices=["a"])
            self.assertEqual(ack["status"], "replayed")
            await self.hear_nothing_more(over_http)
            await self.hear_nothing_more(over_socket)

    async def hear_nothing_more(self, socket):
        """Others vote, and after a while the voter hears nothing of it any more."""
        deadline, silent = time.monotonic() + PATIENCE, 0
        async with live(node, self.event) as host:
            await host.auth(node.must(201, "POST", f"/v1/events/{self.event}/watchers", {})["token"])
            await host.say(type="subscribe", polls=[self.poll], max_hz=20)
            while silent < 5:  # newer results in a row
                self.assertLess(time.monotonic(), deadline, "the voter still sees results")
                node.vote(self.poll, ["b"], node.token(self.code))
                last = node.results(self.poll)["version"]
                await host.until(lambda m: m["type"] == "results" and m["version"] >= last)
                socket.heard.clear()
                await socket.answer("p", type="ping")
                silent = 0 if "results" in [m["type"] for m in socket.heard] else silent + 1

    def test_a_stream_shows_them_too(self):
        tokens = [node.token(self.code) for _ in range(WATCHERS)]
        with contextlib.ExitStack() as until:
            streams = [
                until.enter_context(Stream(node, self.event, key=token)) for token in tokens
            ]
            for stream in streams:
                stream.event("welcome")
            for voters, (token, stream) in enumerate(zip(tokens, streams), 1):
                self.assertEqual(node.vote(self.poll, ["a"], token).status, 200)
                stream.event("results", lambda data: data["voters"] == voters)


if __name__ == "__main__":
    unittest.main()
