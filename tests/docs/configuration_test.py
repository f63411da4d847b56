#!/usr/bin/env python3
"""The manual, the example file and the command line of the program itself agree with each other."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ["TALLYCAST_BIN"]


def run(*args, **variables):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TALLYCAST_")}
    return subprocess.run([PROGRAM, *args], capture_output=True, text=True, timeout=60,
                          env={**environment, **variables}, check=False)


class Configuration(unittest.TestCase):
    def test_the_document_is_what_the_program_prints(self):
        printed = run("manual")
        self.assertEqual(printed.returncode, 0, printed.stderr)
        document = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
        self.assertEqual(document, printed.stdout, "write it anew: tallycast manual > docs/configuration.md")

    def test_help_and_document_name_the_same_options(self):
        shown = run("serve", "--help")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        in_help = set(re.findall(r"^  --([a-z-]+)", shown.stdout, re.MULTILINE))
        document = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
        self.assertEqual(in_help, set(re.findall(r"^### `--([a-z-]+)`", document, re.MULTILINE)))
        self.assertIn("listen", in_help)

    def test_the_example_is_accepted(self):
        answer = run("doctor", "--config", str(ROOT / "config" / "tallycast.toml"))
        self.assertNotEqual(answer.returncode, 2, answer.stderr)

    def test_all_bad_options_are_named_at_once_with_status_2(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "node.toml")
            file.write_text("threads = 1\nlog-format = \"xml\"\n", encoding="utf-8")
            answer = run("serve", "--listen", "nowhere", "--no-such", f"--config={file}",
                         TALLYCAST_IDLE_TIMEOUT="soon")
            self.assertEqual(answer.returncode, 2)
            for expected in ("--listen (command line): ", "--no-such (command line): ",
                             "--idle-timeout (environment TALLYCAST_IDLE_TIMEOUT): ",
                             f"--log-format ({file}:2): "):
                self.assertIn(expected, answer.stderr)
            self.assertEqual(len(answer.stderr.splitlines()), 4, answer.stderr)


if __name__ == "__main__":
    unittest.main()
