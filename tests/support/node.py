"""A node of its own for a test: started, asked, stopped, killed and started again.

The node takes free ports itself and keeps them when it is started again. Every wait is for a
condition and has a deadline. Nothing is left behind: the process ends by its own id, the data
folder goes with the test. Python finds this module because the tests are run with this folder in
their PYTHONPATH.
"""

import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

PATIENCE = 30.0  # seconds to wait for anything that must come; sanitizers are slow
OPERATOR = "operator-of-these-tests-0123456789abcdef"
HOST = "tck_host-of-these-tests-0123456789abcdef"
JSON = {"Content-Type": "application/json"}
SANITIZED = "TALLYCAST_SANITIZED" in os.environ  # keeps freed memory, and wants descriptors for itself


def program():
    path = os.environ.get("TALLYCAST_BIN")
    if not path:
        raise AssertionError("TALLYCAST_BIN names no program")
    return path


def wait_for(condition, what, patience=PATIENCE):
    """What the condition gave when it was true for the first time."""
    deadline = time.monotonic() + patience
    while not (got := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {patience} s")
        time.sleep(0.01)
    return got


class Reply:
    def __init__(self, status, fields, raw):
        self.status, self.raw = status, raw
        self.fields = fields  # http.client's message: names in any case
        kind = fields.get("Content-Type", "")
        is_json = kind.split(";")[0] in ("application/json", "application/problem+json")
        self.json = json.loads(raw) if is_json and raw else None

    @property
    def code(self):
        return (self.json or {}).get("code")

    def __repr__(self):
        return f"{self.status} {self.raw[:400]!r}"


def encoded(body):
    if body is None or isinstance(body, bytes):
        return body
    return (body if isinstance(body, str) else json.dumps(body)).encode()


class Client:
    """One kept connection, for whoever calls more than once."""

    def __init__(self, port, address="127.0.0.1"):
        self.wire = http.client.HTTPConnection(address, port, timeout=PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wire.close()

    def call(self, method, path, body=None, key=None, fields=None):
        sent = dict(JSON) if body is not None else {}
        if key:
            sent["Authorization"] = f"Bearer {key}"
        sent.update(fields or {})
        self.wire.request(method, path, encoded(body),
                          {k: v
                           for k, v in sent.items() if v is not None})
        got = self.wire.getresponse()
        return Reply(got.status, got.headers, got.read())

    def vote(self, poll, ballot, token, key=None):
        body = ballot if isinstance(ballot, (dict, bytes, str)) else {"choices": ballot}
        fields = {"Idempotency-Key": key} if key else None
        return self.call("POST", f"/v1/polls/{poll}/votes", body, token, fields)


class Node:
    """One process of the product. A context manager; or hand remove() to the clean-up.

    Limits or threads of None are left to the node.
    """

    def __init__(self,
                 *options,
                 limits="off",
                 keys=True,
                 data_dir=":memory:",
                 threads=2,
                 store=None,
                 address="127.0.0.1",
                 prefix=(),
                 environment=None,
                 preexec=None,
                 binary=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tallycast-e2e-"))
        self.data_dir = data_dir if data_dir == ":memory:" else str(data_dir
                                                                    or self.folder / "data")
        # A node of its own keeps its votes in a folder, one of several in a store they share.
        self.storage = ["--store", store] if store else ["--data-dir", self.data_dir]
        self.address, self.prefix = address, prefix
        self.options = list(options)
        if limits is not None:
            self.options += ["--limits", limits]
        if threads is not None:
            self.options += ["--threads", str(threads)]
        if keys:
            self.options += ["--operator-key", OPERATOR, "--host-key", HOST]
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("TALLYCAST_")}
        self.environment.update(environment or {})
        self.preexec = preexec
        self.binary = binary  # None: the program that is tested
        self.port = self.operations = 0
        self.process = None
        self.starts = 0

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.remove()

    # -- life

    def spawn(self):
        command = [
            *self.prefix, self.binary or program(), "serve", "--listen", f"{self.address}:{self.port}", *self.storage,
            "--ops-listen", f"{self.address}:{self.operations}", *self.options
        ]
        self.starts += 1
        self.out = self.folder / f"out-{self.starts}"
        self.err = self.folder / f"log-{self.starts}"
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen(command,
                                            stdin=subprocess.DEVNULL,
                                            stdout=out,
                                            stderr=err,
                                            cwd=self.folder,
                                            env=self.environment,
                                            preexec_fn=self.preexec)
        return self

    def start(self):
        self.spawn()
        wait_for(self.is_ready, "the node getting ready")
        return self

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the node ended with {self.process.returncode}:\n{self.log()}")
        if not self.port:
            told = dict(
                re.findall(rf"(pages|operations) +https?://{re.escape(self.address)}:(\d+)",
                           self.out.read_text()))
            if len(told) < 2:
                return False
            self.port, self.operations = int(told["pages"]), int(told["operations"])
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ops("GET", "/readyz").status == 200
        return False

    def log(self):
        return "".join(path.read_text(errors="replace") for path in (self.out, self.err))

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, what):
        os.kill(self.process.pid, what)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def ended(self, patience=PATIENCE):
        """The exit code of a node that ends by itself."""
        return self.process.wait(patience)

    def stop(self):
        """The exit code after SIGTERM."""
        self.signal(signal.SIGTERM)
        return self.ended()

    def remove(self):
        if self.alive():
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(PATIENCE)
            if self.alive():
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- calls, each on a connection of its own, so that every core has its share

    def client(self):
        return Client(self.port, self.address)

    def call(self, method, path, body=None, key=None, fields=None):
        with self.client() as client:
            return client.call(method, path, body, key, fields)

    def ops(self, method, path, fields=None):
        with Client(self.operations, self.address) as client:
            return client.call(method, path, fields=fields)

    def metric(self, name, label=""):
        """The sum of a metric over all its labels, or over those that hold a text."""
        text = self.ops("GET", "/metrics").raw.decode()
        found = re.findall(rf"(?m)^{name}(?:\{{[^}}]*{label}[^}}]*\}})? ([0-9.e+-]+)$", text)
        if not found:
            raise AssertionError(f"there is no metric {name}")
        return sum(map(float, found))

    def must(self, status, method, path, body=None, key=HOST, fields=None):
        reply = self.call(method, path, body, key, fields)
        if reply.status != status:
            raise AssertionError(f"{method} {path}: {status} expected, got {reply}")
        return reply.json

    def event(self, key=HOST, **members):
        return self.must(201, "POST", "/v1/events", {"title": "An evening", **members}, key)

    def poll(self, event, opened=True, key=HOST, **members):
        wanted = {"type": "single", "question": "Best act?", **members}
        if wanted["type"] != "rating":
            wanted.setdefault("options", [{"id": i, "label": f"Act {i}"} for i in "abc"])
        made = self.must(201, "POST", f"/v1/events/{event}/polls", wanted, key)
        return self.step(made["id"], "open", key=key) if opened else made

    def step(self, poll, what, body=None, key=HOST):
        return self.must(200, "POST", f"/v1/polls/{poll}/{what}", body, key)

    def join(self, code, token=None):
        return self.must(200, "POST", "/v1/join", {"code": code}, token)

    def token(self, code):
        return self.join(code)["voter"]["token"]

    def vote(self, poll, ballot, token, key=None):
        with self.client() as client:
            return client.vote(poll, ballot, token, key)

    def results(self, poll, key=HOST, query=""):
        return self.must(200, "GET", f"/v1/polls/{poll}/results{query}", key=key)

    def ledger(self, poll, query=""):
        return self.must(200, "GET", f"/v1/polls/{poll}/ledger{query}")


class Raw:
    """A bare socket that remembers what it received."""

    def __init__(self, port, address="127.0.0.1", receive_buffer=None, source=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source:
            self.socket.bind((source, 0))
        self.socket.settimeout(PATIENCE)
        self.socket.connect((address, port))
        self.received = b""
        self.closed = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """False when the other side wants no more."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def take(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        self.closed = not data
        self.received += data

    def until(self, enough, what="enough bytes", patience=PATIENCE):
        deadline = time.monotonic() + patience
        while not (got := enough(self.received)):
            left = deadline - time.monotonic()
            if self.closed or left <= 0:
                raise AssertionError(
                    f"{what}: {'closed' if self.closed else 'silent'}: {self.received[-300:]!r}"
                )
            self.socket.settimeout(left)
            with contextlib.suppress(TimeoutError):
                self.take()
        return got

    def until_closed(self, patience=PATIENCE):
        deadline = time.monotonic() + patience
        while not self.closed:
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(
                    f"not closed within {patience} s after {self.received[-300:]!r}")
            self.socket.settimeout(left)
            with contextlib.suppress(TimeoutError):
                self.take()
        return self.received


def together(count, work):
    """work(0) … work(count - 1) at once; their answers in order, or the first failure."""
    answers, failures = [None] * count, []

    def one(i):
        try:
            answers[i] = work(i)
        except BaseException as failure:  # told by the thread that waits
            failures.append(failure)

    threads = [threading.Thread(target=one, args=(i, ), daemon=True) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return answers
