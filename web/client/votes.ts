// The own votes of an event on their way: cast, sent again until they are answered, asked about, taken back. What is kept
// of them lies in the outbox; the connection is the client's, which lends it.
import { isWaiting, Outbox, type Vote } from './outbox.ts';
import { backOff } from './pace.ts';
import type { Ballot, Failure, Poll } from './types.ts';
import type { Reply, World } from './world.ts';

export interface Lent {
  poll(id: string): Poll | undefined;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  send(message: object): boolean; // false: not over the socket now
  renew(): Promise<boolean> | null; // a new token; null where there is no way to one
  stopped(): boolean;
  changed(): void;
}

const ackTime = 5_000; // for a vote over the socket; then it goes the other way

const passing = /^(rate_limited|overloaded|store_unavailable|shutting_down|internal)$/;
const ofToken = /^(voter_token_|unauthorised$|wrong_event$)/;

const changed = 'poll_changed'; // what the vote was for is not asked any more

const nameOf = ({ id, round }: Poll) => `${id}.${round}`;

export class Votes {
  private readonly outbox_: Outbox;
  private readonly world_: World;
  private readonly lent_: Lent;
  private readonly recalled_ = new Set<string>(); // polls and rounds whose ballot the node has told

  constructor(world: World, event: string, lent: Lent) {
    this.world_ = world;
    this.lent_ = lent;
    this.outbox_ = new Outbox(world, event);
  }

  // The vote in this round; or what became of one for a round that is over.
  in(poll: Poll): Vote | undefined {
    const vote = this.outbox_.of(poll.id);
    return vote?.round === poll.round || vote?.why?.code === changed ? vote : undefined;
  }

  // What was refused, but for what the poll that is shown tells of.
  astray(shown?: Poll): Vote[] {
    const told = shown && this.in(shown);
    return this.outbox_.all().filter((vote) => vote.why && vote !== told);
  }

  cast(id: string, ballot: Ballot) {
    const poll = this.lent_.poll(id);
    if (!poll) return;
    this.send_(this.outbox_.cast(id, poll.round, ballot, poll.revision));
    this.lent_.changed();
  }

  dismiss({ poll, round, before }: Vote) {
    this.outbox_.forget(poll);
    if (before) this.outbox_.recall(poll, round, before);
    this.lent_.changed();
  }

  areOfSomebodyNew() {
    this.outbox_.forgetCounted();
    this.recalled_.clear();
  }

  // ── sending

  flush() {
    this.outbox_.look();
    for (const vote of this.outbox_.waiting()) this.send_(vote);
  }

  // Another page of this voter's has written. It sends what it cast, unless it is closed before it is answered; what
  // became of a ballot that it has taken away the node knows.
  look(gone: string | null) {
    for (const vote of this.outbox_.look()) this.sendLater_(vote, ackTime);
    const poll = this.lent_.poll(gone?.split('.').pop() ?? '');
    if (poll) {
      this.recalled_.delete(nameOf(poll));
      void this.recall(poll);
    }
    this.lent_.changed();
  }

  // What is retrying already may have a timer, which goes by the number of its tries.
  lost() {
    for (const vote of this.outbox_.waiting()) if (vote.state === 'sending') this.outbox_.retrying(vote.key);
  }

  private send_(vote: Vote) {
    const { key, ballot, revision } = vote;
    const poll = this.lent_.poll(vote.poll);
    // It was meant for a round that is over; whether it counted there nobody tells any more.
    if (poll && poll.round !== vote.round) {
      this.outbox_.refused(key, { code: changed });
      return this.lent_.changed();
    }
    if (!this.lent_.send({ type: 'vote', id: key, poll: vote.poll, ...ballot, revision })) return void this.post_(vote);
    this.world_.after(ackTime, () => {
      if (this.waitingWith_(key)) void this.post_(vote);
    });
  }

  private waitingWith_(key: string): Vote | undefined {
    return this.outbox_.waiting().find((vote) => vote.key === key);
  }

  private async post_({ poll, key, ballot, revision }: Vote) {
    try {
      const reply = await this.lent_.call('POST', `/v1/polls/${poll}/votes`, { ...ballot, revision }, { 'idempotency-key': key });
      const told = reply.body as { status: string; receipt: string } & Failure;
      if (reply.status === 200) this.counted(key, told.status, told.receipt);
      else this.failed(key, told?.code ? told : { code: 'internal' });
    } catch {
      this.failed(key, { code: 'internal' });
    }
    this.lent_.changed();
  }

  // ── what the node answers

  counted(key: string, status: string, receipt: string) {
    const vote = this.outbox_.counted(key, status, receipt);
    if (vote) this.recalled_.add(`${vote.poll}.${vote.round}`);
  }

  failed(key: string, why: Failure) {
    if (!this.waitingWith_(key)) return;
    const renewed = ofToken.test(why.code) ? this.lent_.renew() : null;
    if (renewed) void renewed.then((is) => is || this.later_(key, why));
    else if (passing.test(why.code)) this.later_(key, why);
    else this.outbox_.refused(key, why);
  }

  private later_(key: string, why: Failure) {
    this.outbox_.retrying(key);
    const vote = this.waitingWith_(key);
    if (vote) this.sendLater_(vote, Math.max(why.retry_after_ms ?? 0, backOff(vote.tries, this.world_.random())));
  }

  // If it still waits then, and nothing was tried since.
  private sendLater_({ key, tries }: Vote, wait: number) {
    this.world_.after(wait, () => {
      const still = this.waitingWith_(key);
      if (still?.tries === tries && !this.lent_.stopped()) this.send_(still);
    });
  }

  // ── asking the node which ballot it has

  // Once a round, unless the answer was none.
  async recall(poll: Poll) {
    const name = nameOf(poll);
    const known = this.outbox_.of(poll.id);
    if (this.recalled_.has(name) || isWaiting(known)) return;
    this.recalled_.add(name);
    try {
      const reply = await this.lent_.call('GET', `/v1/polls/${poll.id}/votes/mine`);
      // Whoever voted meanwhile knows better: the answer may be from before.
      if (this.outbox_.of(poll.id) !== known) return;
      const mine = reply.body as (Ballot & { round: number; receipt: string }) | null;
      if (reply.status === 404) this.outbox_.recall(poll.id, poll.round, null);
      else if (reply.status === 200 && mine) {
        const { round, receipt, choices, rating } = mine;
        this.outbox_.recall(poll.id, round, choices ? { choices } : { rating }, receipt);
      } else this.recalled_.delete(name);
      this.lent_.changed();
    } catch {
      this.recalled_.delete(name);
    }
  }

  // null: it was taken back. A failure says why not; `no_answer`, that nobody knows yet.
  async withdraw(id: string): Promise<Failure | null> {
    const reply = await this.lent_.call('DELETE', `/v1/polls/${id}/votes/mine`).catch(() => null);
    const why = reply ? (reply.body as Failure) : { code: 'no_answer' };
    if (reply?.status === 200 || why?.code === 'not_voted') {
      this.outbox_.forget(id);
      this.lent_.changed();
      return null;
    }
    if (why && why.code !== 'no_answer' && !passing.test(why.code)) return why;
    return this.askWhetherItStands_(id);
  }

  // What was sent may have got through all the same: the node is asked now, or else when it is heard again.
  private async askWhetherItStands_(id: string): Promise<Failure | null> {
    const poll = this.lent_.poll(id);
    if (!poll) return null;
    this.recalled_.delete(nameOf(poll));
    await this.recall(poll);
    if (!this.recalled_.has(nameOf(poll))) return { code: 'no_answer' };
    return this.in(poll) ? { code: 'internal' } : null;
  }
}
