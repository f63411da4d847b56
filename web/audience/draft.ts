// A ballot while it is filled in. Pure; never looks at results.
import type { Ballot, Poll } from '../client/index.ts';

export interface Draft {
  choices: string[]; // in order, for a ranking
  rating: number | null;
}

export const emptyDraft: Draft = { choices: [], rating: null };

export const draftOf = (ballot: Ballot | undefined): Draft => ({ choices: ballot?.choices ?? [], rating: ballot?.rating ?? null });

// What can be chosen at most, of the options there are.
export const mostOf = (poll: Poll): number => Math.min(poll.rules.max_choices, poll.options.length);

export function toggled(poll: Poll, { choices }: Draft, id: string): Draft {
  if (poll.type === 'single') return { choices: [id], rating: null };
  if (choices.includes(id)) return { choices: choices.filter((other) => other !== id), rating: null };
  return { choices: choices.length < mostOf(poll) ? [...choices, id] : choices, rating: null };
}

export function moved({ choices }: Draft, id: string, to: number): Draft {
  const rest = choices.filter((other) => other !== id);
  const at = Math.max(0, Math.min(to, rest.length));
  return { choices: [...rest.slice(0, at), id, ...rest.slice(at)], rating: null };
}

export function isComplete(poll: Poll, draft: Draft): boolean {
  if (poll.type === 'rating') return draft.rating !== null;
  return draft.choices.length >= poll.rules.min_choices && draft.choices.length <= mostOf(poll);
}

// In the order of the poll, but for a ranking, whose order is the ballot.
export function ballotOf(poll: Poll, draft: Draft): Ballot {
  if (poll.type === 'rating') return { rating: draft.rating! };
  if (poll.type === 'ranking') return { choices: draft.choices };
  return { choices: poll.options.map(({ id }) => id).filter((id) => draft.choices.includes(id)) };
}
