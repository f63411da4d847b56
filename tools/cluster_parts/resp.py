"""A small client for Redis: enough to set servers up, to look at them and to measure them."""

import socket


class Refusal(Exception):
    """An error reply; its first word is the kind."""

    @property
    def kind(self):
        return str(self).split(" ", 1)[0]


class Link:
    """One connection. Whatever breaks is an OSError."""

    def __init__(self, address, port, patience=3.0, password=None):
        self.socket = socket.create_connection((address, port), patience)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        if password:
            self.ask("AUTH", password)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.file.close()
        self.socket.close()

    def ask(self, *words):
        """The reply to one command: int, str, None or a list of them; a Refusal is raised."""
        reply = self.ask_all([words])[0]
        if isinstance(reply, Refusal):
            raise reply
        return reply

    def ask_all(self, commands):
        """The replies to several commands sent at once; a Refusal is one of them."""
        self.socket.sendall(b"".join(map(encoded, commands)))
        return [self.reply() for _ in commands]

    def reply(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("the server has closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest.decode()
        if kind == b"-":
            return Refusal(rest.decode(errors="replace"))
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2].decode(errors="surrogateescape")
        if kind == b"*":
            return None if rest == b"-1" else [self.reply() for _ in range(int(rest))]
        raise ConnectionError(f"this is no Redis: {line[:80]!r}")


def encoded(words):
    """A command as the server wants it."""
    parts = [word if isinstance(word, bytes) else str(word).encode(errors="surrogateescape") for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts)
