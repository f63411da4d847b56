"""What results cost Redis: so many reads a second and no more, however many people vote, watch, and how fast."""

import subprocess
import time
import unittest

from redis_case import HOST, Redis_case, program

INTERVAL = 0.1  # seconds between two snapshots of a poll
SECONDS = 6.0   # of voting


class Work_for_results(Redis_case):
    def setUp(self):
        super().setUp()
        self.store = self.redis()
        self.set = self.nodes(self.store, 4, "--rebalance", "off")  # whose roll is read by the same command

    def calls(self):
        """Of the commands that are run for results alone: a snapshot is one HGETALL, told by one SPUBLISH; that
        something waits for the next one is another SPUBLISH."""
        stats = self.store.server.info("commandstats")
        read = [stats.get(f"cmdstat_{name}", "calls=0") for name in ("hgetall", "spublish")]
        return [int(text.partition("calls=")[2].partition(",")[0]) for text in read]

    def work(self, rate, subscribers):
        """Snapshots and messages while so many vote a second and so many watch, and for how long."""
        before, began = self.calls(), time.monotonic()
        targets = [word for node in self.set for word in ("--target", f"http://{node.address}:{node.port}")]
        subprocess.run([program(), "bench", "fanout", *targets, "--host-key", HOST, "--rates", str(rate),
                        "--subscribers", str(subscribers), "--seconds", str(SECONDS)],
                       check=True, capture_output=True, timeout=120)
        took = time.monotonic() - began
        snapshots, messages = (after - was for after, was in zip(self.calls(), before))
        print(f"{rate} votes a second, {subscribers} subscribers: {snapshots} snapshots and {messages} messages "
              f"in {took:.1f} s")
        return snapshots, messages, took

    def test_does_not_grow_with_votes_or_subscribers(self):
        for rate, subscribers in ((50, 4), (2000, 4), (2000, 200)):
            snapshots, messages, took = self.work(rate, subscribers)
            steps = 8  # made, opened, closed, looked at in the end
            self.assertGreater(snapshots, SECONDS / INTERVAL / 4, "results were not shown, so nothing was measured")
            self.assertLessEqual(snapshots, took / INTERVAL + steps)
            self.assertLessEqual(messages, 2 * took / INTERVAL + steps)


if __name__ == "__main__":
    unittest.main()
