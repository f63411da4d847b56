#!/usr/bin/env python3
"""Traces: whose they are, what is in them, and that a collector that is slow or away costs nothing else."""

import contextlib
import http.server
import json
import socket
import threading
import time
import unittest

import node
from node import wait_for

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"


class Collector:
    """An OTLP/HTTP receiver that reads as the protocol says: ids and times of their form, no field unknown."""

    FIELDS = {"traceId", "spanId", "parentSpanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano",
              "attributes", "status"}

    def __init__(self, status=200):
        self.spans, self.wrong = [], []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if (self.path, self.headers["Content-Type"]) != ("/v1/traces", "application/json"):
                    outer.wrong.append(self.path)
                outer.spans += outer.read(json.loads(body))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def read(self, request):
        (resource,) = request["resourceSpans"]
        said = {a["key"]: a["value"]["stringValue"] for a in resource["resource"]["attributes"]}
        if said.get("service.name") != "tallycast" or not said.get("service.version"):
            self.wrong.append(said)
        (scope,) = resource["scopeSpans"]
        for span in scope["spans"]:
            ids = [(span["traceId"], 16), (span["spanId"], 8), (span.get("parentSpanId", "01" * 8), 8)]
            begun, ended = int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])
            if (span.keys() - self.FIELDS or any(len(bytes.fromhex(i)) != n for i, n in ids)
                    or not begun <= ended or abs(ended / 1e9 - time.time()) > 60 or span["kind"] not in (1, 2)):
                self.wrong.append(span)
        return scope["spans"]

    def named(self, name):
        return [span for span in self.spans if span["name"] == name]


class Traces(unittest.TestCase):
    def traced(self, url, share="1"):
        made = node.Node("--otlp-endpoint", url, "--trace-share", share, "--trusted-proxies", "127.0.0.1").start()
        self.addCleanup(made.remove)
        return made

    def vote(self, on, fields=None):
        event = on.event()
        poll = on.poll(event["id"])["id"]
        return on.call("POST", f"/v1/polls/{poll}/votes", {"choices": ["a"]}, on.token(event["code"]), fields)

    def test_a_vote_is_seen_from_its_request_to_the_store(self):
        collector = Collector()
        self.addCleanup(collector.stop)
        running = self.traced(collector.url)
        reply = self.vote(running, {"traceparent": f"00-{TRACE}-{CALLER}-01"})
        self.assertEqual(reply.status, 200)

        def all_there():
            return all(collector.named(n) for n in ("POST /v1/polls/{}/votes", "cast_vote", "batch_wait", "store",
                                                    "fan_out"))
        wait_for(all_there, "the spans of a vote")
        self.assertEqual(collector.wrong, [])
        (request,), (cast,), (waited,), (stored,) = (collector.named(n) for n in (
            "POST /v1/polls/{}/votes", "cast_vote", "batch_wait", "store"))
        self.assertEqual((request["traceId"], request["parentSpanId"], request["kind"]), (TRACE, CALLER, 2))
        self.assertEqual(cast["parentSpanId"], request["spanId"])
        for inner in (waited, stored):
            self.assertEqual((inner["traceId"], inner["parentSpanId"]), (TRACE, cast["spanId"]))
            self.assertGreaterEqual(int(inner["startTimeUnixNano"]), int(cast["startTimeUnixNano"]))
            self.assertLessEqual(int(inner["endTimeUnixNano"]), int(cast["endTimeUnixNano"]))
        self.assertEqual(waited["endTimeUnixNano"], stored["startTimeUnixNano"])
        attributes = {a["key"]: next(iter(a["value"].values())) for a in request["attributes"]}
        self.assertEqual(attributes["http.response.status_code"], "200")
        self.assertEqual(reply.fields["traceresponse"], f"00-{TRACE}-{request['spanId']}-01")
        wait_for(lambda: running.metric("tallycast_spans_exported_total") >= len(collector.spans), "the count of spans")

    def test_nobody_is_told_of_traces_that_are_not_sampled(self):
        collector = Collector()
        self.addCleanup(collector.stop)
        running = self.traced(collector.url, share="0")
        reply = self.vote(running, {"traceparent": f"00-{TRACE}-{CALLER}-00"})
        self.assertEqual((reply.status, reply.fields["traceresponse"]), (200, None))
        self.vote(running, {"traceparent": f"00-{TRACE}-{CALLER}-01"})  # a trusted proxy that wants it
        wait_for(lambda: collector.named("store"), "the trace that was wanted")
        self.assertEqual({span["traceId"] for span in collector.spans}, {TRACE})

    def test_a_collector_that_is_away_or_unwilling_costs_its_spans_alone(self):
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            away = self.traced("http://127.0.0.1:%d" % nobody.getsockname()[1])
        self.assertEqual(self.vote(away).status, 200)
        wait_for(lambda: away.metric("tallycast_spans_dropped_total") > 0, "the dropped spans")
        self.assertEqual(away.stop(), 0)
        self.assertIn("the collector takes no spans", away.err.read_text())
        collector = Collector(503)
        self.addCleanup(collector.stop)
        unwilling = self.traced(collector.url)
        self.assertEqual(self.vote(unwilling).status, 200)
        wait_for(lambda: unwilling.metric("tallycast_spans_dropped_total") > 0, "the dropped spans")

    def test_a_collector_that_never_answers_holds_nothing_up(self):
        with socket.create_server(("127.0.0.1", 0)) as silent, contextlib.ExitStack() as links:
            running = self.traced("http://127.0.0.1:%d" % silent.getsockname()[1])
            self.assertEqual(self.vote(running).status, 200)
            links.enter_context(silent.accept()[0])
            begun = time.monotonic()
            for _ in range(20):
                self.assertEqual(self.vote(running).status, 200)
                self.assertEqual(running.ops("GET", "/readyz").status, 200)
            self.assertLess(time.monotonic() - begun, 10)
            wait_for(lambda: running.metric("tallycast_spans_dropped_total") > 0, "giving up on it")
            self.assertEqual(running.stop(), 0)


if __name__ == "__main__":
    unittest.main()
