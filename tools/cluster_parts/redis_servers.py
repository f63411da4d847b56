"""Redis as a node may meet it: one server, a primary with replicas and Sentinels, or a cluster.

Each server has a folder with its configuration, log, pid file and data. A configuration is written once:
Sentinel and the servers write into their own what has happened since, so a second start goes on from there.
"""

import contextlib
import os
import pathlib
import shutil
import signal

from cluster_parts.processes import PATIENCE, Process, Trouble, free_ports, wait_for
from cluster_parts.resp import Link, Refusal

# What Tallycast asks of every server; docs/clustering.md says why.
SETTINGS = {
    "maxmemory-policy": "noeviction",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": '""',
    "repl-diskless-load": "swapdb",
    "repl-diskless-sync-delay": "0",
    "repl-backlog-size": "64mb",
    "min-replicas-max-lag": "2",
}
DOWN_AFTER = 5000  # milliseconds of silence until a primary is taken for dead
SLOTS = 16384


def installed(name):
    """The whole path of a program; services live where not everybody looks."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not found:
        raise Trouble(f"{name} is not installed: tools/deps does it")
    return found


class Server(Process):
    """One redis-server or redis-sentinel."""

    program = "redis-server"

    def __init__(self, name, folder, port, settings=(), address="127.0.0.1", prefix=()):
        super().__init__(name, pathlib.Path(folder) / name, prefix)
        self.address, self.port = address, port
        self.settings = dict(settings)
        self.conf = self.folder / f"{name}.conf"

    def configuration(self):
        lines = {"port": self.port, "bind": self.address, "protected-mode": "no", "daemonize": "no",
                 "dir": self.folder, **SETTINGS, **self.settings}
        return "".join(f"{name} {value}\n" for name, value in lines.items())

    def launch_server(self):
        if self.alive():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.conf.exists():
            self.conf.write_text(self.configuration())
        self.launch([installed(self.program), self.conf])

    def start(self):
        self.launch_server()
        self.wait_until(self.answers, "answering")

    def stop(self, patience=PATIENCE):
        """A server that is just writing its first append-only file forgets that it was asked to end."""
        for _ in range(int(patience)):
            self.resume()
            self.signal(signal.SIGTERM)
            with contextlib.suppress(Trouble):
                self.wait_until_gone(1)
                break
        super().stop(0)

    def answers(self):
        with contextlib.suppress(OSError, Refusal):
            return self.ask("PING") == "PONG"
        return False

    def link(self, patience=3.0):
        return Link(self.address, self.port, patience)

    def ask(self, *words):
        with self.link() as link:
            return link.ask(*words)

    def set(self, name, value):
        self.ask("CONFIG", "SET", name, value)

    def info(self, section):
        lines = self.ask("INFO", section).splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def role(self):
        """master, slave or sentinel; None when it does not answer."""
        with contextlib.suppress(OSError, Refusal):
            return self.ask("ROLE")[0]
        return None

    def replicas_attached(self):
        with contextlib.suppress(OSError, Refusal):
            return sum(replica.endswith("state=online") or ",state=online," in replica
                       for name, replica in self.info("replication").items() if name.startswith("slave"))
        return 0


class Watcher(Server):
    """One Sentinel, watching one primary."""

    program = "redis-sentinel"

    def __init__(self, *arguments, watched, down_after=DOWN_AFTER, **named):
        super().__init__(*arguments, **named)
        self.watched, self.down_after = watched, down_after

    def configuration(self):
        name, primary, quorum = self.watched
        return (f"port {self.port}\nbind {self.address}\nprotected-mode no\ndir {self.folder}\n"
                f"sentinel monitor {name} {primary.address} {primary.port} {quorum}\n"
                f"sentinel down-after-milliseconds {name} {self.down_after}\n"
                f"sentinel failover-timeout {name} {3 * self.down_after}\n"
                f"sentinel parallel-syncs {name} 2\n")


def place_of(name, places):
    """Where a server is put: its address, and what stands before its command. Usually here."""
    address, prefix = dict(places).get(name, ("127.0.0.1", ()))
    return {"address": address, "prefix": prefix}


class Topology:
    """What the three kinds have in common: servers in the order in which they start."""

    shares = 1  # primaries

    def __init__(self):
        self.servers = []

    def start(self):
        self.launch(self.servers)
        self.wait_until_healthy()

    @staticmethod
    def launch(servers):
        for server in servers:
            server.launch_server()
        for server in servers:
            server.wait_until(server.answers, "answering")

    def stop(self):
        for server in reversed(self.servers):
            server.stop()

    def wait_until_healthy(self, patience=PATIENCE):
        wait_for(self.healthy, "Redis getting healthy", patience)

    def healthy(self):
        return all(server.answers() for server in self.servers)

    def primaries(self):
        return [server for server in self.servers if server.role() == "master"]


class Standalone(Topology):
    kind = "standalone"

    def __init__(self, folder, ports=None, settings=(), **_):
        super().__init__()
        self.ports = ports or free_ports(1)
        self.server = Server("redis", folder, self.ports[0], settings)
        self.servers = [self.server]

    def url(self):
        return f"redis://{self.server.address}:{self.server.port}"


class Sentinel(Topology):
    """A primary, its replicas, and three Sentinels that replace it when it dies.

    `places` may put a server elsewhere: name to (address, prefix of its command). In a cluster, too.
    """

    kind = "sentinel"
    service = "tallycast"  # the name Sentinel knows the primary by

    def __init__(self, folder, ports=None, settings=(), down_after=DOWN_AFTER, replicas=2, places=()):
        super().__init__()
        self.ports = ports or free_ports(1 + replicas + 3)
        settings = {"min-replicas-to-write": 1, **dict(settings)}
        redis_ports, sentinel_ports = self.ports[:1 + replicas], self.ports[1 + replicas:]
        first = Server("redis-1", folder, redis_ports[0], settings, **place_of("redis-1", places))
        following = {**settings, "replicaof": f"{first.address} {first.port}"}
        self.data = [first] + [Server(f"redis-{i}", folder, port, following, **place_of(f"redis-{i}", places))
                               for i, port in enumerate(redis_ports[1:], 2)]
        self.sentinels = [Watcher(f"sentinel-{i}", folder, port, watched=(self.service, first, 2),
                                  down_after=down_after, **place_of(f"sentinel-{i}", places))
                          for i, port in enumerate(sentinel_ports, 1)]
        self.servers = self.data + self.sentinels

    def url(self):
        hosts = ",".join(f"{s.address}:{s.port}" for s in self.sentinels)
        return f"redis+sentinel://{hosts}/{self.service}"

    def start(self):
        self.launch(self.data)
        # Sentinel looks for replicas when it starts, and after that every ten seconds only.
        wait_for(self.all_attached, "the replicas attaching")
        self.launch(self.sentinels)
        self.wait_until_healthy()

    def all_attached(self):
        return any(server.replicas_attached() == len(self.data) - 1 for server in self.data)

    def primary(self):
        """The server most Sentinels call the primary; None while they do not agree."""
        named = [self.asked(sentinel) for sentinel in self.sentinels]
        for server in self.data:
            if named.count((server.address, server.port)) * 2 > len(named):
                return server
        return None

    def asked(self, sentinel):
        with contextlib.suppress(OSError, Refusal):
            address, port = sentinel.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self.service)
            return address, int(port)
        return None

    def primaries(self):
        primary = self.primary()
        return [primary] if primary else []

    def watched_by_all(self):
        """Every Sentinel knows the two others and all replicas: only then can a primary be replaced."""
        for sentinel in self.sentinels:
            with contextlib.suppress(OSError, Refusal):
                state = sentinel.ask("SENTINEL", "MASTER", self.service)
                state = dict(zip(state[::2], state[1::2]))
                if (state["num-other-sentinels"], state["num-slaves"]) == ("2", str(len(self.data) - 1)):
                    continue
            return False
        return True

    def healthy(self):
        primary = self.primary()
        return (primary is not None and primary.role() == "master" and self.watched_by_all()
                and primary.replicas_attached() == len(self.data) - 1)

    def replaced(self, old, patience=60):
        """The primary after this one, once Sentinel has named it and it agrees."""
        def found():
            new = self.primary()
            return new if new and new is not old and new.role() == "master" else None

        return wait_for(found, "a new primary", patience)


class Cluster(Topology):
    """`primaries` shares of the slots, each with `replicas` copies. Server i + k × primaries copies i."""

    kind = "cluster"

    def __init__(self, folder, ports=None, settings=(), down_after=DOWN_AFTER, primaries=3, replicas=1,
                 places=()):
        super().__init__()
        count = primaries * (1 + replicas)
        self.ports = ports or free_ports(2 * count)
        self.shares = primaries
        # With one copy, a shard that has lost its primary could not write before that one is back.
        own = {"min-replicas-to-write": 1 if replicas > 1 else 0, **dict(settings), "cluster-enabled": "yes",
               "cluster-node-timeout": down_after, "cluster-require-full-coverage": "no"}
        self.servers = [Server(f"redis-{i + 1}", folder, port, {**own, "cluster-port": bus},
                               **place_of(f"redis-{i + 1}", places))
                        for i, (port, bus) in enumerate(zip(self.ports[:count], self.ports[count:]))]

    def url(self):
        return "redis+cluster://" + ",".join(f"{s.address}:{s.port}" for s in self.servers[:self.shares])

    def start(self):
        self.launch(self.servers)
        if not self.servers[0].ask("CLUSTER", "SLOTS"):  # else their own nodes.conf told them
            self.join()
        self.wait_until_healthy()

    def join(self):
        """Makes one cluster of servers that know nothing yet."""
        first = self.servers[0]
        bus = self.ports[len(self.servers):]
        for i, server in enumerate(self.servers):
            server.ask("CLUSTER", "SET-CONFIG-EPOCH", i + 1)
            if i < self.shares:
                begin, end = SLOTS * i // self.shares, SLOTS * (i + 1) // self.shares
                server.ask("CLUSTER", "ADDSLOTSRANGE", begin, end - 1)
            if server is not first:
                first.ask("CLUSTER", "MEET", server.address, server.port, bus[i])
        wait_for(self.all_know_all, "the servers of the cluster meeting")
        ids = [server.ask("CLUSTER", "MYID") for server in self.servers]
        for i, server in enumerate(self.servers[self.shares:], self.shares):
            server.ask("CLUSTER", "REPLICATE", ids[i % self.shares])

    def all_know_all(self):
        for server in self.servers:
            lines = server.ask("CLUSTER", "NODES").splitlines()
            if len(lines) != len(self.servers) or any("handshake" in line for line in lines):
                return False
        return True

    def covered(self, server):
        with contextlib.suppress(OSError, Refusal):
            state = server.ask("CLUSTER", "INFO")
            return "cluster_state:ok" in state and f"cluster_slots_ok:{SLOTS}" in state
        return False

    def healthy(self):
        if not all(map(self.covered, self.servers)):
            return False
        attached = [server.replicas_attached() for server in self.primaries()]
        return len(attached) == self.shares and sum(attached) == len(self.servers) - self.shares

    def owner(self, slot):
        """The server that has this slot, as the others see it."""
        for server in filter(Server.alive, self.servers):
            with contextlib.suppress(OSError, Refusal):
                for begin, end, (_, port, *_), *_ in server.ask("CLUSTER", "SLOTS"):
                    if begin <= slot <= end:
                        return next(s for s in self.servers if s.port == port)
        return None

    def move_slot(self, slot, to, batch=100):
        """One slot with all its keys, while everybody goes on using them."""
        source = self.owner(slot)
        if source is to:
            return
        ids = {server: server.ask("CLUSTER", "MYID") for server in (source, to)}
        to.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[source])
        source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[to])
        while keys := source.ask("CLUSTER", "GETKEYSINSLOT", slot, batch):
            source.ask("MIGRATE", to.address, to.port, "", 0, 5000, "KEYS", *keys)
        for server in (to, source):
            server.ask("CLUSTER", "SETSLOT", slot, "NODE", ids[to])


KINDS = {kind.kind: kind for kind in (Standalone, Sentinel, Cluster)}
