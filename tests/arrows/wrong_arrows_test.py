#!/usr/bin/env python3
"""Shows that the arrows hold: in a copy of the tree each wrong one is put in, and each is refused."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

TREE = pathlib.Path(__file__).resolve().parents[2]
NEEDED = ["CMakeLists.txt", "cmake", "include", "src", "bench", "web", "config", "tests/arrows"]


def run(*command):
    done = subprocess.run([str(word) for word in command], text=True, errors="replace", check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


class Wrong_arrows(unittest.TestCase):
    """Every test changes the one copy and puts it back; `domain` stands for any module."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="tallycast-arrows-")
        cls.addClassCleanup(folder.cleanup)
        cls.tree = pathlib.Path(folder.name) / "tree"
        for name in NEEDED:
            source = TREE / name
            if source.is_dir():
                shutil.copytree(source, cls.tree / name, ignore=shutil.ignore_patterns("node_modules"))
            elif source.exists():
                cls.tree.mkdir(exist_ok=True)
                shutil.copy(source, cls.tree / name)
        cls.build = pathlib.Path(folder.name) / "build"
        code, said = cls.configure()
        if code != 0:
            raise AssertionError(said)

    @classmethod
    def configure(cls):
        return run("cmake", "-S", cls.tree, "-B", cls.build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
                   "-DTALLYCAST_TESTS=OFF", "-DTALLYCAST_BENCH=OFF")

    def make(self, target):
        return run("cmake", "--build", self.build, "--target", target)

    def check(self):
        return run(sys.executable, self.tree / "tests/arrows/check_arrows.py", self.tree)

    def put(self, path, text):
        file = self.tree / path
        before = file.read_text(encoding="utf-8") if file.exists() else None
        file.write_text(text, encoding="utf-8")
        self.addCleanup(file.unlink if before is None else lambda: file.write_text(before, encoding="utf-8"))

    def refused(self, outcome, *words):
        code, said = outcome
        self.assertNotEqual(code, 0, "it was let through:\n" + said[-2000:])
        for word in words:
            self.assertIn(word, said)

    def allowed(self, outcome):
        code, said = outcome
        self.assertEqual(code, 0, said[-4000:])

    def test_Untouched_tree_is_in_order(self):
        self.allowed(self.check())
        self.allowed(self.make("lone_domain"))

    def test_Include_of_a_module_without_an_arrow_does_not_compile(self):
        self.put("src/domain/probe.cpp", "#include <tallycast/ports/clock.hpp>\n")
        self.refused(self.make("tallycast_domain"), "tallycast/ports/clock.hpp", "No such file")
        self.refused(self.check(), "src/domain/probe.cpp:1", "domain may not use ports")

    def test_Include_along_an_arrow_compiles(self):
        self.put("src/domain/probe.cpp", "#include <tallycast/base/id.hpp>\n")
        self.allowed(self.make("tallycast_domain"))
        self.allowed(self.check())

    def test_Symbol_of_a_module_without_an_arrow_does_not_link(self):
        self.put("src/domain/probe.cpp",
                 "namespace tallycast::app { int from_above(); }\n"
                 "namespace tallycast::domain { int probe(); int probe() { return app::from_above(); } }\n")
        self.put("src/app/probe.cpp",
                 "namespace tallycast::app { int from_above(); int from_above() { return 1; } }\n")
        self.refused(self.make("lone_domain"), "from_above")

    def test_Dots_in_an_include_are_found(self):
        for spelling in ('"../../include/tallycast/ports/clock.hpp"', "<tallycast/base/../ports/clock.hpp>"):
            with self.subTest(spelling):
                self.put("src/domain/probe.cpp", f"int probe();\n#include {spelling}\n")
                self.refused(self.check(), "src/domain/probe.cpp:2", "no `..`")

    def test_Library_of_another_module_is_found(self):
        for header, word in {"boost/asio/post.hpp": "asio", "sqlite3.h": "sqlite", "zstd/zstd.h": "does not know",
                             "nlohmann/json.hpp": "nlohmann", "boost/json.hpp": "boost.json"}.items():
            with self.subTest(header):
                self.put("src/domain/probe.cpp", f"#include <{header}>\n")
                self.refused(self.check(), "src/domain/probe.cpp:1", word)

    def test_Openssl_past_its_one_door_is_found(self):
        self.put("src/app/probe.cpp", "#include <openssl/evp.h>\n")
        self.refused(self.check(), "src/app/probe.cpp:1", "crypto")

    def test_Header_that_needs_another_before_it_is_found(self):
        self.put("include/tallycast/domain/probe.hpp", "#pragma once\ninline std::string probe() { return {}; }\n")
        self.refused(self.make("headers_alone_domain"), "probe.hpp")

    def test_Arrow_against_the_order_is_refused_by_the_build_and_the_check(self):
        before = (self.tree / "CMakeLists.txt").read_text(encoding="utf-8")
        after = before.replace("(domain    MAY_USE base)", "(domain    MAY_USE base ports)")
        self.assertNotEqual(before, after)
        self.put("CMakeLists.txt", after)
        self.refused(self.configure(), "domain may use ports")
        self.refused(self.check(), "CMakeLists.txt: domain")

    def test_Arrow_list_that_leaves_one_out_is_refused_by_the_build(self):
        before = (self.tree / "CMakeLists.txt").read_text(encoding="utf-8")
        after = before.replace("(ports     MAY_USE domain base", "(ports     MAY_USE domain")
        self.assertNotEqual(before, after)
        self.put("CMakeLists.txt", after)
        self.refused(self.configure(), "list base too")


if __name__ == "__main__":
    unittest.main()
