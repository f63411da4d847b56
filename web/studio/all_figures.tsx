// The figures of all polls of an event in one table. Their ledgers are asked for one after another, while somebody looks.
import { useEffect, useRef, useState } from 'preact/hooks';

import type { Poll } from '../client/index.ts';
import { say } from '../shared/words.ts';
import { ledgerOf, Refused, type Ledger } from './api.ts';
import { columns, figuresOf, sumOf } from './ledger_figures.ts';

const every = 2_000; // ms, after a turn through all of them

function useLedgers(polls: Poll[], looking: boolean): ReadonlyMap<string, Ledger> {
  const [ledgers, setLedgers] = useState<ReadonlyMap<string, Ledger>>(new Map());
  const newest = useRef(polls);
  newest.current = polls;
  useEffect(() => {
    if (!looking) return;
    let stopped = false;
    let timer: ReturnType<typeof setTimeout>;
    const turn = async () => {
      for (const { id } of document.hidden ? [] : newest.current) {
        try {
          const told = await ledgerOf(id);
          if (stopped) return;
          setLedgers((known) => new Map(known).set(id, told));
        } catch (error) {
          if (!(error instanceof Refused)) throw error; // the next turn asks again
        }
      }
      if (!stopped) timer = setTimeout(() => void turn(), every);
    };
    void turn();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [looking]);
  return ledgers;
}

export function AllFigures({ polls, choose }: { polls: Poll[]; choose(id: string): void }) {
  const [looking, look] = useState(false);
  const ledgers = useLedgers(polls, looking);
  const known = polls.flatMap(({ id }) => ledgers.get(id) ?? []);
  const cells = (ledger: Ledger | undefined) => columns.map((name) => <td key={name} data-figure={name}>{ledger ? figuresOf(ledger)[name] : '–'}</td>);
  return (
    <details class="card all-figures" onToggle={(toggled) => look(toggled.currentTarget.open)}>
      <summary>{say('all_figures')}</summary>
      <div class="wide" role="region" aria-label={say('all_figures')} tabIndex={0}>
        <table>
          <thead>
            <tr><th scope="col">{say('question')}</th>{columns.map((name) => <th scope="col" key={name}>{say(name)}</th>)}</tr>
          </thead>
          <tbody>
            {polls.map((poll) => (
              <tr key={poll.id}>
                <th scope="row">
                  <button type="button" class="pick" onClick={() => choose(poll.id)}>
                    <span class="text" dir="auto">{poll.question}</span>
                    <span class={`chip ${poll.status}`}>{say(poll.status)}</span>
                  </button>
                </th>
                {cells(ledgers.get(poll.id))}
              </tr>
            ))}
          </tbody>
          <tfoot><tr><th scope="row">{say('all_polls')}</th>{columns.map((name) => <td key={name} data-figure={name}>{sumOf(known, name)}</td>)}</tr></tfoot>
        </table>
      </div>
      <p class={known.length === polls.length && known.every(({ balanced }) => balanced) ? 'balanced' : 'balanced not'}>
        {known.length > 0 && say(known.every(({ balanced }) => balanced) ? 'balanced' : 'unbalanced')}
      </p>
    </details>
  );
}
