"""Places for nodes behind HAProxy: it knows all of them from the start, and looks by itself which of them are ready."""

import csv
import io
import socket

from cluster_parts.processes import free_ports
from cluster_parts.proxies import Haproxy, in_place_of


class Place:
    """Where a node may be: two ports, and the node while there is one."""

    def __init__(self, number, ports):
        self.name, self.address = f"node-{number}", "127.0.0.1"
        self.port, self.operations_port = ports
        self.node = None

    def operations(self):
        return f"{self.address}:{self.operations_port}"

    def ready(self):
        return self.node is not None and self.node.alive() and self.node.is_ready()


class Front(Haproxy):
    """HAProxy with the file of deploy/ and a socket besides, where it says what it thinks of the nodes."""

    def __init__(self, folder, places):
        (port,) = free_ports(1)
        super().__init__(folder, ("127.0.0.1", port), places)
        self.socket = f"{folder}/s"
        self.port, self.address = port, "127.0.0.1"

    def configuration(self):
        return in_place_of("global", super().configuration(),
                           ["global", f"    stats socket {self.socket} level admin"])

    def target(self):
        return "%s:%d" % self.listen

    def rows(self):
        """What it says of each of its parts, as dictionaries."""
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(5)
            link.connect(self.socket)
            link.sendall(b"show stat\n")
            text = b"".join(iter(lambda: link.recv(65536), b"")).decode()
        return list(csv.DictReader(io.StringIO(text.removeprefix("# "))))

    def sends_to(self):
        """The names of the nodes that it gives new connections to."""
        return {row["svname"] for row in self.rows() if row["pxname"] == "tallycast" and row["status"].startswith("UP")
                and row["svname"] != "BACKEND"}

    def known_for(self, place):
        """Seconds since it last changed its mind about a node."""
        return next(int(row["lastchg"]) for row in self.rows() if row["svname"] == place.name)

    def refused(self):
        """Answers of 5xx that people got, whoever made them."""
        return sum(int(row["hrsp_5xx"] or 0) for row in self.rows()
                   if row["pxname"] == "public" and row["svname"] == "FRONTEND")


def places(count):
    ports = free_ports(2 * count)
    return [Place(i + 1, ports[2 * i:2 * i + 2]) for i in range(count)]
