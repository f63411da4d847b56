"""The arithmetic about sizes, and that it gives back what was measured."""

import json
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "tools")]

from lab_parts import capacity_page, model, page
from lab_parts.model import Costs, Evening, Machines

COSTS = Costs(vote_us=10, redis_vote_us=2, redis_group_us=20, group=20, join_us=40, message_us=5, message_bytes=222,
              idle_us=1, connection_bytes=2_000)


class Plans(unittest.TestCase):
    def test_what_a_size_takes_can_be_followed_by_hand(self):
        # 120,000 votes a second; 2 cores busy with results at 1 Hz, 0.4 idle, 1.2 with votes, 0.16 with joins before that.
        made = model.plan(COSTS, Evening(400_000, voting=1, voting_s=10, peak_to_mean=3, joining_s=100, messages_hz=1),
                          Machines(node_cores=4, busy=0.5, connections=1_000_000, kernel_bytes=8_000, packet_bytes=78))
        self.assertAlmostEqual(made.votes_a_second, 120_000)
        self.assertAlmostEqual(made.node_cores_busy["votes"], 1.2)
        self.assertAlmostEqual(made.node_cores_busy["results"], 2.0)
        self.assertAlmostEqual(made.node_cores_busy["joins"], 0.16)
        self.assertAlmostEqual(made.node_cores_busy["idle connections"], 0.4)
        self.assertEqual(made.nodes, 2)      # 3.6 cores at half of 4 each
        self.assertEqual(made.primaries, 1)  # 0.36 cores at half of 1
        self.assertAlmostEqual(made.megabits, 400_000 * 300 * 8 / 1e6)
        self.assertAlmostEqual(made.node_megabytes, 200_000 * 10_000 / 1e6)
        self.assertEqual(made.first, "the nodes' CPU")

    def test_connections_can_be_what_is_short(self):
        made = model.plan(COSTS, Evening(100_000, messages_hz=0.01), Machines(connections=10_000))
        self.assertEqual((made.nodes, made.first), (10, "connections of a node"))

    def test_more_people_never_take_less(self):
        plans = [model.plan(COSTS, Evening(people)) for people in (1, 10_000, 300_000, 9_000_000)]
        for less, more in zip(plans, plans[1:]):
            self.assertLessEqual((less.nodes, less.primaries), (more.nodes, more.primaries))
            self.assertLess(less.megabits, more.megabits)

    def test_a_group_shares_what_its_call_costs(self):
        self.assertEqual(model.redis_us(COSTS, 1), 22)
        self.assertEqual(model.redis_us(COSTS, 20), 3)

    def test_noise_makes_no_negative_costs(self):
        self.assertEqual(model.line_through((0.1, 3), (0.2, 5)), (1, 20))
        self.assertEqual(model.line_through((0.1, 5), (0.2, 3)), (3, 0))
        self.assertEqual(model.line_through((0.1, 5), (0.1, 6)), (5, 0))
        height, slope = model.line_through((0.1, 1), (0.11, 5))
        self.assertEqual(height, 0)
        self.assertGreater(slope, 0)


class Measured(unittest.TestCase):
    """The newest result of the tree, if the lab has made one here."""

    def setUp(self):
        files = sorted((ROOT / "bench/results").glob("*.json"))
        self.assertTrue(files, "bench/results holds no run of the lab")
        self.file = files[-1]
        self.result = json.loads(self.file.read_text())
        self.costs = model.costs_of(self.result)

    def test_four_nodes_take_what_the_model_says_of_them(self):
        """The model takes a node's vote to cost the same beside three others, and Redis's to depend on groups alone."""
        votes = next(field for field in self.result["fields"] if field["title"] == "Votes over HTTP")["costs"]["medians"]
        four = votes["4 nodes on Redis"]
        said = self.costs.vote_us + model.redis_us(self.costs, four["votes_a_group"])
        self.assertLess(abs(said / four["total_cpu_us"] - 1), 0.35)

    def test_the_pages_are_those_this_result_makes(self):
        self.assertEqual((ROOT / "docs/performance.md").read_text(), page.written(self.result))
        self.assertEqual((ROOT / "docs/capacity.md").read_text(), capacity_page.written(self.costs, self.file.name))


if __name__ == "__main__":
    unittest.main()
