// The ballots of this voter, one a poll: waiting, counted or refused. All outlive the page, a refusal until it was read;
// a ballot keeps its key until it is answered, so sending it again never counts it twice. Each has an entry of its
// own in the store, so that several pages of one voter leave each other's alone. No I/O but the store of the world.
import type { Ballot, Failure } from './types.ts';
import type { World } from './world.ts';

export interface Vote {
  poll: string;
  round: number;
  revision?: number; // of the poll that the voter saw
  key: string;
  ballot: Ballot;
  state: 'sending' | 'retrying' | 'counted' | 'refused';
  tries: number;
  status?: string; // of what was counted: counted, changed, replayed
  receipt?: string;
  why?: Failure; // of what was refused
  before?: Ballot; // the one that counts while this one is under way, or since it was refused
}

type Store = Pick<World, 'read' | 'write' | 'names' | 'key'>;

const mostVotes = 128;

export const isWaiting = (vote: Vote | null | undefined): boolean => vote?.state === 'sending' || vote?.state === 'retrying';

function isVote(value: unknown): value is Vote {
  const vote = value as Vote;
  return typeof vote?.poll === 'string' && typeof vote.key === 'string' && typeof vote.round === 'number' && !!vote.ballot;
}

export class Outbox {
  private readonly votes_ = new Map<string, Vote>();
  private readonly world_: Store;
  private readonly prefix_: string;

  constructor(world: Store, event: string) {
    this.world_ = world;
    this.prefix_ = `tallycast.votes.${event}.`;
    this.look();
  }

  // Takes in what another page has left, unless ours waits; then only what has become of that. Gives what was taken.
  look(): Vote[] {
    return this.world_.names(this.prefix_).flatMap((name) => {
      const vote = this.stored_(name);
      const ours = vote && this.votes_.get(vote.poll);
      if (!vote || (isWaiting(ours) && (isWaiting(vote) || vote.key !== ours!.key))) return [];
      this.votes_.set(vote.poll, vote);
      return vote;
    });
  }

  private stored_(name: string): Vote | null {
    try {
      const kept: unknown = JSON.parse(this.world_.read(name) ?? '');
      return isVote(kept) && name === this.prefix_ + kept.poll ? kept : null;
    } catch {
      return null;
    }
  }

  // Puts it at the end, or takes it out: the oldest are given up first. Where another page's ballot has come to wait in
  // the store, what became of ours must not wipe it out; only a ballot that is newer still may.
  private put_(poll: string, vote: Vote | null, isCast = false) {
    const name = this.prefix_ + poll;
    const there = this.stored_(name);
    const isOthers = there && isWaiting(there) && there.key !== this.votes_.get(poll)?.key;
    this.votes_.delete(poll);
    if (vote) this.votes_.set(poll, vote);
    if (isCast || !isOthers) this.world_.write(name, vote && JSON.stringify(vote));
  }

  of(poll: string): Vote | undefined {
    return this.votes_.get(poll);
  }

  all(): Vote[] {
    return [...this.votes_.values()];
  }

  waiting(): Vote[] {
    return this.all().filter(isWaiting);
  }

  // The same ballot again keeps its key: it is the same vote.
  cast(poll: string, round: number, ballot: Ballot, revision?: number): Vote {
    const last = this.votes_.get(poll);
    if (last && isWaiting(last) && last.round === round && JSON.stringify(last.ballot) === JSON.stringify(ballot)) return last;
    const before = last?.round !== round ? undefined : last.state === 'counted' ? last.ballot : last.before;
    const vote: Vote = { poll, round, revision, key: this.world_.key(), ballot, state: 'sending', tries: 0, before };
    this.put_(poll, vote, true);
    for (const oldest of [...this.votes_.keys()].slice(0, -mostVotes)) this.forget(oldest);
    return vote;
  }

  // What waits under that key becomes something else, if it still waits: an answer may come twice, or too late.
  private become_(key: string, what: (vote: Vote) => Partial<Vote>): Vote | undefined {
    const vote = this.waiting().find((one) => one.key === key);
    if (vote) this.put_(vote.poll, { ...vote, ...what(vote) });
    return vote;
  }

  retrying(key: string) {
    this.become_(key, ({ tries }) => ({ state: 'retrying', tries: tries + 1 }));
  }

  counted(key: string, status: string, receipt?: string) {
    return this.become_(key, () => ({ state: 'counted', status, receipt, before: undefined }));
  }

  refused(key: string, why: Failure) {
    return this.become_(key, () => ({ state: 'refused', why }));
  }

  // What the node says is this voter's ballot; null: there is none. A refusal stays until it was read, unless that tells
  // more than it did.
  recall(poll: string, round: number, ballot: Ballot | null, receipt?: string) {
    const ours = this.votes_.get(poll);
    if (!isWaiting(ours) && !(ours?.why && (!ballot || ours.before))) this.put_(poll, ballot && { poll, round, key: '', ballot, state: 'counted', tries: 0, receipt });
  }

  forget(poll: string) {
    this.put_(poll, null);
  }

  // Somebody new: what was counted was another's, what waits is sent as the new one's.
  forgetCounted() {
    for (const vote of this.all()) this.put_(vote.poll, isWaiting(vote) ? { ...vote, before: undefined } : null);
  }
}
