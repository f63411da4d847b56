"""Sends what could be read in two ways: straight at a node, and through proxies in front of it.

The table is smuggling_vectors.json; the unit tests of the parser read the same one. A vector may
hold a hidden request, which carries a request id of its own. Straight at the node it must never be
answered. Behind a proxy every answer the node gives must reach the client that the proxy thinks it
belongs to: a relay between proxy and node writes down the ids of all answers, and an id that no
client saw, or that somebody else saw, is a request smuggled past the proxy.

Behind a proxy the verdict is the same as straight at the node, and that means:
- complete: the same statuses in the same order, all from the node; what is in TAKEN_OTHERWISE is
  refused instead, with 400.
- 400: the good requests before it are answered as such. Then the node's 400, or nothing of the
  node's because the proxy has refused it, or one answer to the one request the proxy has made of it.
- 413, 431: the same, but the node has taken nothing of it, whatever the proxy has made of it.
- more: nothing from the node.
- A hidden request is never answered, but for those in FOLLOWS, which the proxy read as a request of
  its own: its answer is the last, after the one answer to what it follows.
"""

import contextlib
import json
import os
import pathlib
import re
import select
import shutil
import socket
import subprocess
import threading
import time
import unittest

from node import Node, wait_for

TABLE = pathlib.Path(__file__).with_name("smuggling_vectors.json")
PATIENCE = 10.0  # seconds to wait for anything that must come
ANSWER = re.compile(rb"HTTP/1\.[01] (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n")
REQUEST_ID = re.compile(rb"(?im)^x-request-id: *([^\r\n]+)\r$")

# What the node refuses for its form, and closes; to a proxy that lets the form pass, or mends it, the
# message has one end, and what stands after it is the client's next request.
FOLLOWS = {
    "line_feed_ends_header", "two_equal_lengths", "length_list_of_equals",
    "encoding_chunked_before_comma", "trailer_sent", "extension_with_line_feed",
    "chunk_line_ended_by_line_feed", "chunk_ended_by_line_feed", "last_line_ended_by_line_feed",
    "connection_names_length", "upgrade_with_length", "upgrade_with_chunks", "unknown_expectation",
    "expectation_list", "two_expectations", "good_then_bad"
}


def vectors():
    for number, entry in enumerate(json.loads(TABLE.read_text())):
        parts = (p if isinstance(p, str) else p[0] * p[1] for p in entry["bytes"])
        hidden = f"smuggled-{number:08d}"
        entry["hidden"] = hidden.encode()
        entry["sent"] = "".join(parts).replace("smuggled-00000000", hidden).encode("latin-1")
        yield entry


def answers(received):
    """(status, fields, request id) of each final answer in what was received."""
    found = []
    for status, fields in ANSWER.findall(received):
        if int(status) >= 200:
            request_id = REQUEST_ID.search(fields)
            found.append((int(status), fields.lower(), request_id and request_id.group(1)))
    return found


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Program:
    """A child process that ends with the test, whatever happens in it."""

    def __init__(self, test, command, log):
        self.log = pathlib.Path(log)
        with open(log, "wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        test.addClassCleanup(self.stop)

    def alive(self):
        if self.process.poll() is not None:
            raise AssertionError(f"ended with {self.process.returncode}:\n{self.log.read_text()}")
        return True

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Relay:
    """Passes bytes between a proxy and the node and keeps the ids of the node's answers."""

    def __init__(self, test, node_port):
        self.node_port = node_port
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.streams = []  # what the node said on each connection
        threading.Thread(target=self.accept, daemon=True).start()
        test.addClassCleanup(self.listener.close)

    def accept(self):
        while True:
            try:
                proxy, _ = self.listener.accept()
                node = socket.create_connection(("127.0.0.1", self.node_port))
            except OSError:
                return
            threading.Thread(target=self.pass_on, args=(proxy, node), daemon=True).start()

    def pass_on(self, proxy, node):
        heard = bytearray()
        with self.lock:
            self.streams.append(heard)
        with proxy, node:
            up = threading.Thread(target=self.pump, args=(proxy, node, None), daemon=True)
            up.start()
            self.pump(node, proxy, heard)
            up.join()

    def pump(self, source, target, record):
        try:
            while data := source.recv(65536):
                if record is not None:
                    with self.lock:
                        record += data
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            for end in (source, target):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def request_ids(self):
        with self.lock:
            heard = [bytes(stream) for stream in self.streams]
        found = [request_id for stream in heard for _, _, request_id in answers(stream)]
        return [request_id for request_id in found if request_id]

    def connections(self):
        with self.lock:
            return len(self.streams)


def verdict_straight(port, vector):
    """The statuses a node gives a vector that it takes as it is."""
    with Client(port) as client:
        client.send(vector["sent"])
        client.read_until(lambda: len(client.answers()) >= vector["requests"])
        return [status for status, _, _ in client.answers()]


class Client:
    """A raw socket that remembers what it received."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.received = b""
        self.closed = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        # A refusal may come before all is sent; then the rest is not wanted.
        view = memoryview(data)
        while view and not self.closed:
            readable, writable, _ = select.select([self.socket], [self.socket], [], PATIENCE)
            try:
                if readable:
                    self.take()
                elif writable:
                    view = view[self.socket.send(view[:16384]):]
                else:
                    raise AssertionError("neither read nor answered")
            except (BrokenPipeError, ConnectionResetError):
                break

    def take(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        self.closed = not data
        self.received += data

    def read_until(self, enough, patience=PATIENCE):
        """True if it was enough or the other side closed; False if time ran out."""
        deadline = time.monotonic() + patience
        while not self.closed and not enough():
            left = max(0, deadline - time.monotonic())
            readable, _, _ = select.select([self.socket], [], [], left)
            if not readable:
                return False
            self.take()
        return True

    def no_more_to_send(self):
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def answers(self):
        return answers(self.received)


NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log;
events {{ worker_connections 512; }}
http {{
  access_log off; client_header_timeout 1s; client_body_timeout 1s; keepalive_timeout 5s;
  client_max_body_size 0; large_client_header_buffers 4 32k;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream node {{ server 127.0.0.1:{node}; keepalive 4; }}
  server {{
    listen 127.0.0.1:{port};
    {options}
    location / {{
      proxy_pass http://node; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host {host}; proxy_read_timeout 5s;
    }}
  }}
}}
"""

HAPROXY = """
global
  nbthread 1
defaults
  mode http
  timeout connect 2s
  timeout client 1s
  timeout server 5s
  timeout http-request 1s
  timeout http-keep-alive 5s
frontend front
  bind 127.0.0.1:{port}
  {options}
  default_backend nodes
backend nodes
  http-reuse always
  server node 127.0.0.1:{node} pool-max-conn 4
"""


def find_program(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


class On_a_node(unittest.TestCase):
    """Starts one node for the class."""

    @classmethod
    def setUpClass(cls):
        cls.node = Node(keys=False).start()
        cls.addClassCleanup(cls.node.remove)
        cls.node_port, cls.folder = cls.node.port, cls.node.folder


class Straight_at_the_node(On_a_node):
    def test_table_is_read_as_it_says(self):
        for vector in vectors():
            with self.subTest(vector["name"]), Client(self.node_port) as client:
                client.send(vector["sent"])
                getattr(self, "expect_" + {"complete": "all", "more": "nothing"}.get(
                    vector["verdict"], "refusal"))(vector, client)
                self.assertNotIn(vector["hidden"], client.received)
        self.assertTrue(self.node.alive())

    def expect_refusal(self, vector, client):
        self.assertTrue(client.read_until(lambda: False), "the node kept the connection")
        got = client.answers()
        self.assertEqual(len(got), vector["requests"] + 1, client.received)
        status, fields, _ = got[-1]
        self.assertEqual(str(status), vector["verdict"])
        self.assertIn(b"connection: close\r\n", fields)

    def expect_all(self, vector, client):
        wanted = vector["requests"]
        self.assertTrue(client.read_until(lambda: len(client.answers()) >= wanted), "no answer")
        client.no_more_to_send()
        self.assertTrue(client.read_until(lambda: False), "the node kept the connection")
        statuses = [status for status, _, _ in client.answers()]
        self.assertEqual(len(statuses), wanted, client.received)
        if not vector.get("any_status"):
            self.assertFalse({400, 413, 417, 431} & set(statuses), client.received)

    def expect_nothing(self, vector, client):
        client.no_more_to_send()
        self.assertTrue(client.read_until(lambda: False), "the node kept the connection")
        self.assertLessEqual({status for status, _, _ in client.answers()}, {400, 408})


class Behind:
    """The table through a proxy; subclasses say which."""

    TAKEN_OTHERWISE = frozenset()

    def test_no_answer_goes_to_the_wrong_client(self):
        clients, canaries, heard = {}, set(), {}
        self.addCleanup(lambda: [client.socket.close() for client in clients.values()])
        for vector in vectors():
            name = vector["name"]
            with self.subTest(name):
                client = clients[name] = Client(self.front_port)
                client.send(vector["sent"])
                # A proxy that waits for more gives up by its own time-out.
                self.assertTrue(client.read_until(client.answers), "the proxy hangs")
                for _ in range(2):
                    canaries.add(self.canary_comes_home(len(canaries)))
                for request_id in self.relay.request_ids():
                    heard.setdefault(request_id, name)
        # The clients stay until the proxy closes them: what is late has somewhere to go.
        for client in clients.values():
            self.assertTrue(client.read_until(lambda: False), "the proxy kept an idle connection")
        self.proxy.stop()
        for vector in vectors():
            with self.subTest(vector["name"]):
                self.no_more_than_was_asked(vector, clients[vector["name"]].received)
                self.same_as_straight(vector, clients[vector["name"]].received)
        # Anywhere in what came, because an answer in HTTP/0.9 is a body that names its id.
        received = b"\n".join(client.received for client in clients.values())
        lost = {request_id: heard.get(request_id, "the end")
                for request_id in self.relay.request_ids()
                if request_id not in canaries and request_id not in received}
        self.assertEqual(lost, {}, "answers no client was given, and when they were first seen")
        # Had the proxy not used its connections again, there would have been nobody to poison.
        self.assertLess(self.relay.connections(), len(self.relay.request_ids()))
        self.assertTrue(self.node.alive())

    def no_more_than_was_asked(self, vector, received):
        most = vector["requests"] + 1 + (vector["hidden"] in vector["sent"])
        # The node's own; the proxy may add that it waited in vain for a next request.
        from_node = [answer for answer in answers(received) if answer[2]]
        self.assertLessEqual(len(from_node), most, received)
        strangers = set(re.findall(rb"smuggled-\d{8}|canary-\d{8}", received)) - {vector["hidden"]}
        self.assertEqual(strangers, set(), "an answer to somebody else")

    def same_as_straight(self, vector, received):
        """As the head of this file says it; of what came, the node's own answers have a request id."""
        from_node = [(status, own) for status, _, own in answers(received) if own]
        hidden = [own == vector["hidden"] for _, own in from_node]
        statuses = [status for status, _ in from_node]
        if any(hidden):
            self.assertIn(vector["name"], FOLLOWS, received)
            self.assertEqual(hidden, [False] * (vector["requests"] + 1) + [True], received)
            statuses.pop()
        if vector["verdict"] == "complete":
            self.complete_as_straight(vector, statuses, received)
        elif vector["verdict"] == "more":
            self.assertEqual(from_node, [])
        else:
            good, bad = statuses[:vector["requests"]], statuses[vector["requests"]:]
            self.assertEqual(good, [404] * vector["requests"], received)
            self.assertLessEqual(len(bad), 1, received)
            refusal = int(vector["verdict"])
            self.assertLessEqual(set(bad), {400, 404, 431} if refusal == 400 else {refusal}, received)

    def complete_as_straight(self, vector, statuses, received):
        if vector["name"] in self.TAKEN_OTHERWISE:
            self.assertEqual([status for status, _, _ in answers(received)], [400], received)
        else:
            self.assertEqual(statuses, verdict_straight(self.node_port, vector), received)

    def canary_comes_home(self, number):
        own = f"canary-{number:08d}".encode()
        with Client(self.front_port) as client:
            client.send(b"GET /v1/nothing HTTP/1.1\r\nHost: tallycast.test\r\nConnection: close\r\n"
                        b"X-Request-Id: " + own + b"\r\n\r\n")
            self.assertTrue(client.read_until(lambda: False), "the canary got no answer")
            self.assertEqual([request_id for _, _, request_id in client.answers()], [own])
        return own

    @classmethod
    def start_proxy(cls, name, config, command):
        program = find_program(name)
        if not program:
            raise unittest.SkipTest(f"there is no {name}")
        cls.relay = Relay(cls, cls.node_port)
        cls.front_port = free_port()
        path = pathlib.Path(cls.folder, f"{name}.conf")
        path.write_text(config.format(
            folder=cls.folder, port=cls.front_port, node=cls.relay.port,
            options=cls.options, host=cls.host))
        cls.proxy = Program(cls, [program, *command(str(path))], f"{cls.folder}/{name}.log")
        wait_for(lambda: cls.proxy.alive() and accepts(cls.front_port), f"{name} listening")


class Behind_nginx(Behind, On_a_node):
    # It has no Host to pass on; two things it takes for mistakes.
    TAKEN_OTHERWISE = {"get_1_0_without_host", "options_asterisk", "values_with_tabs_around"}
    options = ""
    host = "$host"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_proxy("nginx", NGINX, lambda path: [
            "-p", cls.folder, "-e", f"{cls.folder}/nginx-error.log", "-c", path])


class Behind_nginx_that_streams_and_forgives(Behind_nginx):
    options = "proxy_request_buffering off; ignore_invalid_headers off; underscores_in_headers on;"
    host = "$http_host"


class Behind_haproxy(Behind, On_a_node):
    options = ""
    host = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_proxy("haproxy", HAPROXY, lambda path: ["-db", "-f", path])


class Behind_haproxy_that_forgives(Behind_haproxy):
    options = "option accept-invalid-http-request"


if __name__ == "__main__":
    unittest.main()
