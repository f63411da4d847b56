// The page's hold on its client: what it last said, told on at most once a frame, and the node's clock.
import { useEffect, useReducer, useState } from 'preact/hooks';

import type { Client } from '../client/index.ts';
import { browserWorld } from '../client/index.ts';
import type { Invitation } from '../stage/qr.tsx';
import type { Show } from './show.ts';

export function useClient(client: Client, show: Show): () => void {
  const [, again] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    let due = 0;
    const stop = client.on(() => {
      due ||= requestAnimationFrame(() => {
        due = 0;
        show.hear(client.polls);
        again(0);
      });
    });
    return () => {
      stop();
      cancelAnimationFrame(due);
    };
  }, [client, show]);
  return () => again(0);
}

// What is left until the node closes the poll; null where nothing is set.
export function useTimeLeft(client: Client, closesAt: string | null, running: boolean): number | null {
  const [left, look] = useState<number | null>(null);
  useEffect(() => {
    if (!closesAt || !running) return look(null);
    const tell = () => look(Date.parse(closesAt) - client.serverNow());
    tell();
    const timer = setInterval(tell, 200);
    return () => clearInterval(timer);
  }, [client, closesAt, running]);
  return left;
}

export function useInvitation(event: string | undefined, code: string | undefined): Invitation | null {
  const [invitation, take] = useState<Invitation | null>(null);
  useEffect(() => {
    if (!event) return;
    let timer: ReturnType<typeof setTimeout>;
    const ask = () =>
      browserWorld()
        .call('GET', `/v1/events/${event}/invitation`)
        .then(({ status, body }) => (status === 200 ? take(body as Invitation) : Promise.reject(new Error(`${status}`))))
        .catch(() => (timer = setTimeout(ask, 3000)));
    void ask();
    return () => clearTimeout(timer);
  }, [event, code]);
  return invitation;
}

// Whether the node no longer takes the token of the link; asked while nothing is heard.
export function useExpired(lost: boolean, event: string, token: string | null): boolean {
  const [expired, tell] = useState(false);
  useEffect(() => {
    if (!lost || !token || !event) return;
    browserWorld()
      .call('GET', `/v1/events/${event}`, undefined, { authorization: `Bearer ${token}` })
      .then(({ status }) => tell(status === 401), () => {});
  }, [lost, event, token]);
  return expired;
}
