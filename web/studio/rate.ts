// Votes a second, from a ledger that is read about once a second. Pure.

export interface Sample {
  at: number; // seconds
  rate: number;
}

const kept = 300; // samples: five minutes

export class Rate {
  samples: Sample[] = [];
  private last_: { at: number; votes: number; of: string } | null = null;

  // What was counted so far of a poll's round; another one begins anew.
  note(of: string, votes: number, at: number) {
    const { last_: last } = this;
    if (last?.of !== of) this.samples = [];
    else if (at <= last.at) return;
    else this.samples = [...this.samples, { at, rate: Math.max(0, votes - last.votes) / (at - last.at) }].slice(-kept);
    this.last_ = { at, votes, of };
  }

  get now(): number {
    return this.samples.at(-1)?.rate ?? 0;
  }

  get highest(): number {
    return Math.max(0, ...this.samples.map(({ rate }) => rate));
  }
}
