// The desk of an evening: /studio.
import '../shared/theme.css';
import '../stage/palette.css';
import '../stage/bars.css';
import 'uplot/dist/uPlot.min.css';
import './studio.css';

import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { keepFocus } from '../shared/focus.ts';
import { learn, say } from '../shared/words.ts';
import { api, Refused, type Session } from './api.ts';
import { DeskProvider, useDesk } from './desk.tsx';
import { Events } from './events.tsx';
import { SignIn } from './sign_in.tsx';
import { atTheDoor } from './words.ts';

// null: nobody is signed in. undefined: the node has not said yet.
type Known = Session | null | undefined;

const whoIsThere = () =>
  api<Session>('GET', '/v1/session').catch((error: Refused) => (error.status === 401 ? null : Promise.reject(error)));

function Room({ session, enter }: { session: Known; enter(session: Known): void }) {
  const { load, mayLeave } = useDesk();
  const isKnown = session !== undefined;
  useEffect(() => (isKnown ? undefined : load(async () => enter(await whoIsThere()))), [isKnown]);
  const signOut = async () => {
    if (await mayLeave()) await api('DELETE', '/v1/session').catch(() => {}).then(() => enter(null));
  };
  return (
    <>
      <header class="top">
        <p class="brand">Tallycast <span>{say('title')}</span></p>
        {session && <p class="tenant" dir="auto">{session.tenant.name}</p>}
        {session && <button type="button" onClick={() => void signOut()}>{say('sign_out')}</button>}
      </header>
      {session ? <Events /> : session === null ? <SignIn done={enter} /> : <main class="desk" aria-busy="true" />}
    </>
  );
}

function Studio() {
  const [session, setSession] = useState<Known>(undefined);
  useEffect(() => {
    document.title = `${say('title')} · Tallycast`;
  }, []);
  return (
    <DeskProvider signedOut={() => setSession(null)}>
      <Room session={session} enter={setSession} />
    </DeskProvider>
  );
}

async function start() {
  await learn(atTheDoor);
  keepFocus('.poll-card h2', '#event-title', 'main h1', '.events h2');
  render(<Studio />, document.getElementById('page')!);
}

void start();
