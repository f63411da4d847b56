// A voter in bad weather: sockets that hang or break, answers that are late, lost or busy, reloads. Whatever happens,
// one ballot is counted once, soon after the weather is good; and what was counted is never shown as anything else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from './client.ts';
import { event, FakeSocket, FakeWorld, poll, results, welcome, type Answer, type Call } from './fake_world.ts';

const badWeather = 45_000; // ms
const patience = 20_000; // ms, that a ballot may take in good weather

class Storm extends FakeWorld {
  bad = true;
  readonly counted = new Set<string>(); // keys
  private state: number;

  constructor(seed: number) {
    super();
    this.state = seed;
  }

  override random() {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return this.state / 2 ** 32;
  }

  private strikes(chance: number) {
    return this.bad && this.random() < chance;
  }

  private get delay() {
    return this.random() ** 3 * (this.bad ? 9_000 : 300);
  }

  override socket() {
    const socket = super.socket() as FakeSocket;
    if (this.strikes(0.3)) return socket; // silent for ever
    if (this.strikes(0.3)) return this.after(this.delay, () => socket.breaks()), socket;
    this.after(this.delay, () => {
      socket.onopen?.();
      this.after(this.delay, () => socket.says(welcome()));
    });
    if (this.strikes(0.5)) this.after(this.random() * 20_000, () => socket.breaks());
    socket.send = (text) => {
      const { type, id } = JSON.parse(text) as { type: string; id: string };
      if (type === 'ping') this.after(this.delay, () => socket.says({ type: 'pong', id, server_time: '' }));
      if (type !== 'vote' || this.strikes(0.3)) return;
      this.after(this.delay, () => {
        this.counted.add(id);
        if (!this.strikes(0.4)) this.after(this.delay, () => socket.says({ type: 'ack', id, status: 'counted', receipt: 'r' }));
      });
    };
    return socket;
  }

  override stream() {
    const stream = super.stream();
    const brings = !this.strikes(0.5);
    this.after(this.delay, () => (brings ? this.streams.at(-1)!.heard.get('welcome')!(JSON.stringify(welcome())) : stream.onbroken?.()));
    return stream;
  }

  private asked({ method, path, headers }: Call): Answer {
    if (this.strikes(0.25)) return 'cut';
    if (this.strikes(0.15)) return { status: 503, body: { code: 'overloaded', retry_after_ms: 700 } };
    if (path.endsWith('/votes/mine'))
      return this.counted.size ? { status: 200, body: { round: 1, choices: ['a'], receipt: 'r' } } : { status: 404, body: { code: 'not_voted' } };
    if (method !== 'POST') return { status: 200, body: { ...event, polls: [poll()], results: [results(1)] } };
    this.counted.add(headers['idempotency-key']!);
    return this.strikes(0.3) ? 'cut' : { status: 200, body: { status: 'counted', receipt: 'r' } };
  }

  // The node has decided when it was asked; its answer comes later.
  override answer = (call: Call) => {
    const answer = this.asked(call);
    return new Promise<Answer>((done) => this.after(this.delay, () => done(answer)));
  };
}

// The page: asks which ballot the node has, as a poll on it does, and watches what is shown.
function page(world: Storm, seen: string[]) {
  const client = new Client({ event: 'e1', code: 'CODE34', world });
  const shown = () => client.polls[0] && client.voteIn(client.polls[0])?.state;
  let heard = '';
  const leave = client.on(() => {
    const state = client.polls[0] ? (shown() ?? 'nothing') : 'waiting';
    if (state !== seen.at(-1)) seen.push(state);
    if (heard !== client.hearing && client.polls[0]) void client.recall(client.polls[0]);
    heard = client.hearing;
  });
  client.start();
  return { client, shown, close: () => (leave(), client.stop()) };
}

test('in whatever weather, a ballot is counted once, and stays counted', async () => {
  for (let seed = 1; seed <= 150; ++seed) {
    const world = new Storm(seed);
    const seen: string[] = [];
    let voter = page(world, seen);
    while (!voter.client.polls[0] && world.time < 1_000_000 + badWeather) await world.pass(500);
    voter.client.vote('p1', { choices: ['a'] });
    const voted = voter.client.polls.length > 0;
    await world.pass(world.random() * badWeather);
    if (world.random() < 0.3) {
      voter.close();
      voter = page(world, seen);
    }
    await world.pass(Math.max(0, 1_000_000 + badWeather - world.time));
    world.bad = false;
    if (!voted) continue; // it never came to voting
    await world.pass(patience);
    assert.deepEqual([seed, voter.shown(), world.counted.size], [seed, 'counted', 1], seen.join());
    const first = seen.indexOf('counted');
    assert.ok(!seen.slice(first).some((state) => /nothing|sending|retrying/.test(state)), `seed ${seed}: ${seen.join()}`);
  }
});
