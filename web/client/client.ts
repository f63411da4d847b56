// One event as its audience, its screen or its host sees it: what the node last said, the own votes, and how well the
// node is heard. The only state the pages share with it; `on` tells that something of it changed.
//
//   const client = new Client({ event, code });       a voter: the cookie of the page says which one
//   const client = new Client({ event, token });      a watcher or host: sees, and never votes
//   client.on(() => render(client)); client.start();
import { byAsking, bySocket, byStream, look, type Ending, type Link, type Way } from './link.ts';
import { isWaiting, Outbox, type Vote } from './outbox.ts';
import { backOff, ServerClock } from './pace.ts';
import { remember, seen } from './seen.ts';
import type { Ballot, Event, Failure, Poll, Results, ServerMessage } from './types.ts';
import { browserWorld, type World } from './world.ts';

export interface Options {
  event: string;
  code?: string; // to join again with, when the token is over
  token?: string;
  maxHz?: number;
  world?: World;
}

// live: messages come as they are made; slow: by asking again and again; lost: not at all.
export type Hearing = 'connecting' | 'live' | 'slow' | 'lost';

const ways: Way[] = [bySocket, byStream, byAsking];
const welcomeTime = 6_000; // for a way to bring its first message
const triesOfAWay = 2; // until it is asked whether the way is blocked
const betweenJoins = 10_000;
const ackTime = 5_000; // for a vote over the socket; then it goes the other way

const passing = /^(rate_limited|overloaded|store_unavailable|shutting_down|internal)$/;
const ofToken = /^(voter_token_|unauthorised$|wrong_event$)/;

export class Client {
  event: Event | null = null;
  polls: Poll[] = [];
  results = new Map<string, Results>();
  voter: number | null = null;
  gone = false; // there is no such event any more
  hearing: Hearing = 'connecting';

  private readonly world: World;
  private readonly options: Options;
  private readonly outbox: Outbox;
  private readonly clock = new ServerClock();
  private readonly listeners = new Set<() => void>();
  private link: Link | null = null;
  private way = 0;
  private lowerUntil = 0; // when the better ways are tried again
  private lowerFor = 120_000;
  private failures = 0;
  private welcomed = false;
  private token: string | null;
  private joining: Promise<boolean> | null = null;
  private joined = -Infinity; // when last
  private stopped = true;
  private cancelNext = () => {};
  private recalled = new Set<string>();

  constructor(options: Options) {
    this.options = options;
    this.world = options.world ?? browserWorld();
    this.token = options.token ?? null;
    this.outbox = new Outbox(this.world, options.event);
  }

  // ── for the pages

  on(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  start() {
    this.stopped = false;
    this.connect();
  }

  stop() {
    this.stopped = true;
    this.hangUp();
  }

  // The network came back, or the page was looked at again: no more waiting.
  wake() {
    if (this.stopped) return;
    this.failures = 0;
    if (this.hearing === 'live' && this.way === 0) this.link?.send({ type: 'ping', id: String(this.world.now()) });
    else this.connect();
  }

  // The network went away, as the browser says.
  lose() {
    if (this.stopped) return;
    this.hangUp();
    void this.ended({ code: 0, comeBackWithin: null });
  }

  serverNow(): number {
    return this.clock.at(this.world.now());
  }

  poll(id: string): Poll | undefined {
    return this.polls.find((poll) => poll.id === id);
  }

  // The own vote in the poll's present round.
  voteIn(poll: Poll): Vote | undefined {
    const vote = this.outbox.of(poll.id);
    return vote?.round === poll.round ? vote : undefined;
  }

  vote(id: string, ballot: Ballot) {
    const poll = this.poll(id);
    if (!poll) return;
    this.send(this.outbox.cast(id, poll.round, ballot));
    this.changed();
  }

  // null: it was taken back. A failure says why not; `no_answer`, that nobody knows yet.
  async withdraw(id: string): Promise<Failure | null> {
    const reply = await this.call('DELETE', `/v1/polls/${id}/votes/mine`).catch(() => null);
    const why = reply ? (reply.body as Failure) : { code: 'no_answer' };
    if (reply?.status === 200 || why?.code === 'not_voted') {
      this.outbox.forget(id);
      this.changed();
      return null;
    }
    if (why && why.code !== 'no_answer' && !passing.test(why.code)) return why;
    return this.askWhetherItStands(id);
  }

  // What was sent may have got through all the same: the node is asked now, or else when it is heard again.
  private async askWhetherItStands(id: string): Promise<Failure | null> {
    const poll = this.poll(id);
    if (!poll) return null;
    const name = `${id}.${poll.round}`;
    this.recalled.delete(name);
    await this.recall(poll);
    if (!this.recalled.has(name)) return { code: 'no_answer' };
    return this.voteIn(poll) ? { code: 'internal' } : null;
  }

  // A refusal was read.
  dismiss(vote: Vote) {
    if (vote.before) this.outbox.recall(vote.poll, vote.round, vote.before);
    else this.outbox.forget(vote.poll);
    this.changed();
  }

  // Asks the node, once a round, which ballot of this voter it has: another page or the form may have cast it.
  async recall(poll: Poll) {
    const name = `${poll.id}.${poll.round}`;
    const known = this.outbox.of(poll.id);
    if (this.recalled.has(name) || isWaiting(known)) return;
    this.recalled.add(name);
    try {
      const reply = await this.call('GET', `/v1/polls/${poll.id}/votes/mine`);
      // Whoever voted meanwhile knows better: the answer may be from before.
      if (this.outbox.of(poll.id) !== known) return;
      const mine = reply.body as (Ballot & { round: number; receipt: string }) | null;
      if (reply.status === 404) this.outbox.recall(poll.id, poll.round, null);
      else if (reply.status === 200 && mine) {
        const { round, receipt, choices, rating } = mine;
        this.outbox.recall(poll.id, round, choices ? { choices } : { rating }, receipt);
      } else this.recalled.delete(name);
      this.changed();
    } catch {
      this.recalled.delete(name);
    }
  }

  // ── the connection

  private changed() {
    for (const listener of this.listeners) listener();
  }

  private hangUp() {
    this.cancelNext();
    this.link?.close();
    this.link = null;
  }

  private connect(): void {
    this.hangUp();
    if (this.world.now() > this.lowerUntil) this.way = 0;
    this.welcomed = false;
    const { event, maxHz = 4 } = this.options;
    const end = (how: Ending) => void this.ended(how);
    try {
      this.link = ways[this.way]!(this.world, { event, token: this.token, maxHz, hear: (message) => this.hear(message), end });
    } catch {
      return end({ code: 0, comeBackWithin: null });
    }
    this.next(welcomeTime, () => this.lose());
  }

  private next(ms: number, what: () => void) {
    this.cancelNext();
    this.cancelNext = this.world.after(ms, what);
  }

  private async ended({ code, comeBackWithin }: Ending): Promise<void> {
    this.cancelNext();
    this.link = null;
    if (this.stopped) return;
    this.failures = this.welcomed ? 1 : this.failures + 1;
    this.hearing = 'lost';
    if (!this.event) this.showWhatWasSeen();
    // What is retrying already may have a timer, which goes by the number of its tries.
    for (const vote of this.outbox.waiting()) if (vote.state === 'sending') this.outbox.retrying(vote.key);
    this.changed();
    if (code === 4401) await this.join();
    if (!this.welcomed && this.failures >= triesOfAWay && (await this.isOnlyBlocked())) this.goAround();
    if (this.stopped || this.link) return; // while we asked
    const wait = comeBackWithin === null ? backOff(this.failures, this.world.random()) : comeBackWithin * this.world.random();
    this.next(code === 1013 || code === 4429 ? wait + 2_000 : wait, () => this.connect());
  }

  // The node answers, so it is the way that is closed: by a proxy, or by a company's wall.
  private isOnlyBlocked(): Promise<boolean> {
    const { event } = this.options;
    return look(this.world, { event, token: this.token, hear: (message) => this.take(message) });
  }

  // Ballots need no way that is live: they go at once.
  private goAround() {
    if (this.stopped || this.link) return;
    this.flush();
    if (this.way === ways.length - 1) return;
    ++this.way;
    this.lowerUntil = this.world.now() + this.lowerFor;
    this.lowerFor *= 2;
    this.failures = 0;
    this.connect();
  }

  // ── what the node says

  private hear(message: ServerMessage): void {
    if (message.type !== 'welcome') return this.take(message);
    const first = !this.welcomed;
    this.cancelNext();
    this.welcomed = true;
    this.failures = 0;
    this.hearing = this.way === 2 ? 'slow' : 'live';
    this.take(message);
    if (first) this.flush();
    if (this.way === 2 && this.world.now() > this.lowerUntil) return this.connect();
    // A cookie that has run out is nobody's; only where a voter is expected.
    const nobody = this.way < 2 && message.voter === null && this.token === null;
    if (nobody && this.options.code) void this.join().then((joined) => joined && this.connect());
  }

  private take(message: ServerMessage) {
    const now = this.world.now();
    switch (message.type) {
      case 'welcome':
        this.clock.heard(message.server_time, now);
        this.event = message.event;
        this.polls = message.polls;
        this.forgetOldRounds();
        if (message.voter !== null) this.becomes(message.voter);
        break;
      case 'poll': this.putPoll({ ...message, type: message.poll_type }); break;
      case 'poll_removed': this.removePoll(message.poll); break;
      case 'results': this.putResults(message); break;
      case 'ack': this.counted(message.id, message.status, message.receipt); break;
      case 'error':
        if (message.id) this.failed(message.id, message);
        else if (message.code === 'event_not_found') this.leave();
        break;
      case 'pong': this.clock.answered(message.server_time, Number(message.id), now); break;
    }
    if (this.event && this.options.code && /^(welcome|poll)/.test(message.type)) remember(this.world, { event: this.event, polls: this.polls });
    this.changed();
  }

  private showWhatWasSeen() {
    const last = seen(this.world);
    if (last?.event.id === this.options.event) ({ event: this.event, polls: this.polls } = last);
  }

  private leave() {
    this.gone = true;
    this.stop();
  }

  private becomes(voter: number) {
    const name = `tallycast.voter.${this.options.event}`;
    const known = this.world.read(name);
    if (known !== null && known !== String(voter)) {
      this.outbox.forgetCounted();
      this.recalled.clear();
    }
    if (known !== String(voter)) this.world.write(name, String(voter));
    this.voter = voter;
  }

  private putPoll(poll: Poll) {
    const at = this.polls.findIndex((known) => known.id === poll.id);
    this.polls = at < 0 ? [...this.polls, poll] : this.polls.map((known, i) => (i === at ? poll : known));
    this.forgetOldRounds();
  }

  private removePoll(id: string) {
    this.polls = this.polls.filter((poll) => poll.id !== id);
    this.results.delete(id);
  }

  private forgetOldRounds() {
    for (const poll of this.polls) if ((this.results.get(poll.id)?.round ?? poll.round) < poll.round) this.results.delete(poll.id);
  }

  // Never a step back: what is older than what is shown is dropped, however it came.
  private putResults(fresh: Results) {
    const known = this.results.get(fresh.poll);
    const round = this.poll(fresh.poll)?.round ?? 0;
    if (fresh.round < Math.max(round, known?.round ?? 0)) return;
    if (known && known.round === fresh.round && known.version > fresh.version) return;
    this.results = new Map(this.results).set(fresh.poll, fresh);
  }

  // ── the votes

  private flush() {
    for (const vote of this.outbox.waiting()) this.send(vote);
  }

  private send(vote: Vote) {
    const poll = this.poll(vote.poll);
    // It was meant for a round that is over; the present one has not been asked about.
    if (poll && poll.round !== vote.round) return void this.outbox.forget(vote.poll);
    const { key, ballot } = vote;
    const overSocket = this.welcomed && this.way === 0 && this.link?.send({ type: 'vote', id: key, poll: vote.poll, ...ballot });
    if (!overSocket) return void this.post(vote);
    this.world.after(ackTime, () => {
      if (this.isWaitingFor(key)) void this.post(vote);
    });
  }

  private isWaitingFor(key: string): boolean {
    return this.outbox.waiting().some((vote) => vote.key === key);
  }

  private async post({ poll, key, ballot }: Vote) {
    try {
      const reply = await this.call('POST', `/v1/polls/${poll}/votes`, ballot, { 'idempotency-key': key });
      const told = reply.body as { status: string; receipt: string } & Failure;
      if (reply.status === 200) this.counted(key, told.status, told.receipt);
      else this.failed(key, told?.code ? told : { code: 'internal' });
    } catch {
      this.failed(key, { code: 'internal' });
    }
    this.changed();
  }

  private counted(key: string, status: string, receipt: string) {
    const vote = this.outbox.counted(key, status, receipt);
    if (vote) this.recalled.add(`${vote.poll}.${vote.round}`);
  }

  private failed(key: string, why: Failure) {
    if (!this.isWaitingFor(key)) return;
    if (ofToken.test(why.code) && this.options.code) {
      void this.join().then((joined) => (joined ? this.connect() : this.later(key, why)));
    } else if (passing.test(why.code)) {
      this.later(key, why);
    } else {
      this.outbox.refused(key, why);
    }
  }

  private later(key: string, why: Failure) {
    this.outbox.retrying(key);
    const vote = this.outbox.waiting().find((one) => one.key === key);
    if (!vote) return;
    const wait = Math.max(why.retry_after_ms ?? 0, backOff(vote.tries, this.world.random()));
    this.world.after(wait, () => {
      const still = this.outbox.waiting().find((one) => one.key === key);
      if (still && still.tries === vote.tries && !this.stopped) this.send(still);
    });
  }

  // A new token where the old one is over; what waits stays, and is sent as the new voter's. The token is kept here as
  // well as in the cookie, for browsers that keep no cookies.
  private join(): Promise<boolean> {
    if (!this.options.code || this.world.now() - this.joined < betweenJoins) return Promise.resolve(false);
    this.joining ??= this.world
      .call('POST', '/v1/join', { code: this.event?.code ?? this.options.code })
      .then(({ status, body }) => {
        if (status !== 200) return false;
        const { token, number } = (body as { voter: { token: string; number: number } }).voter;
        this.joined = this.world.now();
        this.token = token;
        this.becomes(number);
        return true;
      })
      .catch(() => false)
      .finally(() => (this.joining = null));
    return this.joining;
  }

  private call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const known: Record<string, string> = this.token ? { authorization: `Bearer ${this.token}` } : {};
    return this.world.call(method, path, body, { ...headers, ...known });
  }
}
