// The newest result. Numbers and labels say everything; a bar repeats it for the eye, and one's own choice has a mark
// and a pattern besides its colour.
import { useEffect } from 'preact/hooks';
import type { Ballot, Poll, Results } from '../client/index.ts';
import { number, say } from '../shared/words.ts';
import { announceNews } from './announce.ts';
import { sizeOf } from './fields.tsx';

interface Row {
  id: string;
  label: string;
  value: number;
  of: number;
  text: string;
  note: string; // what the text does not say: votes, or of a ranking the place one gave
  own: boolean;
}

const percent = (value: number, of: number) => `${number(of ? (value / of) * 100 : 0, value && value < of / 100 ? 1 : 0)} %`;

function rowsOf(poll: Poll, results: Results, own: Ballot | undefined): Row[] {
  const { voters } = results;
  if (poll.type === 'rating')
    return (results.ratings ?? []).map((value, i) => ({
      id: String(i + 1), label: number(i + 1), value, of: voters, text: percent(value, voters), note: say('votes', { n: value }), own: own?.rating === i + 1,
    }));
  const counted = new Map(results.options.map((option) => [option.id, option]));
  return poll.options.map(({ id, label }) => {
    const { votes = 0, points = 0 } = counted.get(id) ?? {};
    const ranking = poll.type === 'ranking';
    const place = (own?.choices?.indexOf(id) ?? -1) + 1;
    return {
      id, label, own: place > 0,
      value: ranking ? points : votes,
      of: ranking ? voters * Math.max(poll.options.length - 1, 1) : voters,
      text: ranking ? say('points', { n: points }) : percent(votes, voters),
      note: !ranking ? say('votes', { n: votes }) : place ? say('yourPlace', { n: place }) : '',
    };
  });
}

export function ResultsView({ poll, results, locale, own }: { poll: Poll; results: Results; locale: string; own?: Ballot }) {
  const rows = rowsOf(poll, results, own);
  const most = Math.max(...rows.map(({ value }) => value));
  const voters = say('voters', { n: results.voters });
  const leader = rows.find(({ value }) => value > 0 && value === most);
  const news = leader ? say('leads', { label: leader.label, percent: leader.text, voters }) : '';
  // Of another question or round nothing of this one is left to be read.
  useEffect(() => {
    announceNews(news);
    return () => announceNews('');
  }, [news]);
  return (
    <section class="results" aria-label={say(results.final ? 'finalResult' : 'resultSoFar')}>
      <h2>
        {say(results.final ? 'finalResult' : 'resultSoFar')}
        <span class="voters">{voters}</span>
      </h2>
      {poll.type === 'rating' && results.voters > 0 && (
        <p class="average"><b>{number(results.average ?? 0, 2)}</b> {say('average')}</p>
      )}
      <ul class={rows.length > 12 || poll.type === 'rating' ? 'many' : ''}>
        {rows.map(({ id, label, value, of, text, note, own: mine }) => (
          <li key={id} class={`${sizeOf({ id, label })} ${value === most && value > 0 ? 'first' : ''} ${mine ? 'mine' : ''}`}>
            <i class="bar" style={{ transform: `scaleX(${value ? Math.min(Math.max(value / of, 0.01), 1) : 0})` }} />
            <span class="label" dir="auto" lang={locale}>{label}</span>
            {mine && poll.type !== 'ranking' && <span class="badge">{say('yours')}</span>}
            <span class="value">
              {text}{' '}
              {note && <small>{note}</small>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
