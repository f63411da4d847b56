// The three ways in which the node's messages come: a WebSocket, an event stream, or asking again and again. A link
// tells `hear` what came and `end` once that it is over; close() is silent.
import type { Event, Poll, Results, ServerMessage } from './types.ts';
import { spreadOf } from './pace.ts';
import type { World } from './world.ts';

export interface Link {
  // False when this way takes no messages.
  send(message: object): boolean;
  close(): void;
}

export interface Ending {
  code: number; // of the WebSocket, or 0
  comeBackWithin: number | null; // ms, where the node asked for it
}

export interface Where {
  event: string;
  token: string | null;
  maxHz: number;
  hear(message: ServerMessage): void;
  end(how: Ending): void;
}

export type Way = (world: World, where: Where) => Link;

const longestSilence = 20_000;
const pongTime = 8_000;
const askEvery = 2_000;

function parsed(text: unknown): ServerMessage | null {
  try {
    return JSON.parse(String(text)) as ServerMessage;
  } catch {
    return null;
  }
}

// In an address only a watcher's token may stand.
function addressed(path: string, token: string | null): string {
  return token?.startsWith('tcw_') ? `${path}?token=${encodeURIComponent(token)}` : path;
}

export const bySocket: Way = (world, { event, token, maxHz, hear, end }) => {
  const socket = world.socket(`/v1/events/${event}/live`);
  const send = (message: object) => (socket.send(JSON.stringify(message)), true);
  let cancel = () => {};
  // A phone that slept does not notice that its connection has gone: silence is asked about.
  const watch = (ms: number, then: () => void) => {
    cancel();
    cancel = world.after(ms, then);
  };
  const close = () => {
    cancel();
    socket.onmessage = socket.onclose = socket.onopen = null;
    socket.close();
  };
  const over = (how: Ending) => {
    close();
    end(how);
  };
  const listen = () => watch(longestSilence, () => {
    send({ type: 'ping', id: String(world.now()) });
    watch(pongTime, () => over({ code: 0, comeBackWithin: null }));
  });
  socket.onopen = () => {
    if (token) send({ type: 'auth', token });
    send({ type: 'subscribe', polls: 'all', max_hz: maxHz });
    send({ type: 'ping', id: String(world.now()) });
    listen();
  };
  socket.onmessage = ({ data }) => {
    listen();
    const message = parsed(data);
    if (message) hear(message);
  };
  socket.onclose = ({ code, reason }) => over({ code, comeBackWithin: code === 1012 ? spreadOf(reason) : null });
  return { send, close };
};

export const byStream: Way = (world, { event, token, hear, end }) => {
  const stream = world.stream(addressed(`/v1/events/${event}/stream`, token));
  for (const type of ['welcome', 'poll', 'poll_removed', 'results', 'notice'])
    stream.listen(type, (data) => {
      const message = parsed(data);
      if (message) hear(message);
    });
  stream.onbroken = () => end({ code: 0, comeBackWithin: null });
  return { send: () => false, close: () => stream.close() };
};

type View = Event & { polls: Poll[]; results: Results[]; notice?: string };

// What the event looks like now, as the messages that a live connection would bring; false when nobody answered.
export async function look(world: World, { event, token, hear }: Pick<Where, 'event' | 'token' | 'hear'>): Promise<boolean> {
  try {
    const reply = await world.call('GET', `/v1/events/${event}`, undefined, token ? { authorization: `Bearer ${token}` } : {});
    if (reply.status === 404) hear({ type: 'error', code: 'event_not_found' });
    if (reply.status !== 200) return reply.status < 500;
    const { polls, results, notice = '', ...told } = reply.body as View;
    hear({ type: 'welcome', event: told, polls, voter: null, server_time: reply.date ?? '' });
    hear({ type: 'notice', text: notice });
    for (const one of results) hear({ type: 'results', ...one });
    return true;
  } catch {
    return false;
  }
}

export const byAsking: Way = (world, where) => {
  let closed = false;
  let cancel = () => {};
  const ask = async () => {
    const answered = await look(world, { ...where, hear: (message) => closed || where.hear(message) });
    if (closed) return;
    if (answered) cancel = world.after(askEvery * (0.75 + world.random() / 2), ask);
    else where.end({ code: 0, comeBackWithin: null });
  };
  void ask();
  return {
    send: () => false,
    close: () => {
      closed = true;
      cancel();
    },
  };
};
