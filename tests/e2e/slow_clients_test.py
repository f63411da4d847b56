"""Clients that take their time, in hundreds, beside people who just want to vote; more connections
than the node takes; bodies larger than anybody's memory; no file descriptors left. The slow are
closed in their time, the others are served."""

import json
import re
import resource
import selectors
import socket
import threading
import time
import unittest

from node import HOST, PATIENCE, SANITIZED, Client, Node, Raw, wait_for

MANY = 500
HEAD = "POST /v1/join HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
PAGE = b"GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n"


class Slow_clients:
    """A crowd that drips bytes, or takes none, until the node has closed each of them."""

    def __init__(self, port, begin, drip, receive_buffer=None):
        self.drip = drip
        self.selector = selectors.DefaultSelector()
        self.open, self.answers = set(), []
        for _ in range(MANY):
            one = socket.socket()
            if receive_buffer:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            one.connect(("127.0.0.1", port))
            one.sendall(begin)
            one.setblocking(False)
            self.open.add(one)
            if drip:
                self.selector.register(one, selectors.EVENT_READ, bytearray())

    def close(self):
        self.selector.close()
        for one in self.open:
            one.close()

    def until_all_are_closed(self, patience=PATIENCE):
        deadline = time.monotonic() + patience
        while self.open:
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(self.open)} slow clients are still connected")
            if self.drip:
                self.read()
                self.write(self.drip)
            else:
                self.look()

    def read(self):
        for key, _ in self.selector.select(0.1):
            try:
                data = key.fileobj.recv(4096)
            except OSError:
                data = b""
            key.data.extend(data)
            if not data:
                self.selector.unregister(key.fileobj)
                self.gone(key.fileobj, bytes(key.data))

    def write(self, data):
        for one in list(self.open):
            try:
                one.send(data)
            except BlockingIOError:
                pass
            except OSError:
                continue  # the end is read next

    def look(self):
        """Who does not read can only see that the connection is no more."""
        time.sleep(0.05)
        for one in list(self.open):
            if self.state(one) != 1:  # TCP_ESTABLISHED
                self.gone(one, b"")

    @staticmethod
    def state(one):
        return one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]

    def gone(self, one, heard):
        one.close()
        self.open.discard(one)
        self.answers.append(heard)


class Voters:
    """People who vote all the while, each on a connection of its own."""

    def __init__(self, node):
        event = node.event()
        self.node, self.code, self.poll = node, event["code"], node.poll(event["id"])["id"]
        self.statuses, self.over = [], threading.Event()
        self.thread = threading.Thread(target=self.vote_on, daemon=True)
        self.thread.start()

    def vote_on(self):
        while not self.over.is_set():
            try:
                with self.node.client() as client:
                    token = client.call("POST", "/v1/join",
                                        {"code": self.code}).json["voter"]["token"]
                    self.statuses.append(client.vote(self.poll, ["a"], token).status)
            except Exception as failure:
                self.statuses.append(repr(failure))

    def check(self, test):
        wait_for(lambda: len(self.statuses) > 20, "votes")
        self.over.set()
        self.thread.join()
        test.assertEqual(set(self.statuses), {200})
        test.assertEqual(self.node.results(self.poll)["voters"], len(self.statuses))


class Slow(unittest.TestCase):
    def setUp(self):
        self.node = Node("--header-timeout", "1s", "--body-timeout", "1s", "--write-timeout", "1s",
                         "--idle-timeout", "1s").start()
        self.addCleanup(self.node.remove)
        self.voters = Voters(self.node)

    def outlived(self, begin, drip, receive_buffer=None):
        crowd = Slow_clients(self.node.port, begin, drip, receive_buffer)
        self.addCleanup(crowd.close)
        self.assertGreater(self.node.metric("tallycast_connections", "http"), 0)
        crowd.until_all_are_closed()
        self.voters.check(self)
        self.assertEqual(len(crowd.answers), MANY)
        wait_for(lambda: self.node.metric("tallycast_connections", "http") <= 1,
                 "the connections being forgotten")
        return crowd.answers

    def test_slow_headers(self):
        self.outlived(HEAD.encode() + b"X-Slow: ", b"x")

    def test_slow_first_bytes(self):
        self.outlived(b"G", b"E")

    def test_slow_bodies(self):
        self.outlived((HEAD + "Content-Length: 9999\r\n\r\n").encode(), b" ")

    def test_slow_chunks(self):
        self.outlived((HEAD + "Transfer-Encoding: chunked\r\n\r\n").encode(), b"1\r\n \r\n")

    def test_silent_from_the_beginning(self):
        self.outlived(b"", b"")

    def test_readers_that_do_not_read(self):
        self.outlived(PAGE * 60, b"", receive_buffer=4096)


class Too_much(unittest.TestCase):
    def test_one_connection_too_many_is_told_so(self):
        with Node("--max-connections", "8") as node:
            kept = [Raw(node.port)
                    for _ in range(24)]  # either core takes at least its share of the eight
            for one in kept:
                self.addCleanup(one.socket.close)
            told = [one for one in kept if self.turned_away(one)]
            self.assertGreaterEqual(len(told), 16)
            ids = set()
            for one in told:
                self.assertIn(b"Retry-After: ", one.received)
                self.assertIn(b'"code":"overloaded"', one.received)
                self.assertIn(b'"retry_after_ms":', one.received)
                head, _, body = one.received.partition(b"\r\n\r\n")
                ids.add(re.search(rb"X-Request-Id: (\S+)", head)[1].decode())
                self.assertIn(json.loads(body)["request_id"], ids)
            self.assertEqual(len(ids), len(told))
            for one in kept:
                one.socket.close()
            wait_for(lambda: self.served(node), "room again")
            self.assertEqual(node.metric("tallycast_connections_limit"), 8)
            self.assertEqual(node.metric("tallycast_connections_refused_total"), len(told))

    def turned_away(self, one):
        one.socket.settimeout(0.2)
        try:
            one.until_closed(0.5)
        except AssertionError:
            return False
        return one.received.startswith(b"HTTP/1.1 503 ")

    def served(self, node):
        try:
            return node.call("GET", "/v1/events", key=HOST).status == 200
        except OSError:
            return False

    def memory(self, node):
        with open(f"/proc/{node.process.pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize() // 2**20

    def refused(self, node, status, begin, more=b"", times=0):
        with Raw(node.port) as one:
            one.send(begin)
            for _ in range(times):
                if not one.send(more):
                    break
            one.until(lambda r: r.startswith(b"HTTP/1.1 "), "a refusal")
            self.assertTrue(one.received.startswith(f"HTTP/1.1 {status} ".encode()),
                            one.received[:200])
            one.until_closed()
            self.assertIn(b"connection: close", one.received.lower())

    def test_what_is_too_large_is_refused_before_it_is_kept(self):
        with Node() as node:
            before = self.memory(node)
            gib = str(2**30)
            megabyte = b"x" * 2**20
            for _ in range(5):
                self.refused(node, 413, (HEAD + f"Content-Length: {gib}\r\n\r\n").encode())
                self.refused(node, 413, (HEAD + f"Content-Length: {gib}\r\n\r\n").encode(),
                             megabyte, 64)
                self.refused(node, 413,
                             (HEAD + "Transfer-Encoding: chunked\r\n\r\n40000000\r\n").encode(),
                             megabyte, 64)
                self.refused(node, 400, (HEAD + "Transfer-Encoding: chunked\r\n\r\n").encode(),
                             b"1\r\n \r\n" * 1000, 50)
                self.refused(node, 431, (HEAD + "X: 1\r\n" * 10000 + "\r\n").encode())
                self.refused(node, 431, (HEAD + "X: ").encode(), megabyte, 64)
                self.refused(node, 431, b"GET /" + b"x" * 20000, megabyte, 1)
            self.assertEqual(node.call("GET", "/v1/events", key=HOST).status, 200)
            self.assertLess(self.memory(node) - before, 64, "MiB more than before")

    def test_a_continue_is_not_sent_for_what_is_refused(self):
        with Node() as node, Raw(node.port) as one:
            one.send((HEAD + f"Expect: 100-continue\r\nContent-Length: {2**30}\r\n\r\n").encode())
            one.until_closed()
            self.assertTrue(one.received.startswith(b"HTTP/1.1 413 "), one.received)


@unittest.skipIf(SANITIZED, "a sanitizer without descriptors takes memory for unreadable")
class No_descriptors(unittest.TestCase):
    LIMIT = 100

    def test_a_node_without_descriptors_lives_and_recovers(self):
        with Node(data_dir=None) as node:
            # Later than the node looks: it keeps within what it finds at its start.
            resource.prlimit(node.process.pid, resource.RLIMIT_NOFILE, (self.LIMIT, self.LIMIT))
            event = node.event()
            poll, token = node.poll(event["id"])["id"], node.token(event["code"])
            with Client(node.port) as early, Client(node.operations) as operations:
                self.assertEqual(early.vote(poll, ["a"], token, "k").status, 200)
                self.assertEqual(operations.call("GET", "/livez").status, 200)
                began = time.monotonic()
                crowd = [
                    socket.create_connection(("127.0.0.1", node.port))
                    for _ in range(3 * self.LIMIT)
                ]
                for one in crowd:
                    self.addCleanup(one.close)
                wait_for(lambda: self.failed_to_accept(node) > 2, "running out of descriptors")
                for _ in range(20):
                    self.assertEqual(early.vote(poll, ["a"], token, "k").json["status"], "replayed")
                self.assertEqual(operations.call("GET", "/livez").status, 200)
                # Each core tries ten times a second, and not as fast as it can.
                self.assertLess(self.failed_to_accept(node),
                                3 * 10 * (time.monotonic() - began) + 10, "a busy loop")
                for one in crowd:
                    one.close()
            wait_for(lambda: self.votes(node, poll, event["code"]), "votes of new connections")
            self.assertTrue(node.alive())

    @staticmethod
    def failed_to_accept(node):
        return node.log().count("accepting a connection failed")

    def votes(self, node, poll, code):
        try:
            return node.vote(poll, ["b"], node.token(code)).status == 200
        except (OSError, AssertionError):
            return False


if __name__ == "__main__":
    unittest.main()
