"""How many people what carries, from what the lab has measured.

Pure. All costs are CPU of one core, in microseconds; what a node or Redis is given is kept below `busy` of its cores, so
that queues stay short.
"""

import dataclasses
import math


@dataclasses.dataclass(frozen=True)
class Costs:
    """Of the nodes unless it says Redis."""

    vote_us: float
    redis_vote_us: float   # of a vote, whatever the group
    redis_group_us: float  # of a call, shared by its group
    group: float           # votes a call
    join_us: float
    message_us: float
    message_bytes: float
    idle_us: float         # of a connection, a second
    connection_bytes: float


@dataclasses.dataclass(frozen=True)
class Evening:
    """What people do at the worst moment. Everybody has one connection."""

    people: int
    voting: float = 0.8           # of the people, in one poll
    voting_s: float = 20.0        # until all of them have voted, most of them early:
    peak_to_mean: float = 3.0     # the busiest second beside the mean
    joining_s: float = 120.0
    messages_hz: float = 2.0      # results a subscriber is sent, a second

    def votes_a_second(self):
        return self.people * self.voting / self.voting_s * self.peak_to_mean

    def joins_a_second(self):
        return self.people / self.joining_s


@dataclasses.dataclass(frozen=True)
class Machines:
    node_cores: int = 4
    busy: float = 0.5
    connections: int = 50_000      # of a node: descriptors and ports of a proxy before it
    kernel_bytes: float = 8_000    # of a connection: the kernel's buffers and books, assumed
    packet_bytes: float = 78       # Ethernet, IP and TCP around a message


@dataclasses.dataclass(frozen=True)
class Plan:
    nodes: int
    primaries: int
    votes_a_second: float
    node_cores_busy: dict  # by what they are busy with
    megabits: float        # to the people
    node_megabytes: float  # of the connections of one node, with the kernel's part
    first: str             # what is exhausted first when more people come


def costs_of(result):
    """From the file of a run of the lab; KeyError when a contestant was absent."""
    fields = {field["title"]: field["costs"]["medians"] for field in result["fields"]}
    votes, messages, idle = (fields[title] for title in
                             ("Votes over HTTP", "Results to many subscribers", "Idle subscribers"))
    one, four = votes["node on Redis"], votes["4 nodes on Redis"]
    per_vote, per_group = line_through((1 / one["votes_a_group"], one["redis_cpu_us"]),
                                       (1 / four["votes_a_group"], four["redis_cpu_us"]))
    return Costs(one["cpu_us"], per_vote, per_group, four["votes_a_group"], one["join_cpu_us"],
                 messages["node"]["cpu_us"], messages["node"]["bytes_a_message"], idle["node"]["idle_cpu_us"],
                 idle["node"]["bytes"])


def line_through(one, other):
    """Height at 0 and slope; a slope that noise has made negative, or two points in one place, count as flat."""
    (x1, y1), (x2, y2) = one, other
    slope = max(0.0, (y2 - y1) / (x2 - x1)) if x1 != x2 else 0.0
    return max(0.0, min(y1 - slope * x1, y2 - slope * x2)), slope


def redis_us(costs, group):
    """What a vote costs Redis when so many of them travel together."""
    return costs.redis_vote_us + costs.redis_group_us / group


def plan(costs, evening, machines=Machines()):
    work = {
        "votes": evening.votes_a_second() * costs.vote_us / 1e6,
        "results": evening.people * evening.messages_hz * costs.message_us / 1e6,
        "joins": evening.joins_a_second() * costs.join_us / 1e6,
        "idle connections": evening.people * costs.idle_us / 1e6,
    }
    # People join before they vote: the busiest moment is the larger of the two.
    watching = work["results"] + work["idle connections"]
    cores = watching + max(work["votes"], work["joins"])
    by_cpu = cores / (machines.node_cores * machines.busy)
    by_connections = evening.people / machines.connections
    by_redis = evening.votes_a_second() * redis_us(costs, costs.group) / 1e6 / machines.busy
    nodes = max(1, math.ceil(max(by_cpu, by_connections)))
    primaries = max(1, math.ceil(by_redis))
    full = {"the nodes' CPU": by_cpu / nodes, "connections of a node": by_connections / nodes,
            "Redis": by_redis / primaries}
    messages = evening.people * evening.messages_hz
    return Plan(nodes, primaries, evening.votes_a_second(), work,
                messages * (costs.message_bytes + machines.packet_bytes) * 8 / 1e6,
                evening.people / nodes * (costs.connection_bytes + machines.kernel_bytes) / 1e6,
                max(full, key=full.get))
