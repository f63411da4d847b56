// What there is to choose: cards of a radio or box each, steps, or an order.
import type { Option, Poll } from '../client/index.ts';
import { say } from '../shared/words.ts';
import { mostOf, toggled, type Draft } from './draft.ts';
import { Ranking } from './ranking.tsx';

export interface Filling {
  poll: Poll;
  locale: string;
  draft: Draft;
  fill(draft: Draft): void;
}

function hint(poll: Poll): string {
  const { min_choices: min, scale } = poll.rules;
  const max = mostOf(poll);
  if (poll.type === 'single') return say('chooseOne');
  if (poll.type === 'rating') return say('rate', { max: scale ?? 0 });
  if (poll.type === 'ranking') return min === max ? say('rank') : say('rankSome', { min, max });
  return min === max ? say('chooseExactly', { n: max }) : say('chooseSome', { min, max });
}

// Long texts are set smaller, so that an option stays an option and no page.
export const sizeOf = ({ label }: Option) => (label.length > 120 ? 'long' : label.length > 40 ? 'wide' : '');

function Cards({ poll, locale, draft, fill }: Filling) {
  const one = poll.type === 'single';
  const full = !one && draft.choices.length >= mostOf(poll);
  return (
    <div class={poll.options.length > 12 ? 'cards many' : 'cards'}>
      {poll.options.map((option) => {
        const chosen = draft.choices.includes(option.id);
        return (
          <label key={option.id} class={`card ${sizeOf(option)}`}>
            <input type={one ? 'radio' : 'checkbox'} name={poll.id} checked={chosen} disabled={full && !chosen}
              onChange={() => fill(toggled(poll, draft, option.id))} />
            <span class={one ? 'tick round' : 'tick'} aria-hidden="true" />
            <span class="label" dir="auto" lang={locale}>{option.label}</span>
          </label>
        );
      })}
    </div>
  );
}

function Steps({ poll, draft, fill }: Filling) {
  const max = poll.rules.scale ?? 0;
  return (
    <div class="steps">
      {Array.from({ length: max }, (_, i) => i + 1).map((step) => (
        <label key={step}>
          <input type="radio" name={poll.id} checked={draft.rating === step} aria-label={say('step', { n: step, max })}
            onChange={() => fill({ choices: [], rating: step })} />
          <span aria-hidden="true">{step}</span>
        </label>
      ))}
    </div>
  );
}

export function Fields(filling: Filling) {
  const { poll } = filling;
  return (
    <fieldset>
      <legend>{hint(poll)}</legend>
      {poll.type === 'rating' ? <Steps {...filling} /> : poll.type === 'ranking' ? <Ranking {...filling} /> : <Cards {...filling} />}
    </fieldset>
  );
}
