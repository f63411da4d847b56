#!/usr/bin/env python3
"""The pages of docs/operations name what there is, and what the page on Redis says to do brings the votes back."""

import pathlib
import re
import shutil
import sys
import tempfile
import unittest

import yaml

import node
from dashboards_test import ROOT, panels
from node import wait_for

sys.path.append(str(ROOT / "tools"))
from cluster_parts.redis_servers import Standalone  # noqa: E402

PAGES = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "operations").glob("*.md")}
TOKEN_KEYS = f"k1:{bytes(range(32)).hex()}"


def spans(pattern):
    """What stands as code on the pages and has this form, by page."""
    for name, text in PAGES.items():
        for span in re.findall(r"`([^`\n]+)`", text):
            if found := re.fullmatch(pattern, span):
                yield name, found


class Names(unittest.TestCase):
    def test_panels_are_on_a_dashboard(self):
        titles = {where.partition(": ")[2] for where, _ in panels()}
        checked = 0
        for name, text in PAGES.items():
            # Emphasis begins small, a part of an alert's section is bold.
            for panel in re.findall(r"(?<![*\w])\*([A-Z][^*\n]+)\*(?!\*)", text):
                self.assertTrue(any(title.startswith(panel) for title in titles), f"{name}: {panel}")
                checked += 1
        self.assertGreater(checked, 20)

    def test_options_are_in_the_manual(self):
        manual = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
        found = [(name, m.group(1)) for name, m in spans(r"(--[a-z-]+)(?: \S+)?")]
        self.assertGreater(len(found), 4)
        for name, option in found:
            self.assertIn(f"### `{option}`", manual, name)

    def test_metrics_are_described(self):
        described = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
        for name, found in spans(r"(tallycast_\w+(?:_total|_seconds|_ratio))"):
            self.assertIn(f"`{found.group(1)}", described, name)

    def test_addresses_are_those_of_the_api_or_the_operations_listener(self):
        paths = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8"))["paths"]
        known = {(method.upper(), path) for path, methods in paths.items() for method in methods} | {("POST", "/drain")}
        found = [(name, m.groups()) for name, m in spans(r"(GET|POST|PATCH|DELETE) (/\S+)")]
        self.assertGreater(len(found), 6)
        for name, address in found:
            self.assertIn(address, known, name)

    def test_files_are_in_the_tree(self):
        for name, found in spans(r"((?:deploy|docs|tests|tools|bench|docker)/[\w./-]+)(?: .*)?"):
            self.assertTrue((ROOT / found.group(1)).exists(), f"{name}: {found.group(1)}")
        for name, found in spans(r"kubectl (?:apply|delete) -[fk] (\S+)"):
            self.assertTrue((ROOT / found.group(1)).exists(), f"{name}: {found.group(1)}")


class Redis(unittest.TestCase):
    """docs/operations/redis.md, done."""

    page = PAGES["redis.md"]

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def redis(self, name, **settings):
        made = Standalone(self.folder / name, settings=settings)
        self.addCleanup(made.server.kill)
        return made

    def on(self, redis):
        made = node.Node("--token-keys", TOKEN_KEYS, store=redis.url())
        self.addCleanup(made.remove)
        return made.start()

    def says(self, *texts):
        for text in texts:
            self.assertIn(f"`{text}`", self.page)

    def voted(self, on, count):
        event = on.event()
        poll = on.poll(event["id"])["id"]
        tokens = [on.token(event["code"]) for _ in range(count)]
        for token in tokens:
            self.assertEqual(on.vote(poll, ["a"], token).status, 200)
        return poll, tokens

    def test_a_copy_brings_the_votes_back(self):
        self.says("BGREWRITEAOF", "INFO persistence", "aof_rewrite_in_progress:0", "appendonlydir")
        first = self.redis("first")
        first.server.start()
        before = self.on(first)
        poll, tokens = self.voted(before, 20)
        first.server.ask("BGREWRITEAOF")

        def written():
            info = first.server.info("persistence")
            return info["aof_rewrite_in_progress"] == "0" and info["aof_rewrite_scheduled"] == "0"
        wait_for(written, "the rewritten file")
        self.assertEqual(first.server.info("persistence")["aof_last_bgrewrite_status"], "ok")
        second = self.redis("second")
        shutil.copytree(first.server.folder / "appendonlydir", second.server.folder / "appendonlydir")
        before.kill()
        first.server.kill()

        second.server.start()
        after = self.on(second)
        self.assertEqual(after.results(poll)["voters"], 20)
        again = after.vote(poll, ["a"], tokens[0])
        self.assertEqual((again.status, again.json["status"]), (200, "replayed"))
        self.assertEqual(after.vote(poll, ["b"], tokens[1]).code, "already_voted")

    def test_a_snapshot_of_a_replica_does_as_well(self):
        self.says("BGSAVE", "dump.rdb", "appendonly no", "CONFIG SET appendonly yes")
        first = self.redis("first")
        first.server.start()
        before = self.on(first)
        poll, _ = self.voted(before, 20)
        first.server.ask("BGSAVE")
        wait_for(lambda: first.server.info("persistence")["rdb_bgsave_in_progress"] == "0", "the snapshot")
        second = self.redis("second", appendonly="no")
        second.server.folder.mkdir(parents=True)
        shutil.copy(first.server.folder / "dump.rdb", second.server.folder)
        before.kill()
        first.server.kill()
        second.server.start()
        second.server.set("appendonly", "yes")
        self.assertEqual(self.on(second).results(poll)["voters"], 20)

    def test_when_redis_is_full_nothing_is_lost_and_more_memory_ends_it(self):
        self.says("CONFIG SET maxmemory", "maxmemory-policy", "noeviction")
        redis = self.redis("full")
        redis.server.start()
        on = self.on(redis)
        poll, _ = self.voted(on, 5)
        event = on.event()
        other = on.poll(event["id"])["id"]
        token = on.token(event["code"])
        redis.server.set("maxmemory", "1")
        self.assertEqual(on.vote(other, ["a"], token).status, 503)
        redis.server.set("maxmemory", "0")
        wait_for(lambda: on.vote(other, ["a"], token).status == 200, "votes going on")
        self.assertEqual((on.results(poll)["voters"], on.results(other)["voters"]), (5, 1))


if __name__ == "__main__":
    unittest.main()
