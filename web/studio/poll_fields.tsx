// The fields of a poll's form. Only what belongs to the kind is asked for; the node judges.
import type { Poll, PollType } from '../client/index.ts';
import { say } from '../shared/words.ts';
import type { Fields } from './field.tsx';
import { isMany, type PollDraft } from './poll_draft.ts';

export interface Filling {
  draft: PollDraft;
  fields: Fields;
  fill(fresh: Partial<PollDraft>): void;
}

const types: PollType[] = ['single', 'multiple', 'rating', 'ranking'];
const rules: Poll['results'][] = ['always', 'after_vote', 'after_close', 'never'];

// The kind, and what may be answered.
export function Answers({ draft, fields, fill }: Filling) {
  const number = (name: 'least' | 'most' | 'scale', min: number, max: number) => (
    <label>{say(name)}
      <input name={name} type="number" min={min} max={max} value={draft[name]} {...fields.mark(name)} onInput={(told) => fill({ [name]: told.currentTarget.value })} />
      {fields.why(name)}
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
          <textarea name="options" rows={6} required dir="auto" aria-describedby="options-hint" {...fields.mark('options')} value={draft.options}
            onInput={(told) => fill({ options: told.currentTarget.value })} />
          {fields.why('options')}
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
export function Showing({ draft, fields, fill }: Filling) {
  const moment = (name: 'opens_at' | 'closes_at') => (
    <label>{say(name)}
      <input name={name} type="datetime-local" step={1} value={draft[name]} {...fields.mark(name)} onInput={(told) => fill({ [name]: told.currentTarget.value })} />
      {fields.why(name)}
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
        <input name="grace" type="number" min={0} max={10} step="any" value={draft.grace} {...fields.mark('grace')} onInput={(told) => fill({ grace: told.currentTarget.value })} />
        {fields.why('grace')}
      </label>
    </div>
  );
}
