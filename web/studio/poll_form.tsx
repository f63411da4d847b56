// A poll as its host writes it. The node judges; here only what belongs to the kind is asked for.
import { useEffect, useRef, useState } from 'preact/hooks';

import type { Poll, PollType } from '../client/index.ts';
import { say } from '../shared/words.ts';
import { change, create } from './api.ts';
import { useDesk } from './desk.tsx';

interface Props {
  event: string;
  poll: Poll | null; // null: a new one
  fixed: boolean; // there are votes
  cancel(): void;
  saved(poll: Poll): void;
}

const types: PollType[] = ['single', 'multiple', 'rating', 'ranking'];
const rules: Poll['results'][] = ['always', 'after_vote', 'after_close', 'never'];

// A moment as the field of a form takes it, in the reader's own time zone; and back.
const toField = (at: string | null) => {
  if (!at) return '';
  const moment = new Date(at);
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};
const fromField = (text: string) => (text ? new Date(text).toISOString() : null);

function read(form: HTMLFormElement, poll: Poll | null, type: PollType, fixed: boolean): object {
  const told = new FormData(form);
  const text = (name: string) => String(told.get(name) ?? '').trim();
  const number = (name: string) => (text(name) ? Number(text(name)) : undefined);
  const always = { question: text('question'), results: text('results'), opens_at: fromField(text('opens_at')), closes_at: fromField(text('closes_at')),
    grace_ms: Math.round((number('grace') ?? 0) * 1000) };
  if (fixed) return always;
  const kept = new Map(poll?.options.map(({ label, id }) => [label, id]));
  const labels = text('options').split('\n').map((line) => line.trim()).filter(Boolean);
  // An answer that stays keeps its id, unless that would make two of one.
  const options = poll ? labels.map((label) => ({ label, ...(kept.has(label) ? { id: kept.get(label) } : {}) })) : labels;
  // All of them: what is left out stays as another kind had it.
  const many = type === 'multiple' || type === 'ranking';
  const counts = { min_choices: number('least') ?? 1, max_choices: number('most') ?? (many ? labels.length : 1) };
  const scale = type === 'rating' ? (number('scale') ?? null) : null;
  const asked = { ...always, type, rules: { allow_change: told.has('allow_change'), ...counts, scale } };
  return type === 'rating' ? (poll ? { ...asked, options: [] } : asked) : { ...asked, options };
}

export function PollForm({ event, poll, fixed, cancel, saved }: Props) {
  const { attempt, tell } = useDesk();
  const [type, setType] = useState<PollType>(poll?.type ?? 'single');
  const question = useRef<HTMLTextAreaElement>(null);
  useEffect(() => question.current?.focus(), []);
  const submit = (form: HTMLFormElement) => attempt(async () => {
    const asked = read(form, poll, type, fixed);
    saved(poll ? await change(poll, asked) : await create(event, asked));
    tell(say('done_save'));
  });
  const most = poll?.type === type ? poll.rules.max_choices : undefined;
  return (
    <form class="card poll-form" aria-label={say(poll ? 'edit' : 'new_poll')} onSubmit={(submitted) => (submitted.preventDefault(), void submit(submitted.currentTarget))}>
      <label>{say('question')}<textarea name="question" rows={2} required maxLength={500} dir="auto" ref={question}>{poll?.question}</textarea></label>
      {fixed && <p class="hint">{say('fixed')}</p>}
      <fieldset disabled={fixed}>
        <label>{say('type')}
          <select name="type" value={type} onChange={(chosen) => setType(chosen.currentTarget.value as PollType)}>
            {types.map((one) => <option key={one} value={one}>{say(one)}</option>)}
          </select>
        </label>
        {type !== 'rating' && (
          <label>{say('options')}
            <textarea name="options" rows={6} required dir="auto" aria-describedby="options-hint">{poll?.options.map(({ label }) => label).join('\n')}</textarea>
            <span class="hint" id="options-hint">{say('options_hint')}</span>
          </label>
        )}
        <div class="row fields">
          {type === 'multiple' && <label>{say('least')}<input name="least" type="number" min={1} max={64} value={poll?.rules.min_choices || 1} /></label>}
          {(type === 'multiple' || type === 'ranking') && <label>{say('most')}<input name="most" type="number" min={1} max={64} value={most} /></label>}
          {type === 'rating' && <label>{say('scale')}<input name="scale" type="number" min={2} max={10} value={poll?.rules.scale ?? 5} /></label>}
          <label class="check"><input name="allow_change" type="checkbox" checked={poll?.rules.allow_change ?? false} /> {say('allow_change')}</label>
        </div>
      </fieldset>
      <div class="row fields">
        <label>{say('results_for')}
          <select name="results" value={poll?.results ?? 'always'}>{rules.map((one) => <option key={one} value={one}>{say(one)}</option>)}</select>
        </label>
        <label>{say('opens_at')}<input name="opens_at" type="datetime-local" value={toField(poll?.opens_at ?? null)} /></label>
        <label>{say('closes_at')}<input name="closes_at" type="datetime-local" value={toField(poll?.closes_at ?? null)} /></label>
        <label>{say('grace')}<input name="grace" type="number" min={0} max={10} step={0.1} value={(poll?.grace_ms ?? 0) / 1000} /></label>
      </div>
      <div class="row end">
        <button type="button" onClick={cancel}>{say('cancel')}</button>
        <button class="main">{say('save')}</button>
      </div>
    </form>
  );
}
