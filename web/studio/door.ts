// What happens at the desk when its sign-in ends under it: by the clock, by a key that is revoked, or by another window.
// Calls that meet that wait here, and are made again once somebody has signed in: a call refused for want of a sign-in has
// done nothing. Pure.

export class Door {
  visit = 1; // counts sign-ins: what was asked in an earlier one is asked again before it is waited for
  closed: () => void = () => {}; // what shows that somebody has to sign in
  private waiting_: ((isSame: boolean) => void)[] = [];

  // Whether the call may be made again; not where somebody else has come.
  again(visit: number): Promise<boolean> {
    if (visit !== this.visit) return Promise.resolve(true);
    this.closed();
    return new Promise((done) => this.waiting_.push(done));
  }

  open(isSame: boolean) {
    ++this.visit;
    for (const done of this.waiting_.splice(0)) done(isSame);
  }
}
