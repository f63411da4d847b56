#!/usr/bin/env python3
"""The metrics as OpenMetrics: read by the format's own parser, and with the traces of what took its time."""

import unittest

from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_families
from prometheus_client.parser import text_string_to_metric_families as plain_families

import node
from node import wait_for

OPEN = "application/openmetrics-text"
PLAIN = "text/plain; version=0.0.4; charset=utf-8"
# As Prometheus asks.
ASKED = (f"{OPEN};version=1.0.0,{OPEN};version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1")
UNSAMPLED, SAMPLED, OTHER = ("%032x" % (0x4bf92f3577b34da6 << 64 | n) for n in (1, 2, 3))


def samples(families):
    """Everything but what moves by being looked at; bounds as numbers."""
    found = {}
    for family in families:
        for sample in family.samples:
            labels = {k: str(float(v)) if k == "le" else v for k, v in sample.labels.items()}
            if not sample.name.startswith(("process_", "tallycast_loop", "tallycast_request", "tallycast_http", "tallycast_conn")):
                found[sample.name, tuple(sorted(labels.items()))] = f"{sample.value:.6g}"
    return found


class Open_metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # The collector is away, which costs the spans alone.
        cls.node = node.Node("--otlp-endpoint", "http://127.0.0.1:9", "--trace-share", "0", "--trusted-proxies",
                             "127.0.0.1", limits="off").start()
        cls.addClassCleanup(cls.node.remove)
        event = cls.node.event()
        cls.poll = cls.node.poll(event["id"])["id"]
        cls.tokens = [cls.node.token(event["code"]) for _ in range(3)]

    def vote(self, token, trace):
        fields = {"traceparent": f"00-{trace}-00f067aa0ba902b7-{'00' if trace == UNSAMPLED else '01'}"}
        reply = self.node.call("POST", f"/v1/polls/{self.poll}/votes", {"choices": ["a"]}, token, fields)
        self.assertEqual(reply.json["status"], "counted")

    def page(self, accept=ASKED):
        reply = self.node.ops("GET", "/metrics", fields={"Accept": accept})
        self.assertEqual(reply.status, 200)
        return reply.fields["Content-Type"], reply.raw.decode()

    def exemplars(self):
        families = open_families(self.page()[1])
        return {(s.name, s.exemplar.labels["trace_id"]) for f in families for s in f.samples if s.exemplar}

    def test_buckets_name_a_trace_that_was_sampled_and_no_other(self):
        self.vote(self.tokens[0], UNSAMPLED)
        self.vote(self.tokens[1], SAMPLED)
        wanted = {(f"tallycast_{what}_seconds_bucket", SAMPLED) for what in ("request", "vote_answer")}
        wait_for(lambda: wanted <= self.exemplars(), "the exemplars")
        self.assertNotIn(UNSAMPLED, {trace for _, trace in self.exemplars()})
        for family in open_families(self.page()[1]):
            for sample in family.samples:
                if sample.exemplar:
                    self.assertLessEqual(sample.exemplar.value, float(sample.labels["le"]))

    def test_both_forms_say_the_same_of_everything(self):
        self.vote(self.tokens[2], OTHER)
        kind, page = self.page()
        self.assertEqual(kind, f"{OPEN}; version=1.0.0; charset=utf-8")
        families = list(open_families(page))
        self.assertEqual({f.type for f in families}, {"counter", "gauge", "histogram"})
        self.assertTrue(all(f.documentation for f in families))
        plain_kind, plain = self.page("*/*")
        self.assertEqual(plain_kind, PLAIN)
        self.assertNotIn(" # ", plain)
        self.assertEqual(samples(families), samples(plain_families(plain)))

    def test_plain_text_for_who_likes_it_better_or_names_nothing(self):
        for accept in ("text/plain", f"text/plain, {OPEN};q=0.5", f"{OPEN};q=0", None):
            self.assertEqual(self.page(accept)[0], PLAIN)


if __name__ == "__main__":
    unittest.main()
