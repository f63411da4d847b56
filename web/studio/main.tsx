// The desk of an evening: /studio.
import '../shared/theme.css';
import '../stage/palette.css';
import '../stage/bars.css';
import 'uplot/dist/uPlot.min.css';
import './studio.css';

import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { keepFocus } from '../shared/focus.ts';
import { learn, say } from '../shared/words.ts';
import { door, Refused, signedIn, signOut, type Session } from './api.ts';
import { DeskProvider, useDesk } from './desk.tsx';
import { Events } from './events.tsx';
import { SignIn, SignInAgain } from './sign_in.tsx';
import { atTheDoor } from './words.ts';

// null: nobody is signed in. undefined: the node has not said yet.
type Known = Session | null | undefined;

const whoIsThere = () => signedIn().catch((error: Refused) => (error.status === 401 ? null : Promise.reject(error)));

// Windows of one browser share its cookie, and tell each other when it comes and goes.
const windows = new BroadcastChannel('tallycast.studio');

function Room({ session, enter, come }: { session: Known; enter(session: Known): void; come(session: Session): void }) {
  const { load, mayLeave } = useDesk();
  const isKnown = session !== undefined;
  useEffect(() => (isKnown ? undefined : load(async () => enter(await whoIsThere()))), [isKnown]);
  const leave = async () => {
    if (!(await mayLeave())) return;
    await signOut().catch(() => {});
    enter(null);
    windows.postMessage('changed');
  };
  return (
    <>
      <header class="top">
        <p class="brand">Tallycast <span>{say('title')}</span></p>
        {session && <p class="tenant" dir="auto">{session.tenant.name}</p>}
        {session && <button type="button" onClick={() => void leave()}>{say('sign_out')}</button>}
      </header>
      {session ? <Events key={session.tenant.id} /> : session === null ? <SignIn done={come} /> : <main class="desk" aria-busy="true" />}
    </>
  );
}

function Studio() {
  const [session, setSession] = useState<Known>(undefined);
  const [isOver, over] = useState(false); // the sign-in under the desk that is shown
  const newest = useRef({ session, isOver });
  newest.current = { session, isOver };
  const enter = (now: Known) => {
    over(false);
    setSession(now);
    door.open(now?.tenant.id === newest.current.session?.tenant.id);
  };
  const come = (session: Session) => {
    enter(session);
    windows.postMessage('changed');
  };
  useEffect(() => {
    document.title = `${say('title')} · Tallycast`;
    door.closed = () => over(true);
    windows.onmessage = () => void whoIsThere().then((there) => {
      const { session, isOver } = newest.current;
      if (!there) over(!!session);
      else if (isOver || there.tenant.id !== session?.tenant.id) enter(there);
    }, () => {});
  }, []);
  return (
    <DeskProvider>
      <Room session={session} enter={enter} come={come} />
      {isOver && <SignInAgain done={come} />}
    </DeskProvider>
  );
}

async function start() {
  await learn(atTheDoor);
  keepFocus('.poll-card h2', '#event-title', 'main h1', '.events h2');
  render(<Studio />, document.getElementById('page')!);
}

void start();
