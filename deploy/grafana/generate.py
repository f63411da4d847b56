#!/usr/bin/env python3
"""Writes the Grafana dashboards of this folder from the panels below.

  deploy/grafana/generate.py            writes dashboards/*.json
  deploy/grafana/generate.py --check    says whether they are what would be written; exit status 1 if not

Queries name the job and the instances by the variables of the dashboard. What a rule records
(deploy/prometheus/rules.yaml) is asked by its recorded name.
"""

import json
import pathlib
import sys
from dataclasses import dataclass, field
from typing import Any, Literal

FOLDER = pathlib.Path(__file__).parent / "dashboards"
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS = 24

Unit = Literal["short", "s", "percentunit", "bytes", "ops", "reqps", "none", "dateTimeFromNow"]
Kind = Literal["timeseries", "stat", "table"]


@dataclass(frozen=True)
class Query:
    expression: str
    legend: str = "{{instance}}"


@dataclass(frozen=True)
class Panel:
    title: str
    queries: list[Query]
    unit: Unit = "short"
    says: str = ""
    kind: Kind = "timeseries"
    width: int = 8
    height: int = 8
    stacked: bool = False
    alarm_above: float | None = None  # drawn red from here on
    alarm_below: float | None = None

    def thresholds(self) -> dict[str, Any]:
        steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
        if self.alarm_above is not None:
            steps.append({"color": "red", "value": self.alarm_above})
        if self.alarm_below is not None:
            steps = [{"color": "red", "value": None}, {"color": "green", "value": self.alarm_below}]
        return {"mode": "absolute", "steps": steps}

    def custom(self) -> dict[str, Any]:
        if self.kind != "timeseries":
            return {}
        marked = self.alarm_above is not None
        return {
            "lineWidth": 1,
            "fillOpacity": 20 if self.stacked else 0,
            "showPoints": "never",
            "stacking": {"mode": "normal" if self.stacked else "none", "group": "A"},
            "thresholdsStyle": {"mode": "line" if marked else "off"},
        }

    def as_json(self, number: int, x: int, y: int) -> dict[str, Any]:
        instant = self.kind == "table"
        return {
            "id": number,
            "type": self.kind,
            "title": self.title,
            "description": self.says,
            "datasource": SOURCE,
            "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
            "targets": [{
                "refId": chr(ord("A") + i),
                "datasource": SOURCE,
                "expr": query.expression,
                "legendFormat": query.legend,
                "instant": instant,
                "range": not instant,
                "format": "table" if instant else "time_series",
            } for i, query in enumerate(self.queries)],
            "fieldConfig": {
                "defaults": {"unit": self.unit, "min": 0, "thresholds": self.thresholds(), "custom": self.custom()},
                "overrides": [],
            },
            "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}}
                       if self.kind == "timeseries" else {},
        }


@dataclass(frozen=True)
class Dashboard:
    name: str
    says: str
    panels: list[Panel] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "uid": f"tallycast-{self.name.lower()}",
            "title": f"Tallycast / {self.name}",
            "description": self.says,
            "tags": ["tallycast"],
            "schemaVersion": 38,
            "version": 1,
            "editable": False,
            "refresh": "5s",
            "time": {"from": "now-30m", "to": "now"},
            "timezone": "browser",
            "links": [{"type": "dashboards", "tags": ["tallycast"], "title": "Tallycast", "asDropdown": False,
                       "includeVars": True, "keepTime": True}],
            "annotations": {"list": [{
                "name": "Alerts", "enable": True, "iconColor": "red", "datasource": SOURCE,
                "expr": 'ALERTS{alertstate="firing", alertname=~"Tallycast.+"}', "titleFormat": "{{alertname}}",
            }]},
            "templating": {"list": variables()},
            "panels": self.placed(),
        }

    def placed(self) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        x = y = row = 0
        for panel in self.panels:
            if x + panel.width > COLUMNS:
                x, y, row = 0, y + row, 0
            made.append(panel.as_json(len(made) + 1, x, y))
            x, row = x + panel.width, max(row, panel.height)
        return made


def variables() -> list[dict[str, Any]]:
    def asked(name: str, query: str) -> dict[str, Any]:
        return {"name": name, "type": "query", "datasource": SOURCE, "query": query, "refresh": 2, "includeAll": True,
                "multi": True, "allValue": ".+", "current": {"text": "All", "value": "$__all"}, "sort": 1}
    return [
        {"name": "datasource", "type": "datasource", "query": "prometheus"},
        asked("job", "label_values(tallycast_build_info, job)"),
        asked("instance", 'label_values(tallycast_build_info{job=~"$job"}, instance)'),
    ]


def of(metric: str, *labels: str) -> str:
    """A metric of the chosen nodes."""
    chosen = ", ".join(['job=~"$job"', 'instance=~"$instance"', *labels])
    return f"{metric}{{{chosen}}}"


def job(metric: str) -> str:
    """What is recorded of a whole job."""
    return f'{metric}{{job=~"$job"}}'


def rate(metric: str, *labels: str) -> str:
    return f"rate({of(metric, *labels)}[30s])"


def quantile(q: float, metric: str) -> Query:
    inside = f"sum by (le) ({rate(metric + '_bucket')})"
    return Query(f"histogram_quantile({q}, {inside})", f"p{q * 100:g}")


def quantiles(metric: str) -> list[Query]:
    return [quantile(q, metric) for q in (0.5, 0.9, 0.99)]


def total(expression: str, by: str | None = None, legend: str = "") -> Query:
    if by is None:
        return Query(f"sum({expression})", legend)
    return Query(f"sum by ({by}) ({expression})", legend or f"{{{{{by}}}}}")


VOTES_BY_OUTCOME = Panel("Votes accepted", [total(rate("tallycast_votes_total"), "outcome")], "ops",
                         "Answered with 200, by what became of them.", stacked=True)
VOTES_BY_REASON = Panel("Votes refused", [total(rate("tallycast_votes_rejected_total"), "reason")], "ops",
                        "`overloaded` and `store` are ours to mend; the others are what people do.", stacked=True)
ANSWER = Panel("From a vote's arrival to its answer", quantiles("tallycast_vote_answer_seconds"), "s",
               alarm_above=0.5)
CONNECTIONS = Panel("Connections", [total(of("tallycast_connections"), "transport")], says="Open, by what they speak.",
                    stacked=True)
RESULTS_AGE = Panel("Oldest vote not shown yet", [Query(of("tallycast_results_age_seconds"))], "s",
                    "How long the oldest counted ballot has waited for the snapshot that shows it.", alarm_above=3)
BUSY = Panel("How busy the I/O threads are", [Query(of("instance:tallycast_loop_busy:ratio30s"))], "percentunit",
             "The signal nodes are scaled by.", alarm_above=0.8)
SHED = Panel("Work refused under pressure", [total(rate("tallycast_shed_total"), "class")], "ops",
             "Exports first, votes last.", stacked=True)
MISMATCH = Panel("Ballots without an outcome", [Query(of("tallycast_ledger_mismatch"))],
                 says="Those under way; 0 at rest.")

OVERVIEW = Dashboard("Overview", "What to look at first, and what the audience feels.", [
    Panel("Nodes ready", [Query(f"sum({of('tallycast_store_ready')}) - sum({of('tallycast_draining')})", "ready")],
          "none", kind="stat", width=4, height=4, alarm_below=1),
    Panel("People connected", [total(of("instance:tallycast_connections:sum"), legend="people")], kind="stat", width=4,
          height=4),
    Panel("Votes a second", [Query(f"sum({job('job:tallycast_votes:rate30s')})", "votes")], "ops", kind="stat", width=4,
          height=4),
    Panel("Lost to load", [Query(f"max({job('job:tallycast_votes_lost_to_load:ratio1m')})", "refused")], "percentunit",
          "Of the votes that came in the last minute, the share answered 503.", "stat", 4, 4, alarm_above=0.001),
    Panel("Answer, p99", [Query(f"max({job('job:tallycast_vote_answer_seconds:p99_1m')})", "p99")], "s", kind="stat",
          width=4, height=4, alarm_above=0.5),
    Panel("Pressure", [Query(f"max({of('tallycast_pressure_ratio')})", "pressure")], "percentunit",
          "What admission goes by; votes are refused from 100 % on.", "stat", 4, 4, alarm_above=0.5),
    VOTES_BY_OUTCOME, VOTES_BY_REASON, ANSWER, CONNECTIONS, RESULTS_AGE, BUSY, SHED, MISMATCH,
    Panel("Alerts", [Query('ALERTS{alertname=~"Tallycast.+"} or vector(0)', "{{alertname}} {{instance}}")], "none",
          "Pending and firing; a flat zero when there is none."),
])

VOTES = Dashboard("Votes", "From the first byte to the answer.", [
    VOTES_BY_OUTCOME, VOTES_BY_REASON, ANSWER,
    Panel("Votes waiting for the store", [Query(of("tallycast_vote_queue")),
                                          total(of("tallycast_vote_queue_limit"), legend="limit of all")]),
    Panel("The oldest of them", [Query(of("tallycast_vote_queue_age_seconds"))], "s", alarm_above=1),
    Panel("Votes a group", quantiles("tallycast_vote_group_size"),
          says="1 at rest; groups grow with the load, up to 256."),
    Panel("Joins", [Query(f"sum({rate('tallycast_joins_total')})", "joins")], "ops"),
    Panel("HTTP requests", [total(rate("tallycast_http_requests_total"), "instance"),
                            total(rate("tallycast_http_refused_malformed_total"), legend="refused as malformed")], "reqps"),
    Panel("From a request's arrival to its answer", quantiles("tallycast_request_seconds"), "s"),
    SHED, MISMATCH,
    Panel("Pressure", [Query(of("tallycast_pressure_ratio"))], "percentunit", alarm_above=0.5),
])

RESULTS = Dashboard("Results", "From a counted vote to the screens.", [
    RESULTS_AGE,
    Panel("From a counted vote to its snapshot", quantiles("tallycast_results_shown_seconds"), "s",
          "Of each snapshot's oldest ballot; snapshots are at most ten a second."),
    Panel("From the snapshot to the reader", quantiles("tallycast_results_written_seconds"), "s",
          "To the last byte handed to the socket, with what the reader's own rate holds back.", alarm_above=1),
    Panel("Snapshots", [total(rate("tallycast_snapshots_published_total"), "instance")], "ops"),
    Panel("Messages to live connections", [total(rate("tallycast_messages_sent_total"), "instance")], "ops"),
    Panel("Replaced by a newer one", [total(rate("tallycast_messages_superseded_total"), "instance")], "ops",
          "Results that a reader was too slow, or did not want to be fast enough, to take."),
    Panel("Readers closed as too slow", [total(rate("tallycast_slow_readers_total"), "instance")], "ops"),
    Panel("Results asked for", [total(rate("tallycast_results_requests_total"), "instance")], "reqps"),
    CONNECTIONS,
])

STORE = Dashboard("Store", "What the nodes say of the store they write.", [
    Panel("Ready", [Query(of("tallycast_store_ready"))], "none", "1 while the store takes votes.", alarm_below=1),
    Panel("Groups of votes", [total(rate("tallycast_store_groups_total"), "instance")], "ops"),
    Panel("Votes a group, on average",
          [Query(f"sum({rate('tallycast_vote_group_size_sum')}) / sum({rate('tallycast_vote_group_size_count')})",
                 "votes")]),
    Panel("Commits", [total(rate("tallycast_store_commits_total"), "instance")], "ops", "Of the embedded store."),
    Panel("One commit", quantiles("tallycast_store_commit_seconds"), "s", "Of the embedded store.", alarm_above=0.5),
    Panel("Commands waiting", [Query(of("tallycast_store_queue"))], says="Of the embedded store."),
    Panel("Writes that failed", [total(rate("tallycast_store_failures_total"), "instance")], "ops"),
    Panel("Ballots applied again", [Query(f"sum(increase({of('tallycast_store_applied_again_total')}[5m]))", "in 5 min")],
          says="Acknowledged ballots that a replaced primary did not have. Not lost: that is what they would have been."),
    Panel("Votes refused by the store",
          [total(rate("tallycast_votes_rejected_total", 'reason="store"'), legend="refused")], "ops"),
])

NODES = Dashboard("Nodes", "Each node by itself.", [
    Panel("Up", [Query('up{job=~"$job", instance=~"$instance"}')], "none"),
    BUSY,
    Panel("The busiest thread", [Query(of("tallycast_loop_busiest_ratio"))], "percentunit",
          "Far above the average means that a few connections do most of the work."),
    Panel("What a ready socket waits", [Query(of("instance:tallycast_loop_delay_seconds:p99_1m"), "{{instance}} p99")],
          "s", alarm_above=0.25),
    Panel("Connections, of their limit", [Query(of("instance:tallycast_connections:ratio"))], "percentunit",
          alarm_above=0.85),
    Panel("Accepted and refused", [total(rate("tallycast_connections_accepted_total"), legend="accepted"),
                                   total(rate("tallycast_connections_refused_total"), legend="refused"),
                                   total(rate("tallycast_deadlines_missed_total"), legend="closed as too slow"),
                                   total(rate("tallycast_connections_sent_away_total"), legend="sent to other nodes")],
          "ops"),
    Panel("CPU", [Query(rate("process_cpu_seconds_total"))], "none", "In cores."),
    Panel("Memory", [Query(of("process_resident_memory_bytes"))], "bytes"),
    Panel("Open files, of their limit",
          [Query(f"{of('process_open_fds')} / {of('process_max_fds')}")], "percentunit", alarm_above=0.9),
    Panel("Draining", [Query(of("tallycast_draining"))], "none"),
    Panel("Certificate good for", [Query(f"{of('tallycast_tls_certificate_expiry_timestamp_seconds')} - time()")], "s",
          "Of nodes that speak TLS themselves.", alarm_below=14 * 86400),
    Panel("Running since", [Query(f"{of('process_start_time_seconds')} * 1000")], "dateTimeFromNow"),
    Panel("Versions", [Query(f"count by (version) ({of('tallycast_build_info')})", "{{version}}")], "none", kind="table"),
])

SCALING = Dashboard("Scaling", "What the autoscaler sees: the queries of deploy/k8s.", [
    Panel("Nodes", [Query(f"count({of('tallycast_build_info')})", "running"),
                    Query(f"sum({of('tallycast_draining')})", "draining")], "none"),
    BUSY,
    Panel("Nodes wanted", [
        Query(f"ceil(sum({of('instance:tallycast_loop_busy:ratio30s')}) / 0.5)", "for the work, at 50 %"),
        Query(f"ceil(sum({of('instance:tallycast_connections:sum')}) / 10000)", "for the connections, at 10,000"),
    ], "none", "Each rule by itself; the highest counts."),
    Panel("Connections by node", [Query(of("instance:tallycast_connections:sum"))], stacked=True),
    Panel("Connections, of their limit", [Query(of("instance:tallycast_connections:ratio"))], "percentunit",
          alarm_above=0.85),
    Panel("Votes by node", [total(rate("tallycast_votes_total"), "instance")], "ops", stacked=True),
    ANSWER, VOTES_BY_REASON,
    Panel("New connections", [total(rate("tallycast_connections_accepted_total"), "instance")], "ops"),
])

DASHBOARDS = [OVERVIEW, VOTES, RESULTS, STORE, NODES, SCALING]


def text_of(dashboard: Dashboard) -> str:
    return json.dumps(dashboard.as_json(), indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    if sys.argv[1:] not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    wanted = {FOLDER / f"{d.name.lower()}.json": text_of(d) for d in DASHBOARDS}
    there = {path: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    if sys.argv[1:] == ["--check"]:
        wrong = sorted(p.name for p in {*wanted, *there} if wanted.get(p) != there.get(p))
        if wrong:
            print(f"not as generate.py writes them: {', '.join(wrong)}", file=sys.stderr)
        return 1 if wrong else 0
    FOLDER.mkdir(exist_ok=True)
    for path in there.keys() - wanted.keys():
        path.unlink()
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
