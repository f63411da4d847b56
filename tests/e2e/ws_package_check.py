"""The live connection with the `ws` package of Node.js, as server-side JavaScript uses it.

Not one of the tests that every check runs: it needs node, npm and their registry. It says so and
fails when they are not there. Run it with TALLYCAST_BIN set, as the tests.
"""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

from node import Node

SCRIPT = """
const { WebSocket } = require('ws');
const [port, event, poll, token] = process.argv.slice(2);
const said = [];
const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/events/${event}/live`, 'tallycast.v1');
const say = (message) => socket.send(JSON.stringify(message));
const give_up = setTimeout(() => { console.error('too late', said); process.exit(1); }, 20000);
socket.on('message', (data) => {
  const message = JSON.parse(data);
  said.push(message.type);
  if (message.type === 'welcome' && said.length === 1) say({ type: 'auth', token });
  if (message.type === 'welcome' && said.length === 2) {
    say({ type: 'subscribe', polls: 'all', max_hz: 20 });
    say({ type: 'vote', id: 'k1', poll, choices: ['a'] });
  }
  if (message.type === 'results' && message.voters === 1) socket.ping('still there');
});
socket.on('pong', (data) => { said.push(`pong ${data}`); socket.close(1000, 'bye'); });
socket.on('close', (code) => {
  clearTimeout(give_up);
  console.log(JSON.stringify({ protocol: socket.protocol, code, said: [...new Set(said)].sort() }));
});
socket.on('error', (error) => { console.error(error); process.exit(1); });
"""


class Ws_package(unittest.TestCase):
    def test_a_voter_with_the_ws_package(self):
        self.assertTrue(shutil.which("node") and shutil.which("npm"), "there is no node or no npm")
        with tempfile.TemporaryDirectory(prefix="tallycast-ws-") as folder, Node() as node:
            npm = ["npm", "install", "--no-save", "--no-audit", "--no-fund", "--silent", "ws@8"]
            subprocess.run(npm, cwd=folder, check=True, timeout=120)
            pathlib.Path(folder, "voter.js").write_text(SCRIPT)
            event = node.event()
            poll, token = node.poll(event["id"])["id"], node.token(event["code"])
            command = ["node", "voter.js", str(node.port), event["id"], poll, token]
            ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            self.assertEqual(ran.stdout.strip(), '{"protocol":"tallycast.v1","code":1000,'
                             '"said":["ack","pong still there","results","welcome"]}')
            self.assertEqual(node.results(poll)["voters"], 1)


if __name__ == "__main__":
    unittest.main()
