// Which poll the page shows: the one the host opened last, unless the reader is busy with another. Pure.
import type { Poll } from '../client/index.ts';
import { followed, isRunning } from '../shared/leading.ts';

export interface Look {
  shown: string | null; // the poll on the page
  led: string | null; // the one the host led to last
  missed: boolean; // the reader was busy when the host led there
}

export const nowhere: Look = { shown: null, led: null, missed: false };

const same = (a: Look, b: Look) => a.shown === b.shown && a.led === b.led && a.missed === b.missed;

// What is on the page after the node has told something; the same object when that is what was there. A reader with a
// half-filled ballot, or one who went to another of several open polls, stays there until it closes.
export function follow(polls: Poll[], look: Look, busy: boolean): Look {
  const next = led(polls, look, busy);
  return same(look, next) ? look : next;
}

function led(polls: Poll[], look: Look, busy: boolean): Look {
  const { shown } = look;
  const wanted = followed(polls)?.id ?? null;
  const current = polls.find((poll) => poll.id === shown);
  if (current && wanted === look.led && (isRunning(current) || !polls.some(isRunning))) return look;
  if (current && busy && isRunning(current)) return { shown, led: wanted, missed: wanted !== shown };
  return { shown: wanted, led: wanted, missed: false };
}
