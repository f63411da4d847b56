"""Runs a script of this folder with Node's own test runner, as one unittest that names what failed.

The scripts drive Debian's Chromium through playwright-core (web/node_modules) against a node they start themselves;
support.mjs has what they share.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 600  # seconds for a whole script


def main(script):
    node = shutil.which("node") or shutil.which("nodejs")
    if not node:
        sys.exit("there is no Node: tools/deps")
    ran = subprocess.run([node, "--test", "--test-reporter=tap", str(HERE / script)], text=True, check=False, timeout=PATIENCE,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "NODE_NO_WARNINGS": "1"})
    print(ran.stdout)
    told = {name: int(number) for name, number in re.findall(r"(?m)^# (tests|pass|fail|cancelled) (\d+)$", ran.stdout)}
    wrong = told.get("fail", 1) + told.get("cancelled", 0)
    good = ran.returncode == 0 and told.get("tests", 0) > 0 and not wrong
    print(f"Ran {told.get('tests', 0)} tests in {script}\n\n{'OK' if good else f'FAILED (failures={max(wrong, 1)})'}")
    sys.exit(0 if good else 1)
