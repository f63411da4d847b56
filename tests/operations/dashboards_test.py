#!/usr/bin/env python3
"""Dashboards and rules are true to a running node: every panel's and every alert's query finds something."""

import contextlib
import html
import itertools
import json
import re
import subprocess
import sys
import threading
import unittest

import yaml

import node
from node import PATIENCE, wait_for
from prometheus import ROOT, RULES, Prometheus, program

RUNBOOK = ROOT / "docs" / "operations" / "alerts.md"
COMPARISON = r"\s*(?:==|!=|>=|<=|>|<)\s*[\d.]+"
LOAD_BEFORE_GIVING_UP = 60.0


def rules(kind):
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"] if kind in rule]


def panels():
    for file in sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json")):
        for panel in json.loads(file.read_text(encoding="utf-8"))["panels"]:
            yield f"{file.stem}: {panel['title']}", [t["expr"] for t in panel["targets"]]


def queries():
    """What is asked, by who asks it; of an alert what it compares, as it is quiet now."""
    asked = {f"{where} ({i})": text.replace("$job", ".+").replace("$instance", ".+")
             for where, texts in panels() for i, text in enumerate(texts, 1)}
    asked |= {f"alert {rule['alert']}": re.sub(COMPARISON, "", rule["expr"]) for rule in rules("alert")}
    asked |= {f"record {rule['record']}": rule["record"] for rule in rules("record")}
    scaled = yaml.safe_load((ROOT / "deploy/k8s/overlays/keda/scaled_object.yaml").read_text(encoding="utf-8"))
    triggers = [t["metadata"]["query"] for t in scaled["spec"]["triggers"] if t["type"] == "prometheus"]
    return asked | {f"autoscaler ({i})": query for i, query in enumerate(triggers, 1)}


def names_in(query):
    bare = re.sub(r'"[^"]*"', "", query)
    return set(re.findall(r"(?:\w+:)?(?:tallycast|process)_\w+(?::\w+)?", bare))


class Audience:
    """Votes and watches until it is told to stop."""

    def __init__(self, on):
        event = on.event()
        self.poll = on.poll(event["id"])["id"]
        self.node, self.code, self.event = on, event["code"], event["id"]
        self.over = threading.Event()
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self.vote, self.watch)]
        for thread in self.threads:
            thread.start()

    def vote(self):
        with self.node.client() as client:
            for choice in itertools.cycle("abc"):
                if self.over.is_set():
                    return
                joined = client.call("POST", "/v1/join", {"code": self.code}).json
                client.vote(self.poll, [choice], joined["voter"]["token"])

    def watch(self):
        with node.Raw(self.node.port) as stream:
            stream.send(f"GET /v1/events/{self.event}/stream HTTP/1.1\r\nHost: here\r\n\r\n".encode())
            stream.socket.settimeout(0.2)
            while not self.over.is_set() and not stream.closed:
                with contextlib.suppress(TimeoutError):
                    stream.take()

    def leave(self):
        self.over.set()
        for thread in self.threads:
            thread.join(PATIENCE)


class Queries(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Traced for the sake of the exemplars; the collector is away, which costs the spans alone.
        cls.node = node.Node("--otlp-endpoint", "http://127.0.0.1:9", "--trace-share", "1", data_dir=None).start()
        cls.addClassCleanup(cls.node.remove)
        # What only a node with a certificate has; nobody comes to it.
        certificate = ("--tls-cert", str(cls.node.folder / "cert.pem"), "--tls-key", str(cls.node.folder / "key.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                        "/CN=localhost", "-keyout", certificate[3], "-out", certificate[1]], check=True, capture_output=True)
        cls.with_tls = node.Node(*certificate, data_dir=None).start()
        cls.addClassCleanup(cls.with_tls.remove)
        cls.prometheus = Prometheus({"tallycast-1": f"127.0.0.1:{cls.node.operations}",
                                     "tallycast-2": f"127.0.0.1:{cls.with_tls.operations}"})
        cls.addClassCleanup(cls.prometheus.stop)

    def test_every_query_finds_something_under_load(self):
        missing = queries()
        self.assertGreater(len(missing), 80)
        audience = Audience(self.node)
        self.addCleanup(audience.leave)

        def all_found():
            for where in [w for w, query in missing.items() if self.prometheus.ask(query)]:
                del missing[where]
            return not missing
        try:
            wait_for(all_found, "an answer to every query", LOAD_BEFORE_GIVING_UP)
        except AssertionError:
            self.fail("nothing was found by\n" + "\n".join(f"{w}:  {q}" for w, q in sorted(missing.items())))

        wait_for(lambda: self.prometheus.exemplars("tallycast_vote_answer_seconds_bucket"), "traces of votes")
        self.pictures_show_every_panel()

    def pictures_show_every_panel(self):
        folder = self.prometheus.folder / "pictures"
        drawn = subprocess.run([sys.executable, ROOT / "deploy/grafana/render.py", f"http://{self.prometheus.address}",
                                folder, "0.5"], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(drawn.returncode, 0, drawn.stderr)
        text = "".join(html.unescape(p.read_text(encoding="utf-8")) for p in folder.glob("*.svg"))
        for where, _ in panels():
            self.assertIn(f">{where.partition(': ')[2]}</text>", text)
        self.assertNotIn("no data", text)

    def test_no_query_names_an_unknown_metric(self):
        page = "".join(one.ops("GET", "/metrics").raw.decode() for one in (self.node, self.with_tls))
        known = set(re.findall(r"^(\w+)", page, re.MULTILINE)) | {rule["record"] for rule in rules("record")}
        asked = queries() | {f"rule {i}": rule["expr"] for i, rule in enumerate(rules("expr"))}
        for where, query in asked.items():
            self.assertLessEqual(names_in(query), known, where)


class Files(unittest.TestCase):
    def accepted(self, *command, **options):
        ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False, **options)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        return ran.stdout

    def test_dashboards_are_as_their_generator_writes_them(self):
        self.accepted(sys.executable, ROOT / "deploy" / "grafana" / "generate.py", "--check")

    def test_every_panel_stands_in_the_grid_and_asks_something(self):
        for where, texts in panels():
            self.assertTrue(texts and all(texts), where)

    def test_promtool_accepts_rules_and_configuration(self):
        self.accepted(program("promtool"), "check", "config", RULES.parent / "prometheus.yaml")

    def test_each_alert_fires_for_what_it_is_for(self):
        self.accepted(program("promtool"), "test", "rules", RULES.parent / "rules_test.yaml")
        tried = (RULES.parent / "rules_test.yaml").read_text(encoding="utf-8")
        for rule in rules("alert"):
            self.assertIn(f'alertname="{rule["alert"]}", alertstate="firing"', tried)

    def test_each_alert_has_its_page_in_the_runbook_and_each_page_its_alert(self):
        text = RUNBOOK.read_text(encoding="utf-8")
        sections = dict(re.findall(r"^## (Tallycast\w+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
        self.assertEqual(set(sections), {rule["alert"] for rule in rules("alert")})
        for name, section in sections.items():
            for part in ("**Means.**", "**Look at.**", "**Do.**"):
                self.assertIn(part, section, name)
        for rule in rules("alert"):
            address = rule["annotations"]["runbook_url"]
            self.assertTrue(address.endswith(f"/operations/alerts.md#{rule['alert'].lower()}"), address)
            self.assertIn(rule["labels"]["severity"], ("page", "warning"))

    def test_alertmanager_wakes_somebody_for_pages_only(self):
        file = str(RULES.parent / "alertmanager.yaml")
        self.accepted(program("amtool"), "check-config", file)
        for severity, receiver in (("page", "awake"), ("warning", "collected")):
            told = self.accepted(program("amtool"), "config", "routes", "test", f"--config.file={file}",
                                 f"severity={severity}")
            self.assertEqual(told.strip(), receiver)


if __name__ == "__main__":
    unittest.main()
