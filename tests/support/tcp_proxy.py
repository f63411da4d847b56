#!/usr/bin/env python3
"""A wire that can be bad: passes connections on to a server, late, in slices, not at all, or breaks them.

As a module: TcpProxy(target) is a context manager with a port, whose members may be changed at any time.
As a script: tcp_proxy.py --listen 127.0.0.1:7000 --target 127.0.0.1:6379 --latency-ms 20 --slice 7
"""

import argparse
import asyncio
import contextlib
import socket
import struct
import threading

CHUNK = 65536
PATIENCE = 10.0
RESET = struct.pack("ii", 1, 0)  # SO_LINGER that sends RST when the socket is closed


class TcpProxy:
    """Runs on a thread of its own; each direction of each connection is one task."""

    def __init__(self, target, listen=("127.0.0.1", 0)):
        self.target = target       # address and port
        self.latency = 0.0         # seconds, each way
        self.slice = CHUNK         # bytes passed on at a time
        self.silent = False        # takes everything, passes nothing on
        self.refusing = False      # closes new connections at once
        self.connections = 0       # so far
        self.writers = set()
        self.loop = asyncio.new_event_loop()
        self.server = self.loop.run_until_complete(asyncio.start_server(self.serve, *listen))
        self.port = self.server.sockets[0].getsockname()[1]
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self.shut(), self.loop).result(PATIENCE)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(PATIENCE)
        self.loop.close()

    async def shut(self):
        self.server.close()
        self.break_all()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def reset(self):
        """Ends every connection with a RST, both ways."""
        self.loop.call_soon_threadsafe(self.break_all)

    def break_all(self):
        for writer in list(self.writers):
            connection = writer.get_extra_info("socket")
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()

    async def serve(self, reader, writer):
        self.connections += 1
        self.writers.add(writer)
        there = None
        try:
            if self.refusing:
                return
            far_reader, there = await asyncio.open_connection(*self.target)
            self.writers.add(there)
            await self.join((reader, writer), (far_reader, there))
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # either end may break at any time; so does the other then
        finally:
            for each in filter(None, (writer, there)):
                self.writers.discard(each)
                each.transport.abort()

    async def join(self, near, far):
        await asyncio.gather(self.pass_on(near[0], far[1]), self.pass_on(far[0], near[1]))

    async def pass_on(self, reader, writer):
        while data := await reader.read(CHUNK):
            await self.delay()
            for begin in range(0, len(data), self.slice):
                writer.write(data[begin:begin + self.slice])
                await writer.drain()
                if self.slice < CHUNK:
                    await asyncio.sleep(0)  # or the slices would be joined again before they leave
        raise ConnectionResetError("this side has ended")

    async def delay(self):
        if self.latency:
            await asyncio.sleep(self.latency)
        while self.silent:
            await asyncio.sleep(0.01)


def address(text):
    host, _, port = text.rpartition(":")
    return host, int(port)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listen", type=address, default=("127.0.0.1", 0), help="address:port (default: a free one)")
    parser.add_argument("--target", type=address, required=True, help="address:port")
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--slice", type=int, default=CHUNK, help="bytes passed on at a time")
    arguments = parser.parse_args()
    with TcpProxy(arguments.target, arguments.listen) as proxy:
        proxy.latency, proxy.slice = arguments.latency_ms / 1000, arguments.slice
        print(f"listening on port {proxy.port}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            proxy.thread.join()


if __name__ == "__main__":
    main()
