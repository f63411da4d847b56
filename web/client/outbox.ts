// The ballots of this voter, one a poll: waiting, counted or refused. What waits and what was counted outlives the
// page; a ballot keeps its key until it is answered, so sending it again never counts it twice. No I/O but the
// `read` and `write` of the world.
import type { Ballot, Failure } from './types.ts';
import type { World } from './world.ts';

export interface Vote {
  poll: string;
  round: number;
  key: string;
  ballot: Ballot;
  state: 'sending' | 'retrying' | 'counted' | 'refused';
  tries: number;
  status?: string; // of what was counted: counted, changed, replayed
  receipt?: string;
  why?: Failure; // of what was refused
  before?: Ballot; // the one that counts while this one is under way, or since it was refused
}

const mostVotes = 128;

export const isWaiting = (vote: Vote | undefined): boolean => vote?.state === 'sending' || vote?.state === 'retrying';

function isVote(value: unknown): value is Vote {
  const vote = value as Vote;
  return typeof vote?.poll === 'string' && typeof vote.key === 'string' && typeof vote.round === 'number' && !!vote.ballot;
}

export class Outbox {
  private votes = new Map<string, Vote>();
  private readonly world: Pick<World, 'read' | 'write' | 'key'>;
  private readonly name: string;

  constructor(world: Pick<World, 'read' | 'write' | 'key'>, event: string) {
    this.world = world;
    this.name = `tallycast.votes.${event}`;
    for (const vote of this.stored()) this.votes.set(vote.poll, isWaiting(vote) ? { ...vote, state: 'retrying' } : vote);
  }

  private stored(): Vote[] {
    try {
      const kept: unknown = JSON.parse(this.world.read(this.name) ?? '[]');
      return Array.isArray(kept) ? kept.filter(isVote) : [];
    } catch {
      return [];
    }
  }

  private save() {
    const kept = [...this.votes.values()].filter((vote) => vote.state !== 'refused');
    this.world.write(this.name, JSON.stringify(kept.slice(-mostVotes)));
  }

  private put(vote: Vote): Vote {
    this.votes.delete(vote.poll); // and to the end: the oldest are given up first
    this.votes.set(vote.poll, vote);
    this.save();
    return vote;
  }

  of(poll: string): Vote | undefined {
    return this.votes.get(poll);
  }

  waiting(): Vote[] {
    return [...this.votes.values()].filter(isWaiting);
  }

  // The same ballot again keeps its key: it is the same vote.
  cast(poll: string, round: number, ballot: Ballot): Vote {
    const last = this.votes.get(poll);
    if (last && isWaiting(last) && last.round === round && JSON.stringify(last.ballot) === JSON.stringify(ballot)) return last;
    const before = last?.round !== round ? undefined : last.state === 'counted' ? last.ballot : last.before;
    return this.put({ poll, round, key: this.world.key(), ballot, state: 'sending', tries: 0, before });
  }

  // The vote that waits under that key, if it still does: an answer may come twice, or too late.
  private waitingWith(key: string): Vote | undefined {
    return this.waiting().find((vote) => vote.key === key);
  }

  retrying(key: string) {
    const vote = this.waitingWith(key);
    if (vote) this.put({ ...vote, state: 'retrying', tries: vote.tries + 1 });
  }

  counted(key: string, status: string, receipt?: string) {
    const vote = this.waitingWith(key);
    if (vote) this.put({ ...vote, state: 'counted', status, receipt, before: undefined });
    return vote;
  }

  refused(key: string, why: Failure) {
    const vote = this.waitingWith(key);
    if (vote) this.put({ ...vote, state: 'refused', why });
    return vote;
  }

  // What the node says is this voter's ballot; null: there is none.
  recall(poll: string, round: number, ballot: Ballot | null, receipt?: string) {
    if (isWaiting(this.votes.get(poll))) return;
    if (ballot) this.put({ poll, round, key: '', ballot, state: 'counted', tries: 0, receipt });
    else this.forget(poll);
  }

  forget(poll: string) {
    this.votes.delete(poll);
    this.save();
  }

  // Somebody new: what was counted was another's, what waits is sent as the new one's.
  forgetCounted() {
    this.votes = new Map(this.waiting().map((vote) => [vote.poll, { ...vote, before: undefined }]));
    this.save();
  }
}
