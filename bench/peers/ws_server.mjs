// The same text to every WebSocket, so many times a second: node ws_server.mjs <port> <bytes> <hz>
import { WebSocketServer, WebSocket } from "ws";

const [port, bytes, hz] = process.argv.slice(2).map(Number);
const server = new WebSocketServer({ host: "127.0.0.1", port, perMessageDeflate: false, backlog: 4096 });
const text = "x".repeat(bytes - 4);

server.on("connection", (socket) => socket.on("error", () => socket.terminate()));

if (hz > 0) {
  setInterval(() => {
    for (const client of server.clients) {
      if (client.readyState === WebSocket.OPEN) client.send(text);
    }
  }, 1000 / hz);
}

// A ping to each of them every 25 s, a part of them at a time, as a server that keeps its connections alive does.
setInterval(() => {
  for (const client of server.clients) {
    client.quarters = ((client.quarters ?? 0) + 1) % 100;
    if (client.quarters === 0 && client.readyState === WebSocket.OPEN) client.ping();
  }
}, 250);
