// How people come to the event, and what is done with it as a whole.
import { useEffect, useState } from 'preact/hooks';

import type { Event, Poll } from '../client/index.ts';
import { say } from '../shared/words.ts';
import { Icon } from '../stage/icons.tsx';
import { Qr, typedAddress, type Invitation } from '../stage/qr.tsx';
import { api } from './api.ts';
import { copied } from './copied.ts';
import { languagesWith } from './languages.ts';
import { useDesk } from './desk.tsx';
import type { EventProps } from './event.tsx';
import { useFields } from './field.tsx';
import { Files } from './files.tsx';
import { LookForm } from './look_form.tsx';

interface Props extends EventProps {
  polls: Poll[];
  watcher: string | null;
  added(poll: Poll): void;
}

function useInvitation({ id, code }: Event): Invitation | null {
  const { load } = useDesk();
  const [invitation, take] = useState<Invitation | null>(null);
  useEffect(() => load(async () => take(await api<Invitation>('GET', `/v1/events/${id}/invitation`))), [id, code]);
  return invitation;
}

export function EventHead({ event, polls, watcher, changed, deleted, copied: made, added }: Props) {
  const { tell } = useDesk();
  const invitation = useInvitation(event);
  const screen = `${location.origin}/present/${encodeURIComponent(event.id)}?token=${watcher ?? ''}`;
  const copy = async (link: string) => ((await copied(link)) ? tell(say('copied')) : prompt('', link));
  return (
    <section class="card event-head" aria-labelledby="event-title">
      {invitation && <Qr of={invitation} label={say('qr', { url: invitation.url })} />}
      <div class="grow">
        <h1 id="event-title" dir="auto">{event.title}</h1>
        {invitation && (
          <p class="join">
            <a href={invitation.url} target="_blank" rel="noreferrer"><bdi>{typedAddress(invitation)}/<strong>{event.code}</strong></bdi></a>
          </p>
        )}
        <div class="row">
          <a class="button main" href={watcher ? screen : undefined} target="_blank" rel="noreferrer"><Icon sign="screen" /> {say('open_screen')}</a>
          <button type="button" disabled={!watcher} onClick={() => void copy(screen)}>{say('copy_screen')}</button>
          <button type="button" disabled={!watcher} onClick={() => void copy(`${screen}&overlay=1`)}>{say('copy_overlay')}</button>
        </div>
        <details>
          <summary>{say('event_menu')}</summary>
          <EventForm event={event} changed={changed} />
          <LookForm event={event} changed={changed} />
          <Files event={event} polls={polls} watcher={watcher} added={added} copied={made} deleted={deleted} />
        </details>
      </div>
    </section>
  );
}

type Naming = { title: string; code: string; locale: string };
const names: (keyof Naming)[] = ['title', 'code', 'locale'];
const wordOf = { title: 'event_title', code: 'code', locale: 'locale' };
const namingOf = ({ title, code, settings }: Event): Naming => ({ title, code, locale: settings.locale });

function EventForm({ event, changed }: { event: Event; changed(event: Event): void }) {
  const { attempt, choose, tell } = useDesk();
  const [typed, type] = useState<Partial<Naming>>({}); // and not saved yet
  const fields = useFields('event', ...names);
  const there = namingOf(event);
  // Whether ours may be saved although another desk has changed the same meanwhile.
  const mayReplace = async (told: (name: keyof Naming) => string | undefined) => {
    const theirs = await api<Event>('GET', `/v1/events/${event.id}`);
    const both = names.filter((name) => told(name) !== undefined && namingOf(theirs)[name] !== there[name] && namingOf(theirs)[name] !== told(name));
    if (both.length === 0) return true;
    const shown = both.map((name) => `${say(wordOf[name])} (${namingOf(theirs)[name]})`).join(', ');
    const answer = await choose(say('conflict', { fields: shown }), say('save_mine'), say('take_theirs'));
    if (answer === 1) {
      changed(theirs);
      type({});
    }
    return answer === 0;
  };
  const save = () => attempt(async () => {
    const told = (name: keyof Naming) => (typed[name] === undefined || typed[name].trim() === there[name] ? undefined : typed[name].trim());
    const locale = told('locale');
    if (!(await mayReplace(told))) return;
    changed(await api<Event>('PATCH', `/v1/events/${event.id}`, { title: told('title'), code: told('code'), settings: locale && { locale } }));
    type((now) => Object.fromEntries(Object.entries(now).filter(([name, text]) => text !== typed[name as keyof Naming])));
    tell(say('done_save'));
  }, fields.took());
  const write = (name: keyof Naming, text: string) => {
    fields.written([name]);
    type((now) => ({ ...now, [name]: text }));
  };
  const field = (name: keyof Naming) => ({ name, required: true, value: typed[name] ?? there[name], ...fields.mark(name),
    onInput: (told: InputEvent) => write(name, (told.currentTarget as HTMLInputElement).value) });
  return (
    <form class="row fields" onSubmit={(submitted) => (submitted.preventDefault(), void save())}>
      <label class="grow">{say('event_title')}<input {...field('title')} maxLength={200} dir="auto" />{fields.why('title')}</label>
      <label>{say('code')}<input {...field('code')} minLength={6} maxLength={12} size={10} />{fields.why('code')}</label>
      <label>{say('locale')}
        <select name="locale" value={typed.locale ?? there.locale} {...fields.mark('locale')} onChange={(told) => write('locale', told.currentTarget.value)}>
          {languagesWith(there.locale).map(([tag, name]) => <option key={tag} value={tag}>{name}</option>)}
        </select>
        {fields.why('locale')}
      </label>
      <button>{say('save')}</button>
    </form>
  );
}
