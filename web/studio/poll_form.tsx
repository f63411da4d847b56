// A poll as its host writes it. What is typed is kept in the draft, whatever arrives meanwhile, and goes to the node when it
// is saved: what another desk has changed since the form was opened is not written over without asking.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

import type { Poll } from '../client/index.ts';
import { say } from '../shared/words.ts';
import { api, change, create, Refused } from './api.ts';
import { useDesk } from './desk.tsx';
import { useFields } from './field.tsx';
import { definitionFrom, draftOf, labelsIn, patchFrom, rivals, withVotes, type PollDraft } from './poll_draft.ts';
import { Answers, Showing } from './poll_fields.tsx';

interface Props {
  event: string;
  poll: Poll | null; // as it was when the form was opened; null: a new one
  fixed: boolean; // there are votes
  now(): number; // by the node's clock
  cancel(): void;
  saved(poll: Poll): void;
}

// What the members of a poll are called where the form has another word, or none.
const wordOf: Record<string, string> = { options: 'answers', rules: 'rules', results: 'results_for', grace_ms: 'grace' };
const takeTheirs = 1; // of the answers to a conflict

export function PollForm({ event, poll, fixed, now, cancel, saved }: Props) {
  const { attempt, ask, choose, tell, unsaved } = useDesk();
  const [base, setBase] = useState(poll); // what the draft began as
  const [typed, type] = useState(() => draftOf(poll));
  const draft = base && fixed ? withVotes(base, typed) : typed;
  const fields = useFields('poll', 'question', 'options', 'least', 'most', 'scale', 'opens_at', 'closes_at', 'grace');
  const fill = (fresh: Partial<PollDraft>) => {
    fields.written(Object.keys(fresh));
    type((now) => ({ ...now, ...fresh }));
  };
  const question = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => question.current?.focus(), []);
  const isChanged = JSON.stringify(typed) !== JSON.stringify(draftOf(base));
  useLayoutEffect(() => void (unsaved.current = isChanged), [isChanged]);
  useEffect(() => () => void (unsaved.current = false), []);

  // What another desk made of the same meanwhile: the poll that ours is to be saved over, or null when it is not to be.
  const replaceable = async (poll: Poll, patch: object) => {
    const theirs = await api<Poll>('GET', `/v1/polls/${poll.id}`);
    const both = rivals(patch, poll, theirs);
    if (both.length === 0) return theirs;
    const shown = both.map((name) => (name === 'question' ? `${say(name)} (${theirs.question})` : say(wordOf[name] ?? name)));
    const answer = await choose(say('conflict', { fields: shown.join(', ') }), say('save_mine'), say('take_theirs'));
    if (answer === takeTheirs) {
      setBase(theirs);
      type(draftOf(theirs));
    }
    return answer === 0 ? theirs : null;
  };
  // What has changed since it was looked at is looked at again.
  const replaced = async (poll: Poll, patch: object, tries = 5): Promise<Poll | null> => {
    const over = await replaceable(poll, patch);
    try {
      return over && (await change(poll, { ...patch, revision: over.revision }));
    } catch (why) {
      if (tries > 1 && why instanceof Refused && why.code === 'poll_changed') return replaced(poll, patch, tries - 1);
      throw why;
    }
  };
  const isPast = (at: string) => at !== '' && at !== draftOf(base).closes_at && Date.parse(at) <= now();
  const submit = () => attempt(async () => {
    if (isPast(draft.closes_at) && !(await ask(say('ask_past'), say('save')))) return;
    const done = base ? await replaced(base, patchFrom(draft, base)) : await create(event, definitionFrom(draft));
    if (!done) return;
    saved(done);
    tell(say('done_save'));
  }, fields.took(labelsIn(draft)));
  return (
    <form class="card poll-form" aria-label={say(poll ? 'edit' : 'new_poll')} onSubmit={(submitted) => (submitted.preventDefault(), void submit())}>
      <label>{say('question')}
        <textarea name="question" rows={2} required maxLength={500} dir="auto" ref={question} value={draft.question} {...fields.mark('question')}
          onInput={(told) => fill({ question: told.currentTarget.value })} />
        {fields.why('question')}
      </label>
      {fixed && <p class="hint">{say('fixed')}</p>}
      <fieldset disabled={fixed}><Answers draft={draft} fields={fields} fill={fill} /></fieldset>
      <Showing draft={draft} fields={fields} fill={fill} />
      <div class="row end">
        <button type="button" onClick={cancel}>{say('cancel')}</button>
        <button class="main">{say('save')}</button>
      </div>
    </form>
  );
}
