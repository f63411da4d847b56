// One event as its audience, its screen or its host sees it: what the node last said, the own votes, and how well the
// node is heard. The only state the pages share with it; `on` tells that something of it changed.
//
//   const client = new Client({ event, code });       a voter: the cookie of the page says which one
//   const client = new Client({ event, token });      a watcher or host: sees, and never votes
//   client.on(() => render(client)); client.start();
import { byAsking, bySocket, byStream, look, type Ending, type Link, type Way } from './link.ts';
import type { Vote } from './outbox.ts';
import { backOff, ServerClock } from './pace.ts';
import { remember, seen } from './seen.ts';
import type { Ballot, Event, Failure, Poll, Results, ServerMessage } from './types.ts';
import { Votes } from './votes.ts';
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

export class Client {
  event: Event | null = null;
  polls: Poll[] = [];
  results = new Map<string, Results>();
  voter: number | null = null;
  notice = ''; // what the operator tells everybody
  gone = false; // there is no such event any more
  hearing: Hearing = 'connecting';

  private readonly world_: World;
  private readonly options_: Options;
  private readonly votes_: Votes;
  private readonly clock_ = new ServerClock();
  private readonly listeners_ = new Set<() => void>();
  private link_: Link | null = null;
  private way_ = 0;
  private lowerUntil_ = 0; // when the better ways are tried again
  private lowerFor_ = 120_000;
  private failures_ = 0;
  private welcomed_ = false;
  private token_: string | null;
  private joining_: Promise<boolean> | null = null;
  private joined_ = -Infinity; // when last
  private stopped_ = true;
  private cancelNext_ = () => {};
  private unwatch_ = () => {};

  constructor(options: Options) {
    this.options_ = options;
    this.world_ = options.world ?? browserWorld();
    this.token_ = options.token ?? null;
    this.votes_ = new Votes(this.world_, options.event, {
      poll: (id) => this.poll(id),
      call: (...what) => this.call_(...what),
      send: (message) => this.welcomed_ && this.way_ === 0 && !!this.link_?.send(message),
      renew: () => this.renew_(),
      stopped: () => this.stopped_,
      changed: () => this.changed_(),
    });
  }

  // ── for the pages

  on(listener: () => void): () => void {
    this.listeners_.add(listener);
    return () => this.listeners_.delete(listener);
  }

  start() {
    this.stopped_ = false;
    this.unwatch_ = this.world_.watch((gone) => this.votes_.look(gone));
    this.connect_();
  }

  stop() {
    this.stopped_ = true;
    this.unwatch_();
    this.hangUp_();
  }

  // The network came back, or the page was looked at again: no more waiting.
  wake() {
    if (this.stopped_) return;
    this.failures_ = 0;
    if (this.hearing === 'live' && this.way_ === 0) this.link_?.send({ type: 'ping', id: String(this.world_.now()) });
    else this.connect_();
  }

  // The network went away, as the browser says.
  lose() {
    if (this.stopped_) return;
    this.hangUp_();
    void this.ended_({ code: 0, comeBackWithin: null });
  }

  serverNow(): number {
    return this.clock_.at(this.world_.now());
  }

  poll(id: string): Poll | undefined {
    return this.polls.find((poll) => poll.id === id);
  }

  // The own vote in the poll's present round.
  voteIn(poll: Poll): Vote | undefined {
    return this.votes_.in(poll);
  }

  // Refusals that the poll on the page does not tell of: they are of another one.
  astray(shown?: Poll): Vote[] {
    return this.votes_.astray(shown);
  }

  vote(id: string, ballot: Ballot) {
    this.votes_.cast(id, ballot);
  }

  withdraw(id: string): Promise<Failure | null> {
    return this.votes_.withdraw(id);
  }

  // A refusal was read.
  dismiss(vote: Vote) {
    this.votes_.dismiss(vote);
  }

  // Asks the node, once a round, which ballot of this voter it has: another page or the form may have cast it.
  recall(poll: Poll): Promise<void> {
    return this.votes_.recall(poll);
  }

  // ── the connection

  private changed_() {
    for (const listener of this.listeners_) listener();
  }

  private hangUp_() {
    this.cancelNext_();
    this.link_?.close();
    this.link_ = null;
  }

  private connect_(): void {
    this.hangUp_();
    if (this.world_.now() > this.lowerUntil_) this.way_ = 0;
    this.welcomed_ = false;
    const { event, maxHz = 4 } = this.options_;
    const end = (how: Ending) => void this.ended_(how);
    try {
      this.link_ = ways[this.way_]!(this.world_, { event, token: this.token_, maxHz, hear: (message) => this.hear_(message), end });
    } catch {
      return end({ code: 0, comeBackWithin: null });
    }
    this.next_(welcomeTime, () => this.lose());
  }

  private next_(ms: number, what: () => void) {
    this.cancelNext_();
    this.cancelNext_ = this.world_.after(ms, what);
  }

  private async ended_({ code, comeBackWithin }: Ending): Promise<void> {
    this.cancelNext_();
    this.link_ = null;
    if (this.stopped_) return;
    this.failures_ = this.welcomed_ ? 1 : this.failures_ + 1;
    this.hearing = 'lost';
    if (!this.event) this.showWhatWasSeen_();
    this.votes_.lost();
    this.changed_();
    if (code === 4401) await this.join_();
    if (!this.welcomed_ && this.failures_ >= triesOfAWay && (await this.isOnlyBlocked_())) this.goAround_();
    if (this.stopped_ || this.link_) return; // while we asked
    const wait = comeBackWithin === null ? backOff(this.failures_, this.world_.random()) : comeBackWithin * this.world_.random();
    this.next_(code === 1013 || code === 4429 ? wait + 2_000 : wait, () => this.connect_());
  }

  // The node answers, so it is the way that is closed: by a proxy, or by a company's wall.
  private isOnlyBlocked_(): Promise<boolean> {
    const { event } = this.options_;
    return look(this.world_, { event, token: this.token_, hear: (message) => this.take_(message) });
  }

  // Ballots need no way that is live: they go at once.
  private goAround_() {
    if (this.stopped_ || this.link_) return;
    this.votes_.flush();
    if (this.way_ === ways.length - 1) return;
    ++this.way_;
    this.lowerUntil_ = this.world_.now() + this.lowerFor_;
    this.lowerFor_ *= 2;
    this.failures_ = 0;
    this.connect_();
  }

  // ── what the node says

  private hear_(message: ServerMessage): void {
    if (message.type !== 'welcome') return this.take_(message);
    const first = !this.welcomed_;
    if (first) this.notice = ''; // one that still holds comes behind the first
    this.cancelNext_();
    this.welcomed_ = true;
    this.failures_ = 0;
    this.hearing = this.way_ === 2 ? 'slow' : 'live';
    this.take_(message);
    if (first) this.votes_.flush();
    if (this.way_ === 2 && this.world_.now() > this.lowerUntil_) return this.connect_();
    // A cookie that has run out is nobody's; only where a voter is expected.
    const nobody = this.way_ < 2 && message.voter === null && this.token_ === null;
    if (nobody) void this.renew_();
  }

  private take_(message: ServerMessage) {
    const now = this.world_.now();
    switch (message.type) {
      case 'welcome':
        this.clock_.heard(message.server_time, now);
        this.event = message.event;
        this.polls = message.polls;
        this.forgetOldRounds_();
        if (message.voter !== null) this.becomes_(message.voter);
        break;
      case 'poll': this.putPoll_({ ...message, type: message.poll_type }); break;
      case 'poll_removed': this.removePoll_(message.poll); break;
      case 'results': this.putResults_(message); break;
      case 'notice': this.notice = message.text; break;
      case 'ack': this.votes_.counted(message.id, message.status, message.receipt); break;
      case 'error':
        if (message.id) this.votes_.failed(message.id, message);
        else if (message.code === 'event_not_found') this.leave_();
        break;
      case 'pong': this.clock_.answered(message.server_time, Number(message.id), now); break;
    }
    if (this.event && this.options_.code && /^(welcome|poll)/.test(message.type)) remember(this.world_, { event: this.event, polls: this.polls });
    this.changed_();
  }

  private showWhatWasSeen_() {
    const last = seen(this.world_);
    if (last?.event.id === this.options_.event) ({ event: this.event, polls: this.polls } = last);
  }

  private leave_() {
    this.gone = true;
    this.stop();
  }

  private becomes_(voter: number) {
    const name = `tallycast.voter.${this.options_.event}`;
    const known = this.world_.read(name);
    if (known !== `${voter}`) {
      if (known) this.votes_.areOfSomebodyNew();
      this.world_.write(name, `${voter}`);
    }
    this.voter = voter;
  }

  private putPoll_(poll: Poll) {
    const at = this.polls.findIndex((known) => known.id === poll.id);
    this.polls = at < 0 ? [...this.polls, poll] : this.polls.map((known, i) => (i === at ? poll : known));
    this.forgetOldRounds_();
  }

  private removePoll_(id: string) {
    this.polls = this.polls.filter((poll) => poll.id !== id);
    this.results.delete(id);
  }

  private forgetOldRounds_() {
    for (const poll of this.polls) if ((this.results.get(poll.id)?.round ?? poll.round) < poll.round) this.results.delete(poll.id);
  }

  // Never a step back: what is older than what is shown is dropped, however it came.
  private putResults_(fresh: Results) {
    const known = this.results.get(fresh.poll);
    const round = this.poll(fresh.poll)?.round ?? 0;
    if (fresh.round < Math.max(round, known?.round ?? 0)) return;
    if (known && known.round === fresh.round && known.version > fresh.version) return;
    this.results = new Map(this.results).set(fresh.poll, fresh);
  }

  // A new token where the old one is over; what waits stays, and is sent as the new voter's. The token is kept here as
  // well as in the cookie, for browsers that keep no cookies.
  private join_(): Promise<boolean> {
    if (!this.options_.code || this.world_.now() - this.joined_ < betweenJoins) return Promise.resolve(false);
    this.joining_ ??= this.world_
      .call('POST', '/v1/join', { code: this.event?.code ?? this.options_.code })
      .then(({ status, body }) => {
        if (status !== 200) return false;
        const { token, number } = (body as { voter: { token: string; number: number } }).voter;
        this.joined_ = this.world_.now();
        this.token_ = token;
        this.becomes_(number);
        return true;
      })
      .catch(() => false)
      .finally(() => (this.joining_ = null));
    return this.joining_;
  }

  // null where there is no code to join with.
  private renew_(): Promise<boolean> | null {
    if (!this.options_.code) return null;
    return this.join_().then((joined) => {
      if (joined) this.connect_();
      return joined;
    });
  }

  private call_(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const known: Record<string, string> = this.token_ ? { authorization: `Bearer ${this.token_}` } : {};
    return this.world_.call(method, path, body, { ...headers, ...known });
  }
}
