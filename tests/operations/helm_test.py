#!/usr/bin/env python3
"""The Helm chart is what its generator makes of the overlays, and its values are theirs.

Debian has no Helm: that Helm renders the overlays' objects from it, outside_helm.py shows where there is one.
"""

import json
import re
import subprocess
import sys
import unittest

import jsonschema
import yaml

from dashboards_test import ROOT

HELM = ROOT / "deploy" / "helm"
CHART = HELM / "tallycast"
VALUES = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
SCHEMA = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
sys.path.append(str(HELM))
import generate  # noqa: E402


def templates():
    return {path.name: path.read_text(encoding="utf-8") for path in (CHART / "templates").iterdir()}


class Chart(unittest.TestCase):
    def test_templates_are_as_the_generator_writes_them(self):
        ran = subprocess.run([sys.executable, HELM / "generate.py", "--check"], capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 0, ran.stderr)

    def test_values_are_those_of_the_overlays(self):
        self.assertEqual(VALUES, generate.defaults())

    def test_every_value_is_used_and_every_one_used_is_there(self):
        used = {name for text in templates().values() for name in re.findall(r"\.Values\.([\w.]+)", text)}
        there = {name for name, value in VALUES.items() if name != "autoscaling"}
        there |= {f"autoscaling.{name}" for name in VALUES["autoscaling"]}
        self.assertEqual(used, there)

    def test_the_schema_takes_the_values_and_not_wrong_ones(self):
        jsonschema.Draft7Validator.check_schema(SCHEMA)
        jsonschema.validate(VALUES, SCHEMA)
        scaled = VALUES["autoscaling"]
        for wrong in ({"image": "tallycast"}, {"replicas": 0}, {"repicas": 3}, {"store": "postgres://here"},
                      {"autoscaling": scaled | {"by": "both"}}):
            with self.assertRaises(jsonschema.ValidationError, msg=str(wrong)):
                jsonschema.validate(VALUES | wrong, SCHEMA)

    def test_every_opened_condition_is_closed(self):
        for name, text in templates().items():
            opened = len(re.findall(r"\{\{-? *(?:if|range|with) ", text))
            self.assertEqual(opened, len(re.findall(r"\{\{-? *end *-?\}\}", text)), name)

    def test_the_version_is_the_trees(self):
        chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
        version = re.search(r"project\(tallycast VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"))
        self.assertEqual(chart["appVersion"], version.group(1))
        self.assertTrue(VALUES["image"].endswith(f":{version.group(1)}"))


if __name__ == "__main__":
    unittest.main()
