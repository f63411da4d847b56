// A poll's result as bars: one row an option or a step of a rating, in the poll's own order. Pure.
import type { Poll, Results } from '../client/types.ts';
import { number } from '../shared/words.ts';

export interface Row {
  id: string;
  label: string;
  votes: number; // points, for a ranking
  share: number; // of the voters, 0 to 1; of the points a ranking can give
  fill: number; // of the track, 0 to 1: all rows share one scale
  leads: boolean;
  place: number | null; // ranking: 1 is the first; equals share a place
}

export interface Shown {
  rows: Row[];
  votes: number;
  voters: number;
  average: number | null;
  final: boolean;
}

// What is there is seen, however little it is.
const leastFill = 0.008;

// A full track is everybody. Over many options that would all be slivers: there the scale ends at the first of
// these that holds the longest bar.
const few = 6;
const scales = [0.1, 0.2, 0.35, 0.5, 0.75, 1];
const scaleFor = (longest: number, options: number) =>
  (options > few && scales.find((scale) => longest <= scale)) || 1;

function countsOf(poll: Poll, results: Results | undefined): { id: string; label: string; votes: number; most: number }[] {
  const voters = results?.voters ?? 0;
  if (poll.type === 'rating') {
    const steps = Array.from({ length: poll.rules.scale ?? 5 }, (_, at) => at);
    return steps.map((at) => ({ id: `${at + 1}`, label: `${at + 1}`, votes: results?.ratings?.[at] ?? 0, most: voters }));
  }
  const byId = new Map(results?.options.map((option) => [option.id, option]));
  const ranks = poll.type === 'ranking';
  return poll.options.map(({ id, label }) => {
    const counted = byId.get(id);
    const votes = (ranks ? counted?.points : counted?.votes) ?? 0;
    return { id, label, votes, most: ranks ? voters * (poll.options.length - 1) : voters };
  });
}

export function shown(poll: Poll, results: Results | undefined): Shown {
  const counts = countsOf(poll, results);
  const best = Math.max(0, ...counts.map(({ votes }) => votes));
  const shares = counts.map(({ votes, most }) => (most > 0 ? votes / most : 0));
  const scale = scaleFor(Math.max(0, ...shares), counts.length);
  const rows = counts.map(({ id, label, votes }, at) => ({
    id,
    label,
    votes,
    share: shares[at]!,
    fill: votes > 0 ? Math.max(shares[at]! / scale, leastFill) : 0,
    leads: votes > 0 && votes === best,
    place: poll.type === 'ranking' && votes > 0 ? 1 + counts.filter((other) => other.votes > votes).length : null,
  }));
  return {
    rows,
    votes: results?.votes ?? 0,
    voters: results?.voters ?? 0,
    average: poll.type === 'rating' && results && results.voters > 0 ? (results.average ?? null) : null,
    final: results?.final ?? false,
  };
}

// A share in whole percent; of less than one it is said how little, so that a vote never reads as none.
export const percent = ({ votes, share }: Row) => `${number(share * 100, votes > 0 && share < 0.01 ? 1 : 0)} %`;

// In the running order of the event, as lists and `welcome` have it.
export function inOrder(polls: readonly Poll[]): Poll[] {
  const key = (poll: Poll) => [poll.position, poll.created_at, poll.id] as const;
  return [...polls].sort((one, other) => {
    const [a, b] = [key(one), key(other)];
    const at = a.findIndex((value, i) => value !== b[i]);
    return at < 0 ? 0 : a[at]! < b[at]! ? -1 : 1;
  });
}
