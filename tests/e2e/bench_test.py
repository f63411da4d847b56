"""`tallycast bench` against the node: whatever happens to the node on the way, the count is right."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

from node import HOST, Node, program, wait_for

VOTERS = int(os.environ.get("TALLYCAST_BENCH_VOTERS", "6000"))
KILLS = 2


class Bench(unittest.TestCase):
    def setUp(self):
        self.node = Node("--durability", "async", "--reconnect-spread", "1s", data_dir=None).start()
        self.addCleanup(self.node.remove)

    def bench(self, *options, mode="votes"):
        command = [program(), "bench", mode, "--target", f"http://127.0.0.1:{self.node.port}", "--host-key", HOST, *options]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def finished(self, running, patience=240):
        text, _ = running.communicate(timeout=patience)
        self.assertEqual(running.returncode, 0, text)
        return text

    def test_quick_run_over_http_counts_all(self):
        self.assertRegex(self.finished(self.bench("--quick")), r"3[,.]?000")

    def test_quick_run_over_websocket_counts_all(self):
        self.finished(self.bench("--quick", "--transport", "websocket", "--change", "0.2"))

    def test_quick_fanout_reaches_every_subscriber(self):
        text = self.finished(self.bench("--quick", "--pid", str(self.node.process.pid), mode="fanout"))
        self.assertRegex(text, r"at 20 votes/s: [1-9]\d* messages.* us of server CPU each")
        self.assertIn("ok    every subscriber saw the final results", text)

    def test_quick_connect_keeps_every_connection(self):
        text = self.finished(self.bench("--quick", "--pid", str(self.node.process.pid), mode="connect"))
        # A hundred may fit into what the node has already.
        self.assertRegex(text, r"own: \d+ bytes a connection")
        self.assertRegex(text, r"no subscriber was lost: 0 of 100")

    def test_steps_of_an_open_loop_are_reported_and_compared(self):
        with tempfile.TemporaryDirectory() as folder:
            report = os.path.join(folder, "report.json")
            steps = ["--steps", "200:1,200-400:1", "--tolerate-lag"]
            self.assertRegex(self.finished(self.bench(*steps, "--json", report)), r"step 200-400/s: \d+ answered")
            compared = self.finished(self.bench(*steps, "--compare", report))
            self.assertRegex(compared, r"votes\.latency_ms\.p99 +[\d.]+ +[\d.]+ +[\d.]+")

    def test_quick_evening_counts_all_and_brings_everybody_back(self):
        with tempfile.NamedTemporaryFile("r", suffix=".svg", encoding="utf-8") as picture:
            report = self.report("event", "--quick", "--transport", "websocket", "--svg", picture.name)
            drawn = xml.etree.ElementTree.fromstring(picture.read())
        self.assertEqual(len(drawn.findall("{http://www.w3.org/2000/svg}path[@class='line']")), 3)
        self.assertEqual([phase["phase"] for phase in report["phases"]], ["join", "poll", "storm", "poll", "leave"])
        join, first, storm, second, leave = report["phases"]
        self.assertEqual((join["people"]["entered_ms"]["count"], leave["people"]["present"]), (200, 0))
        self.assertEqual((storm["people"]["lost"], storm["people"]["back"]), (60, 60))
        self.assertGreater(storm["all_back_s"], 0)
        for poll in first, second:
            self.assertEqual(poll["people"]["revealed_ms"]["count"], 200)
            self.assertEqual(sum(poll["requests"]["settled_in_second"]), 200)
        self.assertEqual((report["sent"], report["acknowledged"], report["counted"]), (400, 400, 400))

    def test_people_of_a_node_that_drains_come_back_when_they_were_told_to(self):
        with tempfile.TemporaryDirectory() as folder:
            script = os.path.join(folder, "script.json")
            with open(script, "w", encoding="utf-8") as file:
                json.dump([{"do": "join", "people": 100, "over_s": 0.5}, {"do": "poll", "over_s": 0.5},
                           {"do": "storm", "share": 0, "over_s": 60}, {"do": "poll", "share": 0.5, "over_s": 0.5}], file)
            running = self.bench("--script", script, "--tolerate-lag", "--json", f"{folder}/report.json", mode="event")
            self.addCleanup(running.kill)
            while not running.stdout.readline().startswith("poll 1"):  # told when it is over
                self.assertIsNone(running.poll())
            self.node.stop()
            self.node.start()
            self.finished(running)
            with open(f"{folder}/report.json", encoding="utf-8") as file:
                report = json.load(file)
        storm = report["phases"][2]["people"]
        self.assertEqual((storm["lost"], storm["back"]), (100, 100))
        self.assertEqual(storm["endings"]["1012"], {"advised": 100, "unadvised": 0})
        self.assertEqual((report["acknowledged"], report["counted"]), (150, 150))

    def test_soak_has_a_line_for_each_round_and_says_whether_memory_grew(self):
        report = self.report("soak", "--people", "100", "--for", "4s", "--round", "1", "--pid", str(self.node.process.pid))
        self.assertGreaterEqual(len(report["rounds"]), 3)
        for each in report["rounds"]:
            self.assertEqual(each["people"]["revealed_ms"]["count"], 100)
            self.assertGreater(each["server"]["memory_bytes"], 0)
            self.assertGreater(each["server"]["descriptors"], 100)
        self.assertIn(report["memory_bytes"]["grew"], (True, False))
        self.assertEqual(report["counted"], 100 * len(report["rounds"]))

    def test_script_of_the_manual_plays(self):
        manual = (pathlib.Path(__file__).resolve().parents[2] / "docs/load.md").read_text(encoding="utf-8")
        script = json.loads(re.search(r"```json\n(.*?)```", manual, re.DOTALL).group(1))
        for phase in script:  # the same with fewer people and less time
            phase["over_s"] = 0.3
            if "people" in phase:
                phase["people"] //= 10
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(script, file)
            file.flush()
            report = self.report("event", "--script", file.name)
        self.assertEqual([phase["people"]["present"] for phase in report["phases"]], [50, 50, 50, 200, 200, 200, 200, 0])
        self.assertEqual(report["phases"][2]["people"]["back"], 15)
        self.assertIsNone(report["phases"][5]["all_back_s"], "nobody ended a connection")
        self.assertEqual(report["counted"], 45 + 200)

    def test_script_that_makes_no_sense_is_refused(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as script:
            script.write('[{"do": "poll"}]')
            script.flush()
            running = self.bench("--script", script.name, mode="event")
            self.assertIn("begins with a join", running.communicate(timeout=60)[0])
            self.assertEqual(running.returncode, 2)

    def report(self, mode, *options):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "report.json")
            self.finished(self.bench("--tolerate-lag", "--json", file, *options, mode=mode))
            with open(file, encoding="utf-8") as text:
                return json.load(text)

    def test_node_killed_twice_under_load_loses_and_doubles_nothing(self):
        running = self.bench("--voters", str(VOTERS), "--repeat", "0.2", "--rate", str(VOTERS / 4),
                             "--tolerate-lag")
        self.addCleanup(running.kill)
        for kill in range(1, KILLS + 1):
            # Votes are under way, more of them each time: then the node dies without a word.
            wait_for(lambda: self.votes_since_start() > VOTERS * kill / 20, "votes before the kill")
            self.node.kill()
            self.node.start()
        print(self.finished(running))

    def votes_since_start(self):
        self.assertTrue(self.node.alive())
        return self.node.metric("tallycast_votes_total")


if __name__ == "__main__":
    unittest.main()
