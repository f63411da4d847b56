"""The servers of the lab: a node, its peers and what the machine itself can do, each a process that is ended by its id."""

import contextlib
import http.client
import os
import pathlib
import shutil
import subprocess
import threading
import time

from cluster_parts.nodes import Node
from cluster_parts.processes import Process, Trouble, free_ports
from cluster_parts.redis_servers import installed
from lab_parts.rounds import Absent

PEERS = pathlib.Path(__file__).resolve().parents[1] / "peers"
# Every bucket is asked, and none refuses: a crowd of one address would be taken for an attack.
WIDE_LIMITS = [word for name in ("connection", "address", "tenant", "join-address")
               for word in (f"--limit-{name}-rate", 1_000_000, f"--limit-{name}-burst", 1_000_000)]
NGINX = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
worker_rlimit_nofile 20000;
events {{ worker_connections 18000; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 3600s;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        {places}
    }}
}}
"""
NCHAN = pathlib.Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
NCHAN_PLACES = """
        nchan_channel_id results;
        location = /say { nchan_publisher http; nchan_message_buffer_length 1; }
        location / { nchan_subscriber websocket; nchan_subscriber_first_message newest; nchan_websocket_ping_interval 25; }
"""


def program(name):
    try:
        return installed(name)
    except Trouble as missing:
        raise Absent(str(missing)) from None


class Peer(Process):
    """A server of somebody else on a port of its own."""

    def __init__(self, name, folder):
        super().__init__(name, folder)
        (self.port,) = free_ports(1)

    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def launch_peer(self, command, environment=None):
        self.launch(command, environment)
        self.wait_until(self.answers, "answering")

    def answers(self):
        """Any answer will do, and so does a connection that is closed without one."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        with contextlib.closing(link):
            try:
                link.request("GET", "/")
                link.getresponse()
            except ConnectionRefusedError:
                return False
            except (OSError, http.client.HTTPException):
                pass
            return True


class Nginx(Peer):
    """`return 204`: what a request costs that nothing is done with."""

    places, modules = "location / { return 204; }", ()

    def start(self):
        binary = program("nginx")
        self.folder.mkdir(parents=True)
        configuration = self.folder / "nginx.conf"
        configuration.write_text("".join(f"load_module {module};\n" for module in self.modules)
                                 + NGINX.format(folder=self.folder, port=self.port, places=self.places))
        self.launch_peer([binary, "-p", self.folder, "-c", configuration])


class Nchan(Nginx):
    """nginx with the module nchan. What it says it is told by a thread of the lab, so many times a second."""

    places, modules = NCHAN_PLACES, (NCHAN,)

    def __init__(self, name, folder):
        super().__init__(name, folder)
        self.ended = threading.Event()
        self.publisher = None

    def start(self, frame_bytes, times_a_second):
        if not NCHAN.exists():
            raise Absent("nchan is not installed: tools/deps does it")
        super().start()
        if times_a_second:
            self.publisher = threading.Thread(target=self.publish, args=("x" * (frame_bytes - 4), times_a_second))
            self.publisher.start()

    def publish(self, text, times_a_second):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.closing(link), contextlib.suppress(OSError, http.client.HTTPException):
            due = time.monotonic()
            while not self.ended.wait(max(0, due - time.monotonic())):
                link.request("POST", "/say", text)
                link.getresponse().read()
                due += 1 / times_a_second

    def stop(self):
        self.ended.set()
        if self.publisher:
            self.publisher.join()
        super().stop()


class SendLoop(Peer):
    """send() in a loop: what a message costs that nothing is done with."""

    def start(self, binary, frame_bytes, times_a_second):
        if not pathlib.Path(binary).exists():
            raise Absent(f"{binary} is not built")
        self.launch_peer([binary, self.port, frame_bytes, times_a_second])


class NodePeer(Peer):
    """A script of bench/peers, with the packages its lock file names, installed into the build folder."""

    def start(self, modules, script, *words):
        runtime = program("node")
        at = modules / "peers"
        if not (at / "node_modules").exists():
            install_peers(at)
        shutil.copy(PEERS / script, at)
        self.launch_peer([runtime, at / script, self.port, *words], {**os.environ, "NODE_ENV": "production"})


def install_peers(at):
    npm = program("npm")
    at.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(PEERS / name, at)
    done = subprocess.run([npm, "ci", "--silent"], cwd=at, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        shutil.rmtree(at / "node_modules", ignore_errors=True)
        raise Absent(f"npm ci failed: {done.stderr.strip()[-200:]}")


class CentrifugePeer(Peer):
    """The program of bench/peers/centrifuge, built of the modules its sum file names into the build folder."""

    def start(self, installs, frame_bytes, times_a_second):
        binary = installs / "peers" / "centrifuge"
        if not binary.exists():
            build_centrifuge(binary)
        self.launch_peer([binary, self.port, frame_bytes, times_a_second])


def build_centrifuge(binary):
    go = program("go")
    binary.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run([go, "build", "-mod=readonly", "-o", binary, "."], cwd=PEERS / "centrifuge", capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        raise Absent(f"go build failed: {done.stderr.strip()[-200:]}")


def start_nodes(count, folder, binary, keys, store_options):
    """Nodes of one I/O thread each on one store."""
    options = ["--threads", 1, "--log-level", "warn", "--durability", "async", *WIDE_LIMITS, *store_options,
               "--max-connections", 18_000, *keys.options()]
    nodes = [Node(f"node-{i}", folder, binary, free_ports(2), options) for i in range(count)]
    for node in nodes:
        node.launch_node()
    for node in nodes:
        node.wait_until(node.ready, "getting ready")
    return nodes
