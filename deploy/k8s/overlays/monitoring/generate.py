#!/usr/bin/env python3
"""Writes prometheus_rule.yaml from deploy/prometheus/rules.yaml; with --check says whether it is so."""

import pathlib
import sys

HERE = pathlib.Path(__file__).parent
RULES = HERE.parents[2] / "prometheus" / "rules.yaml"
HEAD = """# Written by generate.py from deploy/prometheus/rules.yaml.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: tallycast
spec:
"""


def wanted():
    lines = RULES.read_text(encoding="utf-8").splitlines()
    return HEAD + "".join(f"  {line}\n" if line else "\n" for line in lines[lines.index("groups:"):])


def main():
    file = HERE / "prometheus_rule.yaml"
    if sys.argv[1:] == ["--check"]:
        same = file.exists() and file.read_text(encoding="utf-8") == wanted()
        print("" if same else f"{file.name} is not what generate.py writes", end="", file=sys.stderr)
        return 0 if same else 1
    file.write_text(wanted(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
