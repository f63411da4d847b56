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
  private frozen_: { poll: Poll; results: Results | undefined } | null = null;
  private passed_ = false; // the host has led on while the screen was frozen

  // A poll that opens comes on the screen, whatever was there; on a frozen one when it thaws. What closes stays: its
  // result is what all wait for.
  hear(polls: readonly Poll[]) {
    this.polls = inOrder(polls.filter(canBeShown));
    if (this.at < 0) this.frozen_ = null;
    const led = followed(this.polls);
    const opening = led ? `${led.opened_at} ${led.id}` : '';
    const { poll } = this;
    const leads = opening !== this.led_ && !!poll && opening > `${poll.opened_at} ${poll.id}`;
    this.led_ = opening;
    if (poll && this.frozen_) this.passed_ ||= leads;
    else if (!poll || leads) this.turnTo_(led?.id ?? null);
  }

  // As it was frozen, or as it is.
  get poll(): Poll | null {
    return this.frozen_?.poll ?? this.polls.find(({ id }) => id === this.current_) ?? null;
  }

  get at(): number {
    return this.polls.findIndex(({ id }) => id === this.current_);
  }

  private turnTo_(id: string | null) {
    this.frozen_ = null;
    this.passed_ = false;
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
    return this.frozen_ !== null;
  }

  // Something else is to be seen than what is frozen: another question, or a round that began anew.
  get isPassed(): boolean {
    const now = this.polls[this.at];
    return this.isFrozen && (this.passed_ || now?.round !== this.frozen_!.poll.round);
  }

  freeze(newest: Results | undefined) {
    const { poll } = this;
    if (this.isFrozen) this.turnTo_(this.passed_ ? (followed(this.polls)?.id ?? null) : this.current_);
    else if (poll) this.frozen_ = { poll, results: newest };
  }

  // Of the newest results those that are on the screen.
  results(newest: Results | undefined): Results | undefined {
    return this.isFrozen ? this.frozen_!.results : newest;
  }
}
