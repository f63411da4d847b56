"""A node past its capacity: what the lab makes of such runs, and that it lives from end to end."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "tools")]

from lab_parts import edge, page


def votes(settled, p99=10.0, honest=0, unexplained=0):
    return {"settled_in_second": settled, "last_try_ms": {"p99": p99}, "latency_ms": {"p99": 2 * p99}, "elapsed_s": len(settled),
            "client_late": 5, "wanted": 100, "refusals": {"503": {"with_retry_after": honest, "without": unexplained}}}


def step(*arguments, **named):
    memory = {"memory_before": 10, "memory_peak": 30, "memory_after": 12}
    return edge.step_of({"votes": votes(*arguments, **named), "counted": 100}, 2, 200.0, 2, memory)


class Steps(unittest.TestCase):
    def test_goodput_is_what_was_counted_while_load_was_offered(self):
        self.assertEqual(step([90, 110, 1000, 1000])["goodput"], 100)
        self.assertEqual(step([40])["goodput"], 40)

    def test_refusals_are_told_by_kind(self):
        refused = step([100, 100], honest=7, unexplained=2)["refused"]
        self.assertEqual((refused["honest"], refused["unexplained"]), (7, 2))
        self.assertEqual(step([100, 100])["client_late"], 0.05)


class Verdicts(unittest.TestCase):
    def missed(self, steps, recovery_s=1.0, before=100, after=120):
        return [one["claim"].split()[0] for one in edge.verdicts(steps, 100, recovery_s, before, after) if not one["holds"]]

    def test_a_node_that_does_well_misses_nothing(self):
        self.assertEqual(self.missed([step([100, 100]), step([95, 85])]), [])

    def test_each_demand_can_be_missed(self):
        self.assertEqual(self.missed([step([100, 79])]), ["goodput"])
        self.assertEqual(self.missed([step([100, 100], p99=250)]), ["p99"])
        self.assertEqual(self.missed([step([100, 100], unexplained=1)]), ["every"])
        self.assertEqual(self.missed([step([100, 100])], recovery_s=5.1), ["the"])
        self.assertEqual(self.missed([step([100, 100])], recovery_s=None), ["the"])
        self.assertEqual(self.missed([step([100, 100])], after=151), ["memory"])


class Lives(unittest.TestCase):
    def test_the_quick_form_offers_all_steps_and_writes_the_page(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([ROOT / "bench/lab", "--quick", "--only", "edge", "--votes", "200", "--edge_connections", "32",
                                   "--binary", os.environ["TALLYCAST_BIN"], "--out", folder], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            (file,) = pathlib.Path(folder).glob("*.json")
            found = json.loads(file.read_text())["edge"]
            text = pathlib.Path(folder, "performance.md").read_text()
        self.assertEqual([each["times"] for each in found["steps"]], [1, 1.5, 2, 3])
        self.assertEqual(found["recovery"]["times"], 0.5)
        for each in [*found["steps"], found["recovery"]]:
            self.assertGreater(each["goodput"], 0)
            self.assertGreater(each["memory_peak"], 0)
        self.assertIn("## At the edge", text)
        self.assertEqual(text.count("| goodput stays at 90% of its peak |"), 1)


if __name__ == "__main__":
    unittest.main()
