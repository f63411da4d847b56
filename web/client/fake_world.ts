// A world whose clock, network and store the tests move by hand.
import type { Poll, Results } from './types.ts';
import type { Reply, Socket, Stream, World } from './world.ts';

export class FakeSocket implements Socket {
  onopen: Socket['onopen'] = null;
  onmessage: Socket['onmessage'] = null;
  onclose: Socket['onclose'] = null;
  sent: { type: string; id?: string; poll?: string; choices?: string[]; revision?: number; token?: string }[] = [];
  closed = false;

  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
  }
  says(message: object) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  breaks(code = 1006, reason = '') {
    this.onclose?.({ code, reason });
  }
  votes() {
    return this.sent.filter(({ type }) => type === 'vote');
  }
}

export class FakeStream implements Stream {
  onbroken: Stream['onbroken'] = null;
  heard = new Map<string, (data: string) => void>();
  closed = false;

  close() {
    this.closed = true;
  }
  listen(type: string, heard: (data: string) => void) {
    this.heard.set(type, heard);
  }
  says(message: { type: string }) {
    this.heard.get(message.type)!(JSON.stringify(message));
  }
}

export interface Call {
  method: string;
  path: string;
  body: unknown;
  headers: Record<string, string>;
}

// What a call gets: a reply, or 'cut' when nobody answers.
export type Answer = Reply | 'cut';

export class FakeWorld implements World {
  time = 1_000_000;
  chance = 0.5;
  sockets: FakeSocket[] = [];
  streams: FakeStream[] = [];
  calls: Call[] = [];
  store = new Map<string, string>();
  answer: (call: Call) => Answer | Promise<Answer> = () => 'cut';
  private keys = 0;
  private watchers = new Set<(gone: string | null) => void>();
  private timers: { at: number; what: () => void }[] = [];

  get socketNow(): FakeSocket {
    return this.sockets[this.sockets.length - 1]!;
  }

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const call = { method, path, body, headers };
    this.calls.push(call);
    const got = await this.answer(call);
    if (got === 'cut') throw new Error('cut off');
    return got;
  }
  socket(): Socket {
    return (this.sockets.push(new FakeSocket()), this.socketNow);
  }
  stream(): Stream {
    const made = new FakeStream();
    this.streams.push(made);
    return made;
  }
  after(ms: number, what: () => void) {
    const timer = { at: this.time + ms, what };
    this.timers.push(timer);
    return () => void (this.timers = this.timers.filter((other) => other !== timer));
  }
  now() {
    return this.time;
  }
  random() {
    return this.chance;
  }
  key() {
    return `key${++this.keys}`;
  }
  read(name: string) {
    return this.store.get(name) ?? null;
  }
  write(name: string, text: string | null) {
    if (text === null) this.store.delete(name);
    else this.store.set(name, text);
  }
  names(prefix: string) {
    return [...this.store.keys()].filter((name) => name.startsWith(prefix));
  }
  watch(changed: (gone: string | null) => void) {
    this.watchers.add(changed);
    return () => void this.watchers.delete(changed);
  }
  // As if another page had written, or taken something away.
  written(gone: string | null = null) {
    for (const changed of this.watchers) changed(gone);
  }

  // Lets what is due happen, in its order, and what promises wait for.
  async pass(ms: number) {
    const until = this.time + ms;
    await settled();
    for (;;) {
      const due = this.timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.timers = this.timers.filter((other) => other !== due);
      this.time = Math.max(this.time, due.at);
      due.what();
      await settled();
    }
    this.time = until;
  }
}

export async function settled() {
  for (let i = 0; i < 20; ++i) await Promise.resolve();
}

export const poll = (more: Partial<Poll> = {}): Poll => ({
  id: 'p1', event: 'e1', type: 'single', question: 'Best?', status: 'open', round: 1,
  options: [{ id: 'a', label: 'A' }, { id: 'b', label: 'B' }],
  rules: { min_choices: 1, max_choices: 1, allow_change: true, scale: null }, results: 'always', opens_at: null,
  closes_at: null, grace_ms: 0, position: 0, created_at: '', opened_at: null, closed_at: null, ...more,
});

export const event = { id: 'e1', title: 'Evening', code: 'CODE34', settings: { locale: 'en' }, created_at: '' };

export const welcome = (more: object = {}) => ({
  type: 'welcome', event, polls: [poll()], voter: 7, server_time: '2026-01-01T00:00:00.000Z', ...more,
});

export const results = (version: number, more: Partial<Results> = {}): Results & { type: string } => ({
  type: 'results', poll: 'p1', round: 1, status: 'open', version, voters: version, votes: version, final: false,
  options: [], server_time: '2026-01-01T00:00:00.000Z', ...more,
});
