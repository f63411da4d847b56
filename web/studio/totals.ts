// The totals of polls as a table that people read: a row an answer, with its label, in their own words. A cell that a
// spreadsheet would take for a formula begins with an apostrophe. Pure.
import type { Poll, Results } from '../client/types.ts';
import { say } from '../shared/words.ts';
import { shown } from '../stage/rows.ts';

export interface Counted {
  poll: Poll;
  results: Results;
}

const mark = '\uFEFF'; // by which a spreadsheet knows UTF-8
const rowEnd = '\r\n';

function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = /^\s*[=+\-@]|^[\t\r]/.test(value) ? `'${value}` : value;
  return `"${safe.replace(/"/g, '""')}"`;
}

const columns = ['question', 'round', 'answer', 'votes', 'points', 'place', 'voters', 'share'] as const;

function rowsOf({ poll, results }: Counted): (string | number)[][] {
  const { rows, voters } = shown(poll, results);
  const ranks = poll.type === 'ranking';
  return rows.map(({ label, votes, share, place }) => [
    poll.question, results.round, label, ranks ? '' : votes, ranks ? votes : '', place ?? '', voters, ranks ? '' : Math.round(share * 1000) / 10,
  ]);
}

export function totalsCsv(counted: Counted[]): string {
  const head = columns.map((name) => say(`column_${name}`));
  return mark + [head, ...counted.flatMap(rowsOf)].map((row) => row.map(cell).join(',') + rowEnd).join('');
}
