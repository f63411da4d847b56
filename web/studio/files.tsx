// An event as a whole: its polls to a file and from one, a copy of it, its end.
import { useState } from 'preact/hooks';

import type { Event, Poll } from '../client/index.ts';
import { say } from '../shared/words.ts';
import { api, Refused, resultsOf } from './api.ts';
import { addEvent, addPolls, NotAdded, type Progress } from './bring_in.ts';
import { useDesk } from './desk.tsx';
import { offer } from './offered.ts';
import { portable, readPortable, type Portable } from './portable.ts';
import { totalsCsv, type Counted } from './totals.ts';
import { troubleIn } from './trouble.ts';

const few = 5; // polls

interface Props {
  event: Event;
  polls: Poll[];
  watcher: string | null;
  added(poll: Poll): void;
  copied(event: Event): void;
  deleted(): void;
}

// Passes on what was made, or says in words which poll was refused, and what is left.
export async function allOrNothing<Made>(making: Promise<Made>): Promise<Made> {
  return making.catch((error: unknown) => {
    if (!(error instanceof NotAdded && error.why instanceof Refused)) throw error;
    const { question, labels, why, left } = error;
    const detail = say(left ? 'partly_added' : 'not_added', { name: question, why: troubleIn(why, labels).text, n: left });
    throw new Refused(why.status, { code: 'not_added', detail });
  });
}

interface Brought {
  n: number;
  of: number;
}

// How far many polls have come; nothing of a few, which come at once.
function Bringing({ brought }: { brought: Brought | null }) {
  if (!brought || brought.of <= few) return null;
  return <progress max={brought.of} value={brought.n} aria-label={say('bringing', { n: brought.n, of: brought.of })} />;
}

export function FileButton({ label, take }: { label: string; take(file: Portable, brought: Progress): Promise<void> }) {
  const { attempt, tell } = useDesk();
  const [brought, tellBrought] = useState<Brought | null>(null);
  const load = async (input: HTMLInputElement) => {
    const file = input.files?.[0];
    await attempt(async () => {
      const read = file && readPortable(await file.text());
      input.value = '';
      if (!read) return tell(say('not_ours'));
      if (read.polls.length === 0) return tell(say('no_polls_in_file'));
      const of = read.polls.length;
      tellBrought({ n: 0, of });
      await take(read, (n) => tellBrought({ n, of }));
    });
    tellBrought(null);
  };
  return (
    <>
      <label class="button file" data-busy={brought !== null}>
        {brought ? say('bringing', { n: brought.n, of: brought.of }) : label}
        <input type="file" accept="application/json,.json" aria-label={label} disabled={brought !== null} onChange={(chosen) => void load(chosen.currentTarget)} />
      </label>
      <Bringing brought={brought} />
    </>
  );
}

export function Files({ event, polls, watcher, added, copied, deleted }: Props) {
  const { attempt, tell, ask, mayLeave } = useDesk();
  const [bringing, tellBrought] = useState<Brought | null>(null);
  const save = () => offer(`tallycast-${event.code}.json`, 'application/json', JSON.stringify(portable(event, polls), null, 2));
  const totals = () => attempt(async () => {
    const counted: Counted[] = [];
    for (const poll of polls) if (poll.status !== 'draft') counted.push({ poll, results: await resultsOf(poll, watcher!) });
    offer(`tallycast-${event.code}.csv`, 'text/csv', totalsCsv(counted));
  });
  const take = async (file: Portable, brought: Progress) => {
    const made = await allOrNothing(addPolls(api, event.id, file.polls, brought));
    made.forEach(added);
    tell(say('imported', { n: made.length }));
  };
  const copy = async () => {
    if (!(await mayLeave())) return;
    await attempt(async () => {
      const copy = { ...portable(event, polls), title: say('copy_of', { name: event.title }).slice(0, 200) };
      copied(await allOrNothing(addEvent(api, copy, (n) => tellBrought({ n, of: polls.length }))));
      tell(say('done_save'));
    });
    tellBrought(null);
  };
  const remove = async () => {
    if (!(await ask(say('ask_delete_event', { name: event.title }), say('delete')))) return;
    await attempt(async () => {
      await api('DELETE', `/v1/events/${event.id}`);
      deleted();
      tell(say('done_delete'));
    });
  };
  return (
    <div class="row">
      <button type="button" disabled={polls.length === 0} onClick={save}>{say('export')}</button>
      <button type="button" disabled={!watcher || polls.every(({ status }) => status === 'draft')} onClick={() => void totals()}>{say('all_totals')}</button>
      <FileButton label={say('import')} take={take} />
      <button type="button" disabled={bringing !== null} onClick={() => void copy()}>{say('copy_event')}</button>
      <Bringing brought={bringing} />
      <button type="button" class="destroys" onClick={() => void remove()}>{say('delete_event')}</button>
    </div>
  );
}
