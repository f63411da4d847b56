// A rehearsal: a synthetic audience votes in a shadow of a poll, in an event of its own that is deleted afterwards. Some
// of it taps twice, and some sends again as if its answer had been lost. Then what was sent, acknowledged and counted is
// compared.
import type { Poll, Results } from '../client/types.ts';
import type { Ledger } from './api.ts';
import { definitionOf } from './portable.ts';

export const mostVoters = 200;
const atOnce = 6; // as many connections as a browser opens
const tapsTwice = 5; // every fifth
const sendsAgain = 7; // every seventh
const mostTries = 20;

export interface Report {
  voters: number;
  ballots: number; // that were sent, repeats and refused ones included
  acknowledged: number; // voters whose every ballot got a 200
  counted: number; // voters in the result
  repeats: number; // answered as repeats
  refused: number; // told to come again later, and did
  half: number; // ms: half of the answers came within
  slowest: number;
  good: boolean;
}

export interface Answer {
  status: number;
  body: { status?: string; retry_after_ms?: number; voter?: { token: string } } | null;
}

export interface Stage {
  host<T>(method: string, path: string, body?: unknown): Promise<T>;
  // The event of the rehearsal is there, and is gone again.
  began(event: string): void;
  over(event: string): void;
  // As a stranger: without any cookie.
  stranger(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  wait(ms: number): Promise<void>;
  now(): number;
  random(): number;
}

export function ballotFor(poll: Poll, random: () => number): object {
  if (poll.type === 'rating') return { rating: 1 + Math.floor(random() * (poll.rules.scale ?? 5)) };
  const shuffled = poll.options.map(({ id }) => ({ id, at: random() })).sort((a, b) => a.at - b.at);
  const { min_choices: least, max_choices: most } = poll.rules;
  const count = least + Math.floor(random() * (most - least + 1));
  return { choices: shuffled.slice(0, Math.max(1, count)).map(({ id }) => id) };
}

class Audience {
  readonly times: number[] = [];
  ballots = 0;
  acknowledged = 0;
  repeats = 0;
  refused = 0;
  private readonly stage_: Stage;

  constructor(stage: Stage) {
    this.stage_ = stage;
  }

  // Comes again when it is told to.
  private async patiently_(ask: () => Promise<Answer>, refused: () => void): Promise<Answer> {
    for (let tries = 1; ; ++tries) {
      const answer = await ask();
      const later = answer.status === 429 || answer.status === 503;
      if (!later || tries === mostTries) return answer;
      refused();
      await this.stage_.wait(answer.body?.retry_after_ms ?? 200);
    }
  }

  private async send_(poll: Poll, token: string, key: string, ballot: object): Promise<boolean> {
    const began = this.stage_.now();
    const headers = { authorization: `Bearer ${token}`, 'idempotency-key': key };
    const vote = () => (++this.ballots, this.stage_.stranger(`/v1/polls/${poll.id}/votes`, ballot, headers));
    const { status, body } = await this.patiently_(vote, () => ++this.refused);
    this.times.push(this.stage_.now() - began);
    if (body?.status === 'replayed') ++this.repeats;
    return status === 200;
  }

  async voter(number: number, code: string, poll: Poll) {
    const joined = await this.patiently_(() => this.stage_.stranger('/v1/join', { code }), () => {});
    const token = joined.body?.voter?.token;
    if (!token) return;
    const ballot = ballotFor(poll, () => this.stage_.random());
    const once = () => this.send_(poll, token, `rehearsal-${number}`, ballot);
    const answers = await Promise.all(number % tapsTwice === 0 ? [once(), once()] : [once()]);
    if (number % sendsAgain === 0) answers.push(await once());
    if (answers.every(Boolean)) ++this.acknowledged;
  }
}

async function perform(stage: Stage, code: string, shadow: Poll, voters: number, tell: (done: number) => void): Promise<Report> {
  const audience = new Audience(stage);
  let next = 0;
  let done = 0;
  const seat = async () => {
    while (next < voters) {
      await audience.voter(++next, code, shadow);
      tell(++done);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, seat));
  const results = await stage.host<Results>('GET', `/v1/polls/${shadow.id}/results`);
  const ledger = await stage.host<Ledger>('GET', `/v1/polls/${shadow.id}/ledger`);
  const { ballots, acknowledged, repeats, refused, times } = audience;
  times.sort((a, b) => a - b);
  const good = acknowledged === voters && results.voters === voters && ledger.counted === voters && ledger.balanced &&
    ledger.received === ballots && ledger.replayed === repeats && ballots === voters + repeats + refused;
  return { voters, ballots, acknowledged, counted: results.voters, repeats, refused,
    half: times[Math.floor(times.length / 2)] ?? 0, slowest: times.at(-1) ?? 0, good };
}

export async function rehearse(stage: Stage, poll: Poll, voters: number, title: string, tell: (done: number) => void): Promise<Report> {
  const event = await stage.host<{ id: string; code: string }>('POST', '/v1/events', { title });
  stage.began(event.id);
  try {
    const shadow = await stage.host<Poll>('POST', `/v1/events/${event.id}/polls`, { ...definitionOf(poll), results: 'always' });
    const open = await stage.host<Poll>('POST', `/v1/polls/${shadow.id}/open`);
    return await perform(stage, event.code, open, Math.min(voters, mostVoters), tell);
  } finally {
    await stage.host('DELETE', `/v1/events/${event.id}`);
    stage.over(event.id);
  }
}
