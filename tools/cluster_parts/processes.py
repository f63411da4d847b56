"""Processes that outlive whoever started them: known by a pid file, ended by their own id.

A pid file holds the id and when the process began, in ticks since the machine started: an id that was given
to somebody else in the meantime is never taken for ours. Every wait is for a condition and has a deadline.
"""

import contextlib
import os
import pathlib
import random
import signal
import socket
import subprocess
import time

PATIENCE = 30.0  # seconds to wait for anything that must come
PAUSE = 0.02     # between two looks at a condition


class Trouble(Exception):
    """Something of the cluster is not as it must be; the text is for whoever started it."""


def wait_for(condition, what, patience=PATIENCE):
    """What the condition gave when it was true for the first time."""
    deadline = time.monotonic() + patience
    while not (got := condition()):
        if time.monotonic() > deadline:
            raise Trouble(f"{what}: not within {patience:g} s")
        time.sleep(PAUSE)
    return got


def free_ports(count, given=set()):
    """Ports that nobody listens on, none given twice. They lie below those of outgoing connections: whoever calls
    a dead server again and again would sooner or later be given the server's own port, and answer itself."""
    ports = []
    while len(ports) < count:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if port not in given:
                given.add(port)
                ports.append(port)
    return ports


def began(pid):
    """When the process with this id began; None when there is none, or only what is left of one."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else fields[19]


class Process:
    """One program in a folder of its own. Whoever knows name and folder can look at it and end it."""

    def __init__(self, name, folder, prefix=()):
        self.name = name
        self.folder = pathlib.Path(folder)
        self.prefix = list(prefix)  # what the command is started with, such as nsenter
        self.pid_file = self.folder / f"{name}.pid"
        self.log_file = self.folder / f"{name}.log"
        self.child = None  # the process where it is a child of ours, which then must be waited for

    def launch(self, command, environment=None):
        """The log goes on where it ended, so that it holds every start."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.log_file, "ab") as log:
            # A session of its own: an interrupt or a closed terminal is not for it.
            self.child = subprocess.Popen([*self.prefix, *map(str, command)], stdin=subprocess.DEVNULL, stdout=log,
                                          stderr=log, cwd=self.folder, env=environment, start_new_session=True)
        self.pid_file.write_text(f"{self.child.pid} {began(self.child.pid)}\n")

    @property
    def pid(self):
        """Of the process while it runs, else None."""
        try:
            pid, start = self.pid_file.read_text().split()
        except (FileNotFoundError, ValueError):
            return None
        return int(pid) if began(pid) == start else None

    def alive(self):
        if self.child is not None:
            self.child.poll()  # buries it if it has ended
        return self.pid is not None

    def signal(self, which):
        if pid := self.pid:
            os.kill(pid, which)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.wait_until_gone()

    def pause(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def stop(self, patience=PATIENCE):
        """Asks it to end; harmless when it has. What does not end in time is killed."""
        self.resume()
        self.signal(signal.SIGTERM)
        try:
            self.wait_until_gone(patience)
        except Trouble:
            self.kill()
        self.pid_file.unlink(missing_ok=True)

    def wait_until_gone(self, patience=PATIENCE):
        wait_for(lambda: not self.alive(), f"the end of {self.name}", patience)
        if self.child is not None:
            self.child.wait()  # may have ended between the two looks of alive()

    def wait_until(self, condition, what, patience=PATIENCE):
        """As wait_for, but a process that has ended is not waited for, and its log is shown."""
        def met_or_dead():
            return condition() or not self.alive()

        try:
            wait_for(met_or_dead, f"{self.name} {what}", patience)
        except Trouble as late:
            raise Trouble(f"{late}\n{self.log_tail()}") from None
        if not self.alive():
            raise Trouble(f"{self.name} has ended:\n{self.log_tail()}")

    def log_tail(self, lines=30):
        with contextlib.suppress(FileNotFoundError):
            return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-lines:])
        return ""

    def cpu_seconds(self):
        """User and system time of all its threads so far, as the scheduler counts it, finer than ticks."""
        tasks = pathlib.Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
