"""A node as the document tests ask it: by addresses that a document gives, with what it said."""

import contextlib
import pathlib
import re
import socket
import time
import urllib.parse

import node
from node import HOST as HOST_KEY
from node import OPERATOR as OPERATOR_KEY
from node import PATIENCE, wait_for

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = node.program()


class Said:
    """What the node has written to a file so far."""

    def __init__(self, file):
        self.file = file

    def find(self, pattern):
        return wait_for(lambda: re.search(pattern, self.file.read_text()), f"the node saying {pattern!r}")


class Answer:
    def __init__(self, reply):
        self.status = reply.status
        self.fields = reply.fields
        self.media_type = (reply.fields.get("Content-Type") or "").split(";")[0]
        self.body = reply.raw
        self._json = reply.json

    def json(self):
        return self._json


class Node:
    def __init__(self, *options):
        self.running = node.Node(*options, limits=None, threads=None, data_dir=None)
        try:
            self.running.start()
        except BaseException:
            self.running.remove()
            raise
        self.process, self.folder = self.running.process, self.running.folder
        self.said, self.log = Said(self.running.out), Said(self.running.err)
        self.url = f"http://127.0.0.1:{self.running.port}"
        self.operations = f"http://127.0.0.1:{self.running.operations}"

    def stop(self):
        if self.running.alive():
            self.process.terminate()
        try:
            code = self.running.ended()
            if code != 0:
                raise AssertionError(f"the node ended with {code}:\n{self.running.log()}")
        finally:
            self.running.remove()

    def call(self, method, path, body=None, token=None, fields=(), base=None):
        where = urllib.parse.urlsplit(base or self.url)
        headers = dict(fields)
        if isinstance(body, str):
            headers.setdefault("Content-Type", None)
        with node.Client(where.port, where.hostname) as link:
            return Answer(link.call(method, path, body, token, headers))


def wait_until_accepting(port, process):
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            return socket.create_connection(("127.0.0.1", port), 1).close()
        time.sleep(0.02)
    raise AssertionError(f"nobody listens on {port}")


def start(test_class, *options):
    """A node that ends when the tests of the class have."""
    node = Node(*options)
    test_class.addClassCleanup(node.stop)
    return node
