#!/usr/bin/env python3
"""deploy/chaos-mesh strikes what the overlays start, for a while, and its page names each fault.

Its fields are held to Chaos Mesh's definitions by outside_chaos_mesh.py, by hand: they are not part of this tree.
"""

import re
import unittest

import yaml

import kustomize
from dashboards_test import ROOT

FAULTS = {path.name: yaml.safe_load(path.read_text(encoding="utf-8"))
          for path in (ROOT / "deploy" / "chaos-mesh").glob("*.yaml")}
PODS = [thing for thing in kustomize.build(ROOT / "deploy/k8s/overlays/redis-cluster")
        if thing["kind"] in ("Deployment", "StatefulSet")]
ACTIONS = {"PodChaos": {"pod-kill"}, "NetworkChaos": {"partition", "delay"}}


def selectors(fault):
    yield fault["spec"]["selector"]
    if "target" in fault["spec"]:
        yield fault["spec"]["target"]["selector"]


class Faults(unittest.TestCase):
    def test_selectors_find_pods_of_the_overlay(self):
        for name, fault in FAULTS.items():
            for selector in selectors(fault):
                found = [pod["kind"] for pod in PODS if pod["metadata"]["namespace"] in selector["namespaces"] and
                         selector["labelSelectors"].items() <= pod["spec"]["template"]["metadata"]["labels"].items()]
                self.assertEqual(len(found), 1, name)

    def test_each_is_a_known_action_that_ends(self):
        for name, fault in FAULTS.items():
            spec = fault["spec"]
            self.assertEqual(fault["apiVersion"], "chaos-mesh.org/v1alpha1")
            self.assertEqual(fault["metadata"], {"name": name.removesuffix(".yaml").replace("_", "-"),
                                                 "namespace": "tallycast"})
            self.assertIn(spec["action"], ACTIONS[fault["kind"]], name)
            self.assertIn(spec["mode"], ("one", "all"))
            if fault["kind"] == "NetworkChaos":
                self.assertRegex(spec["duration"], r"^\d+[sm]$", name)
                self.assertEqual(spec["action"] == "delay", "delay" in spec)
                self.assertIn(spec["direction"], ("to", "from", "both"))

    def test_nobody_strikes_all_of_anything_but_with_delay(self):
        for name, fault in FAULTS.items():
            self.assertTrue(fault["spec"]["mode"] == "one" or fault["spec"]["action"] == "delay", name)

    def test_the_page_has_each_and_its_time(self):
        page = (ROOT / "docs" / "operations" / "chaos.md").read_text(encoding="utf-8")
        rows = dict(re.findall(r"^\| `(\w+\.yaml)` \| ([^|]*) \|", page, re.MULTILINE))
        self.assertEqual(set(rows), set(FAULTS))
        for name, row in rows.items():
            duration = FAULTS[name]["spec"].get("duration", "")
            spelt = re.sub(r"m$", " minutes", re.sub(r"s$", " s", duration))
            self.assertIn(spelt, row, name)
        (metric,) = set(re.findall(r"`(tallycast_\w+)`", page))
        self.assertIn(metric, (ROOT / "docs" / "operations.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
