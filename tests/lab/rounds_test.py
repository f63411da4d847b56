"""How the lab makes figures of runs, and a page of figures."""

import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "tools")]

from lab_parts import page
from lab_parts.rounds import Absent, Figure, bottlenecks, take_turns


class Contestant:
    def __init__(self, name, diary, missing=None):
        self.name, self.diary, self.missing = name, diary, missing

    def start(self, runs):
        if self.missing:
            raise Absent(self.missing)
        self.diary.append(f"{self.name} starts for {runs}")

    def run(self, number):
        self.diary.append(f"{self.name}{number}")
        if number == 9:
            raise RuntimeError("broken")
        return {"cpu": number * 10}

    def stop(self):
        self.diary.append(f"{self.name} stops")


def silent(_):
    pass


class Turns(unittest.TestCase):
    def test_contestants_alternate_and_the_first_round_does_not_count(self):
        diary = []
        runs, absent = take_turns([Contestant("a", diary), Contestant("b", diary)], 2, silent)
        self.assertEqual(diary, ["a starts for 3", "b starts for 3", "a0", "b0", "a1", "b1", "a2", "b2", "b stops", "a stops"])
        self.assertEqual(runs, {"a": [{"cpu": 10}, {"cpu": 20}], "b": [{"cpu": 10}, {"cpu": 20}]})
        self.assertEqual(absent, {})

    def test_one_who_is_absent_is_named_and_the_others_run(self):
        diary = []
        runs, absent = take_turns([Contestant("a", diary, "no such program"), Contestant("b", diary)], 1, silent)
        self.assertEqual(list(runs), ["b"])
        self.assertEqual(absent, {"a": "no such program"})

    def test_all_are_stopped_when_one_breaks(self):
        diary = []
        with self.assertRaises(RuntimeError):
            take_turns([Contestant("a", diary), Contestant("b", diary)], 9, silent)
        self.assertEqual(diary[-2:], ["b stops", "a stops"])


    def test_a_generator_without_time_to_spare_is_noticed(self):
        runs = {"a": [{"client_busy": 0.7}, {"client_busy": 0.81}, {"client_busy": 0.9}], "b": [{"client_busy": 0.8}], "c": [{}]}
        self.assertEqual(bottlenecks(runs), ["a"])


class Figures(unittest.TestCase):
    runs = {"fast": [{"cpu": 2}, {"cpu": 4}, {"cpu": 5}], "slow": [{"cpu": 4}, {"cpu": 4}, {"cpu": 20}]}

    def test_a_ratio_is_of_runs_of_the_same_round(self):
        told = Figure("x", ("slow", "cpu"), ("fast", "cpu")).summary(self.runs)
        self.assertEqual((told["median"], told["from"], told["to"], told["rounds"]), (2, 1, 4, 3))

    def test_a_figure_without_its_contestant_is_not_told(self):
        self.assertIsNone(Figure("x", ("slow", "cpu"), ("absent", "cpu")).summary(self.runs))

    def test_verdicts_know_which_way_is_better(self):
        more = Figure("x", ("slow", "cpu"), None, 0.5, 0.8)
        self.assertEqual([more.verdict(v) for v in (0.49, 0.5, 0.8)], ["missed", "floor", "target"])
        less = Figure("x", ("slow", "cpu"), None, 3000, 1200, False)
        self.assertEqual([less.verdict(v) for v in (3001, 3000, 1200)], ["missed", "floor", "target"])
        self.assertEqual(Figure("x", ("slow", "cpu")).verdict(1), "")


class Page(unittest.TestCase):
    def result(self, load):
        figures = [Figure("ours ÷ theirs", ("a", "cpu"), ("b", "cpu"), 2, 3).summary({"a": [{"cpu": 2}], "b": [{"cpu": 2}]}),
                   Figure("bytes", ("a", "cpu"), None, 3000, 1200, False).summary({"a": [{"cpu": 1100}]})]
        return {"date": "2026-01-02", "command": "bench/lab --only votes", "rounds": 5, "idle_rounds": 3,
                "machine": {"processor": "Abacus", "cores": 2, "system": "Debian", "kernel": "6", "load_before": load,
                            "load_after": 0.5, "tallycast": "tallycast 0", "commit": "abc", "versions": {"nginx": "1.2"}},
                "fields": [{"title": "Votes", "figures": figures, "absent": {"nchan": "it is not installed"},
                            "costs": {"keys": [("cpu", "µs"), ("other", "n")], "medians": {"a": {"cpu": 1234.5}}}}]}

    def test_it_has_figures_costs_and_how_they_came_about(self):
        text = page.written(self.result(1.0))
        for part in ("`bench/lab --only votes`", "commit abc", "Abacus, 2 cores", "nginx 1.2",
                     "| ours ÷ theirs | 1.00 | 1.00 to 1.00 | 2.00 → 3.00 | **missed** |",
                     "| bytes (less is better) | 1,100 | 1,100 to 1,100 | 3,000 → 1,200 | target reached |",
                     "| a | 1,234 |  |", "Without nchan: it is not installed."):
            self.assertIn(part, text)
        self.assertNotIn("busy with other things", text)

    def test_a_busy_machine_is_confessed(self):
        self.assertIn("busy with other things", page.written(self.result(4.0)))


if __name__ == "__main__":
    unittest.main()
