"""A WebSocket by hand, for frames no library would send and for readers that do not read."""

import base64
import json
import os
import struct

from node import Raw

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


def frame(opcode, payload=b"", final=True, masked=True, length=None, bits=0):
    length = len(payload) if length is None else length
    head = bytes([(0x80 if final else 0) | bits | opcode])
    mask_bit = 0x80 if masked else 0
    if length < 126:
        head += bytes([mask_bit | length])
    elif length < 65536:
        head += bytes([mask_bit | 126]) + struct.pack(">H", length)
    else:
        head += bytes([mask_bit | 127]) + struct.pack(">Q", length)
    return head + (bytes(4) if masked else b"") + payload


class Wire(Raw):
    """A WebSocket by hand."""

    def __init__(self, on, event, key=None, fields="", **options):
        super().__init__(on.port, **options)
        key = base64.b64encode(os.urandom(16)).decode() if key is None else key
        self.send(
            f"GET /v1/events/{event}/live HTTP/1.1\r\nHost: 127.0.0.1:{on.port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\n{fields}\r\n"
            .encode())

    def opened(self):
        self.until(lambda r: b"\r\n\r\n" in r, "the handshake")
        if b" 101 " not in self.received[:16]:
            raise AssertionError(self.received)
        self.received = self.received.split(b"\r\n\r\n", 1)[1]
        return self

    def say(self, **message):
        return self.send(frame(TEXT, json.dumps(message).encode()))

    def frames(self):
        """(opcode, payload) of the whole frames received so far."""
        found, at = [], 0
        while len(self.received) >= at + 2:
            opcode, length, head = self.received[at] & 15, self.received[at + 1], 2
            if length > 125:
                head = 4 if length == 126 else 10
                length = int.from_bytes(self.received[at + 2:at + head], "big")
            if len(self.received) < at + head + length:
                break
            found.append((opcode, self.received[at + head:at + head + length]))
            at += head + length
        return found

    def messages(self):
        return [json.loads(payload) for opcode, payload in self.frames() if opcode == TEXT]

    def close_code(self):
        self.until_closed()
        codes = [
            struct.unpack(">H", payload[:2])[0] for opcode, payload in self.frames()
            if opcode == CLOSE
        ]
        return codes[0] if codes else None
