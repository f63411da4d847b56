"""Contestants who take turns, and what one of them costs beside another.

Rates of a shared machine swing by several times between equal runs, CPU seconds a unit of work by a tenth. So a
figure is the ratio of two runs of the same round, and what is told of it is the median over the rounds and its
spread.
"""

import contextlib
import dataclasses
import statistics


class Absent(Exception):
    """A contestant cannot run here; the text says what is missing."""


@dataclasses.dataclass(frozen=True)
class Figure:
    """A line of the page. `of` and `to` are (contestant, key of its runs); without `to` the figure is `of` itself."""

    name: str
    of: tuple
    to: tuple = None
    floor: float = None
    target: float = None
    more_is_better: bool = True

    def values(self, runs):
        """One a round; none when a contestant did not run."""
        wanted = [place for place in (self.of, self.to) if place]
        if any(contestant not in runs for contestant, _ in wanted):
            return []
        columns = [[run[key] for run in runs[contestant]] for contestant, key in wanted]
        return [of / to for of, to in zip(*columns)] if self.to else columns[0]

    def summary(self, runs):
        """None when there is nothing to tell."""
        values = self.values(runs)
        if not values:
            return None
        median = statistics.median(values)
        return {"name": self.name, "median": median, "from": min(values), "to": max(values), "rounds": len(values),
                "floor": self.floor, "target": self.target, "more_is_better": self.more_is_better,
                "verdict": self.verdict(median)}

    def verdict(self, value):
        def reached(limit):
            return value >= limit if self.more_is_better else value <= limit

        if self.floor is None:
            return ""
        if self.target is not None and reached(self.target):
            return "target"
        return "floor" if reached(self.floor) else "missed"


def bottlenecks(runs, most=0.8):
    """Contestants against whom the load generator had no time to spare: what was measured there was the generator."""
    return [name for name, each in runs.items()
            if statistics.median(run.get("client_busy", 0) for run in each) > most]


def take_turns(contestants, rounds, told=print):
    """Runs of each by name: a round to warm up, then `rounds` that count. A contestant who is absent is left out; in the
    end each is stopped."""
    with contextlib.ExitStack() as stack:
        present, absent = [], {}
        for one in contestants:
            told(f"  starting {one.name}")
            stack.callback(one.stop)
            try:
                one.start(rounds + 1)
                present.append(one)
            except Absent as why:
                absent[one.name] = str(why)
                told(f"  without {one.name}: {why}")
        return play(present, rounds, told), absent


def play(present, rounds, told):
    runs = {one.name: [] for one in present}
    for number in range(rounds + 1):
        for one in present:
            run = one.run(number)
            if number > 0:
                runs[one.name].append(run)
        told(f"  round {number} of {rounds}")
    return runs
