"""What bench/vote_instructions says to the counts it is given."""

import importlib.machinery
import importlib.util
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "bench/vote_instructions"
loader = importlib.machinery.SourceFileLoader("vote_instructions", str(SCRIPT))
script = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
loader.exec_module(script)


class Judged(unittest.TestCase):
    def test_up_to_five_percent_more_pass_and_no_more(self):
        self.assertEqual(script.judged(10_499, 10_499, 10_000)[1], 0)
        self.assertEqual(script.judged(10_501, 10_501, 10_000)[1], 1)
        self.assertEqual(script.judged(5_000, 5_000, 10_000)[1], 0)

    def test_two_runs_that_differ_say_nothing(self):
        text, code = script.judged(10_000, 10_011, 10_000)
        self.assertEqual(code, 1)
        self.assertIn("two runs differ", text)

    def test_without_a_committed_count_it_is_only_shown(self):
        self.assertEqual(script.judged(10_000, 10_000, None)[1], 0)


if __name__ == "__main__":
    unittest.main()
