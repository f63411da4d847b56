// The events of the tenant, and the one that is open: its id stands behind the # of the address.
import { useEffect, useRef, useState } from 'preact/hooks';

import type { Event } from '../client/index.ts';
import { learn, say } from '../shared/words.ts';
import { all, api, Refused } from './api.ts';
import { addEvent, type Progress } from './bring_in.ts';
import { useDesk } from './desk.tsx';
import { EventPage } from './event.tsx';
import { allOrNothing, FileButton } from './files.tsx';
import type { Portable } from './portable.ts';
import { tidyUp } from './rehearsal_card.tsx';
import { inside } from './words.ts';

const inAddress = () => decodeURIComponent(location.hash.slice(1));
const open = (id: string) => (location.hash = encodeURIComponent(id));

// The newest first: tonight's is more often among them than any other.
const inOrder = (events: Event[]) => [...events].sort((a, b) => (a.created_at < b.created_at ? 1 : -1));

const learnAll = () => Promise.all(inside.map(learn)).catch(() => Promise.reject(new Refused(0, { code: 'no_answer' })));

// The event in the address. What is written and not saved is not left without asking, whichever way the address changes.
function useAddress(): string {
  const { mayLeave } = useDesk();
  const [current, setCurrent] = useState(inAddress());
  const shown = useRef(current);
  const newest = useRef(mayLeave);
  newest.current = mayLeave;
  useEffect(() => {
    const turned = async () => {
      if (inAddress() === shown.current) return;
      if (!(await newest.current())) return history.replaceState(null, '', `#${encodeURIComponent(shown.current)}`);
      setCurrent((shown.current = inAddress()));
    };
    const heard = () => void turned();
    addEventListener('hashchange', heard);
    return () => removeEventListener('hashchange', heard);
  }, []);
  return current;
}

export function Events() {
  const { attempt, load, tell } = useDesk();
  const [events, setEvents] = useState<Event[] | null>(null);
  const [fresh, setFresh] = useState(''); // just made: its first poll comes next
  const current = useAddress();
  useEffect(() => load(async () => {
    await learnAll();
    await tidyUp();
    setEvents(await all<Event>('/v1/events'));
  }), []);
  if (!events) return <main class="desk" aria-busy="true" />;

  const put = (made: Event) => {
    setFresh(made.id);
    setEvents((known) => [made, ...known!]);
    open(made.id);
  };

  const make = async (form: HTMLFormElement) => {
    const title = String(new FormData(form).get('title')).trim();
    await attempt(async () => {
      put(await api<Event>('POST', '/v1/events', { title, settings: { locale: navigator.language } }));
      form.reset();
    });
  };
  const take = async (file: Portable, brought: Progress) => {
    put(await allOrNothing(addEvent(api, file, brought)));
    tell(say('done_save'));
  };
  const event = events.find(({ id }) => id === current);
  return (
    <div class="desk">
      <nav class="events" aria-label={say('events')}>
        <h2>{say('events')}</h2>
        <form class="row" onSubmit={(submitted) => (submitted.preventDefault(), void make(submitted.currentTarget))}>
          <input name="title" required maxLength={200} placeholder={say('new_event')} aria-label={`${say('new_event')}: ${say('event_title')}`} />
          <button class={events.length ? '' : 'main'}>{say('create')}</button>
        </form>
        {events.length === 0 && <p class="hint">{say('no_events')}</p>}
        <ul>
          {inOrder(events).map(({ id, title, code }) => (
            <li key={id}>
              <a href={`#${encodeURIComponent(id)}`} aria-current={id === current ? 'page' : undefined}>
                <span dir="auto">{title}</span> <small>{code}</small>
              </a>
            </li>
          ))}
        </ul>
        <FileButton label={say('import_event')} take={take} />
      </nav>
      {event ? (
        <EventPage key={event.id} event={event} fresh={event.id === fresh}
          changed={(fresh) => setEvents((known) => known!.map((one) => (one.id === fresh.id ? fresh : one)))} copied={put}
          deleted={() => (setEvents((known) => known!.filter(({ id }) => id !== event.id)), open(''))} />
      ) : <main class="event">{current && <p class="card">{say('no_such_event')}</p>}{events.length > 0 && <p class="card hint">{say('choose_event')}</p>}</main>}
    </div>
  );
}
