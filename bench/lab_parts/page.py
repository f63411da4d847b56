"""The page that tells of a run of the lab; everything on it comes from the run's own file."""

import re

METHOD = """\
Shared machines are moody: rates swing by several times between equal runs, CPU seconds a unit of work far less. So the
figures are ratios of CPU (user and system, all threads, as the scheduler counts it) of two servers that did the same
work in the same round. All contestants of a field take turns, one round to warm up and {rounds} that count ({idle_rounds}
where subscribers are idle); the median over the rounds is given with the lowest and the highest. Rates a second are shown
and are no goal. More is better unless it says otherwise. Everything runs on this one machine, over loopback; the load
comes from `tallycast bench`, and the servers have one I/O thread each.

Votes: each is its voter's first, with token and idempotency key, and is answered when the store has it; all limits are
asked and none is reached; every run is checked: as many counted as sent. Four nodes have four times the connections of
one. Messages: the receivers look for what has come instead of sleeping, because waking a sleeper is billed to the
sender. Idle subscribers: memory is what the server's process has of its own (`Anonymous` in `/proc/<pid>/smaps_rollup`),
without the kernel's part of a connection."""


def number(value):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 100 else f"{value:.2f}"


def share(value):
    return f"{value:.0%}"


def goal(figure):
    floor, target = figure["floor"], figure["target"]
    if floor is None:
        return "", ""
    told = {"target": "target reached", "floor": "floor holds", "missed": "**missed**"}[figure["verdict"]]
    words = number(floor) if target is None else f"{number(floor)} → {number(target)}"
    return words, told


def figure_rows(figures):
    yield "| figure | median | lowest to highest | floor → target | |"
    yield "|---|---|---|---|---|"
    for one in figures:
        words, told = goal(one)
        less = "" if one["more_is_better"] else " (less is better)"
        yield (f"| {one['name']}{less} | {number(one['median'])} | {number(one['from'])} to {number(one['to'])} "
               f"| {words} | {told} |")


def cost_rows(costs):
    """Medians of what each contestant's own runs came to."""
    keys = costs["keys"]
    yield "| contestant | " + " | ".join(title for _, title in keys) + " |"
    yield "|---|" + "---|" * len(keys)
    for name, values in costs["medians"].items():
        cells = ("" if values.get(key) is None else (share if key == "client_busy" else number)(values[key])
                 for key, _ in keys)
        yield f"| {name} | " + " | ".join(cells) + " |"


def version_in(text):
    found = re.search(r"\d+(\.\d+)+", text)
    return found.group() if found else text


def machine_lines(result):
    machine = result["machine"]
    versions = ", ".join(f"{name} {version_in(text)}" for name, text in machine["versions"].items())
    yield (f"Made on {result['date']} by `{result['command']}`, commit {machine['commit']} ({machine['tallycast']}): "
           f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, Linux {machine['kernel']}.")
    yield f"Beside it: {versions}."
    before, after = machine["load_before"], machine["load_after"]
    if max(before, after) > machine["cores"]:
        yield (f"**The machine was busy with other things as well** (load {before} before and {after} after, on "
               f"{machine['cores']} cores): rates and times mean little, and whoever has more code and memory than a loop "
               "looks worse than on a quiet machine, because the caches are shared.")


EDGE = """\
One node on the embedded store, offered multiples of its capacity for {seconds:g} s each over {connections:,} connections, in an open
loop of voters who come again when they were told to. Capacity is what a closed loop got: {capacity:,.0f} votes a second.
Goodput is what was counted while the load was offered; p99 is of the attempts that were accepted, from when each should have been
sent. After the steps half of the capacity is offered. {recovered}"""


def edge_lines(edge):
    seconds = edge["recovery_s"]
    recovered = "The node did not become calm." if seconds is None else f"The node was calm {seconds:.1f} s after the last step's last answer."
    yield from ["", f"## {edge['title']}", "", EDGE.format(**edge, recovered=recovered), "",
                "| offered ÷ capacity | offered a second | goodput ÷ peak | p99, ms | refused, told when to come back | refused, not told "
                "| memory before, peak, after, MiB |", "|---|---|---|---|---|---|---|"]
    for step in [*edge["steps"], edge["recovery"]]:
        memory = ", ".join(number(step[f"memory_{when}"] / 2**20) for when in ("before", "peak", "after"))
        kinds = ", ".join(f"{kind['with_retry_after']:,} × {status}" for status, kind in step["refused"]["by_status"].items())
        yield (f"| {step['times']:g} | {step['rate']:,.0f} | {share(step['goodput'] / edge['peak'])} | {number(step['p99_ms'])} "
               f"| {kinds or 0} | {step['refused']['unexplained']:,} | {memory} |")
    yield from ["", "| demand | seen | |", "|---|---|---|"]
    for one in edge["verdicts"]:
        yield f"| {one['claim']} | {one['value']} | {'holds' if one['holds'] else '**missed**'} |"


def written(result):
    lines = ["# Performance", "", "What Tallycast costs beside its peers and beside what the machine itself can do, measured in one run.",
             "This page is written by `bench/lab`; what sizes follow from it is in [capacity](capacity.md).", ""]
    lines += ["\n".join(machine_lines(result)), "", "## Method", "", METHOD.format(rounds=result["rounds"], idle_rounds=result["idle_rounds"])]
    for field in result["fields"]:
        lines += ["", f"## {field['title']}", "", *figure_rows(field["figures"]), "", *cost_rows(field["costs"])]
        for name, why in field["absent"].items():
            lines += ["", f"Without {name}: {why}."]
    if "edge" in result:
        lines += edge_lines(result["edge"])
    return "\n".join(lines) + "\n"
