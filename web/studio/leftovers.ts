// The events of rehearsals that this browser has begun and has not deleted yet. A window that is closed meanwhile deletes
// its own on the way out; what even that leaves behind, the next visit of the desk finds here. Only what is noted here
// is deleted, whatever else looks like a rehearsal.
const name = 'tallycast.rehearsals';
const longest = 600_000; // ms: no rehearsal of another window still runs after that

type Begun = Record<string, number>; // id of the event: when, by the browser's clock
export type Store = Pick<Storage, 'getItem' | 'setItem'>;

export class Leftovers {
  private readonly store_: Store;
  private readonly now_: () => number;
  private readonly own_ = new Set<string>();

  constructor(store: Store, now: () => number) {
    this.store_ = store;
    this.now_ = now;
  }

  private noted_(): Begun {
    try {
      const kept: unknown = JSON.parse(this.store_.getItem(name) ?? '{}');
      return typeof kept === 'object' && kept !== null ? (kept as Begun) : {};
    } catch {
      return {};
    }
  }

  private note_(change: (all: Begun) => void) {
    const all = this.noted_();
    change(all);
    try {
      this.store_.setItem(name, JSON.stringify(all));
    } catch {
      // A store that is full or forbidden only means that nothing is found here later.
    }
  }

  began(id: string) {
    this.own_.add(id);
    this.note_((all) => (all[id] = this.now_()));
  }

  over(id: string) {
    this.own_.delete(id);
    this.note_((all) => delete all[id]);
  }

  // Those of this window, which goes away.
  ofThisWindow(): string[] {
    return [...this.own_];
  }

  // Those that no window is at any more.
  left(): string[] {
    return Object.entries(this.noted_()).filter(([id, at]) => !this.own_.has(id) && !(this.now_() - at < longest)).map(([id]) => id);
  }
}
