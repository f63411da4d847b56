"""What every refusal carries, also one that never reached a route: its request id, and for pages
of an allowed origin the fields with which they may read it. Pages of other origins get neither
those nor leave to ask, at whatever they try."""

import json
import re
import unittest

from node import HOST, OPERATOR, Node, Raw

ALLOWED = "https://one.example.org"
ALSO_ALLOWED = "http://two.example.org:8080"
NOT_ALLOWED = {
    "another": "https://evil.example",
    "none in particular": "null",
    "all": "*",
    "nothing": "",
    "one with the allowed in front": "https://one.example.org.evil.example",
    "one with the allowed behind": "https://evilone.example.org",
    "one below the allowed": "https://sub.one.example.org",
    "one above the allowed": "https://example.org",
    "the fully qualified name": "https://one.example.org.",
    "another scheme": "http://one.example.org",
    "no scheme": "one.example.org",
    "the scheme's own port": "https://one.example.org:443",
    "another port": "https://one.example.org:8443",
    "no port": "http://two.example.org",
    "a port that begins alike": "http://two.example.org:80",
    "a longer port": "http://two.example.org:80801",
    "another case of the name": "https://ONE.example.org",
    "another case of the scheme": "HTTPS://one.example.org",
    "a user": "https://user@one.example.org",
    "the allowed as a user": "https://one.example.org@evil.example",
    "a slash": "https://one.example.org/",
    "a path": "https://evil.example/https://one.example.org",
    "an escape": "https://one.example%2Eorg",
    "both that are allowed": f"{ALLOWED} {ALSO_ALLOWED}",
    "a list": f"{ALLOWED}, https://evil.example",
}


def setUpModule():
    global node
    node = Node("--allowed-origins", f"{ALLOWED},{ALSO_ALLOWED}").start()
    unittest.addModuleCleanup(node.remove)


class Answer:
    """The head of an answer, and its body as far as it has come."""

    def __init__(self, received):
        head, _, self.body = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(first.split()[1])
        self.fields = {}
        for line in lines:
            name, _, value = line.partition(": ")
            self.fields.setdefault(name.lower(), []).append(value)

    def field(self, name):
        values = self.fields.get(name.lower(), [])
        return values[0] if len(values) == 1 else values or None

    def cors(self):
        return sorted(name for name in self.fields if name.startswith("access-control-"))


class Refused_by_the_parser(unittest.TestCase):
    HEAD = ("POST /v1/join HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"Origin: {ALLOWED}\r\nX-Request-Id: mine-42\r\n")
    HEADER_IS_READ = {
        "a declared body": (413, "body_too_large", "Content-Length: 1073741824\r\n\r\n"),
        "a chunk": (413, "body_too_large", "Transfer-Encoding: chunked\r\n\r\n40000000\r\n"),
        "no chunk": (400, "invalid_request", "Transfer-Encoding: chunked\r\n\r\nnone\r\n"),
        "trailers": (400, "invalid_request", "Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n"),
    }
    HEADER_IS_NOT_READ = {
        "many fields": (431, "headers_too_large", "X: 1\r\n" * 100 + "\r\n"),
        "a long field": (431, "headers_too_large", "X: " + "x" * 10000 + "\r\n\r\n"),
        "two Hosts": (400, "invalid_request", "Host: y\r\n\r\n"),
        "a bare LF": (400, "invalid_request", "X: 1\n\r\n"),
        "two lengths": (400, "invalid_request", "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}"),
        "length and chunks": (400, "invalid_request",
                              "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    }

    def answer(self, sent):
        with Raw(node.port) as one:
            one.send(sent.encode())
            return Answer(one.until_closed())

    def problem(self, answer, status, code):
        self.assertEqual(answer.status, status, answer.body)
        self.assertEqual(answer.field("Content-Type"), "application/problem+json")
        self.assertEqual(answer.field("Connection"), "close")
        told = json.loads(answer.body)
        self.assertEqual((told["status"], told["code"]), (status, code))
        self.assertEqual(told["request_id"], answer.field("X-Request-Id"))
        return told["request_id"]

    def test_of_a_body_under_the_callers_request_id_and_to_an_allowed_page(self):
        for what, (status, code, rest) in self.HEADER_IS_READ.items():
            with self.subTest(what):
                answer = self.answer(self.HEAD + rest)
                self.assertEqual(self.problem(answer, status, code), "mine-42")
                self.assertEqual(answer.field("Access-Control-Allow-Origin"), ALLOWED)
                self.assertIn("X-Request-Id", answer.field("Access-Control-Expose-Headers"))
                self.assertEqual(answer.field("Vary"), "Origin")

    def test_of_a_header_under_an_id_of_the_nodes(self):
        seen = set()
        for what, (status, code, rest) in self.HEADER_IS_NOT_READ.items():
            with self.subTest(what):
                answer = self.answer(self.HEAD + rest)
                seen.add(self.problem(answer, status, code))
                self.assertEqual(answer.cors(), [])
        self.assertEqual(len(seen), len(self.HEADER_IS_NOT_READ), "each has one of its own")
        self.assertNotIn("mine-42", seen)

    def test_a_request_id_that_is_none_is_not_kept(self):
        for theirs in ("x" * 65, "a b", "caf\u00e9", ""):
            head = self.HEAD.replace("mine-42", theirs)
            for rest in ("Content-Length: 1073741824\r\n\r\n", "Host: y\r\n\r\n"):
                with self.subTest(theirs, rest=rest):
                    self.assertRegex(self.answer(head + rest).field("X-Request-Id"),
                                     r"^[\w-]{3,64}$")

    def test_behind_another_request_it_has_its_own(self):
        first = "GET /v1/nothing HTTP/1.1\r\nHost: x\r\nX-Request-Id: first\r\n\r\n"
        with Raw(node.port) as one:
            one.send((first + self.HEAD + "Content-Length: 1073741824\r\n\r\n").encode())
            ids = re.findall(rb"(?m)^X-Request-Id: (\S+)\r$", one.until_closed())
            self.assertEqual(ids, [b"first", b"mine-42"])
        with Raw(node.port) as one:
            one.send((first + "GET /v1/nothing HTTP/1.1\r\n\r\n").encode())
            ids = re.findall(rb"(?m)^X-Request-Id: (\S+)\r$", one.until_closed())
            self.assertEqual(ids[0], b"first")
            self.assertNotEqual(ids[1], b"first")

    def test_head_has_no_body_here_either(self):
        head = self.HEAD.replace("POST /v1/join", "HEAD /")
        answer = self.answer(head + "Content-Length: 1073741824\r\n\r\n")
        self.assertEqual((answer.status, answer.body), (413, b""))
        self.assertEqual(answer.field("X-Request-Id"), "mine-42")


class Pages_of_other_origins(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        event = node.event()
        poll = node.poll(event["id"])["id"]
        token = node.token(event["code"])
        cls.routes = {
            "a vote": ("POST", f"/v1/polls/{poll}/votes", token, '{"choices":["a"]}', 200),
            "a bad vote": ("POST", f"/v1/polls/{poll}/votes", token, "{", 400),
            "a vote without a token": ("POST", f"/v1/polls/{poll}/votes", None, "{}", 401),
            "one's own vote": ("GET", f"/v1/polls/{poll}/votes/mine", token, None, 200),
            "joining": ("POST", "/v1/join", None, json.dumps({"code": event["code"]}), 200),
            "the event": ("GET", f"/v1/events/{event['id']}", None, None, 200),
            "results": ("GET", f"/v1/polls/{poll}/results", None, None, 200),
            "live": ("GET", f"/v1/events/{event['id']}/live", None, None, 426),
            "the stream": ("GET", f"/v1/events/{event['id']}/stream", None, None, 200),
            "the session": ("GET", "/v1/session", None, None, 401),
            "events": ("GET", "/v1/events", HOST, None, 200),
            "events without a key": ("GET", "/v1/events", None, None, 401),
            "the ledger": ("GET", f"/v1/polls/{poll}/ledger", HOST, None, 200),
            "the export": ("GET", f"/v1/polls/{poll}/export?format=csv", HOST, None, 200),
            "tenants": ("GET", "/v1/tenants", OPERATOR, None, 200),
            "a page": ("GET", f"/{event['code']}", None, None, 200),
            "a file": ("GET", "/page.css", None, None, 200),
            "the description": ("GET", "/openapi.yaml", None, None, 200),
            "nothing": ("GET", "/v1/nothing", None, None, 404),
            "another method": ("DELETE", "/v1/join", None, None, 405),
            "too much": ("POST", "/v1/join", None, "x" * 20000, 413),
        }

    def ask(self, route, origin, port=None):
        method, path, key, body, _ = self.routes[route]
        return self.answer(port or node.port, f"{method} {path}", {
            "Origin": origin, "Authorization": key and f"Bearer {key}",
            "Content-Type": body and "application/json",
            "Content-Length": body and len(body)}, body or "")

    def preflight(self, route, origin):
        method, path, _, _, _ = self.routes[route]
        return self.answer(node.port, f"OPTIONS {path}", {
            "Origin": origin, "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization"})

    def answer(self, port, line, fields, body=""):
        told = "".join(f"{name}: {value}\r\n" for name, value in fields.items()
                       if value is not None)
        with Raw(port) as one:
            one.send(f"{line} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{told}\r\n{body}".encode())
            one.until(lambda received: b"\r\n\r\n" in received, "the head of an answer")
            return Answer(one.received)

    def test_allowed_ones_may_read_every_answer(self):
        for route, (_, _, _, _, status) in self.routes.items():
            for origin in (ALLOWED, ALSO_ALLOWED):
                with self.subTest(route, origin=origin):
                    answer = self.ask(route, origin)
                    self.assertIn(answer.status, (status, 409), answer.fields)
                    self.assertEqual(answer.field("Access-Control-Allow-Origin"), origin)
                    self.assertIn("Origin", answer.field("Vary"))
                    asked = self.preflight(route, origin)
                    self.assertEqual(asked.status, 204)
                    self.assertEqual(asked.field("Access-Control-Allow-Origin"), origin)
                    self.assertIn(self.routes[route][0],
                                  asked.field("Access-Control-Allow-Methods").split(", "))

    def test_others_are_told_nothing(self):
        for what, origin in {**NOT_ALLOWED, "no page": None,
                             "the node's own": f"http://127.0.0.1:{node.port}"}.items():
            for route in self.routes:
                with self.subTest(what, route=route):
                    self.assertEqual(self.ask(route, origin).cors(), [])
                    asked = self.preflight(route, origin)
                    self.assertEqual(asked.cors(), [])
                    self.assertEqual((asked.status, asked.body), (204, b""))

    def test_whose_node_allows_none_says_nothing_to_anybody(self):
        with Node() as strict:
            for route in ("nothing", "a file", "too much"):
                for origin in (ALLOWED, *NOT_ALLOWED.values()):
                    answer = self.ask(route, origin, strict.port)
                    self.assertEqual((answer.cors(), answer.field("Vary")), ([], None), origin)

    def test_the_operations_listener_is_for_no_page(self):
        for path in ("/metrics", "/readyz", "/livez"):
            for origin in (ALLOWED, *NOT_ALLOWED.values()):
                answer = self.answer(node.operations, f"GET {path}", {"Origin": origin})
                self.assertEqual((answer.status, answer.cors()), (200, []), path)


if __name__ == "__main__":
    unittest.main()
