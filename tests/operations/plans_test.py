#!/usr/bin/env python3
"""bench/plans: Locust runs for a few seconds, and what it calls counted is what the node has counted; the others,
of which Debian has none that works, are read."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

import node
from dashboards_test import ROOT, program

PLANS = ROOT / "bench" / "plans"
PATIENCE = 120.0
VARIABLES = ("TALLYCAST_URL", "TALLYCAST_CODE", "TALLYCAST_POLL")


class Run(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.node = node.Node().start()
        self.addCleanup(self.node.remove)
        event = self.node.event()
        self.node.poll(event["id"], question="Another one?")
        self.code, self.poll = event["code"], self.node.poll(event["id"])["id"]

    def ran(self, *command, **environment):
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=PATIENCE, cwd=self.folder,
                              env=os.environ | environment, check=False)
        self.assertEqual(done.returncode, 0, done.stdout[-3000:] + done.stderr[-3000:])
        return done.stdout + done.stderr

    def counted(self):
        """Ballots of voters of their own, over all options of the one poll that was named."""
        results = self.node.results(self.poll)
        self.assertEqual(results["voters"], results["votes"])
        self.assertTrue(all(option["votes"] for option in results["options"]), "any option is chosen")
        return results["voters"]

    def test_locust(self):
        said = self.ran(program("locust"), "-f", PLANS / "locustfile.py", "--headless", "-u", 20, "-r", 20, "-t", "3s",
                        "--stop-timeout", 30, "--exit-code-on-error", 1,
                        TALLYCAST_URL=f"http://127.0.0.1:{self.node.port}", TALLYCAST_CODE=self.code,
                        TALLYCAST_POLL=self.poll)
        # The last table is the whole run; each line: method, name, requests, failures.
        rows = {name: (int(asked), int(failed)) for name, asked, failed in
                re.findall(r"^(?:GET|POST) +(\w+) +(\d+) +(\d+)\(", said, re.MULTILINE)}
        voted, _ = rows["vote"]
        self.assertEqual(rows, {name: (voted, 0) for name in ("join", "vote", "results")})
        self.assertGreater(voted, 20)
        self.assertEqual(self.counted(), voted)


class Read(unittest.TestCase):
    plans = {name: (PLANS / name).read_text(encoding="utf-8")
             for name in ("locustfile.py", "k6.js", "TallycastSimulation.java", "tallycast.jmx")}

    def test_all_go_the_same_way(self):
        for name, text in self.plans.items():
            # What stands for the poll is spelt otherwise in each.
            way = re.sub(r'"?\s*\+\s*POLL\s*\+\s*"|\$\{__P\(poll\)\}|\$\{poll\}|\{POLL\}', "POLL", text)
            for step in ("/v1/join", "/v1/polls/POLL/votes", "/v1/polls/POLL/results", "Idempotency-Key", "Bearer "):
                self.assertIn(step, way, name)
            self.assertIn("counted", text, name)

    def test_variables_are_those_of_the_page(self):
        page = (PLANS / "README.md").read_text(encoding="utf-8")
        for variable in VARIABLES:
            self.assertIn(f"`{variable}`", page)
            for name in ("locustfile.py", "k6.js", "TallycastSimulation.java"):
                self.assertIn(variable, self.plans[name], name)
        properties = set(re.findall(r"\$\{__P\((\w+)", self.plans["tallycast.jmx"]))
        self.assertEqual(properties, set(re.findall(r"-J(\w+)=", page)))

    def test_what_is_not_run_can_be_parsed(self):
        script = subprocess.run([program("node"), "--check", "--input-type=module", "-"], input=self.plans["k6.js"],
                                capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(script.returncode, 0, script.stderr)
        xml.etree.ElementTree.fromstring(self.plans["tallycast.jmx"])
        java = re.sub(r'"(?:\\.|[^"\\])*"', "", self.plans["TallycastSimulation.java"])
        for opened, closed in ("()", "{}"):
            self.assertEqual(java.count(opened), java.count(closed))


if __name__ == "__main__":
    unittest.main()
