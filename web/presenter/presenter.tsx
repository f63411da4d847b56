// The screen as a whole: it holds what is shown and hears the keys; the parts below only draw.
import { useEffect, useState } from 'preact/hooks';

import type { Client } from '../client/index.ts';
import { directionOf, dress } from '../shared/theme.ts';
import { say } from '../shared/words.ts';
import { Announcer } from '../stage/announcer.tsx';
import { shown } from '../stage/rows.ts';
import { bounded, type Look } from './look.ts';
import { Controls, Head, Join, noticeOf, Result } from './parts.tsx';
import { Show } from './show.ts';
import { useClient, useExpired, useInvitation, useTimeLeft } from './state.ts';

const sizeStep = 0.1;

export function Presenter({ client, look, address }: { client: Client; look: Look; address: string }) {
  const [show] = useState(() => new Show());
  const [scale, setScale] = useState(look.scale);
  const again = useClient(client, show);
  const { event } = client;
  const invitation = useInvitation(event?.id, event?.code);
  const poll = show.poll;
  const left = useTimeLeft(client, poll?.closes_at ?? null, poll?.status === 'open');
  const expired = useExpired(client.hearing === 'lost', address, look.token);

  const act = {
    previous: () => show.step(-1),
    next: () => show.step(1),
    reveal: () => show.reveal(),
    freeze: () => poll && show.freeze(client.results.get(poll.id)),
    larger: () => setScale((now) => bounded(now + sizeStep)),
    smaller: () => setScale((now) => bounded(now - sizeStep)),
    full: () => void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()),
  };
  const doing = (what: () => unknown) => () => {
    what();
    again();
  };
  useKeys(look.overlay ? {} : { ArrowLeft: doing(act.previous), ArrowRight: doing(act.next), r: doing(act.reveal), ' ': doing(act.freeze),
    '+': act.larger, '-': act.smaller, f: act.full, PageUp: doing(act.previous), PageDown: doing(act.next) });

  useEffect(() => document.documentElement.style.setProperty('--scale', String(scale)), [scale]);
  useEffect(() => {
    const locale = event?.settings.locale ?? 'en';
    document.documentElement.dir = directionOf(locale.toLowerCase());
    if (event) dress(event);
    document.title = `${event?.title ?? 'Tallycast'} · ${say('title')}`;
  }, [event]);

  const result = poll && shown(poll, show.results(client.results.get(poll.id)));
  // Why there is nothing to be seen, and there will not be.
  const over = client.gone ? say(event ? 'gone' : 'unknown') : expired && !poll ? say('expired') : '';
  const notice = over ? '' : noticeOf(client.hearing, expired);
  const told = !poll ? over || (event ? say('waiting') : '') : `${poll.question} ${result ? say('votes', { n: result.votes }) : ''}`;
  // On air none of that is anybody's business.
  const isBlank = look.overlay && (!event || over !== '' || expired);
  useEffect(() => {
    if (look.overlay && (over || notice)) console.warn(`Tallycast: ${over || notice}`);
  }, [over, notice]);
  if (isBlank) return null;
  return (
    <div class={poll ? 'screen' : 'screen waits'}>
      <Head event={event} poll={poll} left={left} final={result?.final ?? false} frozen={show.isFrozen} passed={show.isPassed && !look.overlay} />
      <main>
        {poll && result ? <Result poll={poll} shown={result} revealed={show.revealed} overlay={look.overlay} />
          : (event || over) && <h1 class="question">{over || say('waiting')}</h1>}
      </main>
      {look.join && !over && <Join invitation={invitation} />}
      {!look.overlay && <p class={notice ? `notice ${client.hearing}` : 'notice none'} role="status">{notice}</p>}
      {!look.overlay && <p class="told" role="status" dir="auto">{client.notice}</p>}
      {!look.overlay && <Controls show={show} act={act} doing={doing} />}
      <Announcer text={told} />
    </div>
  );
}

function useKeys(keys: Record<string, () => void>) {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const onControl = event.target instanceof HTMLElement && event.target.closest('button');
      if (onControl && event.key === ' ') return; // it presses that button
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const what = keys[key === '=' ? '+' : key];
      if (!what) return;
      event.preventDefault();
      what();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  });
}
