"""A node for the document tests: on free ports, in a folder of its own, ended with the test."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ["TALLYCAST_BIN"]
HOST_KEY = "tck_a-host-key-for-the-tests-of-the-documents"
OPERATOR_KEY = "an-operator-key-for-the-tests-of-the-documents"
PATIENCE = 30.0  # seconds for anything that must come


class Reader:
    """Collects the lines of a pipe and lets a test wait for one of them."""

    def __init__(self, pipe):
        self.lines = []
        self.ended = False
        self.changed = threading.Condition()
        threading.Thread(target=self._read, args=(pipe,), daemon=True).start()

    def _read(self, pipe):
        for line in pipe:
            with self.changed:
                self.lines.append(line)
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def find(self, pattern):
        def found():
            return next((m for m in (re.search(pattern, line) for line in self.lines) if m), None)
        with self.changed:
            self.changed.wait_for(lambda: found() or self.ended, PATIENCE)
            match = found()
        if not match:
            raise AssertionError(f"the node never said {pattern!r}:\n{''.join(self.lines)}")
        return match


class Answer:
    def __init__(self, reply, body):
        self.status = reply.status
        self.fields = reply.headers
        self.media_type = (reply.headers.get("Content-Type") or "").split(";")[0]
        self.body = body

    def json(self):
        return json.loads(self.body)


class Node:
    def __init__(self, *options):
        self.folder = tempfile.TemporaryDirectory()
        environment = {k: v for k, v in os.environ.items() if not k.startswith("TALLYCAST_")}
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0",
             "--data-dir", os.path.join(self.folder.name, "data"), "--host-key", HOST_KEY,
             "--operator-key", OPERATOR_KEY, *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        self.said, self.log = Reader(self.process.stdout), Reader(self.process.stderr)
        self.log.find(r'"msg":"ready"')
        self.url = self.said.find(r"API and pages +(http://\S+)").group(1)
        self.operations = self.said.find(r"operations +(http://[^/]+)").group(1)
        self.call("GET", "/readyz", base=self.operations)  # from here on a signal is heeded

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()
        self.folder.cleanup()
        if self.process.returncode != 0:
            raise AssertionError(f"the node ended with {self.process.returncode}:\n{''.join(self.log.lines)}")

    def call(self, method, path, body=None, token=None, fields=(), base=None):
        where = urllib.parse.urlsplit(base or self.url)
        with contextlib.closing(http.client.HTTPConnection(where.netloc, timeout=PATIENCE)) as link:
            headers = dict(fields)
            if body is not None and not isinstance(body, str):
                body = json.dumps(body)
                headers.setdefault("Content-Type", "application/json")
            if token:
                headers["Authorization"] = f"Bearer {token}"
            link.request(method, path, body=body, headers=headers)
            reply = link.getresponse()
            return Answer(reply, reply.read())


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
