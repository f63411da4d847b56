// The events of the tenant, and the one that is open: its id stands behind the # of the address.
import { useEffect, useState } from 'preact/hooks';

import type { Event } from '../client/index.ts';
import { say } from '../shared/words.ts';
import { all, api } from './api.ts';
import { useDesk } from './desk.tsx';
import { EventPage } from './event.tsx';
import { tidyUp } from './rehearsal_card.tsx';

const inAddress = () => decodeURIComponent(location.hash.slice(1));
const open = (id: string) => (location.hash = encodeURIComponent(id));

export function Events() {
  const { attempt } = useDesk();
  const [events, setEvents] = useState<Event[] | null>(null);
  const [current, setCurrent] = useState(inAddress());
  useEffect(() => {
    void attempt(async () => {
      await tidyUp();
      setEvents((await all<Event>('/v1/events')).reverse());
    });
    const turned = () => setCurrent(inAddress());
    addEventListener('hashchange', turned);
    return () => removeEventListener('hashchange', turned);
  }, []);
  if (!events) return <main class="desk" />;

  const make = async (form: HTMLFormElement) => {
    const title = String(new FormData(form).get('title')).trim();
    await attempt(async () => {
      const made = await api<Event>('POST', '/v1/events', { title, settings: { locale: navigator.language } });
      setEvents([made, ...events]);
      form.reset();
      open(made.id);
    });
  };
  const event = events.find(({ id }) => id === current);
  return (
    <div class="desk">
      <nav class="events" aria-label={say('events')}>
        <h2>{say('events')}</h2>
        <form class="row" onSubmit={(submitted) => (submitted.preventDefault(), void make(submitted.currentTarget))}>
          <input name="title" required maxLength={200} placeholder={say('event_title')} aria-label={`${say('new_event')}: ${say('event_title')}`} />
          <button class={events.length ? '' : 'main'}>{say('create')}</button>
        </form>
        {events.length === 0 && <p class="hint">{say('no_events')}</p>}
        <ul>
          {events.map(({ id, title, code }) => (
            <li key={id}>
              <a href={`#${encodeURIComponent(id)}`} aria-current={id === current ? 'page' : undefined}>
                <span dir="auto">{title}</span> <small>{code}</small>
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {event ? (
        <EventPage key={event.id} event={event}
          changed={(fresh) => setEvents(events.map((one) => (one.id === fresh.id ? fresh : one)))}
          deleted={() => (setEvents(events.filter(({ id }) => id !== event.id)), open(''))} />
      ) : <main class="event">{events.length > 0 && <p class="card hint">{say('choose_event')}</p>}</main>}
    </div>
  );
}
