#!/usr/bin/env python3
"""The autoscaler's algorithm on traces worked out by hand from its documentation, and the manifests' own figures."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from autoscaler import Autoscaler, Keda_trigger, number_of, proposed  # noqa: E402
from manifests import Manifests  # noqa: E402


def traced(scaler, begin, every, totals, target):
    """How many there are after each turn, when the metric has these totals."""
    current, course = begin, []
    for turn, total in enumerate(totals):
        current = scaler.decide(turn * every, current, [proposed(current, total, target)])
        course.append(current)
    return course


def ours(**others):
    keda = Manifests().keda
    return Autoscaler(**{"least": keda.least, "most": keda.most, "behavior": keda.behavior, **others})


class Proposal(unittest.TestCase):
    def test_a_tenth_above_or_below_moves_nothing(self):
        cases = ((10, 1000, 100, 10), (10, 1099, 100, 10), (10, 1101, 100, 12), (10, 901, 100, 10), (10, 899, 100, 9),
                 (3, 30_001, 10_000, 3), (3, 33_001, 10_000, 4), (1, 0, 100, 0), (7, 3.5, 0.5, 7), (6, 3.5, 0.5, 7))
        for current, total, target, wanted in cases:
            with self.subTest(current=current, total=total):
                self.assertEqual(proposed(current, total, target), wanted)

    def test_quantities(self):
        self.assertEqual([number_of(q) for q in ("500m", "10000", 3, "0.5")], [0.5, 10_000, 3, 0.5])


class Traces(unittest.TestCase):
    """Targets of 100 each. Turns are 15 s apart."""

    def test_more_come_by_200_percent_a_quarter_of_a_minute(self):
        # 3 + 200 % = 9 > 3 + 4; 9 + 200 % = 27; then what is wanted, up to the most.
        self.assertEqual(traced(ours(), 3, 15, [3_000, 3_000, 3_000, 9_000], 100), [9, 27, 30, 40])

    def test_of_two_policies_the_one_that_gives_more_counts(self):
        # From 1: 200 % is 3, four pods are 5.
        self.assertEqual(traced(ours(least=1), 1, 15, [3_000, 3_000], 100), [5, 15])

    def test_within_one_period_the_policies_count_from_its_beginning(self):
        # Every 5 s; what was added in the last 15 s is no base for adding more.
        self.assertEqual(traced(ours(), 3, 5, [3_000, 3_000, 3_000, 3_000], 100), [9, 9, 9, 27])

    def test_fewer_only_after_five_minutes_and_then_one_a_minute(self):
        course = traced(ours(), 10, 15, [1_000] + [300] * 40, 100)
        self.assertEqual(course[:20], [10] * 20)               # 285 s since ten were wanted
        self.assertEqual(course[20:33], [9] * 4 + [8] * 4 + [7] * 4 + [6])
        self.assertEqual(course[-1], 4)

    def test_a_moment_of_calm_ends_nobody_and_a_moment_of_need_keeps_them(self):
        calm = [1_000] * 10 + [300] * 15 + [1_000] + [300] * 15
        self.assertEqual(set(traced(ours(), 10, 15, calm, 100)), {10})

    def test_never_fewer_than_least_nor_more_than_most(self):
        self.assertEqual(traced(ours(), 3, 15, [0] * 60, 100)[-1], 3)
        self.assertEqual(traced(ours(), 3, 15, [99_999] * 9, 100)[-1], 40)

    def test_a_window_for_more_waits_for_the_least_that_was_wanted(self):
        slow = {"scaleUp": {"stabilizationWindowSeconds": 60}}
        self.assertEqual(traced(ours(behavior=slow), 3, 15, [300, 1_000, 600, 1_000, 1_000, 1_000, 1_000], 100),
                         [3, 3, 3, 3, 6, 6, 10])

    def test_policies_of_least_change_and_of_none(self):
        careful = {"scaleUp": {"selectPolicy": "Min"}, "scaleDown": {"selectPolicy": "Disabled"}}
        scaler = Autoscaler(1, 99, careful)
        self.assertEqual(traced(scaler, 10, 15, [9_000, 9_000] + [0] * 40, 100), [14, 18] + [18] * 40)

    def test_without_a_behavior_the_defaults_hold(self):
        # Up by 100 % or 4; down by all at once after five minutes.
        self.assertEqual(traced(Autoscaler(1, 99), 3, 15, [9_000, 9_000], 100), [7, 14])
        self.assertEqual(traced(Autoscaler(1, 99), 3, 15, [300] + [0] * 21, 100)[18:], [3, 3, 1, 1])

    def test_the_metric_that_asks_for_most_decides(self):
        self.assertEqual(ours().decide(0, 5, [4, 8, 6]), 8)

    def test_a_metric_that_cannot_be_asked_ends_nobody(self):
        for proposals, wanted in (([None, 3], 5), ([None, 8], 8), ([None, None], 5)):
            self.assertEqual(ours(behavior={"scaleDown": {"stabilizationWindowSeconds": 0}}).decide(0, 5, proposals),
                             wanted)


class Prometheus_gone(unittest.TestCase):
    """KEDA's fallback as the manifest has it: 6, or what runs if that is more, after three failures."""

    def course(self, current, answers):
        keda = Manifests().keda
        query, threshold = keda.prometheus[1]
        trigger, scaler = Keda_trigger(threshold, keda.fallback), ours()
        said = []
        for turn, answer in enumerate(answers):
            total = trigger.value(answer, current)
            wanted = None if total is None else proposed(current, total, threshold)
            current = scaler.decide(turn * 15, current, [wanted])
            said.append(current)
        return said

    def test_few_become_six_after_the_fourth_failure(self):
        self.assertEqual(self.course(3, [30_000] + [None] * 5), [3, 3, 3, 3, 6, 6])

    def test_many_stay_as_many_for_as_long_as_it_lasts(self):
        self.assertEqual(set(self.course(12, [120_000] + [None] * 60)), {12})

    def test_an_answer_ends_it(self):
        course = self.course(3, [30_000] + [None] * 4 + [30_000] * 40)
        self.assertEqual((course[4], course[-1]), (6, 3))

    def test_other_behaviors(self):
        for behavior, kept in (("static", 6), ("currentReplicas", 4), ("currentReplicasIfLower", 4),
                               ("currentReplicasIfHigher", 6)):
            trigger = Keda_trigger(1, {"failureThreshold": 0, "replicas": 6, "behavior": behavior})
            self.assertEqual(trigger.value(None, 4), kept, behavior)


if __name__ == "__main__":
    unittest.main()
