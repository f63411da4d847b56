"""The page about sizes; every number on it is measured, assumed in model.py, or follows from those."""

from lab_parts.model import Evening, Machines, plan, redis_us

SIZES = [1_000, 10_000, 100_000, 1_000_000, 10_000_000]
RATES = [60_000, 600_000]  # votes a second on one poll

INTRODUCTION = """# Capacity

How big an event can be run on what. This page is written by `bench/lab` from `bench/results/{source}`; nothing on it was
tried at these sizes. The measured costs are those of one machine ([performance](performance.md) says which, and how busy
it was), the rest is arithmetic (`bench/lab_parts/model.py`), and what is assumed is said below. Run `bench/lab` on a machine
like yours before you rely on it.
"""

ASSUMPTIONS = """## What is assumed

- Everybody has one connection and watches one poll. {voting:.0%} vote; the mean is {mean:.1%} of the people a second over
  {voting_s:g} s, and the busiest second has {peak:g} times the mean. Everybody joins within {joining_s:g} s, before the vote.
- A subscriber is sent results {hz:g} times a second while votes come in, whatever their number.
- A node has {cores} cores and is kept at {busy:.0%} of them, and so is each Redis primary, which has one core. At most
  {connections:,} connections a node.
- A connection costs the kernel {kernel:,.0f} bytes and a message {packet:g} bytes around it: assumed, not measured.
- Votes of a poll spread evenly over the primaries, {group:.0f} to a group as measured with four nodes. Replicas, fsync
  and TLS come on top.
"""


def cost_rows(costs):
    for name, value, unit in (
            ("a vote, node", costs.vote_us, "µs"), ("a vote, Redis, in such groups", redis_us(costs, costs.group), "µs"),
            ("a group, Redis", costs.redis_group_us, "µs, in the above"), ("a join, node", costs.join_us, "µs"),
            ("a message, node", costs.message_us, "µs"), ("a message", costs.message_bytes, "bytes"),
            ("an idle connection, node", costs.idle_us, "µs a second"),
            ("an idle connection, node", costs.connection_bytes, "bytes")):
        yield f"| {name} | {value:,.2f} {unit} |" if value < 100 else f"| {name} | {value:,.0f} {unit} |"


def size_row(people, costs, machines):
    made = plan(costs, Evening(people), machines)
    work = made.node_cores_busy
    busiest = max(work, key=work.get)
    return (f"| {people:,} | {made.votes_a_second:,.0f} | {made.nodes:,} | {made.primaries:,} | {made.megabits:,.0f} "
            f"| {made.node_megabytes:,.0f} | {busiest} | {made.first} |")


def rate_line(rate, costs, machines):
    """So many votes a second on one poll, and people enough to cast them within the worst second."""
    one = Evening(1)
    people = round(rate / one.votes_a_second())
    made = plan(costs, Evening(people), machines)
    work = made.node_cores_busy
    return (f"- **{rate:,} votes a second** (an audience of {people:,}): {work['votes']:.1f} cores of the nodes for the votes and "
            f"{work['results']:.1f} for the results, {rate * redis_us(costs, costs.group) / 1e6:.2f} cores of Redis; "
            f"{made.nodes:,} nodes and {made.primaries} {'primary' if made.primaries == 1 else 'primaries'}.")


def written(costs, source):
    evening, machines = Evening(1), Machines()
    lines = [INTRODUCTION.format(source=source), "## Sizes", "",
             "| people | votes a second, at worst | nodes | Redis primaries | Mbit/s to the people | MB of connections a node "
             "| nodes are busy with | full first |", "|---|---|---|---|---|---|---|---|"]
    lines += [size_row(people, costs, machines) for people in SIZES]
    lines += ["", "Where the death of one node must not interrupt the vote, two are the least, whatever the table says.",
              "", "## One poll, at rates that have been seen and past them", ""]
    lines += [rate_line(rate, costs, machines) for rate in RATES]
    lines += ["", "Results, not votes, are what nodes are for: their cost is people times messages. Halving how often they are",
              "sent halves it, and that is the first thing to do when an event turns out larger than planned.", "",
              "## What is measured", "", "| | |", "|---|---|", *cost_rows(costs), "",
              ASSUMPTIONS.format(voting=evening.voting, mean=evening.voting / evening.voting_s, voting_s=evening.voting_s,
                                 peak=evening.peak_to_mean, joining_s=evening.joining_s, hz=evening.messages_hz,
                                 cores=machines.node_cores, busy=machines.busy, connections=machines.connections,
                                 kernel=machines.kernel_bytes, packet=machines.packet_bytes, group=costs.group)]
    return "\n".join(lines)
