#!/usr/bin/env python3
"""docs/operations.md: its proxy configurations are accepted, its tables are what the node has and does."""

import asyncio
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import unittest
import urllib.parse

import websockets

import running_node
from running_node import PATIENCE, PROGRAM, ROOT

TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def program(name):
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not found:
        raise unittest.SkipTest(f"{name} is not installed")
    return found


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Examples(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.pem, key = self.folder / "site.pem", self.folder / "site.key"
        subprocess.run([program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "1", "-subj", "/CN=vote.example.org", "-keyout", key, "-out", self.pem],
                       check=True, capture_output=True)
        self.pem.write_bytes(self.pem.read_bytes() + key.read_bytes())

    def accepted(self, command):
        ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)

    def with_certificate(self, text):
        return re.sub(r"/etc/ssl/vote\.example\.org\.(pem|key)", str(self.pem), text)

    def test_nginx_accepts_its_example(self):
        (example,) = blocks("nginx")
        site = self.with_certificate(example).replace("listen 443 ssl", f"listen 127.0.0.1:{free_port()} ssl")
        file = self.folder / "nginx.conf"
        file.write_text(f"pid {self.folder}/pid; error_log stderr; events {{}}\nhttp {{ access_log off;\n{site}\n}}\n")
        self.accepted([program("nginx"), "-t", "-p", str(self.folder), "-c", str(file)])

    def test_haproxy_accepts_its_example(self):
        (example,) = blocks("haproxy")
        file = self.folder / "haproxy.cfg"
        file.write_text(self.with_certificate(example))
        self.accepted([program("haproxy"), "-c", "-q", "-f", str(file)])

    def behind(self, command, port):
        """A phone's way through the proxy: joins over TLS, then hears the node on a WebSocket."""
        proxy = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(proxy.wait, PATIENCE)
        self.addCleanup(proxy.terminate)
        running_node.wait_until_accepting(port, proxy)
        trusting = ssl._create_unverified_context()  # the certificate is of today, and our own
        link = http.client.HTTPSConnection("127.0.0.1", port, timeout=PATIENCE, context=trusting)
        event = self.node.call("POST", "/v1/events", {"title": "Behind"}, token=running_node.HOST_KEY).json()
        link.request("POST", "/v1/join", json.dumps({"code": event["code"]}), {"Content-Type": "application/json"})
        joined = link.getresponse()
        self.assertEqual(joined.status, 200, joined.read())
        self.assertIn("; Secure", joined.headers["Set-Cookie"])
        link.close()

        async def first_message():
            address = f"wss://127.0.0.1:{port}/v1/events/{event['id']}/live"
            async with websockets.connect(address, ssl=trusting, origin=f"https://127.0.0.1:{port}") as live:
                return json.loads(await asyncio.wait_for(live.recv(), PATIENCE))
        self.assertEqual(asyncio.run(first_message())["type"], "welcome")

    def test_the_way_through_nginx(self):
        self.node = running_node.Node("--trusted-proxies", "127.0.0.1")
        self.addCleanup(self.node.stop)
        port = free_port()
        site = self.with_certificate(blocks("nginx")[0]).replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
        site = site.replace("127.0.0.1:8080", urllib.parse.urlsplit(self.node.url).netloc)
        file = self.folder / "nginx.conf"
        file.write_text(f"daemon off; master_process off; pid {self.folder}/pid; error_log stderr; events {{}}\n"
                        f"http {{ access_log off; client_body_temp_path {self.folder}/body;\n{site}\n}}\n")
        self.behind([program("nginx"), "-p", str(self.folder), "-c", str(file)], port)

    def test_the_way_through_haproxy(self):
        self.node = running_node.Node("--trusted-proxies", "127.0.0.1")
        self.addCleanup(self.node.stop)
        port = free_port()
        text = self.with_certificate(blocks("haproxy")[0]).replace("bind :443", f"bind 127.0.0.1:{port}")
        text = text.replace("maxconn 20000", "maxconn 100")  # as many descriptors as any machine has
        text = text.replace("127.0.0.1:8080", urllib.parse.urlsplit(self.node.url).netloc)
        text = text.replace("port 8081", f"port {urllib.parse.urlsplit(self.node.operations).port}")
        file = self.folder / "haproxy.cfg"
        file.write_text(text)
        self.behind([program("haproxy"), "-q", "-db", "-f", str(file)], port)

    def test_shell_blocks_run(self):
        release = self.folder / "build" / "release"
        release.mkdir(parents=True)
        (release / "tallycast").symlink_to(pathlib.Path(PROGRAM).resolve())
        node = running_node.Node()
        self.addCleanup(node.stop)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("TALLYCAST_")}
        environment |= {"TALLYCAST": node.url, "OPERATOR_KEY": running_node.OPERATOR_KEY}
        ran = subprocess.run(["bash", "-euc", "\n".join(blocks("sh"))], cwd=self.folder, env=environment,
                             capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)


class Tables(unittest.TestCase):
    def test_metrics_of_the_table_are_those_of_the_node(self):
        node = running_node.start(type(self))
        text = node.call("GET", "/metrics", base=node.operations).body.decode()
        exposed = set(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
        described = set(re.findall(r"^\| `(\w+)(?:\{\w+\})?` \| (counter|gauge|histogram) \|", TEXT, re.MULTILINE))
        self.assertLessEqual(exposed, described)
        sometimes = set(re.findall(r"^\| `(\w+)` \| (\w+) \| .*; absent ", TEXT, re.MULTILINE))
        self.assertEqual(described - exposed, sometimes)
        for name, label, values in re.findall(r"^\| `(\w+)\{(\w+)\}` \| \w+ \| (?:.*: |open: )(`.*)\|$", TEXT, re.MULTILINE):
            has = set(re.findall(rf'^{name}\{{{label}="(\w+)"\}}', text, re.MULTILINE))
            self.assertEqual(set(re.findall(r"`(\w+)`", values)), has, name)

    def test_reasons_and_log_messages_are_the_sources(self):
        source = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "src").rglob("*.cpp"))
        ready = re.search(r"`GET /readyz` \|([^|]*)\|", TEXT).group(1)
        watched = TEXT.split("Watch for:")[1].split("\n\n")[0]
        for phrase in re.findall(r"`([a-zI][^`]*)`", ready + watched):
            self.assertIn(f'"{phrase}"', source)


class Stopping(unittest.TestCase):
    def setUp(self):
        self.node = running_node.Node("--threads", "1")
        self.addCleanup(self.node.stop)

    def test_after_drain_new_requests_are_answered_until_sigterm(self):
        where = urllib.parse.urlsplit(self.node.url)
        idle = http.client.HTTPConnection(where.netloc, timeout=PATIENCE)
        idle.request("GET", "/")
        idle.getresponse().read()
        self.node.call("POST", "/drain", base=self.node.operations)
        self.assertEqual(idle.sock.recv(1), b"", "an idle connection is closed")
        idle.close()
        for _ in range(3):
            answer = self.node.call("GET", "/")
            self.assertEqual((answer.status, answer.fields["Connection"]), (200, "close"))
        self.assertEqual(self.node.call("GET", "/readyz", base=self.node.operations).body, b"draining\n")
        self.assertEqual(self.node.call("GET", "/livez", base=self.node.operations).status, 200)
        self.assertIsNone(self.node.process.poll())
        self.end_with(signal.SIGTERM)

    def test_each_signal_ends_the_node_with_status_0(self):
        self.end_with(signal.SIGINT)

    def test_a_second_signal_does_not_wait_for_clients(self):
        with socket.create_connection(urllib.parse.urlsplit(self.node.url).netloc.split(":"), PATIENCE) as busy:
            busy.sendall(b"GET / HTTP/1.1\r\n")  # the rest never comes
            self.node.call("GET", "/")
            self.node.process.send_signal(signal.SIGTERM)
            self.node.log.find(r'"message":"draining"')
            self.assertIsNone(self.node.process.poll(), "it waits for the one who is still sending")
            self.end_with(signal.SIGTERM)

    def test_hangup_with_a_mistake_changes_nothing_and_says_so(self):
        file = self.node.folder / "node.toml"
        file.write_text('log-level = "info"\n')
        node = running_node.Node("--config", str(file))
        self.addCleanup(node.stop)
        file.write_text('log-level = "loud"\n')
        node.process.send_signal(signal.SIGHUP)
        self.assertIn("log-level", node.log.find(r'"message":"configuration not reloaded".*').group(0))
        file.write_text('log-level = "debug"\n')
        node.process.send_signal(signal.SIGHUP)
        node.log.find(r'"message":"configuration reloaded"')
        self.assertEqual(node.call("GET", "/").status, 200)

    def end_with(self, which):
        self.node.process.send_signal(which)
        self.assertEqual(self.node.process.wait(PATIENCE), 0)
        self.node.log.find(r'"message":"stopped"')


if __name__ == "__main__":
    unittest.main()
