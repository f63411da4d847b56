// When to try again, and what time it is at the node. Pure.

const firstWait = 500;
const longestWait = 15_000;

// Doubling, and never all at once: a hall that was cut off together must not come back together.
export function backOff(failures: number, random: number): number {
  return Math.min(longestWait, firstWait * 2 ** Math.min(failures, 10)) * (0.5 + random / 2);
}

// A node that drains names the time over which its clients should come back.
export function spreadOf(reason: string): number | null {
  try {
    const { reconnect_ms: spread } = JSON.parse(reason) as { reconnect_ms?: unknown };
    return typeof spread === 'number' && spread >= 0 ? Math.min(spread, 600_000) : null;
  } catch {
    return null;
  }
}

const unasked = 1000; // ms of doubt about a time that came by a way that took nobody knows how long

// The node's clock, from what it says of the time: the surest of what was heard. A time in an answer to a question of
// ours is surer than one that came by itself. Of those, or of dates in whole seconds, it was at least so late when they
// were heard: the latest of them is the nearest.
export class ServerClock {
  private offset_ = -Infinity;
  private doubt_ = Infinity;

  heard(serverTime: string, received: number) {
    const least = Date.parse(serverTime) - received;
    if (this.doubt_ >= unasked && least > this.offset_) [this.offset_, this.doubt_] = [least, unasked];
  }

  answered(serverTime: string, sent: number, received: number) {
    this.take_(Date.parse(serverTime) - (sent + received) / 2, received - sent);
  }

  // A little worse is newer, and clocks drift.
  private take_(offset: number, doubt: number) {
    if (Number.isNaN(offset) || doubt > this.doubt_ + 50) return;
    this.offset_ = offset;
    this.doubt_ = doubt;
  }

  at(now: number): number {
    return this.doubt_ < Infinity ? now + this.offset_ : now;
  }
}
