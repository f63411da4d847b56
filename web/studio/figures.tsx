// Live figures of a poll: its ledger, who is connected, and votes a second over time. Asked for once a second, while
// somebody looks.
import { useEffect, useReducer, useState } from 'preact/hooks';

import type { Poll } from '../client/index.ts';
import { number, say } from '../shared/words.ts';
import { api, ledgerOf, Refused, type Ledger } from './api.ts';
import { Chart } from './chart.tsx';
import { columns, figuresOf } from './ledger_figures.ts';
import { Rate } from './rate.ts';

const every = 1_000; // ms
const mostFailures = 3; // in a row, until it is said that the figures are old

function useFigures(poll: Poll) {
  const [ledger, setLedger] = useState<Ledger | null>(null);
  const [connections, setConnections] = useState<number | null>(null);
  const [failures, setFailures] = useState(0);
  const [rate] = useState(() => new Rate());
  const [, again] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    let stopped = false;
    let timer: ReturnType<typeof setTimeout>;
    const ask = async () => {
      try {
        if (!document.hidden) {
          const [told, count] = await Promise.all([ledgerOf(poll.id), api<{ connections: number }>('GET', `/v1/events/${poll.event}/connections`)]);
          if (stopped) return;
          setLedger(told);
          setConnections(count.connections);
          rate.note(`${poll.id}.${told.round}`, told.counted + told.changed, performance.now() / 1000);
          setFailures(0);
          again(0);
        }
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        if (!stopped) setFailures((now) => now + 1); // the next second asks again
      }
      if (!stopped) timer = setTimeout(() => void ask(), every);
    };
    void ask();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [poll.id]);
  return { ledger, connections, rate, isOld: failures >= mostFailures };
}

export function Figures({ poll }: { poll: Poll }) {
  const { ledger, connections, rate, isOld } = useFigures(poll);
  const figures = ledger && figuresOf(ledger);
  const [now, peak] = [number(rate.now, 1), number(rate.highest, 1)];
  return (
    <section class="figures" aria-label={say('ledger')}>
      <h3>{say('ledger')}</h3>
      <dl>
        {columns.map((name) => (
          <div key={name} data-figure={name}><dt>{say(name)}</dt><dd>{figures?.[name] ?? '–'}</dd></div>
        ))}
      </dl>
      <p class={isOld ? 'lost' : ledger?.balanced ? 'balanced' : 'balanced not'} role={isOld ? 'status' : undefined}>
        {isOld ? say('old_figures') : ledger && say(ledger.balanced ? 'balanced' : 'unbalanced')}
      </p>
      <dl>
        <div data-figure="connections"><dt>{say('connections')}</dt><dd>{connections ?? '–'}</dd></div>
        <div data-figure="rate"><dt>{say('per_second')}</dt><dd>{now} <small>{say('peak', { n: peak })}</small></dd></div>
      </dl>
      <Chart samples={rate.samples} label={say('chart', { n: now, peak })} />
    </section>
  );
}
