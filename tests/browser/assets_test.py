#!/usr/bin/env python3
"""The files of the pages as a node sends them: kept for ever or asked again, compressed, and nothing else."""

import gzip
import pathlib
import re
import sys
import tempfile
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from node import Node, wait_for  # noqa: E402


class Assets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node().start()
        cls.addClassCleanup(cls.node.remove)
        cls.page = cls.node.call("GET", "/")
        cls.script = re.search(r'src="(/assets/audience-[0-9A-Z]{8}\.js)"', cls.page.raw.decode())[1]
        cls.style = re.search(r'href="(/assets/audience-[0-9A-Z]{8}\.css)"', cls.page.raw.decode())[1]

    def get(self, path, **fields):
        return self.node.call("GET", path, fields={k.replace("_", "-"): v for k, v in fields.items()})

    def test_a_page_allows_nothing_inline_and_nobody_else(self):
        policy = self.page.fields["Content-Security-Policy"]
        self.assertNotIn("unsafe", policy)
        self.assertNotRegex(policy, r"https?:|\*")
        self.assertIn("script-src 'self'", policy)
        self.assertNotRegex(self.page.raw.decode(), r"<script(?![^>]* src=)|<style| style=| on\w+=")

    def test_a_name_with_a_hash_is_kept_for_ever(self):
        for path, kind in ((self.script, "text/javascript"), (self.style, "text/css")):
            got = self.get(path)
            self.assertEqual((got.status, got.fields.get_content_type()), (200, kind))
            self.assertEqual(got.fields["Cache-Control"], "public, max-age=31536000, immutable")
            self.assertEqual(got.fields["Vary"], "Accept-Encoding")
            self.assertEqual(got.fields["X-Content-Type-Options"], "nosniff")

    def test_it_comes_compressed_as_the_client_takes_it(self):
        plain = self.get(self.script)
        self.assertIsNone(plain.fields["Content-Encoding"])
        zipped = self.get(self.script, Accept_Encoding="gzip")
        self.assertEqual(zipped.fields["Content-Encoding"], "gzip")
        self.assertEqual(gzip.decompress(zipped.raw), plain.raw)
        brotli = self.get(self.script, Accept_Encoding="gzip, deflate, br")
        self.assertEqual(brotli.fields["Content-Encoding"], "br")
        self.assertLess(len(brotli.raw), len(zipped.raw))
        tags = {got.fields["ETag"] for got in (plain, zipped, brotli)}
        self.assertEqual(len(tags), 3)
        self.assertFalse(any(tag.startswith("W/") for tag in tags))

    def test_a_page_of_a_voter_comes_compressed_too_where_that_is_worth_it(self):
        event = self.node.event()
        self.node.poll(event["id"], question="Which?", options=[f"Number {i}, as long as options are" for i in range(64)])
        zipped = self.get(f"/{event['code']}", Accept_Encoding="gzip, deflate")
        self.assertEqual(zipped.fields["Content-Encoding"], "gzip")
        page = gzip.decompress(zipped.raw)
        self.assertIn(b"Number 63", page)
        self.assertLess(len(zipped.raw), len(page) / 5)
        brotli = self.get(f"/{event['code']}", Accept_Encoding="gzip, deflate, br")
        self.assertEqual(brotli.fields["Content-Encoding"], "br")
        self.assertLess(len(brotli.raw), len(zipped.raw))
        plain = self.get(f"/{event['code']}")
        self.assertEqual((plain.fields["Content-Encoding"], plain.fields["Vary"]), (None, "Accept-Encoding, Accept-Language"))
        self.assertIn(b"Number 63", plain.raw)
        start = self.get("/", Accept_Encoding="gzip")
        self.assertIn(b'name="code"', gzip.decompress(start.raw))
        nothing = self.node.call("HEAD", f"/{event['code']}", fields={"Accept-Encoding": "gzip"})
        self.assertIsNone(nothing.fields["Content-Encoding"])

    def test_what_the_client_has_is_not_sent_again(self):
        first = self.get(self.script, Accept_Encoding="br")
        again = self.get(self.script, Accept_Encoding="br", If_None_Match=first.fields["ETag"])
        self.assertEqual((again.status, again.raw), (304, b""))
        self.assertEqual(again.fields["ETag"], first.fields["ETag"])
        other = self.get(self.script, If_None_Match=first.fields["ETag"])
        self.assertEqual(other.status, 200)

    def test_a_head_has_the_fields_and_no_body(self):
        got = self.node.call("HEAD", self.script, fields={"Accept-Encoding": "br"})
        self.assertEqual((got.status, got.raw), (200, b""))
        self.assertEqual(got.fields["Content-Encoding"], "br")
        self.assertGreater(int(got.fields["Content-Length"]), 0)

    def test_nothing_else_is_there(self):
        for path in ("/assets/none.js", "/assets/..%2fstudio.html", "/assets/%2e%2e", "/assets/" + "x" * 4000, "/assets/"):
            self.assertEqual(self.get(path).status, 404, path)


class A_folder_of_pages(unittest.TestCase):
    def test_is_served_instead_and_read_again_at_sighup(self):
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as etc:
            ui, file = pathlib.Path(folder), pathlib.Path(etc, "node.toml")
            (ui / "assets").mkdir()
            (ui / "assets" / "audience-00000000.js").write_text("1", encoding="utf-8")
            (ui / "assets" / "audience-00000000.css").write_text("a{}", encoding="utf-8")
            file.write_text(f'ui-dir = "{ui}"\n', encoding="utf-8")
            with Node("--config", str(file)) as node:
                self.assertIn(b'src="/assets/audience-00000000.js"', node.call("GET", "/").raw)
                (ui / "assets" / "audience-00000000.js").rename(ui / "assets" / "audience-11111111.js")
                node.signal(1)
                wait_for(lambda: b"audience-11111111.js" in node.call("GET", "/").raw, "the new file")
                # Each core learns of it in its own time.
                wait_for(lambda: node.call("GET", "/assets/audience-00000000.js").status == 404, "the old file gone")
                (ui / "big.js").write_bytes(b"x" * (4 * 1024 * 1024 + 1))
                node.signal(1)
                wait_for(lambda: "larger than 4 MiB" in node.log(), "the refusal in the log")
                self.assertEqual(node.call("GET", "/assets/audience-11111111.js").raw, b"1")

    def test_that_is_not_there_stops_the_start(self):
        node = Node("--ui-dir", "/nowhere/at/all").spawn()
        self.addCleanup(node.remove)
        self.assertEqual(node.ended(), 1)
        self.assertIn("ui-dir: /nowhere/at/all cannot be read", node.log())


if __name__ == "__main__":
    unittest.main()
