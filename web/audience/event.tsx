// One event: the poll that the host leads to, or that the reader chose among several open ones.
import { useEffect, useRef, useState } from 'preact/hooks';
import { isWaiting, type Client, type Poll } from '../client/index.ts';
import { running } from '../shared/leading.ts';
import { directionOf, dress, logoOf } from '../shared/theme.ts';
import { say } from '../shared/words.ts';
import { follow, nowhere, type Look } from './follow.ts';
import { PollView, Refused } from './poll.tsx';

function useFollowing(client: Client): [Look, (id: string) => void, boolean, (isBusy: boolean) => void] {
  const [look, setLook] = useState(nowhere);
  const busy = useRef(false);
  const next = follow(client.polls, look, busy.current);
  if (next !== look) {
    if (next.shown !== look.shown) busy.current = false;
    setLook(next);
  }
  const go = (shown: string) => {
    busy.current = false;
    setLook({ ...look, shown, missed: false });
  };
  return [next, go, busy.current, (isBusy) => (busy.current = isBusy)];
}

// A short loss is nobody's business: the notice comes only when it lasts.
function Lost({ client }: { client: Client }) {
  const [shown, setShown] = useState(false);
  const lost = client.hearing === 'lost';
  useEffect(() => {
    if (!lost) return setShown(false);
    const timer = setTimeout(() => setShown(true), 1_500);
    return () => clearTimeout(timer);
  }, [lost]);
  const kept = client.polls.some((poll) => isWaiting(client.voteIn(poll)));
  return <p class="banner lost" role="status">{shown && say(kept ? 'lostKept' : 'lost')}</p>;
}

function Questions({ polls, shown, go, client }: { polls: Poll[]; shown: string; go(id: string): void; client: Client }) {
  return (
    <nav class="questions" aria-label={say('openPolls')}>
      {polls.map((poll, i) => (
        <button type="button" key={poll.id} aria-current={poll.id === shown ? 'step' : undefined} onClick={() => go(poll.id)}
          aria-label={say('question', { n: i + 1 })}>
          {client.voteIn(poll)?.state === 'counted' ? '✓' : i + 1}
        </button>
      ))}
    </nav>
  );
}

export function EventView({ client, leave }: { client: Client; leave(): void }) {
  const { event, polls } = client;
  const [look, go, isBusy, setBusy] = useFollowing(client);
  const locale = event?.settings.locale ?? 'en';
  useEffect(() => {
    if (!event) return;
    dress(event);
    document.documentElement.dir = directionOf(locale);
    document.title = event.title;
  }, [event]);
  if (client.gone)
    return (
      <main class="waiting">
        <h1>{say('gone')}</h1>
        <button type="button" class="quiet" onClick={leave}>{say('elsewhere')}</button>
      </main>
    );
  const open = running(polls);
  const poll = client.poll(look.shown ?? '');
  const elsewhere = look.missed ? open.find(({ id }) => id === look.led) : undefined;
  const next = open.find((other) => other !== poll && !client.voteIn(other));
  const logo = event && logoOf(event);
  return (
    <>
      <header class="event">
        {logo && <img class="logo" src={logo} alt="" />}
        <p dir="auto" lang={locale}>{event?.title}</p>
        {open.length > 1 && poll && <Questions polls={open} shown={poll.id} go={go} client={client} />}
      </header>
      <Lost client={client} />
      <p class="banner" role="status" dir="auto">{client.notice}</p>
      {client.astray(poll).map((vote) => (
        <div class="voted astray" key={vote.key}>
          <p dir="auto" lang={locale}>{client.poll(vote.poll)?.question}</p>
          <Refused client={client} vote={vote} />
        </div>
      ))}
      {elsewhere && (
        <button type="button" class="news" onClick={() => go(elsewhere.id)}>{say('newQuestion')} <span aria-hidden="true">→</span></button>
      )}
      {poll ? (
        <PollView key={`${poll.id}.${poll.round}.${JSON.stringify([poll.type, poll.options])}`} client={client} poll={poll} locale={locale}
          isReplaced={isBusy} setBusy={setBusy}
          next={next && (() => go(next.id))} />
      ) : (
        <main class="waiting">
          {event && (
            <>
              <h1>{say('waitTitle')}</h1>
              <p class="lead">{say('waitLead')}</p>
            </>
          )}
          <div class="dots" aria-hidden="true"><i /><i /><i /></div>
        </main>
      )}
    </>
  );
}
