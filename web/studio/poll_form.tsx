// A poll as its host writes it. The node judges; here only what belongs to the kind is asked for. What is typed is kept
// in the draft, whatever arrives meanwhile.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

import type { Poll, PollType } from '../client/index.ts';
import { say } from '../shared/words.ts';
import { change, create } from './api.ts';
import { useDesk } from './desk.tsx';
import { definitionFrom, draftOf, isMany, patchFrom, withVotes, type PollDraft } from './poll_draft.ts';

interface Props {
  event: string;
  poll: Poll | null; // as it was when the form was opened; null: a new one
  fixed: boolean; // there are votes
  cancel(): void;
  saved(poll: Poll): void;
}

interface Filling {
  draft: PollDraft;
  fill(fresh: Partial<PollDraft>): void;
}

const types: PollType[] = ['single', 'multiple', 'rating', 'ranking'];
const rules: Poll['results'][] = ['always', 'after_vote', 'after_close', 'never'];

export function PollForm({ event, poll, fixed, cancel, saved }: Props) {
  const { attempt, tell, unsaved } = useDesk();
  const [typed, type] = useState(() => draftOf(poll));
  const draft = poll && fixed ? withVotes(poll, typed) : typed;
  const fill = (fresh: Partial<PollDraft>) => type((now) => ({ ...now, ...fresh }));
  const question = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => question.current?.focus(), []);
  const isChanged = JSON.stringify(typed) !== JSON.stringify(draftOf(poll));
  useLayoutEffect(() => void (unsaved.current = isChanged), [isChanged]);
  useEffect(() => () => void (unsaved.current = false), []);
  const submit = () => attempt(async () => {
    saved(poll ? await change(poll, patchFrom(draft, poll)) : await create(event, definitionFrom(draft)));
    tell(say('done_save'));
  });
  return (
    <form class="card poll-form" aria-label={say(poll ? 'edit' : 'new_poll')} onSubmit={(submitted) => (submitted.preventDefault(), void submit())}>
      <label>{say('question')}
        <textarea name="question" rows={2} required maxLength={500} dir="auto" ref={question} value={draft.question}
          onInput={(told) => fill({ question: told.currentTarget.value })} />
      </label>
      {fixed && <p class="hint">{say('fixed')}</p>}
      <fieldset disabled={fixed}><Answers draft={draft} fill={fill} /></fieldset>
      <Showing draft={draft} fill={fill} />
      <div class="row end">
        <button type="button" onClick={cancel}>{say('cancel')}</button>
        <button class="main">{say('save')}</button>
      </div>
    </form>
  );
}

// The kind, and what may be answered.
function Answers({ draft, fill }: Filling) {
  const number = (name: 'least' | 'most' | 'scale', min: number, max: number) => (
    <label>{say(name)}
      <input name={name} type="number" min={min} max={max} value={draft[name]} onInput={(told) => fill({ [name]: told.currentTarget.value })} />
    </label>
  );
  return (
    <>
      <label>{say('type')}
        <select name="type" value={draft.type} onChange={(told) => fill({ type: told.currentTarget.value as PollType })}>
          {types.map((one) => <option key={one} value={one}>{say(one)}</option>)}
        </select>
      </label>
      {draft.type !== 'rating' && (
        <label>{say('options')}
          <textarea name="options" rows={6} required dir="auto" aria-describedby="options-hint" value={draft.options}
            onInput={(told) => fill({ options: told.currentTarget.value })} />
          <span class="hint" id="options-hint">{say('options_hint')}</span>
        </label>
      )}
      <div class="row fields">
        {isMany(draft.type) && number('least', 1, 64)}
        {isMany(draft.type) && number('most', 1, 64)}
        {draft.type === 'rating' && number('scale', 2, 10)}
        <label class="check">
          <input name="allow_change" type="checkbox" checked={draft.allow_change} onChange={(told) => fill({ allow_change: told.currentTarget.checked })} />
          {' '}{say('allow_change')}
        </label>
      </div>
    </>
  );
}

// Who sees the result, and when voting begins and ends.
function Showing({ draft, fill }: Filling) {
  const moment = (name: 'opens_at' | 'closes_at') => (
    <label>{say(name)}
      <input name={name} type="datetime-local" step={1} value={draft[name]} onInput={(told) => fill({ [name]: told.currentTarget.value })} />
    </label>
  );
  return (
    <div class="row fields">
      <label>{say('results_for')}
        <select name="results" value={draft.results} onChange={(told) => fill({ results: told.currentTarget.value as Poll['results'] })}>
          {rules.map((one) => <option key={one} value={one}>{say(one)}</option>)}
        </select>
      </label>
      {moment('opens_at')}
      {moment('closes_at')}
      <label>{say('grace')}
        <input name="grace" type="number" min={0} max={10} step="any" value={draft.grace} onInput={(told) => fill({ grace: told.currentTarget.value })} />
      </label>
    </div>
  );
}
