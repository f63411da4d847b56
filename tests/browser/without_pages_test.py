#!/usr/bin/env python3
"""A build with -DTALLYCAST_WEB=OFF: it asks for no Node, and its node has the form alone. And what a build with pages
asks of Node is no more than Debian 12 has."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests" / "support"))
from node import Node  # noqa: E402

BUILD = pathlib.Path(os.environ["TALLYCAST_BUILD_DIR"])
DEBIAN_12 = (18, 19, 0)  # its nodejs, which tools/deps installs there


class Configured_without_pages(unittest.TestCase):
    def test_a_build_neither_looks_for_node_nor_runs_it(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([os.environ["TALLYCAST_CMAKE"], "-S", ROOT, "-B", folder, "-G", "Ninja", "-DTALLYCAST_WEB=OFF",
                            "-DTALLYCAST_TESTS=OFF", "-DTALLYCAST_BENCH=OFF"], check=True, capture_output=True, timeout=120)
            self.assertNotIn("TALLYCAST_NODE", pathlib.Path(folder, "CMakeCache.txt").read_text(encoding="utf-8"))
            rules = pathlib.Path(folder, "build.ninja").read_text(encoding="utf-8")
            self.assertIn("built_in_pages.cpp.o", rules)
            self.assertNotRegex(rules, r"build\.mjs|pages\.bundle|npm")

    def test_where_there_is_no_node_a_build_with_pages_says_what_to_do(self):
        with tempfile.TemporaryDirectory() as folder:
            said = subprocess.run([os.environ["TALLYCAST_CMAKE"], "-S", ROOT, "-B", folder, "-G", "Ninja", "-DTALLYCAST_TESTS=OFF",
                                   "-DTALLYCAST_BENCH=OFF", "-DTALLYCAST_NODE=", "-DTALLYCAST_NPM="],
                                  check=False, capture_output=True, text=True, timeout=120)
            self.assertNotEqual(said.returncode, 0)
            self.assertRegex(" ".join(said.stderr.split()), r"tools/deps --run.*-DTALLYCAST_WEB=OFF")


class A_node_without_pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        os.environ["TALLYCAST_BIN"] = str(BUILD / "tallycast_without_pages")
        cls.node = Node().start()
        cls.addClassCleanup(cls.node.remove)

    def test_has_the_form_in_a_style_of_its_own_and_it_votes(self):
        event = self.node.event()
        poll = self.node.poll(event["id"], question="Which?", options=["One", "Two"])
        start = self.node.call("GET", "/").raw.decode()
        self.assertIn('href="/page.css"', start)
        self.assertNotRegex(start, r"<script|modulepreload|/assets/")
        self.assertEqual(self.node.call("GET", "/page.css").status, 200)
        page = self.node.call("GET", f"/{event['code']}")
        cookie = page.fields["Set-Cookie"].split(";")[0]
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)">', page.raw.decode()))
        voted = self.node.call("POST", f"/{event['code']}", f"poll={hidden['poll']}&key={hidden['key']}&choice=b".encode(),
                               fields={"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"})
        self.assertIn("Your vote was counted", voted.raw.decode())
        self.assertEqual([option["votes"] for option in self.node.results(poll["id"])["options"]], [0, 1])

    def test_says_so_where_the_screen_and_the_desk_would_be(self):
        for path in ("/studio", "/present/anything"):
            got = self.node.call("GET", path)
            self.assertEqual((got.status, got.code), (404, "not_found"), path)
            self.assertIn("built without its pages", got.json["detail"])
        self.assertEqual(self.node.call("GET", "/sw.js").status, 404)


class A_build_with_pages(unittest.TestCase):
    def test_asks_for_no_newer_node_than_debian_12_has(self):
        packages = json.loads((ROOT / "web" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
        asked = {name: package["engines"]["node"] for name, package in packages.items() if "node" in package.get("engines", {})}
        self.assertIn("node_modules/esbuild", asked)
        for name, least in asked.items():
            self.assertRegex(least, r"^>=\d+(\.\d+)*$", name)
            self.assertLessEqual(tuple(int(part) for part in least[2:].split(".")), DEBIAN_12, name)
        self.assertFalse([name for name, package in packages.items() if "resolved" in package], "no registry is named")
        self.assertRegex((ROOT / "tools" / "deps").read_text(encoding="utf-8"), r"(?m)^run +\| nodejs +\|")


if __name__ == "__main__":
    unittest.main()
