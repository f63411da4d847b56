import { useEffect, useReducer, useState } from 'preact/hooks';
import { Client } from '../client/index.ts';
import { EventView } from './event.tsx';
import { JoinView, type Joining } from './join.tsx';

export interface Here {
  event: string;
  code: string;
}

// Not while a whole hall comes in, and not all at once.
function keepForLater() {
  const register = () => navigator.serviceWorker?.register('/sw.js').catch(() => {});
  setTimeout(register, 2_000 + Math.random() * 5_000);
}

// Renders again whenever the client has something new.
function useClient(here: Here): Client {
  const [client] = useState(() => new Client(here));
  const [, again] = useReducer<number, void>((n) => n + 1, 0);
  useEffect(() => {
    const off = client.on(() => again());
    const wake = () => document.visibilityState === 'visible' && client.wake();
    const lose = () => client.lose();
    addEventListener('online', wake);
    addEventListener('offline', lose);
    document.addEventListener('visibilitychange', wake);
    client.start();
    return () => {
      off();
      removeEventListener('online', wake);
      removeEventListener('offline', lose);
      document.removeEventListener('visibilitychange', wake);
      client.stop();
    };
  }, [client]);
  return client;
}

function Joined({ here, leave }: { here: Here; leave(): void }) {
  return <EventView client={useClient(here)} leave={leave} />;
}

export function App({ here: first, ...join }: { here: Here | null } & Omit<Joining, 'enter'>) {
  const [here, setHere] = useState(first);
  const leave = () => {
    history.pushState(null, '', '/');
    setHere(null);
  };
  const enter = (joined: Here) => {
    history.pushState(null, '', `/${joined.code}`);
    setHere(joined);
  };
  useEffect(() => {
    const back = () => location.reload();
    addEventListener('popstate', back);
    return () => removeEventListener('popstate', back);
  }, []);
  const isIn = here !== null;
  useEffect(() => void (isIn && keepForLater()), [isIn]);
  return here ? <Joined key={here.event} here={here} leave={leave} /> : <JoinView {...join} enter={enter} />;
}
