// What the node says of the event, as its host sees it: through a watcher's token, made with the cookie, because a
// WebSocket is watched and not acted through.
import { useEffect, useReducer, useRef, useState } from 'preact/hooks';

import { Client, type Poll, type Results } from '../client/index.ts';
import { api, door } from './api.ts';
import { useDesk } from './desk.tsx';

export interface Live {
  polls: Poll[];
  results: Map<string, Results>;
  watcher: string | null; // the token, for the screen's link
  ready: boolean;
  lost: boolean;
  notice: string; // what the operator tells everybody
  now(): number; // by the node's clock
  // What an answer said, until the same is heard live.
  put(poll: Poll): void;
  remove(poll: Poll): void;
}

const updates = 5; // a second

export function useLive(event: string): Live {
  const { load } = useDesk();
  const [watcher, setWatcher] = useState<string | null>(null);
  const [, again] = useReducer((count: number) => count + 1, 0);
  const client = useRef<Client | null>(null);
  const removed = useRef(new Set<string>());
  useEffect(() => {
    let stopped = false;
    const callOff = load(async () => {
      const { token } = await api<{ token: string }>('POST', `/v1/events/${event}/watchers`, {});
      if (stopped) return;
      setWatcher(token);
      client.current = new Client({ event, token, maxHz: updates });
      client.current.on(() => again(0));
      client.current.start();
    });
    const wake = () => client.current?.wake();
    addEventListener('online', wake);
    return () => {
      stopped = true;
      callOff();
      removeEventListener('online', wake);
      client.current?.stop();
    };
  }, [event, door.visit]); // its token ends about when the sign-in does
  return {
    polls: (client.current?.polls ?? []).filter(({ id }) => !removed.current.has(id)),
    results: client.current?.results ?? new Map<string, Results>(),
    watcher,
    ready: client.current?.event != null,
    lost: client.current?.hearing === 'lost',
    notice: client.current?.notice ?? '',
    now: () => client.current?.serverNow() ?? Date.now(),
    put: (poll) => {
      const { polls } = client.current!;
      const known = polls.some(({ id }) => id === poll.id);
      client.current!.polls = known ? polls.map((one) => (one.id === poll.id ? poll : one)) : [...polls, poll];
      again(0);
    },
    remove: (poll) => {
      removed.current.add(poll.id);
      again(0);
    },
  };
}
