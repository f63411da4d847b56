"""`tallycast bench` as the lab's hand: every run leaves a report, and one that failed is trouble."""

import json
import subprocess

from cluster_parts.processes import Trouble


class Generator:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder

    def run(self, mode, *options):
        """The report of the run."""
        report = self.folder / "report.json"
        report.unlink(missing_ok=True)
        command = [self.binary, "bench", mode, *options, *(["--json", report] if "--prepare" not in options else [])]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Trouble(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return json.loads(report.read_text()) if report.exists() else {}

    def prepare(self, urls, host_key_file, runs, votes, to):
        """Joins voters and writes a file of their votes for each run."""
        everything = to.with_suffix(".all")
        targets = [word for url in urls for word in ("--target", url)]
        self.run("votes", *targets, "--host-key-file", host_key_file, "--voters", runs * votes, "--prepare", everything)
        files = [to.with_suffix(f".{run}") for run in range(runs)]
        with everything.open("rb") as source:
            for file in files:
                with file.open("wb") as part:
                    for _ in range(votes):
                        head = source.readline()
                        part.write(head + source.read(int(head)))
        everything.unlink()
        return files
