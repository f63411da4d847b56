// The chosen poll: what can be done with it now, its result, and its figures.
import { useEffect, useState } from 'preact/hooks';

import type { Poll, Results } from '../client/index.ts';
import { number, say } from '../shared/words.ts';
import { Bars } from '../stage/bars.tsx';
import { Icon } from '../stage/icons.tsx';
import { percent, shown, type Row } from '../stage/rows.ts';
import { countdown } from '../stage/time.ts';
import { api, change, create, resultsOf, step, type Step } from './api.ts';
import { useDesk } from './desk.tsx';
import { Figures } from './figures.tsx';
import { offer } from './offered.ts';
import { definitionOf, remade } from './portable.ts';
import { RehearsalCard } from './rehearsal_card.tsx';
import { totalsCsv } from './totals.ts';

interface Props {
  poll: Poll;
  results: Results | undefined;
  watcher: string | null;
  now(): number;
  put(poll: Poll): void;
  removed(poll: Poll): void;
  edit(): void;
  choose(id: string): void;
}

const limits = [0, 15, 30, 60, 120, 300, 600]; // seconds
const visibilities: Poll['results'][] = ['always', 'after_vote', 'after_close', 'never'];

export function PollCard(props: Props) {
  const { poll, results, now } = props;
  const result = shown(poll, results);
  const value = (row: Row) => (poll.type === 'ranking' ? say('points', { n: row.votes }) : `${percent(row)} · ${say('votes', { n: row.votes })}`);
  return (
    <section class="card poll-card" aria-labelledby="poll-question">
      <p class="row">
        <span class={`chip ${poll.status}`}>{say(poll.status)}</span>
        <span class="soft">{say(poll.type)} · {say('round', { n: poll.round })}</span>
        {poll.status === 'open' && poll.closes_at && <TimeLeft until={Date.parse(poll.closes_at)} now={now} />}
      </p>
      <h2 id="poll-question" dir="auto">{poll.question}</h2>
      <Running {...props} />
      <p class="row"><strong>{say('voters', { n: result.voters })}</strong>{result.average !== null && <span>{say('average', { n: number(result.average, 2), of: poll.rules.scale ?? 5 })}</span>}</p>
      <div class="result" role="group" aria-label={say('results')} tabIndex={0}><Bars rows={result.rows} columns={1} hidden={false} value={value} leading={say('leading')} /></div>
      <Keeping {...props} />
      <Figures poll={poll} />
      <RehearsalCard poll={poll} />
    </section>
  );
}

function TimeLeft({ until, now }: { until: number; now(): number }) {
  const [left, look] = useState(until - now());
  useEffect(() => {
    const timer = setInterval(() => look(until - now()), 250);
    return () => clearInterval(timer);
  }, [until]);
  return <span class="clock" role="timer" aria-label={say('time_left')}>{countdown(left)}</span>;
}

// What takes a step back: the host's own hand, where the node lets it.
const back: Partial<Record<Step, Step>> = { pause: 'open', close: 'open' };
const asks: Partial<Record<Step, 'ask_reset' | 'ask_archive'>> = { reset: 'ask_reset', archive: 'ask_archive' };

function Running({ poll, results, put }: Props) {
  const { attempt, ask, tell } = useDesk();
  const [seconds, setSeconds] = useState(0);
  const go = async (what: Step, body?: object) => {
    const question = asks[what];
    if (question && !(await ask(say(question), say(what as 'reset' | 'archive')))) return;
    await attempt(async () => {
      put(await step(poll, what, body));
      const undo = back[what];
      tell(say(`done_${what}`), undo && (async () => put(await step(poll, undo))));
    });
  };
  const opening = (name: 'start' | 'resume' | 'reopen', main = true) => (
    <button type="button" class={main ? 'main' : ''} onClick={() => void go('open', seconds ? { duration_ms: seconds * 1000 } : undefined)}><Icon sign="play" /> {say(name)}</button>
  );
  const { status } = poll;
  const opens = status === 'draft' || status === 'paused' || status === 'closed';
  return (
    <div class="row running">
      {status === 'draft' && opening('start')}
      {status === 'paused' && opening('resume')}
      {status === 'open' && <button type="button" onClick={() => void go('pause')}><Icon sign="pause" /> {say('pause')}</button>}
      {(status === 'open' || status === 'paused') && (
        <button type="button" class={status === 'open' ? 'main' : ''} onClick={() => void go('close')}><Icon sign="stop" /> {say('close')}</button>
      )}
      {status === 'closed' && opening('reopen', false)}
      {opens && (
        <label class="inline">{say('time_limit')}
          <select value={seconds} onChange={(chosen) => setSeconds(Number(chosen.currentTarget.value))}>
            {limits.map((one) => <option key={one} value={one}>{!one ? say('no_limit') : one < 120 ? say('seconds', { n: one }) : say('minutes', { n: one / 60 })}</option>)}
          </select>
        </label>
      )}
      {status !== 'draft' && status !== 'archived' && (
        <button type="button" disabled={!results?.voters} onClick={() => void go('reset')}><Icon sign="again" /> {say('reset')}</button>
      )}
      {status === 'closed' && <button type="button" onClick={() => void go('archive')}>{say('archive')}</button>}
    </div>
  );
}

function Keeping({ poll, results, watcher, put, removed, edit, choose }: Props) {
  const { attempt, ask, tell } = useDesk();
  const [round, setRound] = useState(0); // 0: the present one
  const show = (results: string) => attempt(async () => {
    const before = poll.results;
    put(await change(poll, { results }));
    tell(say('done_save'), async () => put(await change(poll, { results: before })));
  });
  const duplicate = () => attempt(async () => {
    const made = await create(poll.event, definitionOf(poll));
    put(made);
    choose(made.id);
    tell(say('done_save'));
  });
  const remove = async () => {
    const voters = results?.voters ?? 0;
    const votes = voters > 0 || poll.round > 1;
    if (votes && !(await ask(say('ask_delete', { name: poll.question, n: voters }), say('delete')))) return;
    await attempt(async () => {
      await api('DELETE', `/v1/polls/${poll.id}`);
      removed(poll);
      // Without votes nothing is lost that could not be made again.
      tell(say('done_delete'), votes ? undefined : async () => put(await create(poll.event, remade(poll)).then((made) => change(made, { position: poll.position }))));
    });
  };
  const totals = () => attempt(async () => {
    const counted = await resultsOf(poll, watcher!, round || poll.round);
    offer(`tallycast-${poll.id}-${counted.round}.csv`, 'text/csv', totalsCsv([{ poll, results: counted }]));
  });
  const file = (format: string) => `/v1/polls/${poll.id}/export?format=${format}${round ? `&round=${round}` : ''}`;
  return (
    <div class="row keeping">
      <label class="inline">{say('results_for')}
        <select value={poll.results} onChange={(chosen) => void show(chosen.currentTarget.value)}>
          {visibilities.map((one) => <option key={one} value={one}>{say(one)}</option>)}
        </select>
      </label>
      <button type="button" onClick={edit} disabled={poll.status === 'archived'}>{say('edit')}</button>
      <button type="button" onClick={() => void duplicate()}>{say('duplicate')}</button>
      <button type="button" class="destroys" onClick={() => void remove()}>{say('delete')}</button>
      <p class="row downloads">
        <span>{say('download')}</span>
        {poll.round > 1 && (
          <select aria-label={say('round', { n: '' })} value={round} onChange={(chosen) => setRound(Number(chosen.currentTarget.value))}>
            {Array.from({ length: poll.round }, (_, at) => poll.round - at).map((one) => <option key={one} value={one === poll.round ? 0 : one}>{say('round', { n: one })}</option>)}
          </select>
        )}
        <button type="button" disabled={!watcher} onClick={() => void totals()}>{say('totals')}</button>
        <span>{say('ballots')}</span> <a href={file('csv')} download>CSV</a> <a href={file('ndjson')} download>NDJSON</a>
      </p>
    </div>
  );
}
