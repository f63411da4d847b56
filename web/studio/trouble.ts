// What the node refused, in the words of the desk, and the field it is about. The node's own words name members of its API,
// in English; they are matched from their beginning, and what none of the rules knows is told as it is, after the name of its field. Pure.
import { say, type Fill } from '../shared/words.ts';

export type Field = 'question' | 'options' | 'least' | 'most' | 'scale' | 'opens_at' | 'closes_at' | 'grace' | 'title' | 'code' | 'locale';

export interface Trouble {
  field: Field | null;
  text: string;
}

interface Rule {
  of: RegExp;
  field: Field;
  say: string;
  fill?(found: RegExpExecArray, labels: string[]): Fill;
}

const labelAt = (labels: string[], at: string) => labels[Number(at)] ?? `#${Number(at) + 1}`;
const one = ([, at]: RegExpExecArray, labels: string[]) => ({ one: labelAt(labels, at!) });
const number = ([, n]: RegExpExecArray) => ({ n: Number(n) });

const rules: Rule[] = [
  { of: /^options: (?:2 to|at most) (\d+)/, field: 'options', say: 'how_many_options', fill: number },
  { of: /^options\[(\d+)\]\.label:? looks the same as options\[(\d+)\]/, field: 'options', say: 'same_options',
    fill: ([, at, other], labels) => ({ one: labelAt(labels, other!), other: labelAt(labels, at!) }) },
  { of: /^options\[(\d+)\]\.label:? looks like/, field: 'options', say: 'same_option', fill: one },
  { of: /^options\[(\d+)\]\.label:? (?:at most|is longer)/, field: 'options', say: 'long_option', fill: one },
  { of: /^options\[(\d+)\]/, field: 'options', say: 'odd_option', fill: one },
  { of: /^(?:question|title):? (?:the text is empty|is empty|this member)/, field: 'question', say: 'empty' },
  { of: /^(?:question|title): at most (\d+)/, field: 'question', say: 'long', fill: number },
  { of: /^(?:question|title)\b/, field: 'question', say: 'odd' },
  { of: /^rules\.max_choices is larger/, field: 'most', say: 'most_larger' },
  { of: /^rules\.min_choices is larger/, field: 'least', say: 'least_larger' },
  { of: /^rules\.max_choices/, field: 'most', say: 'choices_range' },
  { of: /^rules\.min_choices/, field: 'least', say: 'choices_range' },
  { of: /^rules\.scale/, field: 'scale', say: 'scale_range' },
  { of: /^closes_at must be after/, field: 'closes_at', say: 'closes_first' },
  { of: /^opens_at/, field: 'opens_at', say: 'no_time' },
  { of: /^closes_at/, field: 'closes_at', say: 'no_time' },
  { of: /^grace_ms/, field: 'grace', say: 'grace_range' },
  { of: /^code: 0, O, 1/, field: 'code', say: 'code_alike' },
  { of: /^code: this word/, field: 'code', say: 'code_taken' },
  { of: /^code\b/, field: 'code', say: 'code_form' },
  { of: /^settings\.locale/, field: 'locale', say: 'no_locale' },
];

// Refusals that say all by their code.
const codes: Record<string, string> = {
  no_answer: 'no_answer',
  rate_limited: 'too_many',
  overloaded: 'busy_now',
  store_unavailable: 'busy_now',
  shutting_down: 'busy_now',
  body_too_large: 'too_large',
  quota_exceeded: 'no_more',
  poll_has_votes: 'fixed',
  invalid_transition: 'moved_on',
  poll_not_found: 'deleted_elsewhere',
  event_not_found: 'deleted_elsewhere',
  forbidden: 'not_yours',
};

export interface Refusal {
  code: string;
  message: string;
}

// `labels`: the answers that the refused poll was to have.
export function troubleIn({ code, message }: Refusal, labels: string[] = []): Trouble {
  if (code === 'code_taken') return { field: 'code', text: say('code_taken') };
  const known = codes[code];
  if (known) return { field: null, text: say(known) };
  for (const rule of rules) {
    const found = rule.of.exec(message);
    if (!found) continue;
    const field = message.startsWith('title') ? 'title' : rule.field;
    return { field, text: say(rule.say, rule.fill?.(found, labels)) };
  }
  // What the desk itself says is in its words already.
  return { field: null, text: code === 'not_added' ? message : say('refused_so', { why: message }) };
}
