"""A wire to Redis on which chosen commands are answered by the test, in their place among the others."""

import asyncio

from tcp_proxy import TcpProxy

REAL = object()  # in the queue of answers: the server's next one


class ReplyProxy(TcpProxy):
    """Two functions of a command's words (bytes) may be set at any time, each giving None or an answer's bytes:

    instead(words)    the command is kept from the server
    afterwards(words) the server does it, and what it says is replaced
    """

    def __init__(self, target):
        super().__init__(target)
        self.instead = self.afterwards = lambda words: None
        self.answered = 0  # by us, so far

    async def join(self, near, far):
        answers = asyncio.Queue()
        await asyncio.gather(self.commands(near[0], far[1], answers), self.replies(far[0], near[1], answers))

    async def commands(self, reader, writer, answers):
        while True:
            command, words = await read_command(reader)
            if (ours := self.instead(words)) is None:
                writer.write(command)
                await writer.drain()
                ours = self.afterwards(words)
                answers.put_nowait((REAL, ours))
            else:
                answers.put_nowait((None, ours))

    async def replies(self, reader, writer, answers):
        while True:
            told, ours = await answers.get()
            reply = await read_reply(reader) if told is REAL else b""
            if ours is not None:
                self.answered += 1
            writer.write(reply if ours is None else ours)
            await writer.drain()


async def read_command(reader):
    """The bytes of one command, and its words."""
    head = await reader.readuntil(b"\r\n")
    taken, words = [head], []
    for _ in range(int(head[1:])):
        size = await reader.readuntil(b"\r\n")
        word = await reader.readexactly(int(size[1:]) + 2)
        taken += [size, word]
        words.append(word[:-2])
    return b"".join(taken), words


async def read_reply(reader):
    """The bytes of one reply."""
    head = await reader.readuntil(b"\r\n")
    size = int(head[1:]) if head[:1] in b"$*" else -1
    if size < 0:
        return head
    if head[:1] == b"$":
        return head + await reader.readexactly(size + 2)
    return head + b"".join([await read_reply(reader) for _ in range(size)])
