"""A node that speaks TLS itself: every transport over it, and certificates that are replaced."""

import asyncio
import http.client
import json
import logging
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import tempfile
import unittest
import warnings

import websockets

from node import HOST, PATIENCE, Client, Node, Raw, program, wait_for


def setUpModule():
    global folder, authority, other
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # calls to the node may hold the loop
    held = tempfile.TemporaryDirectory(prefix="tallycast-tls-")
    unittest.addModuleCleanup(held.cleanup)
    folder = pathlib.Path(held.name)
    authority, other = Certificate("first"), Certificate("second", days=20)  # ends before the first


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, timeout=PATIENCE)


class Certificate:
    """One that vouches for itself, for 127.0.0.1."""

    def __init__(self, name, days=30, kind=("ec", "-pkeyopt", "ec_paramgen_curve:P-256"), valid=()):
        self.cert, self.key = folder / f"{name}.pem", folder / f"{name}.key"
        dates = valid or ("-days", days)
        openssl("req", "-x509", "-newkey", *kind, "-nodes", "-subj", f"/CN={name}", "-addext",
                "subjectAltName=IP:127.0.0.1", "-keyout", self.key, "-out", self.cert, *dates)

    @property
    def options(self):
        return "--tls-cert", str(self.cert), "--tls-key", str(self.key)


def expired():
    """Signed by hand: `openssl req -x509` makes none that begins in the past."""
    made = Certificate("expired")
    base, config = folder / "ca", folder / "ca.cnf"
    config.write_text(f"[ca]\ndefault_ca=c\n[c]\ndatabase={base}\nnew_certs_dir={folder}\n"
                      "default_md=sha256\npolicy=p\nrand_serial=yes\n[p]\ncommonName=supplied\n")
    base.write_text("")
    openssl("req", "-new", "-key", made.key, "-subj", "/CN=expired", "-out", folder / "expired.csr")
    openssl("ca", "-batch", "-config", config, "-selfsign", "-keyfile", made.key, "-in",
            folder / "expired.csr", "-out", made.cert, "-notext", "-startdate", "200101000000Z",
            "-enddate", "200201000000Z")
    return made


def ends(certificate):
    """When, in seconds since 1970."""
    return ssl.cert_time_to_seconds(ssl._ssl._test_decode_cert(str(certificate.cert))["notAfter"])


def trusting(*certificates):
    context = ssl.create_default_context()
    for one in certificates:
        context.load_verify_locations(one.cert)
    return context


class Tls_node(Node):
    def __init__(self, certificate, *options, **others):
        super().__init__(*certificate.options, *options, **others)
        self.trust = trusting(authority, other)

    def client(self):
        made = Client(self.port, self.address)
        made.wire = http.client.HTTPSConnection(self.address, self.port, timeout=PATIENCE,
                                                context=self.trust)
        return made

    def shown(self):
        """The certificate that a new connection meets."""
        return ssl.get_server_certificate((self.address, self.port))

    def says(self, message, start=0):
        return wait_for(lambda: message in self.err.read_text()[start:], message)

    def reload(self, expected):
        start = len(self.err.read_text())
        self.signal(signal.SIGHUP)
        self.says(expected, start)


def copy(source, to):
    """As whoever renews certificates should: whole, under the same name."""
    for kind in ("cert", "key"):
        fresh = folder / "fresh"
        fresh.write_bytes(getattr(source, kind).read_bytes())
        os.replace(fresh, getattr(to, kind))


class Over_TLS(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Tls_node(authority).start()
        cls.addClassCleanup(cls.node.remove)

    def setUp(self):
        self.event = self.node.event()
        self.poll = self.node.poll(self.event["id"])["id"]

    def test_vote_results_and_cookies(self):
        joined = self.node.call("POST", "/v1/join", {"code": self.event["code"]})
        self.assertIn("; Secure", joined.fields["Set-Cookie"])
        token = joined.json["voter"]["token"]
        self.assertEqual(self.node.vote(self.poll, ["a"], token).json["status"], "counted")
        self.assertEqual(self.node.results(self.poll)["voters"], 1)
        invitation = self.node.must(200, "GET", f"/v1/events/{self.event['id']}/invitation")
        self.assertTrue(invitation["url"].startswith("https://"), invitation["url"])

    def test_several_requests_on_one_connection_in_records_of_any_size(self):
        with self.wire() as wire:
            asked = f"GET /v1/events/{self.event['id']} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
            for i in range(0, len(asked), 7):
                wire.sendall(asked[i:i + 7])
            wire.sendall(asked * 300)  # more than one record holds, and than is read at once
            got = b""
            while got.count(b"HTTP/1.1 ") < 301:
                got += wire.recv(65536)

    def test_large_answers_arrive_whole(self):
        for i in range(40):
            self.node.poll(self.event["id"], opened=False, question=f"{i}? " + "q" * 400)
        polls = self.node.must(200, "GET", f"/v1/events/{self.event['id']}/polls?limit=100")
        self.assertGreater(len(json.dumps(polls)), 20_000)
        with self.node.client() as client:
            exported = client.call("GET", f"/v1/polls/{self.poll}/export?format=csv", key=HOST)
        self.assertEqual(exported.status, 200)

    def test_protocols_that_are_spoken(self):
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.load_verify_locations(authority.cert)
        with warnings.catch_warnings(action="ignore"):
            old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        with self.assertRaises((ssl.SSLError, ConnectionResetError)):
            self.wire(old)
        for version in ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3:
            new = trusting(authority)
            new.minimum_version = new.maximum_version = version
            new.set_alpn_protocols(["h2", "http/1.1"])
            with self.wire(new) as wire:
                self.assertEqual(wire.selected_alpn_protocol(), "http/1.1")
        unheard = trusting(authority)
        unheard.set_alpn_protocols(["h2"])
        with self.assertRaises((ssl.SSLError, ConnectionResetError)):
            self.wire(unheard)

    def test_s_client_is_content(self):
        asked = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{self.node.port}", "-CAfile",
             str(authority.cert), "-verify_return_error", "-verify_ip", "127.0.0.1", "-quiet",
             "-no_ign_eof"],
            input=b"", capture_output=True, timeout=PATIENCE)
        self.assertEqual(asked.returncode, 0, asked.stderr)

    async def test_websocket(self):
        uri = f"wss://127.0.0.1:{self.node.port}/v1/events/{self.event['id']}/live"
        token = self.node.token(self.event["code"])
        async with websockets.connect(uri, ssl=self.node.trust, subprotocols=["tallycast.v1"],
                                      open_timeout=PATIENCE) as wire:
            async def until(kind):
                while (message := json.loads(await asyncio.wait_for(wire.recv(), PATIENCE)))["type"] != kind:
                    pass
                return message

            await until("welcome")
            await wire.send(json.dumps({"type": "auth", "token": token}))
            await until("welcome")
            await wire.send(json.dumps({"type": "subscribe", "polls": [self.poll]}))
            await wire.send(json.dumps({"type": "vote", "id": "1", "poll": self.poll,
                                        "choices": ["b"]}))
            self.assertEqual((await until("ack"))["status"], "counted")
            while (shown := await until("results"))["voters"] != 1:
                pass

    def test_messages_that_left_the_socket_with_the_upgrade(self):
        """One record holds more than is read at once, and nothing follows it."""
        upgrade = (f"GET /v1/events/{self.event['id']}/live HTTP/1.1\r\nHost: x\r\n"
                   "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode()
        ping = json.dumps({"type": "ping", "id": "p"}).encode()
        frame = bytes([0x81, 0x80 | len(ping)]) + b"\0\0\0\0" + ping
        with self.wire() as wire:
            wire.sendall(upgrade + frame * 300)
            got = b""
            while got.count(b'"pong"') < 300:
                got += wire.recv(65536)

    def test_event_stream(self):
        with self.node.client() as client:
            client.wire.request("GET", f"/v1/events/{self.event['id']}/stream")
            stream = client.wire.getresponse()
            self.assertIn(b"retry:", stream.readline())
            token = self.node.token(self.event["code"])
            self.node.vote(self.poll, ["c"], token)
            while not (line := stream.readline()).startswith(b"event: results"):
                self.assertTrue(line)

    def test_who_never_shakes_hands_is_closed(self):
        with Tls_node(authority, "--header-timeout", "300ms") as node:
            with Raw(node.port) as silent:
                silent.until_closed()
            with Raw(node.port) as plain:
                plain.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                plain.until_closed()
                self.assertNotIn(b"HTTP/1.1 2", plain.received)
            wait_for(lambda: node.metric("tallycast_tls_handshakes_failed_total") == 2,
                     "both handshakes counted")

    def wire(self, context=None):
        bare = socket.create_connection(("127.0.0.1", self.node.port), PATIENCE)
        self.addCleanup(bare.close)
        return (context or self.node.trust).wrap_socket(bare, server_hostname="127.0.0.1")


class Certificates_are_replaced(unittest.TestCase):
    def test_by_a_reload_that_is_good_and_never_by_one_that_is_not(self):
        used = Certificate("used")
        copy(authority, used)
        until = "tallycast_tls_certificate_expiry_timestamp_seconds"
        with Tls_node(used) as node, node.client() as old:
            first = node.shown()
            self.assertEqual(node.metric(until), ends(authority))
            self.assertEqual(old.call("GET", "/").status, 200)

            copy(other, used)
            node.reload("configuration reloaded")
            wait_for(lambda: node.shown() == other.cert.read_text(), "the new certificate")
            self.assertNotEqual(node.shown(), first)
            self.assertEqual(node.metric(until), ends(other))
            self.assertEqual(old.call("GET", "/").status, 200)  # goes on with the old one

            used.cert.write_text("-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n")
            node.reload("configuration not reloaded")
            node.says("holds no certificate that can be used")
            used.cert.write_bytes(authority.cert.read_bytes())
            node.reload("configuration not reloaded")
            node.says("is not the certificate's key")
            self.assertEqual(node.shown(), other.cert.read_text())
            self.assertEqual(node.metric(until), ends(other))
            self.assertEqual(old.call("GET", "/").status, 200)
            self.assertEqual(node.call("GET", "/").status, 200)

    def test_without_one_there_is_no_end_to_watch(self):
        with Node() as node:
            self.assertNotIn(b"certificate_expiry", node.ops("GET", "/metrics").raw)


class Files_that_cannot_be_used(unittest.TestCase):
    def refused(self, *options):
        ended = subprocess.run([program(), "serve", "--listen", "127.0.0.1:0", "--ops-listen",
                                "127.0.0.1:0", "--data-dir", ":memory:", *options],
                               capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(ended.returncode, 2, ended.stderr)
        return ended.stderr

    def test_stop_the_start_in_words(self):
        self.assertIn("--tls-cert", self.refused("--tls-cert", str(authority.cert)))
        self.assertIn("give --tls-cert", self.refused("--tls-key", str(authority.key)))
        cert, key = authority.cert, authority.key
        rsa = Certificate("rsa", kind=("rsa:2048", ))
        locked = folder / "locked.key"
        openssl("pkey", "-in", key, "-aes256", "-passout", "pass:x", "-out", locked)
        for wrong_cert, wrong_key, why in (
            ("/nonexistent", key, "No such file"),
            (cert, "/nonexistent", "No such file"),
            (key, key, "no certificate"),
            (cert, cert, "no key"),
            (cert, other.key, "is not the certificate's key"),
            (cert, rsa.key, "is not the certificate's key"),
            (cert, locked, "password"),
        ):
            with self.subTest(cert=wrong_cert, key=wrong_key):
                said = self.refused("--tls-cert", str(wrong_cert), "--tls-key", str(wrong_key))
                self.assertIn(why, said)

    def doctor(self, certificate):
        return subprocess.run([program(), "doctor", "--data-dir", ":memory:", *certificate.options],
                              capture_output=True, text=True, timeout=PATIENCE).stdout

    def test_expired_ones_do_not_and_are_named(self):
        gone = expired()
        with Tls_node(gone) as node:
            node.says("the certificate has expired")
            self.assertEqual(node.shown().strip(), gone.cert.read_text().strip())
        self.assertIn("has expired", self.doctor(gone))
        self.assertIn("ends in less than 14 days", self.doctor(Certificate("soon", days=13)))
        self.assertNotIn("certificate", self.doctor(Certificate("later", days=15)))


if __name__ == "__main__":
    unittest.main()
