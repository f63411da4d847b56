"""Clients of the live connection: a WebSocket, and Server-Sent Events."""

import asyncio
import contextlib
import http.client
import json
import time

import websockets

from node import PATIENCE

# Version 14 (Debian 13 has 15, Debian 12 has 10) calls the fields of the request otherwise and raises another error.
FIELDS = "additional_headers" if int(websockets.__version__.split(".")[0]) >= 14 else "extra_headers"


def answered(refusal):
    """What the node answered instead of a WebSocket."""
    return refusal.response.status_code if hasattr(refusal, "response") else refusal.status_code


class Socket:
    """A WebSocket that keeps what it has not been asked for yet."""

    def __init__(self, wire):
        self.wire, self.heard = wire, []

    async def say(self, **message):
        await self.wire.send(json.dumps(message))

    async def hear(self):
        message = json.loads(await asyncio.wait_for(self.wire.recv(), PATIENCE))
        self.heard.append(message)
        return message

    async def until(self, fits):
        while not fits(message := await self.hear()):
            pass
        return message

    async def of_type(self, kind, **members):
        return await self.until(
            lambda m: m["type"] == kind and all(m.get(k) == v for k, v in members.items()))

    async def answer(self, name, **message):
        """What comes back for a message with an id."""
        await self.say(id=name, **message)
        return await self.until(lambda m: m.get("id") == name)

    async def auth(self, token):
        await self.say(type="auth", token=token)
        return await self.of_type("welcome")

    async def closed(self):
        """Close code and reason, after what came before it."""
        try:
            while True:
                await self.hear()
        except websockets.ConnectionClosed as end:
            return end.rcvd and end.rcvd.code, end.rcvd and end.rcvd.reason


@contextlib.asynccontextmanager
async def live(node, event, query="", fields=None, **options):
    uri = f"ws://127.0.0.1:{node.port}/v1/events/{event}/live{query}"
    options.setdefault("subprotocols", ["tallycast.v1"])
    async with websockets.connect(uri, open_timeout=PATIENCE, **{FIELDS: fields}, **options) as wire:
        yield Socket(wire)


class Stream:
    """Server-Sent Events as an EventSource reads them."""

    def __init__(self, node, event, key=None, query="", fields=None):
        self.wire = http.client.HTTPConnection("127.0.0.1", node.port, timeout=PATIENCE)
        self.wire.request("GET",
                          f"/v1/events/{event}/stream{query}",
                          headers={
                              **({"Authorization": f"Bearer {key}"} if key else {}),
                              **(fields or {})
                          })
        self.reply = self.wire.getresponse()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wire.close()

    def block(self):
        """The fields up to the next empty line; None at the end. A comment's name is empty."""
        fields = {}
        while line := self.reply.readline().decode():
            if line == "\n":
                return fields
            name, _, value = line.rstrip("\n").partition(":")
            fields[name] = value.removeprefix(" ")
        return fields or None

    def rest(self):
        """All blocks up to the end, which has to come; comments alone do not put it off."""
        deadline, blocks = time.monotonic() + PATIENCE, []
        while block := self.block():
            blocks.append(block)
            if time.monotonic() > deadline:
                raise AssertionError("the stream does not end")
        return blocks

    def event(self, kind, fits=lambda data: True):
        while True:
            block = self.block()
            if block is None:
                raise AssertionError("the stream ended")
            if block.get("event") == kind and fits(data := json.loads(block["data"])):
                return block, data
