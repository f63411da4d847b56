"""Messages to subscribers, and subscribers to whom nothing is said."""

import re

from cluster_parts.nodes import Keys
from lab_parts.rounds import Figure
from lab_parts.servers import CentrifugePeer, Nchan, NodePeer, SendLoop, start_nodes

MESSAGES = "Results to many subscribers"
IDLE = "Idle subscribers"
FRAME_BYTES = 260   # about what results of four options take
TIMES_A_SECOND = 8  # about what a node sends while votes come in
IDLE_FIGURES = [
    Figure("memory of an idle WebSocket, bytes of the node's own", ("node", "bytes"), None, 3000, 1200, False),
    Figure("memory of an idle WebSocket of Node `ws`", ("Node ws", "bytes"), more_is_better=False),
    Figure("memory of an idle WebSocket of Centrifuge", ("Centrifuge", "bytes"), more_is_better=False),
    Figure("memory of an idle WebSocket of nchan", ("nchan", "bytes"), more_is_better=False),
    Figure("CPU of an idle WebSocket with pings each 25 s, µs a second", ("node", "idle_cpu_us"), None, 2.2, 1.0, False),
    Figure("CPU of an idle WebSocket of Node `ws`", ("Node ws", "idle_cpu_us"), more_is_better=False),
    Figure("CPU of an idle WebSocket of Centrifuge", ("Centrifuge", "idle_cpu_us"), more_is_better=False),
    Figure("CPU of an idle WebSocket of nchan", ("nchan", "idle_cpu_us"), more_is_better=False),
]
COSTS = [("cpu_us", "server, µs a message"), ("messages", "messages"), ("bytes_a_message", "bytes each")]
IDLE_COSTS = [("bytes", "bytes a connection"), ("idle_cpu_us", "server, µs a connection and second"), ("pings", "pings")]


def figures_of_messages(lab):
    return [
        Figure("messages a CPU second of the node ÷ a `send()` loop", ("send() loop", "cpu_us"), ("node", "cpu_us"), 0.80, 0.92),
        Figure("messages a CPU second of the node ÷ Centrifuge", ("Centrifuge", "cpu_us"), ("node", "cpu_us"), 1.35, 1.6),
        Figure("messages a CPU second of the node ÷ nchan", ("nchan", "cpu_us"), ("node", "cpu_us")),
        Figure("messages a CPU second of the node ÷ Node `ws`", ("Node ws", "cpu_us"), ("node", "cpu_us")),
        Figure(f"messages a subscriber gets, at {lab.busy:,} votes a second ÷ at 20",
               ("node", "busy_rate"), ("node", "quiet_rate")),
    ]


class Live:
    """A contestant whose subscribers are counted. Started anew for each run where memory is looked at."""

    def __init__(self, name, lab, idle):
        self.name, self.lab, self.idle = name, lab, idle
        self.folder = lab.folder / f"{re.sub(r'[^a-z]+', '-', name.lower())}{'-idle' * idle}"
        self.server = None
        self.starts = 0

    def start(self, _):
        self.begin()

    def begin(self):
        self.starts += 1
        self.server = self.started(self.folder / str(self.starts))

    def stop(self):
        if self.server:
            self.server.stop()

    def run(self, number):
        return self.hold(number) if self.idle else self.listen()

    def watch(self, mode, *options):
        return self.lab.generator.run(mode, "--target", self.server.url(), "--pid", self.server.pid,
                                      *self.subscribe(), *options)

    def listen(self):
        told = self.watch("fanout", "--subscribers", self.lab.subscribers, "--seconds", self.lab.seconds, *self.rates())
        first, last = told["stretches"][0], told["stretches"][-1]
        return {"cpu_us": first["cpu_us_a_message"], "messages": first["messages"],
                "bytes_a_message": first["bytes_a_message"], "quiet_rate": first["messages_a_subscriber_a_second"],
                "busy_rate": last["messages_a_subscriber_a_second"]}

    def hold(self, number):
        """The round to warm up is not held for long: nothing of it is left in the next server."""
        if number > 0:
            self.stop()
            self.begin()
        told = self.watch("connect", "--subscribers", self.lab.idle, "--seconds", self.lab.hold if number > 0 else 0.1)
        return {"bytes": told["bytes_a_connection"], "idle_cpu_us": told["cpu_us_a_connection_second"],
                "pings": told["pings"]}

    def rates(self):
        return []

    def subscribe(self):
        return ["--path", "/"]


class TallycastNode(Live):
    def started(self, folder):
        self.keys = Keys(folder / "keys")
        self.keys.make()
        return start_nodes(1, folder, self.lab.binary, self.keys, ["--store", "embedded", "--data-dir", folder / "data"])[0]

    def rates(self):
        return ["--rates", f"20,{self.lab.busy}"]

    def subscribe(self):
        return ["--host-key-file", self.keys.files["host"]]


class Ceiling(Live):
    def started(self, folder):
        server = SendLoop("send_loop", folder)
        server.start(self.lab.send_loop, FRAME_BYTES, TIMES_A_SECOND)
        return server


class NodeWs(Live):
    def started(self, folder):
        server = NodePeer("ws", folder)
        server.start(self.lab.installs, "ws_server.mjs", FRAME_BYTES, 0 if self.idle else TIMES_A_SECOND)
        return server


class Centrifuge(Live):
    def started(self, folder):
        server = CentrifugePeer("centrifuge", folder)
        server.start(self.lab.installs, FRAME_BYTES, 0 if self.idle else TIMES_A_SECOND)
        return server

    def subscribe(self):
        return ["--path", "/", "--say", '{"id":1,"connect":{}}']


class NchanSubscribers(Live):
    def started(self, folder):
        server = Nchan("nchan", folder)
        server.start(FRAME_BYTES, 0 if self.idle else TIMES_A_SECOND)
        return server


def of_messages(lab):
    return [Ceiling("send() loop", lab, False), TallycastNode("node", lab, False), NodeWs("Node ws", lab, False),
            Centrifuge("Centrifuge", lab, False), NchanSubscribers("nchan", lab, False)]


def of_idle(lab):
    return [TallycastNode("node", lab, True), NodeWs("Node ws", lab, True), Centrifuge("Centrifuge", lab, True),
            NchanSubscribers("nchan", lab, True)]
