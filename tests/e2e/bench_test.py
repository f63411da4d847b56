"""`tallycast bench` against the node: whatever happens to the node on the way, the count is right."""

import os
import subprocess
import tempfile
import unittest

from node import HOST, Node, program, wait_for

VOTERS = int(os.environ.get("TALLYCAST_BENCH_VOTERS", "6000"))
KILLS = 2


class Bench(unittest.TestCase):
    def setUp(self):
        self.node = Node("--durability", "async", data_dir=None).start()
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
