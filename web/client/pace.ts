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

// The node's clock, from what it says of the time: the surest of what was heard. A time in an answer is surer than one
// that came unasked, whose way took nobody knows how long.
export class ServerClock {
  private offset = 0;
  private doubt = Infinity;

  heard(serverTime: string, received: number) {
    this.take(Date.parse(serverTime) - received, 1000);
  }

  answered(serverTime: string, sent: number, received: number) {
    this.take(Date.parse(serverTime) - (sent + received) / 2, received - sent);
  }

  // A little worse is newer, and clocks drift.
  private take(offset: number, doubt: number) {
    if (Number.isNaN(offset) || doubt > this.doubt + 50) return;
    this.offset = offset;
    this.doubt = doubt;
  }

  at(now: number): number {
    return now + this.offset;
  }
}
