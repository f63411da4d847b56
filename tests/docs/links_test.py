#!/usr/bin/env python3
"""What the documents point at exists, and the tree holds nothing of the machine it was made on."""

import ast
import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

SKIPPED = {"build", "data", ".git", "node_modules"}


def walk():
    for folder, inner, names in os.walk(ROOT):
        inner[:] = [name for name in inner if name not in SKIPPED]
        yield from (pathlib.Path(folder, name) for name in names)


ALL = list(walk())


def files(*patterns):
    """`**/` stands for any folders, or none; a pattern without a slash for any folder."""
    for pattern in patterns:
        form = pattern if "/" in pattern else f"**/{pattern}"
        matching = re.compile(re.escape(form).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*"))
        yield from (path for path in ALL if matching.fullmatch(path.relative_to(ROOT).as_posix()))


def tracked():
    """What belongs to the tree; outside of a checkout, all that lies in it."""
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            capture_output=True, check=False)
    if listed.returncode != 0:
        return ALL
    return [p for p in (ROOT / name for name in listed.stdout.decode().split("\0") if name) if p.is_file()]


def text_of(path):
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def anchors(text):
    titles = re.findall(r"^#+ +(.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", t.lower()).strip().replace(" ", "-") for t in titles}


class Documents(unittest.TestCase):
    def test_relative_links_lead_somewhere(self):
        checked = 0
        for page in files("*.md"):
            text = re.sub(r"^```.*?^```$", "", text_of(page), flags=re.MULTILINE | re.DOTALL)
            for target in re.findall(r"\]\(([^)\s]+)\)", text):
                if re.match(r"[a-z]+:", target):
                    continue
                where, _, anchor = target.partition("#")
                with self.subTest(page=str(page.relative_to(ROOT)), target=target):
                    found = (page.parent / where).resolve() if where else page
                    self.assertTrue(found.exists())
                    if anchor and found.suffix == ".md":
                        self.assertIn(anchor, anchors(text_of(found)))
                checked += 1
        self.assertGreater(checked, 10)

    def test_tests_named_in_the_guarantees_exist(self):
        text = text_of(ROOT / "docs" / "guarantees.md")
        sources = "\n".join(text_of(p) for p in files("tests/**/*_test.cpp", "tests/contract/*.cpp"))
        defined = {".".join(pair) for pair in re.findall(r"^TEST(?:_[FP])?\((\w+),\s*(\w+)\)", sources, re.MULTILINE)}
        named = re.findall(r"`([A-Za-z]\w+\.[A-Z]\w+)`", text)
        self.assertGreater(len(named), 15)
        self.assertEqual(sorted(set(named) - defined), [])
        for file, name in re.findall(r"`(\w+_test\.py): (\w+)`", text):
            (script,) = files(f"tests/**/{file}")
            self.assertIn(f"def {name}(", text_of(script), file)

    def test_files_named_in_documents_exist(self):
        for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *files("docs/*.md")]:
            for name in re.findall(r"`((?:src|include|tests|tools|docs|config|cmake|bench)/[\w./-]+\w)`", text_of(page)):
                with self.subTest(page=page.name, name=name):
                    self.assertTrue((ROOT / name).exists())


class Tree(unittest.TestCase):
    def test_no_path_of_a_machine_is_in_it(self):
        # Put together here, so that this file does not name what it forbids.
        forbidden = re.compile("|".join(f"/{first}/{rest}" for first, rest in
                                        (("work", r"(?:main|shared)\b"), ("farm", r"\w"), ("home", r"\w+/"), ("Users", r"\w+/"),
                                         ("root", r"[\w.]"), ("tmp", r"bash_jobs"))))
        for path in tracked():
            found = forbidden.search(text_of(path))
            self.assertIsNone(found, f"{path.relative_to(ROOT)}: {found and found.group()}")

    def test_nothing_is_awaited_inside_a_conditional_expression(self):
        """g++ 12 destroys such a value twice: a form posted to the voters' page once ended the node by it."""
        for path in files("src/**/*.cpp", "src/**/*.hpp"):
            self.assertNotRegex(text_of(path), r"\?\s*co_await", path.relative_to(ROOT))

    def test_tests_wait_for_conditions_and_do_not_nap(self):
        """A short sleep between two looks at a condition, or between two sendings, is none; a long one is a nap."""
        longest = 0.2
        for path in files("tests/**/*.py"):
            for call in ast.walk(ast.parse(text_of(path))):
                if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "sleep":
                    time = call.args[0].value if isinstance(call.args[0], ast.Constant) else 0
                    self.assertLessEqual(time, longest, f"{path.relative_to(ROOT)}:{call.lineno}")
        for path in files("tests/**/*.cpp", "tests/**/*.hpp"):
            if "support" not in path.parts:
                self.assertNotRegex(text_of(path), r"sleep_(?:for|until)\s*\(|\b[un]?sleep\s*\(", path.relative_to(ROOT))


if __name__ == "__main__":
    unittest.main()
