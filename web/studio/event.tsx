// One event at the desk: how people join, its polls in their running order, and the one that is chosen.
import { useEffect, useRef, useState } from 'preact/hooks';

import type { Event, Poll } from '../client/index.ts';
import { say } from '../shared/words.ts';
import { inOrder } from '../stage/rows.ts';
import { AllFigures } from './all_figures.tsx';
import { change } from './api.ts';
import { useDesk } from './desk.tsx';
import { EventHead } from './event_head.tsx';
import { useLive } from './live.ts';
import { PollCard } from './poll_card.tsx';
import { PollForm } from './poll_form.tsx';
import { PollList } from './poll_list.tsx';
import { moved } from './portable.ts';

export interface EventProps {
  event: Event;
  changed(event: Event): void;
  copied(event: Event): void;
  deleted(): void;
}

export function EventPage({ event, fresh, changed, copied, deleted }: EventProps & { fresh: boolean }) {
  const { attempt, tell, mayLeave } = useDesk();
  const live = useLive(event.id);
  const [chosen, choose] = useState<string | null>(null);
  const [editing, edit] = useState<Poll | 'new' | null>(null);
  const toBegin = useRef<HTMLButtonElement>(null);
  useEffect(() => void (fresh && toBegin.current?.focus()), []);
  const polls = inOrder(live.polls);
  const poll = polls.find(({ id }) => id === chosen) ?? polls.find(({ status }) => status === 'open') ?? polls[0];

  const turnTo = async (id: string) => {
    if (!(await mayLeave())) return;
    choose(id);
    edit(null);
  };
  const begin = async () => {
    if (await mayLeave()) edit('new');
  };
  const place = async (order: { poll: Poll; position: number }[]) => {
    for (const { poll: one, position } of order) live.put(await change(one, { position }));
  };
  const move = (from: number, to: number) => {
    const before = polls.map((one, position) => ({ poll: one, position }));
    return attempt(async () => {
      await place(moved(polls, from, to));
      tell(say('done_save'), () => place(before));
    });
  };
  return (
    <main class="event">
      <p class="told" role="status" dir="auto">{live.notice}</p>
      <EventHead event={event} polls={polls} watcher={live.watcher} changed={changed} copied={copied} deleted={deleted}
        added={live.put} />
      <section class="polls" aria-labelledby="polls">
        <div class="row">
          <h2 id="polls">{say('polls')}</h2>
          <button type="button" ref={toBegin} class={polls.length ? '' : 'main'} onClick={() => void begin()}>{say('new_poll')}</button>
        </div>
        {polls.length === 0 && editing === null && live.ready && <p class="hint">{say('no_polls')}</p>}
        <PollList polls={polls} current={poll?.id} choose={(id) => void turnTo(id)} move={move} />
        {live.lost && <p class="lost" role="status">{say('lost')}</p>}
      </section>
      {editing ? (
        <PollForm key={editing === 'new' ? 'new' : editing.id} event={event.id} poll={editing === 'new' ? null : editing}
          now={live.now} fixed={editing !== 'new' && (live.results.get(editing.id)?.voters ?? 0) > 0} cancel={() => edit(null)}
          saved={(fresh) => (live.put(fresh), choose(fresh.id), edit(null))} />
      ) : poll ? (
        <PollCard key={poll.id} poll={poll} results={live.results.get(poll.id)} watcher={live.watcher} now={live.now} put={live.put} removed={live.remove}
          edit={() => edit(poll)} choose={choose} />
      ) : <p class="card hint">{say('choose_poll')}</p>}
      {polls.length > 1 && <AllFigures polls={polls} choose={(id) => void turnTo(id)} />}
    </main>
  );
}
