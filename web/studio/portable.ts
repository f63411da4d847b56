// An event's polls as a file, and back: what a host decided, without votes and without the ids of this node. Pure.
import type { Event, Poll } from '../client/types.ts';

export interface Definition {
  type: string;
  question: string;
  options?: { id?: string; label: string }[];
  rules?: object;
  results?: string;
  grace_ms?: number;
}

export interface Portable {
  tallycast: 1;
  title: string;
  settings: object;
  polls: Definition[];
}

// A schedule is of one evening, so it stays behind when a poll goes elsewhere.
export function definitionOf(poll: Poll): Definition {
  const { type, question, options, rules, results, grace_ms } = poll;
  const asked = { type, question, rules, results, grace_ms };
  return type === 'rating' ? asked : { ...asked, options };
}

// What a poll that nobody has voted in is made again from, in its place.
export function remade(poll: Poll): object {
  const { status, opens_at, closes_at } = poll;
  // Of one that has been open the schedule is over: it would open and close at once.
  return status === 'draft' ? { ...definitionOf(poll), opens_at, closes_at } : definitionOf(poll);
}

export function portable(event: Event, polls: Poll[]): Portable {
  return { tallycast: 1, title: event.title, settings: event.settings, polls: polls.map(definitionOf) };
}

// What a file holds, or null where it is none of ours. The node judges each poll, and the settings.
export function readPortable(text: string): Portable | null {
  try {
    const file = JSON.parse(text) as Partial<Portable>;
    if (file.tallycast !== 1 || typeof file.title !== 'string' || !Array.isArray(file.polls)) return null;
    const isOurs = file.polls.every((poll) => typeof poll?.question === 'string' && typeof poll.type === 'string');
    return isOurs ? { tallycast: 1, title: file.title, settings: file.settings ?? {}, polls: file.polls } : null;
  } catch {
    return null;
  }
}

// Which positions to write so that the poll at `from` stands at `to`: only those that change.
export function moved(polls: Poll[], from: number, to: number): { poll: Poll; position: number }[] {
  if (!polls[from] || !polls[to]) return [];
  const order = [...polls];
  order.splice(to, 0, ...order.splice(from, 1));
  return order.map((poll, position) => ({ poll, position })).filter(({ poll, position }) => poll.position !== position);
}
