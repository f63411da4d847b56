// What the screen shows: which poll, whether its result is revealed, and whether it is frozen. Pure; the page tells it
// what the node said and which keys were pressed.
import type { Poll, Results } from '../client/types.ts';
import { followed } from '../shared/leading.ts';
import { inOrder } from '../stage/rows.ts';

const canBeShown = (poll: Poll) => poll.status !== 'draft' && poll.status !== 'archived';

// Whether everybody may know by now; what not everybody may know waits for the key.
function isPublic(poll: Poll): boolean {
  return poll.results === 'always' || (poll.status === 'closed' && poll.results !== 'never');
}

export class Show {
  polls: Poll[] = [];
  private current_: string | null = null;
  private led_ = ''; // when and which the host opened last
  private turned_ = new Map<string, boolean>(); // poll and round to what the key made of it
  private frozen_: { poll: string; round: number; results: Results | undefined } | null = null;

  // A poll that opens comes on the screen, whatever was there. What closes stays: its result is what all wait for.
  hear(polls: readonly Poll[]) {
    this.polls = inOrder(polls.filter(canBeShown));
    const led = followed(this.polls);
    const opening = led ? `${led.opened_at} ${led.id}` : '';
    const { poll } = this;
    if (!poll || (opening !== this.led_ && opening > `${poll.opened_at} ${poll.id}`)) this.turnTo_(led?.id ?? null);
    this.led_ = opening;
  }

  get poll(): Poll | null {
    return this.polls.find(({ id }) => id === this.current_) ?? null;
  }

  get at(): number {
    return this.polls.findIndex(({ id }) => id === this.current_);
  }

  private turnTo_(id: string | null) {
    if (id !== this.current_) this.frozen_ = null;
    this.current_ = id;
  }

  step(by: 1 | -1) {
    const next = this.polls[this.at + by];
    if (next) this.turnTo_(next.id);
  }

  get revealed(): boolean {
    const { poll } = this;
    return poll !== null && (this.turned_.get(`${poll.id}.${poll.round}`) ?? isPublic(poll));
  }

  reveal() {
    const { poll } = this;
    if (poll) this.turned_.set(`${poll.id}.${poll.round}`, !this.revealed);
  }

  get isFrozen(): boolean {
    return this.frozen_ !== null && this.frozen_.poll === this.current_ && this.frozen_.round === this.poll?.round;
  }

  freeze(newest: Results | undefined) {
    const { poll } = this;
    this.frozen_ = this.isFrozen || !poll ? null : { poll: poll.id, round: poll.round, results: newest };
  }

  // Of the newest results those that are on the screen.
  results(newest: Results | undefined): Results | undefined {
    return this.isFrozen ? this.frozen_!.results : newest;
  }
}
