"""What a node survives, and with what: killed, told to stop, out of disk, given a wrong file or a
wrong option. Every ballot it acknowledged is there afterwards, with the same receipt."""

import contextlib
import pathlib
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import unittest

from node import HOST, OPERATOR, Client, Node, Raw, wait_for

KEYS = f"k1:{bytes(range(32)).hex()}"


class Crowd:
    """Voters of one poll who vote until told to stop, and remember what they were told."""

    def __init__(self, node, voters, workers=6):
        self.node = node
        event = node.event()
        self.poll = node.poll(event["id"])["id"]
        with node.client() as client:
            joined = [
                client.call("POST", "/v1/join", {"code": event["code"]}).json["voter"]
                for _ in range(voters)
            ]
        self.waiting = [(v["number"], v["token"]) for v in joined]
        self.acknowledged = {}  # voter's number: token, choice and receipt
        self.unknown = set()  # at least once no answer came; the same ballot is sent again
        self.refused = []
        self.lock, self.over = threading.Lock(), threading.Event()
        self.threads = [threading.Thread(target=self.vote_on, daemon=True) for _ in range(workers)]
        for thread in self.threads:
            thread.start()

    def vote_on(self):
        client = Client(self.node.port)
        while not self.over.is_set():
            with self.lock:
                if not self.waiting:
                    return
                number, token = self.waiting.pop()
            choice = "abc"[number % 3]
            try:
                reply = client.vote(self.poll, [choice], token, f"key-{number}")
            except Exception:  # whatever breaks: nobody knows what became of the ballot
                client.wire.close()
                client = Client(self.node.port)
                with self.lock:
                    self.unknown.add(number)
                    self.waiting.insert(0, (number, token))
                self.over.wait(0.02)
                continue
            with self.lock:
                if reply.status == 200:
                    self.acknowledged[number] = (token, choice, reply.json["receipt"])
                else:
                    self.refused.append(reply)
                    self.waiting.insert(0, (number, token))
        client.wire.close()

    def has(self, count):
        return wait_for(lambda: len(self.acknowledged) >= count, f"{count} acknowledged ballots")

    def stop(self):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def check(self, test):
        """All that was acknowledged is there, once, with its receipt; the ledger balances."""
        node, poll = self.node, self.poll
        with node.client() as client:
            for number, (token, choice, receipt) in self.acknowledged.items():
                again = client.vote(poll, [choice], token, f"key-{number}")
                test.assertEqual(
                    (again.status, again.json.get("status"), again.json.get("receipt")),
                    (200, "replayed", receipt), number)
        rows = node.call("GET", f"/v1/polls/{poll}/export?format=csv",
                         key=HOST).raw.decode().splitlines()[1:]
        kept = {int(voter): choice for _, voter, choice in (row.split(",") for row in rows)}
        test.assertEqual(len(kept), len(rows), "a voter stands twice")
        for number, (_, choice, _) in self.acknowledged.items():
            test.assertEqual(kept.get(number), choice)
        test.assertLessEqual(kept.keys() - self.acknowledged.keys(), self.unknown)
        results, ledger = node.results(poll), node.ledger(poll)
        test.assertEqual((results["voters"], sum(o["votes"] for o in results["options"])),
                         (len(rows), len(rows)))
        test.assertTrue(ledger["balanced"], ledger)
        test.assertEqual(ledger["voters"], len(rows))


class Killed(unittest.TestCase):
    def test_no_acknowledged_ballot_is_lost_by_kill_9(self):
        for durability in ("fsync", "async"):
            with self.subTest(durability), Node("--durability", durability, data_dir=None) as node:
                crowd = Crowd(node, 1500)
                for more in (150, 250, 250):
                    crowd.has(len(crowd.acknowledged) + more)
                    node.kill()
                    node.start()
                crowd.stop()
                self.assertGreaterEqual(len(crowd.acknowledged), 650)
                crowd.check(self)
                self.assertEqual(node.stop(), 0)
                with sqlite3.connect(pathlib.Path(node.data_dir, "tallycast.db")) as db:
                    self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(), [("ok", )])

    def test_all_else_is_there_too(self):
        with Node(data_dir=None) as node:
            event = node.event(title="Kept", code="KEPT2345")
            poll = node.poll(event["id"],
                             type="ranking",
                             rules={"max_choices": 2, "allow_change": True},
                             results="never")
            token = node.token("KEPT2345")
            receipt = node.vote(poll["id"], ["b"], token).json["receipt"]
            node.must(200, "POST", f"/v1/polls/{poll['id']}/votes", {"choices": ["c", "a"]}, token)
            for _ in range(9):
                node.poll(event["id"], opened=False)
            tenant = node.must(201, "POST", "/v1/tenants", {"name": "Other"}, OPERATOR)["id"]
            key = node.must(201, "POST", f"/v1/tenants/{tenant}/keys", {}, OPERATOR)
            dead = node.must(201, "POST", f"/v1/tenants/{tenant}/keys", {}, OPERATOR)
            node.must(204, "DELETE", f"/v1/tenants/{tenant}/keys/{dead['id']}", key=OPERATOR)

            def state():
                told = [
                    node.must(200, "GET", f"/v1/events/{event['id']}/polls"),
                    node.ledger(poll["id"]),
                    node.must(200, "GET", "/v1/events")["items"],
                    node.results(poll["id"])
                ]
                told[-1].pop("server_time")
                return told

            before = state()
            number = node.join("KEPT2345", token)["voter"]["number"]
            node.kill()
            node.start()
            self.assertEqual(before, state())
            self.assertEqual(
                node.vote(poll["id"], ["b"], token).json["receipt"], receipt,
                "a repeat from before the change")
            self.assertEqual(node.join("KEPT2345", token)["voter"]["number"], number)
            self.assertGreater(
                node.join("KEPT2345")["voter"]["number"], number, "a number is never given twice")
            self.assertEqual(node.call("GET", "/v1/events", key=key["key"]).status, 200)
            self.assertEqual(node.call("GET", "/v1/events", key=dead["key"]).status, 401)


class Told_to_stop(unittest.TestCase):
    def test_sigterm_under_load_loses_nothing_and_ends_with_0(self):
        with Node(data_dir=None) as node:
            crowd = Crowd(node, 3000)
            crowd.has(200)
            self.assertEqual(node.stop(), 0, node.log())
            crowd.stop()
            node.start()
            crowd.check(self)
            with node.client() as client:  # who got no answer asks again and learns what happened
                for number, token in [w for w in crowd.waiting if w[0] in crowd.unknown]:
                    reply = client.vote(crowd.poll, ["abc"[number % 3]], token, f"key-{number}")
                    self.assertIn(reply.json.get("status"), ("counted", "replayed"), reply)

    def test_a_second_sigterm_does_not_wait_for_anybody(self):
        with Node("--drain-timeout", "1h", "--header-timeout", "10m", data_dir=None) as node:
            event = node.event()
            poll, token = node.poll(event["id"])["id"], node.token(event["code"])
            self.assertEqual(node.vote(poll, ["a"], token).status, 200)
            with Raw(node.port) as stays:
                stays.send(
                    b"POST /v1/join HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n"
                )
                wait_for(lambda: node.metric("tallycast_connections", "http") >= 1,
                         "the connection")
                node.signal(signal.SIGTERM)
                wait_for(lambda: '"draining"' in node.log(), "the drain")
                self.assertTrue(node.alive())
                node.signal(signal.SIGTERM)
                self.assertEqual(node.ended(), 0)
            node.start()
            self.assertEqual(node.results(poll)["voters"], 1)

    def test_the_drain_has_an_end(self):
        with Node("--drain-timeout", "300ms", "--header-timeout",
                  "10m") as node, Raw(node.port) as stays:
            stays.send(b"GET / HTTP/1.1\r\nHost: x\r\n")
            wait_for(lambda: node.metric("tallycast_connections", "http") >= 1, "the connection")
            self.assertEqual(node.stop(), 0)


@contextlib.contextmanager
def small_disk(size):
    """A folder on a file system of its own. Needs root, as mounting does."""
    with tempfile.TemporaryDirectory(prefix="tallycast-disk-") as folder:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", folder],
            capture_output=True,
            text=True)
        if mounted.returncode:
            raise AssertionError(
                f"a small disk cannot be mounted, so a full one is not tested: {mounted.stderr}")
        try:
            yield pathlib.Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


class Full_disk(unittest.TestCase):
    def test_votes_are_refused_until_there_is_room_and_nothing_is_lost(self):
        with small_disk("6m") as disk, Node(data_dir=disk) as node:
            crowd = Crowd(node, 1200, workers=4)
            crowd.has(100)
            ballast = disk / "ballast"
            with open(ballast, "wb", buffering=0) as file, contextlib.suppress(OSError):
                while file.write(bytes(4096)):
                    pass
            refusal = wait_for(lambda: crowd.refused and crowd.refused[0], "a refusal")
            self.assertEqual((refusal.status, refusal.code), (503, "store_unavailable"))
            self.assertGreaterEqual(int(refusal.fields["Retry-After"]), 1)
            self.assertGreater(refusal.json["retry_after_ms"], 0)
            ready = wait_for(lambda: (r := node.ops("GET", "/readyz")).status != 200 and r,
                             "not being ready")
            self.assertEqual(ready.status, 503)
            self.assertEqual(node.ops("GET", "/livez").status, 200)
            self.assertEqual(
                node.call("GET", f"/v1/polls/{crowd.poll}/results", key=HOST).status, 200,
                "reads go on")
            ballast.unlink()
            wait_for(lambda: node.ops("GET", "/readyz").status == 200, "being ready again")
            crowd.has(len(crowd.acknowledged) + 100)
            crowd.stop()
            self.assertEqual({(r.status, r.code)
                              for r in crowd.refused}, {(503, "store_unavailable")})
            crowd.check(self)
            ledger = node.ledger(crowd.poll)
            self.assertGreater(ledger["rejected"]["store"], 0)
            node.kill()
            node.start()
            crowd.check(self)


class Wrong_files(unittest.TestCase):
    def refuses(self, content):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "tallycast.db")
            content(path)
            before = path.read_bytes()
            node = Node(data_dir=folder)
            self.addCleanup(node.remove)
            self.assertEqual(node.spawn().ended(), 1)
            self.assertIn(str(path), node.log())
            self.assertEqual(path.read_bytes(), before, "the file was touched")
            beside = [entry for entry in pathlib.Path(folder).iterdir() if entry != path]
            self.assertEqual([entry.name for entry in beside if entry.stat().st_size], [],
                             "what looking left behind")

    @classmethod
    def setUpClass(cls):
        with Node(data_dir=None) as node:
            node.poll(node.event()["id"])
            node.stop()
            cls.good = pathlib.Path(node.data_dir, "tallycast.db").read_bytes()

    def test_files_that_are_not_whole_or_not_ours_are_named_and_left_alone(self):

        def foreign(path):
            with contextlib.closing(sqlite3.connect(path)) as db:
                db.execute("CREATE TABLE notes(text)")
                db.commit()

        half = len(self.good) // 2
        newer = self.good[:60] + (10**6).to_bytes(4, "big") + self.good[64:]
        damaged = self.good[:4096] + bytes(4096) + self.good[8192:]
        for name, content in {
                "truncated": self.good[:half], "cut in the header": self.good[:50], "empty": b"",
                "text": b"hello\n" * 1000, "newer": newer, "damaged": damaged, "zeros":
                bytes(len(self.good))
        }.items():
            with self.subTest(name):
                self.refuses(lambda path: path.write_bytes(content))
        self.refuses(foreign)

    def test_a_folder_belongs_to_one_node(self):
        with Node(data_dir=None) as node:
            second = Node(data_dir=node.data_dir)
            self.addCleanup(second.remove)
            self.assertEqual(second.spawn().ended(), 1)
            self.assertIn("in use", second.log())
            self.assertEqual(node.call("GET", "/v1/events", key=HOST).status, 200)


class Options(unittest.TestCase):
    def ends(self, code, *options, environment=None):
        node = Node(*options, keys=False, environment=environment)
        self.addCleanup(node.remove)
        self.assertEqual(node.spawn().ended(), code, node.log())
        return node.log()

    def test_all_bad_options_are_named_at_once(self):
        told = self.ends(
            2,
            "--listen",
            "nowhere",
            "--durability",
            "marble",
            "--threads",
            "many",
            "--token-keys",
            "k1:abcd",
            "--log-level",
            "loud",
            environment={"TALLYCAST_MAX_CONNECTIONS": "0", "TALLYCAST_HEADER_TIMEOUT": "soon"})
        for name in ("listen", "durability", "threads", "token-keys", "log-level",
                     "max-connections", "header-timeout"):
            self.assertIn(name, told.lower().replace("_", "-"))
        self.assertNotIn("abcd", told, "a secret is not repeated")
        for unknown in (["--nonsense"], ["--store", "rediss:hunter2@example.org"]):
            self.assertNotIn("hunter2", self.ends(2, *unknown))

    def test_production_wants_keys(self):
        for missing in ([], ["--operator-key", OPERATOR], ["--token-keys", KEYS],
                        ["--operator-key", "short", "--token-keys",
                         KEYS], ["--operator-key", OPERATOR, "--token-keys", f"k1:{'00' * 32}"],
                        ["--operator-key", OPERATOR, "--token-keys", KEYS, "--demo", "on"]):
            with self.subTest(missing):
                self.assertRegex(self.ends(2, "--production", "on", *missing),
                                 "(operator|token)-key|demo")
        with Node("--production",
                  "on",
                  "--operator-key",
                  OPERATOR,
                  "--token-keys",
                  KEYS,
                  keys=False) as node:
            self.assertEqual(node.call("GET", "/v1/tenants", key=OPERATOR).status, 200)
            self.assertNotIn("tck_", node.log())

    def test_the_first_start_makes_keys_and_shows_them_once(self):
        with Node(keys=False, data_dir=None) as node:
            shown = [line.split()[-1] for line in node.log().splitlines() if " key " in line]
            self.assertEqual(len(shown), 2, node.log())
            self.assertEqual(node.call("GET", "/v1/events", key=shown[0]).status, 200)
            self.assertEqual(node.call("GET", "/v1/tenants", key=shown[1]).status, 200)
            node.stop()
            node.start()
            self.assertNotIn("tck_", node.log())
            self.assertEqual(node.call("GET", "/v1/events", key=shown[0]).status, 200)
            self.assertEqual(node.call("GET", "/v1/tenants", key=shown[1]).status, 200)

    def test_two_nodes_cannot_listen_at_one_address(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            node = Node()
            self.addCleanup(node.remove)
            node.port = taken.getsockname()[1]
            self.assertEqual(node.spawn().ended(), 1)
            self.assertIn("listen", node.log())

    def test_sighup_takes_a_good_file_and_refuses_a_broken_one(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "node.toml")
            origin = "https://one.example.org"
            file.write_text(f'allowed-origins = ["{origin}"]\n')
            with Node("--config", str(file)) as node:

                def allowed(origin):
                    return node.call("GET", "/",
                                     fields={"Origin": origin
                                             }).fields.get("Access-Control-Allow-Origin") == origin

                self.assertTrue(allowed(origin))
                file.write_text('log-level = "info"\nallowed-origins = [\n')
                node.signal(signal.SIGHUP)
                told = wait_for(
                    lambda: [line for line in node.log().splitlines() if "not reloaded" in line],
                    "the refusal in the log")
                self.assertRegex(told[0], r"node\.toml.*[0-9]", "file and line")
                self.assertTrue(allowed(origin) and node.alive(), "the old configuration stays")
                file.write_text('allowed-origins = ["https://two.example.org"]\n')
                node.signal(signal.SIGHUP)
                wait_for(lambda: allowed("https://two.example.org"), "the new configuration")
                self.assertFalse(allowed(origin))


if __name__ == "__main__":
    unittest.main()
