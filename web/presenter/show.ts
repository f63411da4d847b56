// What the screen shows: which poll, whether its result is revealed, and whether it is frozen. Pure; the page tells it
// what the node said and which keys were pressed.
import type { Poll, Results } from '../client/types.ts';
import { inOrder } from '../stage/rows.ts';

const canBeShown = (poll: Poll) => poll.status !== 'draft' && poll.status !== 'archived';
const time = (at: string | null) => (at ? Date.parse(at) : 0);

// Whether everybody may know by now; what not everybody may know waits for the key.
function isPublic(poll: Poll): boolean {
  return poll.results === 'always' || (poll.status === 'closed' && poll.results !== 'never');
}

export class Show {
  polls: Poll[] = [];
  private current: string | null = null;
  private seen = new Map<string, string>(); // poll to status
  private turned = new Map<string, boolean>(); // poll and round to what the key made of it
  private frozen: { poll: string; round: number; results: Results | undefined } | null = null;

  // A poll that opens comes on the screen, whatever was there.
  hear(polls: readonly Poll[]) {
    const first = this.seen.size === 0;
    this.polls = inOrder(polls.filter(canBeShown));
    const opened = this.polls.filter(({ id, status }) => status === 'open' && this.seen.get(id) !== 'open');
    const newest = (of: Poll[]) => [...of].sort((a, b) => time(b.opened_at) - time(a.opened_at))[0];
    const next = newest(opened) ?? (first ? newest(this.polls) : undefined);
    if (next) this.turnTo(next.id);
    if (!this.polls.some(({ id }) => id === this.current)) this.turnTo(newest(this.polls)?.id ?? null);
    this.seen = new Map(polls.map(({ id, status }) => [id, status]));
  }

  get poll(): Poll | null {
    return this.polls.find(({ id }) => id === this.current) ?? null;
  }

  get at(): number {
    return this.polls.findIndex(({ id }) => id === this.current);
  }

  private turnTo(id: string | null) {
    if (id !== this.current) this.frozen = null;
    this.current = id;
  }

  step(by: 1 | -1) {
    const next = this.polls[this.at + by];
    if (next) this.turnTo(next.id);
  }

  get revealed(): boolean {
    const { poll } = this;
    return poll !== null && (this.turned.get(`${poll.id}.${poll.round}`) ?? isPublic(poll));
  }

  reveal() {
    const { poll } = this;
    if (poll) this.turned.set(`${poll.id}.${poll.round}`, !this.revealed);
  }

  get isFrozen(): boolean {
    return this.frozen !== null && this.frozen.poll === this.current && this.frozen.round === this.poll?.round;
  }

  freeze(newest: Results | undefined) {
    const { poll } = this;
    this.frozen = this.isFrozen || !poll ? null : { poll: poll.id, round: poll.round, results: newest };
  }

  // Of the newest results those that are on the screen.
  results(newest: Results | undefined): Results | undefined {
    return this.isFrozen ? this.frozen!.results : newest;
  }
}
