"""The picture of a run: people, nodes asked for and ready, and the 99th percentile of a vote's answer, over time."""

WIDTH, HEIGHT, LEFT, RIGHT, GAP = 900, 170, 64, 16, 46
COLOURS = {"people": "#0b6e99", "room": "#9aa5b1", "limit": "#d64545", "asked": "#c2571a", "ready": "#2f8f4e",
           "p99": "#7a3e9d"}


def thinned(rows, most=240):
    step = max(1, len(rows) // most)
    return rows[::step] + ([] if (len(rows) - 1) % step == 0 else rows[-1:])


def round_above(value):
    """The next of 1, 2, 3, 4, 5, 10, 20 … above it."""
    step = 1e-3
    while True:
        for by in (1, 2, 3, 4, 5):
            if value <= by * step:
                return by * step
        step *= 10


class Panel:
    """One field of the picture; `lines` are (name, points), a point is (seconds, value)."""

    def __init__(self, title, lines, end, stairs=False):
        self.title, self.lines, self.end, self.stairs = title, lines, end, stairs
        self.top = round_above(max((v for _, points in lines for _, v in points), default=1) or 1)

    def place(self, at, value):
        x = LEFT + (WIDTH - LEFT - RIGHT) * at / self.end
        return f"{x:.1f},{HEIGHT - HEIGHT * value / self.top:.1f}"

    def line(self, name, points):
        places, last = [], None
        for at, value in points:
            if self.stairs and last is not None and last != value:
                places.append(self.place(at, last))
            if value != last or not self.stairs:
                places.append(self.place(at, value))
            last = value
        places.append(self.place(points[-1][0], last))
        return (f'<polyline fill="none" stroke="{COLOURS[name]}" stroke-width="2" points="{" ".join(places)}"/>')

    def drawn(self, y):
        yield f'<g transform="translate(0,{y})">'
        yield f'<text x="{LEFT}" y="-8" font-weight="bold">{self.title}</text>'
        for share in (0, 0.5, 1):
            height = HEIGHT - HEIGHT * share
            yield f'<path d="M{LEFT} {height}H{WIDTH - RIGHT}" stroke="#d9dee3"/>'
            yield f'<text x="{LEFT - 6}" y="{height + 4}" text-anchor="end">{self.top * share:g}</text>'
        for i, (name, points) in enumerate(self.lines):
            yield (f'<text x="{WIDTH - RIGHT - 110 * i}" y="-8" text-anchor="end" fill="{COLOURS[name]}">'
                   f'{name}</text>')
            if points:
                yield self.line(name, points)
        yield "</g>"


def picture(rows, people_a_node, overload):
    rows = thinned(rows)
    end = rows[-1]["at"] or 1

    def of(key, by=1):
        return [(row["at"], row[key] * by) for row in rows if row[key] is not None]

    live = [("people", of("people")), ("room", of("ready", people_a_node)),
            ("limit", of("ready", people_a_node * overload))]
    panels = [Panel("People on live connections; how many the nodes are to have, and take", live, end),
              Panel("Nodes", [("asked", of("asked")), ("ready", of("ready"))], end, stairs=True),
              Panel("From a vote to its answer, seconds, 99 of 100", [("p99", of("p99"))], end)]
    whole = len(panels) * (HEIGHT + GAP) + 30
    inside = [part for i, panel in enumerate(panels) for part in panel.drawn(34 + i * (HEIGHT + GAP))]
    step = max(1, round(end / 8 / 10) * 10)
    for second in range(0, int(end) + 1, step):
        x = LEFT + (WIDTH - LEFT - RIGHT) * second / end
        inside.append(f'<text x="{x:.0f}" y="{whole - 22}" text-anchor="middle">{second} s</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {whole}" font-family="sans-serif" '
            'font-size="13"><rect width="100%" height="100%" fill="#fff"/>\n' + "\n".join(inside) + "\n</svg>\n")
