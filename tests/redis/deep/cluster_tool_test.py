"""tools/cluster: what it starts works, says so, goes on where it was, and is gone when it is told."""

import asyncio
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import types
import unittest

from redis_case import LONG, ROOT, program

from cluster_parts import nodes as cluster_nodes
from cluster_parts import proxies, redis_servers
from cluster_parts.processes import began, free_ports, wait_for
from live_client import live
from node import Client, Raw

PATIENCE = 120
VOTES = 1500 if LONG else 300
LOAD = 1500        # votes a second on another poll, through the proxy
SEEN_WITHIN = 0.25  # seconds, for 99 of 100


class Cluster_tool(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name, "cluster")
        self.addCleanup(self.tool, "down")

    def tool(self, command, *options, expected=0):
        ran = subprocess.run([ROOT / "tools/cluster", command, "--data-dir", self.folder, *map(str, options)],
                             capture_output=True, text=True, timeout=PATIENCE, check=False,
                             env={**os.environ, "TALLYCAST_BIN": program()})
        self.assertEqual(ran.returncode, expected, ran.stdout + ran.stderr)
        return ran.stdout

    def up(self, redis, proxy, *options):
        said = self.tool("up", "--redis", redis, "--proxy", proxy, "--nodes", 2, "--port", 0, *options)
        self.host_key = (self.folder / "keys" / "host-key").read_text().strip()
        self.assertEqual((self.folder / "keys").stat().st_mode & 0o77, 0, "others can read the keys")
        self.port = int(re.search(r"people +http://127\.0\.0\.1:(\d+)", said).group(1))
        self.code = re.search(r"join code +(\w+)", said).group(1)
        return said

    def call(self, method, path, body=None, key=None):
        with Client(self.port) as client:
            return client.call(method, path, body, key)

    def votes_through(self):
        """Joins by the printed code, through the proxy, and votes."""
        joined = self.call("POST", "/v1/join", {"code": self.code}).json
        poll = joined["polls"][0]["id"]
        reply = self.call("POST", f"/v1/polls/{poll}/votes", {"choices": ["a"]}, joined["voter"]["token"])
        self.assertEqual(reply.json["status"], "counted", reply)
        return poll, joined["event"]["id"]

    def pids(self):
        found = {file.stem: int(file.read_text().split()[0]) for file in self.folder.rglob("*.pid")
                 if len(file.read_text().split()) == 2}
        return {name: pid for name, pid in found.items() if began(pid)}

    def walk(self, redis, proxy, servers):
        self.up(redis, proxy)
        poll, _ = self.votes_through()
        self.assertEqual(self.tool("status").count(" ready"), 2)
        running = self.pids()
        self.assertEqual(len(running), servers + 3)
        self.tool("up")  # again: nothing is started twice
        self.assertEqual(self.pids(), running)
        self.tool("down")
        self.assertEqual([name for name, pid in running.items() if began(pid)], [])
        self.tool("down")
        self.tool("status", expected=1)
        self.tool("up")  # with what it had
        self.assertEqual(self.call("GET", f"/v1/polls/{poll}/results", key=self.host_key).json["voters"], 1)

    def test_standalone_behind_nginx(self):
        self.walk("standalone", "nginx", 1)

    def test_sentinel_behind_haproxy(self):
        self.walk("sentinel", "haproxy", 6)

    def test_cluster_behind_haproxy(self):
        self.walk("cluster", "haproxy", 6)

    def test_haproxy_leaves_out_a_node_that_is_not_ready(self):
        self.up("standalone", "haproxy")
        plan = json.loads((self.folder / "cluster.json").read_text())
        with Client(plan["node_ports"][0][1]) as client:
            self.assertEqual(client.call("POST", "/drain").status, 202)

        def all_to_the_other():
            before = self.metric(0, "tallycast_joins_total")
            replies = [self.call("POST", "/v1/join", {"code": self.code}).status for _ in range(10)]
            self.assertEqual(replies, [200] * 10)
            return self.metric(0, "tallycast_joins_total") == before

        wait_for(all_to_the_other, "the draining node being left out", 10)
        self.votes_through()

    def test_the_nodes_know_who_is_behind_the_proxy(self):
        """One address that has used up its joins is no reason to refuse another: X-Forwarded-For is believed."""
        for proxy in proxies.KINDS:
            with self.subTest(proxy):
                self.up("standalone", proxy, "--", "--limit-join-address-burst", 3, "--limit-join-address-rate", 0.01)
                wait_for(lambda: self.joins_from("127.0.0.2") == 429, "the limit of one address")
                self.assertEqual(self.joins_from("127.0.0.3"), 200)
                self.tool("down")
                shutil.rmtree(self.folder)

    def joins_from(self, source):
        with Raw(self.port, source=source) as raw:
            body = json.dumps({"code": self.code})
            raw.send(f"POST /v1/join HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
                     f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())
            return int(raw.until_closed().split(b" ", 2)[1])

    def test_a_vote_on_one_node_is_soon_seen_by_a_subscriber_of_the_other_under_load(self):
        self.up("standalone", "haproxy", "--", "--limits", "off")
        plan = json.loads((self.folder / "cluster.json").read_text())
        ports = [ports[0] for ports in plan["node_ports"]]
        event = plan["first"]["event"]
        poll = plan["first"]["poll"]
        tokens = [self.call("POST", "/v1/join", {"code": self.code}).json["voter"]["token"] for _ in range(VOTES)]
        crowd = subprocess.Popen([program(), "bench", "--target", f"http://127.0.0.1:{self.port}", "--host-key",
                                  self.host_key, "--voters", str(LOAD * 60), "--rate", str(LOAD), "--tolerate-lag"],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(crowd.wait, PATIENCE)
        self.addCleanup(crowd.kill)
        wait_for(lambda: all(self.metric(node, "tallycast_votes_total") > LOAD / 4 for node in (0, 1)), "load")
        # What else the machine does adds to it now and then; what we do wrong adds to it every time.
        worst = []
        for part in range(3):
            late = asyncio.run(self.seen_after(ports, event, poll, tokens[part::3], part * VOTES // 3))
            self.assertIsNone(crowd.poll(), "the load ended before the measurement")
            late.sort()
            worst.append(late[int(0.99 * len(late)) - 1])
            print(f"seen on the other node: median {late[len(late) // 2] * 1000:.0f} ms, 99 % {worst[-1] * 1000:.0f} ms")
        self.assertLess(min(worst), SEEN_WITHIN)

    async def seen_after(self, ports, event, poll, tokens, voted):
        """How long each vote on the first node takes to reach a subscriber of the second, through neither's cache."""
        late = []
        async with live(types.SimpleNamespace(port=ports[1]), event) as socket:
            await socket.say(type="subscribe", polls="all", max_hz=20)
            await socket.of_type("results")
            for expected, token in enumerate(tokens, voted + 1):
                begun = time.monotonic()
                reply = await asyncio.to_thread(self.vote_on, ports[0], poll, token)
                self.assertEqual(reply.status, 200, reply)
                await socket.until(lambda m: m["type"] == "results" and m["voters"] >= expected)
                late.append(time.monotonic() - begun)
        return late

    def vote_on(self, port, poll, token):
        with Client(port) as client:
            return client.vote(poll, ["a"], token)

    def metric(self, node, name):
        plan = json.loads((self.folder / "cluster.json").read_text())
        with Client(plan["node_ports"][node][1]) as client:
            text = client.call("GET", "/metrics").raw.decode()
        return sum(map(float, re.findall(rf"(?m)^{name}(?:\{{[^}}]*\}})? (\S+)$", text)))


class Deployed_files(unittest.TestCase):
    def test_haproxy_accepts_its_file_as_it_stands(self):
        ran = subprocess.run([redis_servers.installed("haproxy"), "-c", "-q", "-f", proxies.Haproxy.file],
                             capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 0, ran.stderr)

    def test_nginx_accepts_its_file(self):
        with tempfile.TemporaryDirectory() as folder:
            node = cluster_nodes.Node("n", pathlib.Path(folder), "unused", free_ports(2))
            proxy = proxies.Nginx(pathlib.Path(folder), ("127.0.0.1", free_ports(1)[0]), [node])
            proxy.folder.mkdir()
            file = proxy.folder / "nginx.conf"
            file.write_text(proxy.configuration())
            ran = subprocess.run([*proxy.command(file), "-t"], capture_output=True, text=True, check=False)
            self.assertEqual(ran.returncode, 0, ran.stderr)


if __name__ == "__main__":
    unittest.main()
