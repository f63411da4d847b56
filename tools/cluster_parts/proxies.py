"""HAProxy or nginx in front of the nodes, run with the files of deploy/ and addresses of our own in them."""

import pathlib
import re
import resource
import socket

from cluster_parts.processes import Process
from cluster_parts.redis_servers import installed

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "deploy"


def in_place_of(pattern, text, lines):
    """The text with the first line of that form replaced by these, the other lines of it left out."""
    left = ["\n".join(lines) + "\n"]
    changed = re.sub(rf"(?m)^ *{pattern}.*\n", lambda _: left.pop() if left else "", text)
    assert not left, f"there is no line {pattern}"
    return changed


class Proxy(Process):
    """Takes connections at `listen` (address, port) for nodes that need not run yet."""

    def __init__(self, folder, listen, nodes):
        super().__init__(self.kind, folder / self.kind)
        self.listen, self.nodes = listen, nodes

    def start(self):
        if self.alive():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / self.file.name
        file.write_text(self.configuration())
        self.launch(self.command(file))
        self.wait_until(self.accepts, "accepting connections")

    def accepts(self):
        try:
            socket.create_connection(self.listen, 1).close()
            return True
        except OSError:
            return False

    def url(self):
        return "http://%s:%d" % self.listen


class Haproxy(Proxy):
    kind = "haproxy"
    file = DEPLOY / "haproxy" / "tallycast.cfg"

    def configuration(self):
        text = in_place_of("bind ", self.file.read_text(), ["    bind %s:%d" % self.listen])
        servers = [f"    server {n.name} {n.address}:{n.port} check port {n.operations_port}" for n in self.nodes]
        # It does not start when maxconn needs more descriptors than there are.
        most = min(9000, (resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 200) // 2)
        return in_place_of("server ", in_place_of("maxconn ", text, [f"    maxconn {most}"]), servers)

    def command(self, file):
        return [installed("haproxy"), "-db", "-f", file]


class Nginx(Proxy):
    kind = "nginx"
    file = DEPLOY / "nginx" / "tallycast.conf"

    def configuration(self):
        site = in_place_of("listen ", self.file.read_text(), ["    listen %s:%d;" % self.listen])
        servers = [f"    server {n.address}:{n.port} max_fails=1 fail_timeout=2s;" for n in self.nodes]
        site = in_place_of(r"server \d", site, servers)
        temporary = "".join(f"    {kind}_temp_path {self.folder}/{kind};\n"
                            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return (f"daemon off;\npid {self.folder}/own.pid;\nerror_log stderr;\nworker_processes auto;\n"
                f"events {{ worker_connections 8000; }}\nhttp {{\n    access_log off;\n{temporary}{site}}}\n")

    def command(self, file):
        return [installed("nginx"), "-e", "stderr", "-p", self.folder, "-c", file]


KINDS = {kind.kind: kind for kind in (Haproxy, Nginx)}
