#!/usr/bin/env python3
"""`tallycast prewarm` asks for what the manifests have, and waits for nodes that are really there."""

import re
import subprocess
import unittest

from redis_case import program, wait_for  # first: it finds the others

import manifests
from cluster_parts.processes import free_ports
from node import Node


class Prewarm(unittest.TestCase):
    def said(self, *words):
        ran = subprocess.run([program(), "prewarm", *map(str, words)], capture_output=True, text=True, timeout=60,
                             check=False)
        return ran.returncode, ran.stdout, ran.stderr

    def test_one_node_more_than_the_people_need(self):
        for expect, each, nodes in ((50_000, 10_000, 6), (50_001, 10_000, 7), (1, 10_000, 2), (9, 3, 4)):
            code, out, _ = self.said("--expect", expect, "--people-a-node", each)
            self.assertEqual(code, 0)
            self.assertTrue(out.startswith(f"{expect} people: {nodes} nodes,"), out)
            for asked in (f'"minReplicaCount":{nodes}', f'"minReplicas":{nodes}', f"--replicas {nodes} ",
                          f'desiredReplicas: "{nodes}"'):
                self.assertIn(asked, out)

    def test_a_node_takes_as_many_as_the_autoscalers_give_it(self):
        (_, threshold) = manifests.Manifests().keda.prometheus[1]
        self.assertIn(f"for {threshold:.0f} each", self.said("--expect", 1)[1])

    def test_the_lines_name_things_of_the_manifests(self):
        _, out, _ = self.said("--expect", 50_000)
        lines = re.findall(r"kubectl -n (\w+) (?:patch|scale) (\w+) (\w+) ", out)
        self.assertEqual(lines, [("tallycast", "scaledobject", "tallycast"), ("tallycast", "hpa", "tallycast"),
                                 ("tallycast", "deployment", "tallycast")])
        for overlay, kind in (("keda", "ScaledObject"), ("hpa", "HorizontalPodAutoscaler"), ("prod", "Deployment")):
            (found,) = [thing for thing in manifests.kustomize.build(manifests.OVERLAYS / overlay)
                        if thing["kind"] == kind]
            self.assertEqual((found["metadata"]["namespace"], found["metadata"]["name"]), ("tallycast", "tallycast"))

    def test_waits_until_so_many_are_ready(self):
        (later,) = free_ports(1)
        with Node() as first, Node() as second:
            targets = ["--target", f"127.0.0.1:{first.operations}", "--target", f"127.0.0.1:{later}"]
            waiting = subprocess.Popen([program(), "prewarm", "--expect", "1", "--within", "60", *targets],
                                       stdout=subprocess.PIPE, text=True)
            self.addCleanup(waiting.stdout.close)
            self.addCleanup(waiting.wait)
            self.addCleanup(waiting.kill)
            wait_for(lambda: "1 of 2 ready" in waiting.stdout.readline(), "one of them being ready")
            self.assertIsNone(waiting.poll())
            second.stop()
            second.operations = later
            second.start()
            self.assertEqual(waiting.wait(30), 0)
            self.assertIn("2 of 2 ready", waiting.stdout.read())

    def test_a_node_that_drains_is_none_and_a_node_named_twice_is_one(self):
        with Node() as node:
            at = f"127.0.0.1:{node.operations}"
            code, out, _ = self.said("--expect", 1, "--within", 0, "--target", at, "--target", at)
            self.assertEqual((code, out.splitlines()[-1]), (1, "1 of 2 ready after 0 s"))
            node.ops("POST", "/drain")
            code, out, _ = self.said("--expect", 1, "--within", 0, "--target", at)
            self.assertEqual((code, out.splitlines()[-1]), (1, "0 of 2 ready after 0 s"))

    def test_mistakes_are_named(self):
        for words, told in ((["--target", "a:1"], "--expect"), (["--expect", "0"], "--expect"),
                            (["--expect", "9", "--target", "nowhere"], "--target: expected host:port, got 'nowhere'")):
            code, _, error = self.said(*words)
            self.assertEqual(code, 2, words)
            self.assertIn(told, error)


if __name__ == "__main__":
    unittest.main()
