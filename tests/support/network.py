"""A network that can be cut, made of two namespaces and one wire between them.

The test itself moves into a namespace of its own first, so that nothing of the machine's network is touched
and nothing is left behind. Addresses: the main land is 10.77.0.1, the island 10.77.0.2; 127.0.0.1 is on both.
"""

import contextlib
import ctypes
import os
import subprocess
import sys
import threading

from cluster_parts.processes import wait_for
from cluster_parts.redis_servers import installed

MAINLAND, ISLAND = "10.77.0.1", "10.77.0.2"
MOVED = "TALLYCAST_TEST_NETWORK"
CLONE_NEWNET = 0x40000000


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: {done.stderr}")


def move_into_own_network():
    """Starts this program again in a network namespace of its own; anybody may, not only root."""
    if MOVED in os.environ:
        run(installed("ip"), "link", "set", "lo", "up")
        return
    os.environ[MOVED] = "1"
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    program = installed("unshare")
    os.execv(program, [program, "--net", *as_root, sys.executable, *sys.argv])


class Island:
    """The namespace on the other end of the wire. A context manager."""

    def __enter__(self):
        self.holder = subprocess.Popen([installed("unshare"), "--net", "sleep", "infinity"])
        namespace = f"/proc/{self.holder.pid}/ns/net"
        wait_for(lambda: os.readlink(namespace) != os.readlink("/proc/self/ns/net"), "a new namespace")
        self.prefix = [installed("nsenter"), f"--net={namespace}", "--"]
        self.namespace = namespace
        ip = installed("ip")
        run(ip, "link", "add", "mainland", "type", "veth", "peer", "name", "island", "netns", str(self.holder.pid))
        run(ip, "address", "add", f"{MAINLAND}/24", "dev", "mainland")
        run(ip, "link", "set", "mainland", "up")
        run(*self.prefix, ip, "address", "add", f"{ISLAND}/24", "dev", "island")
        run(*self.prefix, ip, "link", "set", "island", "up")
        run(*self.prefix, ip, "link", "set", "lo", "up")
        return self

    def __exit__(self, *_):
        run(installed("ip"), "link", "delete", "mainland")  # goes with the island, but not at once
        self.holder.kill()
        self.holder.wait()

    def cut(self):
        """From now on whatever is sent over the wire vanishes; nobody is told."""
        nft = installed("nft")
        run(nft, "add table inet cut")
        for hook, way in (("input", "iifname"), ("output", "oifname")):
            run(nft, f"add chain inet cut {hook} {{ type filter hook {hook} priority 0; }}")
            run(nft, f"add rule inet cut {hook} {way} mainland drop")

    def mend(self):
        run(installed("nft"), "delete table inet cut")

    def inside(self, work):
        """What work() gives when its sockets are the island's."""
        answer, failure = [], []

        def enter_and_work():
            try:
                with open(self.namespace, "rb") as namespace:
                    if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET) != 0:
                        raise OSError(ctypes.get_errno(), "setns")
                answer.append(work())
            except BaseException as trouble:  # told by the thread that waits
                failure.append(trouble)

        thread = threading.Thread(target=enter_and_work, daemon=True)
        thread.start()
        thread.join()
        if failure:
            raise failure[0]
        return answer[0]


@contextlib.contextmanager
def deaf(*replicas):
    """These servers hear nothing more from those they copy, to which they speak from 127.0.0.101 and so on. All else
    comes through, and what they say, too."""
    nft = installed("nft")
    run(nft, "add table inet deaf")
    run(nft, "add chain inet deaf input { type filter hook input priority 0; }")
    ports = ", ".join(sorted({port_copied(replica) for replica in replicas}))
    run(nft, f"add rule inet deaf input ip daddr 127.0.0.101-127.0.0.199 tcp sport {{ {ports} }} drop")
    try:
        yield
    finally:
        run(nft, "delete table inet deaf")


def port_copied(replica):
    return replica.info("replication")["master_port"]


@contextlib.contextmanager
def cut(island):
    island.cut()
    try:
        yield
    finally:
        island.mend()
