#!/usr/bin/env python3
"""Runs every `sh` block of README.md, in order and in one shell, against a node with the demo event.

Blocks of tools/ are tried as far as that goes without a second build of the tree inside its own
test: the tool must be there, be executable, and explain itself.
"""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import running_node
from running_node import HOST_KEY, PROGRAM, ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
TOOL = re.compile(r"^(tools/\w+)\b.*$", re.MULTILINE)


def blocks():
    found = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return [text for language, text in found if language == "sh"]


def script():
    """All blocks, each announced by its number, so that a failure can name it."""
    parts = ["set -euo pipefail"]
    for number, text in enumerate(blocks()):
        parts += [f"echo '[block {number}]' >&2", TOOL.sub(r'test -x "$TREE/\1" && "$TREE/\1" --help', text)]
    return "\n".join(parts)


class Readme(unittest.TestCase):
    def test_every_shell_block_runs(self):
        node = running_node.start(type(self), "--demo")
        code = node.said.find(r"join code +(\w+)").group(1)
        with tempfile.TemporaryDirectory() as folder:
            release = pathlib.Path(folder, "build", "release")
            release.mkdir(parents=True)
            (release / "tallycast").symlink_to(pathlib.Path(PROGRAM).resolve())
            environment = {k: v for k, v in os.environ.items() if not k.startswith("TALLYCAST_")}
            environment |= {"TALLYCAST": node.url, "OPS": node.operations, "HOST_KEY": HOST_KEY, "CODE": code,
                            "TREE": str(ROOT)}
            ran = subprocess.run(["bash", "-c", script()], cwd=folder, env=environment, capture_output=True, text=True,
                                 timeout=240, check=False)
            self.assertEqual(ran.returncode, 0, f"{ran.stdout[-3000:]}\n{ran.stderr[-3000:]}")
            said = ran.stdout
            self.results_of_the_walk(pathlib.Path(folder), said)

    def results_of_the_walk(self, folder, said):
        """The blocks not only ran: they did what the text around them says."""
        self.assertRegex(said, r'"status":"counted".*"status":"replayed"')
        self.assertIn('"final":true', said)
        self.assertIn('"balanced":true', said)
        self.assertEqual((folder / "ballots.csv").read_bytes(), b"round,voter,choice\r\n1,1,a\r\n")
        self.assertRegex(said, r"welcome\nresults\n")
        self.assertIn("every ballot was counted exactly once", said)
        self.assertEqual((folder / "manual.md").read_bytes(), (ROOT / "docs" / "configuration.md").read_bytes())

    def test_there_are_blocks_and_the_tools_are_among_them(self):
        self.assertGreater(len(blocks()), 6)
        self.assertEqual(TOOL.findall("\n".join(blocks())), ["tools/up", "tools/check"])

    def test_every_fenced_block_says_what_it_is(self):
        languages = re.findall(r"^```(\w*)$", README, re.MULTILINE)[::2]
        self.assertLessEqual(set(languages), {"sh", "json", "text", "nginx"})


if __name__ == "__main__":
    unittest.main()
