#!/usr/bin/env python3
"""Draws dashboards without Grafana: what their queries gave over the last minutes, as one SVG picture each.

  deploy/grafana/render.py <address of Prometheus> <folder for the pictures> [<minutes, 10> [<dashboard> ...]]

For reports and post-mortems: colours and axes are plain, the figures are the panels' own.
"""

import html
import json
import math
import pathlib
import re
import sys
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass

DASHBOARDS = pathlib.Path(__file__).parent / "dashboards"
COLOURS = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f"]
CELL, ROW, GAP = 55, 30, 10  # pixels of a column and a row of the grid, and between panels
POINTS = 240


@dataclass(frozen=True)
class Series:
    name: str
    points: list[tuple[float, float]]  # seconds since 1970, value


@dataclass(frozen=True)
class Window:
    begin: float
    end: float

    @property
    def step(self) -> float:
        return max(1.0, (self.end - self.begin) / POINTS)


def asked(prometheus: str, query: str, legend: str, window: Window) -> list[Series]:
    words = urllib.parse.urlencode({"query": query.replace("$job", ".+").replace("$instance", ".+"),
                                    "start": window.begin, "end": window.end, "step": window.step})
    with urllib.request.urlopen(f"{prometheus}/api/v1/query_range?{words}", timeout=30) as reply:
        found = json.load(reply)["data"]["result"]
    made = []
    for one in found:
        name = legend or ""
        for label, value in one["metric"].items():
            name = name.replace("{{%s}}" % label, value)
        name = re.sub(r"\{\{\w+\}\}", "", name).strip()
        points = [(at, float(value)) for at, value in one["values"] if math.isfinite(float(value))]
        if points:
            made.append(Series(name, points))
    return made


def shown(value: float, unit: str) -> str:
    if unit == "percentunit":
        return f"{value * 100:.3g} %"
    if unit == "s":
        return f"{value * 1000:.3g} ms" if value < 1 else f"{value:.3g} s"
    if unit == "bytes":
        return f"{value / 2**20:.4g} MiB"
    if unit == "dateTimeFromNow":
        return time.strftime("%H:%M:%S", time.gmtime(value / 1000))
    text = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    return text + {"ops": "/s", "reqps": "/s"}.get(unit, "")


def text(x: float, y: float, words: str, size: int = 11, extra: str = "") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" {extra}>{html.escape(words)}</text>'


def corners(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Without those in the middle of a level stretch."""
    inner = zip(points, points[1:], points[2:])
    return [*points[:1], *(b for a, b, c in inner if not a[1] == b[1] == c[1]), *points[1:][-1:]]


def curves(series: list[Series], unit: str, window: Window, box: tuple[float, float, float, float]) -> list[str]:
    x, y, width, height = box
    most = max((value for one in series for _, value in one.points), default=0) or 1
    least = min((value for one in series for _, value in one.points), default=0) if unit == "dateTimeFromNow" else 0
    drawn = [f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="#fafafa"/>',
             text(x + 2, y + 10, shown(most, unit), 9, 'fill="#888"')]
    for i, one in enumerate(series):
        places = " ".join(
            f"{x + (at - window.begin) / (window.end - window.begin) * width:.1f},"
            f"{y + height - (value - least) / ((most - least) or 1) * height:.1f}" for at, value in corners(one.points))
        drawn.append(f'<polyline fill="none" stroke="{COLOURS[i % len(COLOURS)]}" points="{places}"/>')
    return drawn


def panel_svg(panel: dict, series: list[Series], window: Window) -> list[str]:
    grid = panel["gridPos"]
    x, y = grid["x"] * CELL + GAP, grid["y"] * ROW + 40
    width, height = grid["w"] * CELL - GAP, grid["h"] * ROW - GAP
    unit = panel["fieldConfig"]["defaults"]["unit"]
    drawn = [f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="#fff" stroke="#ddd"/>',
             text(x + 8, y + 18, panel["title"], 13, 'font-weight="bold"')]
    if not series:
        return [*drawn, text(x + 8, y + 50, "no data", 12, 'fill="#888"')]
    if panel["type"] != "timeseries":
        latest = ", ".join(f"{one.name}: {shown(one.points[-1][1], unit)}" if panel["type"] == "table"
                           else shown(one.points[-1][1], unit) for one in series)
        return [*drawn, text(x + 8, y + height / 2 + 18, latest, 26)]
    drawn += curves(series, unit, window, (x + 8, y + 28, width - 16, height - 56))
    return drawn + names(series, unit, x + 8.0, y + height - 10, x + width - 8.0)


def names(series: list[Series], unit: str, x: float, y: float, end: float) -> list[str]:
    """One line of them with their latest values, as many as there is room for."""
    drawn = []
    for i, one in enumerate(series):
        words = f"{one.name} {shown(one.points[-1][1], unit)}"
        room = end - (0 if one is series[-1] else 12)
        if x + 5.9 * len(words) > room:
            return [*drawn, text(x, y, "…", 10, 'fill="#888"')]
        drawn.append(text(x, y, words, 10, f'fill="{COLOURS[i % len(COLOURS)]}"'))
        x += 7 + 5.9 * len(words)
    return drawn


def picture(dashboard: dict, prometheus: str, window: Window) -> str:
    inside = [text(GAP, 24, f"{dashboard['title']}   {time.strftime('%Y-%m-%d %H:%M', time.gmtime(window.begin))} to "
                            f"{time.strftime('%H:%M', time.gmtime(window.end))} UTC", 16)]
    for panel in dashboard["panels"]:
        series = [one for target in panel["targets"]
                  for one in asked(prometheus, target["expr"], target["legendFormat"], window)]
        inside += panel_svg(panel, series, window)
    bottom = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in dashboard["panels"])
    width, height = 24 * CELL + GAP, bottom * ROW + 40 + GAP
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif">'
            f'<rect width="100%" height="100%" fill="#f0f0f0"/>' + "\n".join(inside) + "</svg>\n")


def main() -> int:
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    prometheus, folder = sys.argv[1].rstrip("/"), pathlib.Path(sys.argv[2])
    minutes, names = float(sys.argv[3]) if len(sys.argv) > 3 else 10.0, sys.argv[4:]
    now = time.time()
    folder.mkdir(parents=True, exist_ok=True)
    for file in sorted(DASHBOARDS.glob("*.json")):
        if not names or file.stem in names:
            drawn = picture(json.loads(file.read_text(encoding="utf-8")), prometheus, Window(now - minutes * 60, now))
            (folder / f"{file.stem}.svg").write_text(drawn, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
