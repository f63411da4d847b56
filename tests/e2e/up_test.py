"""The first minute: tools/up, what it prints, and the three commands to paste."""

import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATIENCE = 800  # where nothing is built yet, tools/up builds


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class First_minute(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tallycast-up-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def run_here(self, command):
        done = subprocess.run(command, cwd=self.folder, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=PATIENCE, shell=isinstance(command, str), check=False)
        self.assertEqual(done.returncode, 0, f"{command}:\n{done.stdout}")
        return done.stdout

    def test_a_checkout_becomes_a_node_whose_commands_work_when_pasted(self):
        data, port = self.folder / "data", free_port()
        shown = self.run_here([ROOT / "tools/up", "--detach", "--data-dir", data, "--listen", f"127.0.0.1:{port}",
                               "--ops-listen", f"127.0.0.1:{free_port()}"])
        self.addCleanup(self.run_here, [ROOT / "tools/up", "--stop", "--data-dir", data])
        self.assertIn(f"http://127.0.0.1:{port}", shown)
        self.assertIn(f"studio         http://127.0.0.1:{port}/studio\n", shown)
        self.assertRegex(shown, rf"screen +http://127.0.0.1:{port}/present/\w+")
        self.assertRegex(shown, r"join code +[0-9A-Z]{6}")
        self.assertRegex(shown, r"host key +tck_\S+")
        self.assertGreater(len(re.findall(r"(?m)^ *[█▀▄ ]{20,}$", shown)), 10, "no QR code")
        commands = re.findall(r"(?m)^ *(curl .*)$", shown)
        self.assertEqual(len(commands), 3)
        answers = [self.run_here(command) for command in commands]
        self.assertIn('"token":"tcv_', answers[0])
        self.assertIn('"status":"counted"', answers[1])
        self.assertIn('"voters":1', answers[2])


if __name__ == "__main__":
    unittest.main()
