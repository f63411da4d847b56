// A poll while its host writes it: the fields of the form as typed, and what of them the node is told. Pure.
import type { Poll, PollType } from '../client/types.ts';

export interface PollDraft {
  type: PollType;
  question: string;
  options: string; // one a line
  least: string;
  most: string; // empty: all of them
  scale: string;
  allow_change: boolean;
  results: Poll['results'];
  opens_at: string;
  closes_at: string;
  grace: string; // seconds
}

export const isMany = (type: PollType) => type === 'multiple' || type === 'ranking';

// A moment as the field of a form takes it, in the reader's own time zone; and back.
const toField = (at: string | null) => {
  if (!at) return '';
  const moment = new Date(at);
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
};
const fromField = (text: string) => (text ? new Date(text).toISOString() : null);

export function draftOf(poll: Poll | null): PollDraft {
  const { type = 'single', rules } = poll ?? {};
  return {
    type,
    question: poll?.question ?? '',
    options: poll?.options.map(({ label }) => label).join('\n') ?? '',
    least: String((isMany(type) && rules?.min_choices) || 1),
    most: isMany(type) && rules ? String(rules.max_choices) : '',
    scale: String(rules?.scale ?? 5),
    allow_change: rules?.allow_change ?? false,
    results: poll?.results ?? 'always',
    opens_at: toField(poll?.opens_at ?? null),
    closes_at: toField(poll?.closes_at ?? null),
    grace: String((poll?.grace_ms ?? 0) / 1000),
  };
}

// What may still be told while there are votes; the rest stands as the poll has it.
export function withVotes(poll: Poll, { question, results, opens_at, closes_at, grace }: PollDraft): PollDraft {
  return { ...draftOf(poll), question, results, opens_at, closes_at, grace };
}

export const labelsIn = ({ options }: PollDraft): string[] => options.split('\n').map((line) => line.trim()).filter(Boolean);

function whole(draft: PollDraft, poll: Poll | null) {
  const { type, results, allow_change } = draft;
  const labels = labelsIn(draft);
  const number = (text: string) => (text.trim() ? Number(text) : null);
  // An answer that stays keeps its id, unless that would make two of one.
  const kept = new Map(poll?.options.map(({ label, id }) => [label.trim(), id]));
  const options = labels.map((label) => ({ label, ...(kept.has(label) ? { id: kept.get(label) } : {}) }));
  const counts = isMany(type)
    ? { min_choices: number(draft.least) ?? 1, max_choices: number(draft.most) ?? labels.length }
    : { min_choices: 1, max_choices: 1 };
  return {
    type,
    question: draft.question.trim(),
    options: type === 'rating' ? [] : options,
    rules: { ...counts, allow_change, scale: type === 'rating' ? number(draft.scale) : null },
    results,
    opens_at: fromField(draft.opens_at),
    closes_at: fromField(draft.closes_at),
    grace_ms: Math.round((number(draft.grace) ?? 0) * 1000),
  };
}

export function definitionFrom(draft: PollDraft): object {
  const { options, ...rest } = whole(draft, null);
  return draft.type === 'rating' ? rest : { ...rest, options };
}

function differing(now: object, before: object): object {
  const old = new Map(Object.entries(before).map(([name, value]) => [name, JSON.stringify(value)]));
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => JSON.stringify(value) !== old.get(name)));
}

// Only what the host changed. Of another kind all rules are told: what is left out would stay as the old one had it.
export function patchFrom(draft: PollDraft, poll: Poll): object {
  const [now, before] = [whole(draft, poll), whole(draftOf(poll), poll)];
  const patch = differing(now, before);
  if (now.type !== before.type) return { ...patch, rules: now.rules };
  return 'rules' in patch ? { ...patch, rules: differing(now.rules, before.rules) } : patch;
}

// The members of the patch that another desk has changed as well, into something else, since the poll was as in `before`.
export function rivals(patch: object, before: Poll, theirs: Poll): string[] {
  const changed = differing(whole(draftOf(theirs), theirs), whole(draftOf(before), before));
  const wanted = new Map(Object.entries(patch));
  const same = (name: string, value: unknown) => JSON.stringify(value) === JSON.stringify(wanted.get(name));
  return Object.entries(changed).filter(([name, value]) => wanted.has(name) && !same(name, value)).map(([name]) => name);
}
