"""Debian's Prometheus with the rules of this tree, for a test: watches the nodes it is told of, each as a pod."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.parse

import yaml

from node import PATIENCE, wait_for

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULES = ROOT / "deploy" / "prometheus" / "rules.yaml"
NAMESPACE = "tallycast"


def program(name):
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not found:
        raise AssertionError(f"{name} is missing; tools/deps installs it")
    return found


class Prometheus:
    """`targets`: operations addresses by the names of their pods. It looks at nodes and rules every `every` seconds."""

    def __init__(self, targets, every=1):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tallycast-prometheus-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = "127.0.0.1:%d" % probe.getsockname()[1]
        hasty = re.sub(r"interval: 5s", f"interval: {every}s", RULES.read_text(encoding="utf-8"))
        (self.folder / "rules.yaml").write_text(hasty)
        self.watch(targets)
        (self.folder / "prometheus.yaml").write_text(yaml.safe_dump({
            "global": {name: f"{every}s" for name in ("scrape_interval", "scrape_timeout", "evaluation_interval")},
            "rule_files": ["rules.yaml"],
            "scrape_configs": [{"job_name": "tallycast", "file_sd_configs": [{"files": ["targets.json"]}]}]}))
        self.process = subprocess.Popen(
            [program("prometheus"), "--enable-feature=exemplar-storage", "--log.level=error",
             f"--config.file={self.folder}/prometheus.yaml", f"--storage.tsdb.path={self.folder}/data",
             f"--web.listen-address={self.address}"])
        wait_for(self.is_ready, "Prometheus getting ready")

    def watch(self, targets):
        """These from now on; a folder's change is heard of at once."""
        told = [{"targets": [target], "labels": {"namespace": NAMESPACE, "pod": pod}}
                for pod, target in targets.items()]
        fresh = self.folder / "targets.json.new"
        fresh.write_text(json.dumps(told))
        fresh.replace(self.folder / "targets.json")

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"Prometheus ended with {self.process.returncode}")
        with contextlib.suppress(OSError):
            return self.get("/-/ready")[0] == 200
        return False

    def get(self, path):
        with contextlib.closing(http.client.HTTPConnection(self.address, timeout=PATIENCE)) as link:
            link.request("GET", path)
            reply = link.getresponse()
            return reply.status, reply.read()

    def ask(self, query, at=None):
        """The values that are numbers, now or at a time (in seconds since 1970)."""
        words = {"query": query} if at is None else {"query": query, "time": at}
        status, body = self.get("/api/v1/query?" + urllib.parse.urlencode(words))
        if status != 200:
            raise AssertionError(f"{query}: {body.decode()}")
        return [s["value"][1] for s in json.loads(body)["data"]["result"] if s["value"][1] != "NaN"]

    def exemplars(self, query):
        """The traces that it keeps with a metric."""
        span = {"query": query, "start": time.time() - 60, "end": time.time() + 60}
        status, body = self.get("/api/v1/query_exemplars?" + urllib.parse.urlencode(span))
        if status != 200:
            raise AssertionError(f"{query}: {body.decode()}")
        return [e["labels"]["trace_id"] for s in json.loads(body)["data"] for e in s["exemplars"]]

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)
