// The desk of an evening: /studio.
import '../shared/theme.css';
import '../stage/palette.css';
import '../stage/bars.css';
import 'uplot/dist/uPlot.min.css';
import './studio.css';

import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { say, speak } from '../shared/words.ts';
import { api, Refused, type Session } from './api.ts';
import { DeskProvider } from './desk.tsx';
import en from './en.ts';
import { Events } from './events.tsx';
import { SignIn } from './sign_in.tsx';

function Studio({ first }: { first: Session | null }) {
  const [session, setSession] = useState(first);
  const signOut = () => void api('DELETE', '/v1/session').then(() => setSession(null), () => setSession(null));
  useEffect(() => {
    document.title = `${say('title')} · Tallycast`;
  }, []);
  return (
    <DeskProvider signedOut={() => setSession(null)}>
      <header class="top">
        <p class="brand">Tallycast <span>{say('title')}</span></p>
        {session && <p class="tenant" dir="auto">{session.tenant.name}</p>}
        {session && <button type="button" onClick={signOut}>{say('sign_out')}</button>}
      </header>
      {session ? <Events /> : <SignIn done={setSession} />}
    </DeskProvider>
  );
}

async function start() {
  await speak(en, { de: () => import('./de.ts') });
  const first = await api<Session>('GET', '/v1/session').catch((error: Refused) => (error.status === 401 ? null : Promise.reject(error)));
  render(<Studio first={first} />, document.getElementById('page')!);
}

void start();
