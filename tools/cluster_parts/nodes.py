"""Nodes of Tallycast on one store, all with the same keys."""

import contextlib
import http.client
import json
import os
import secrets

from cluster_parts.processes import Process, Trouble


class Keys:
    """Operator, host and token keys as files that only their owner reads; made when they are missing."""

    def __init__(self, folder):
        self.folder = folder
        self.files = {name: folder / f"{name}-key{'s' * (name == 'token')}" for name in ("operator", "host", "token")}

    def make(self):
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, made in (("operator", secrets.token_urlsafe(36)), ("host", f"tck_{secrets.token_urlsafe(36)}"),
                           ("token", f"k1:{secrets.token_hex(32)}")):
            with contextlib.suppress(FileExistsError), \
                    open(os.open(self.files[name], os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(made + "\n")

    def read(self, name):
        return self.files[name].read_text().strip()

    def options(self):
        return [word for name, file in self.files.items() for word in (f"--{file.name}-file", file)]


class Node(Process):
    """One `tallycast serve`."""

    def __init__(self, name, folder, binary, ports, options=(), address="127.0.0.1", prefix=()):
        super().__init__(name, folder / name, prefix)
        self.address = address
        self.port, self.operations_port = ports
        self.command = [binary, "serve", "--listen", f"{address}:{self.port}",
                        "--ops-listen", f"{address}:{self.operations_port}", *options]

    def url(self):
        return f"http://{self.address}:{self.port}"

    def launch_node(self):
        if self.alive():
            return
        # What the caller's shell says to a node of its own is not meant for these.
        self.launch(self.command, {k: v for k, v in os.environ.items() if not k.startswith("TALLYCAST_")})

    def ready(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            return called(self.address, self.operations_port, "GET", "/readyz")[0] == 200
        return False


def called(address, port, method, path, body=None, key=None):
    """Status and body (as JSON where it is) of one request on a connection of its own."""
    link = http.client.HTTPConnection(address, port, timeout=5)
    with contextlib.closing(link):
        fields = {"Content-Type": "application/json"} if body is not None else {}
        if key:
            fields["Authorization"] = f"Bearer {key}"
        link.request(method, path, None if body is None else json.dumps(body), fields)
        reply = link.getresponse()
        raw = reply.read()
        is_json = "json" in reply.headers.get("Content-Type", "")
        return reply.status, json.loads(raw) if is_json and raw else raw


def first_event(address, port, host_key):
    """An event with an open poll, to have something to join."""
    def made(path, body):
        status, reply = called(address, port, "POST", path, body, host_key)
        if status not in (200, 201):
            raise Trouble(f"POST {path}: {status} {reply}")
        return reply

    event = made("/v1/events", {"title": "A cluster's first event"})
    poll = made(f"/v1/events/{event['id']}/polls",
                {"type": "single", "question": "Does it work?", "options": ["Yes", "Very much so"]})
    made(f"/v1/polls/{poll['id']}/open", {})
    return {"event": event["id"], "code": event["code"], "poll": poll["id"]}
