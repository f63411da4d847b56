// The screen of an event: /present/{event}.
import '../shared/theme.css';
import '../stage/palette.css';
import '../stage/bars.css';
import './presenter.css';

import { render } from 'preact';

import { browserWorld, Client } from '../client/index.ts';
import { learn } from '../shared/words.ts';
import { lookOf } from './look.ts';
import { Presenter } from './presenter.tsx';

const updates = 10; // a second
// Without a token in the address, whoever is signed in at the studio in this browser sees as the host does.
async function ownToken(event: string): Promise<string | undefined> {
  const signedIn = await browserWorld().call('POST', `/v1/events/${event}/watchers`, {}).catch(() => null);
  return signedIn?.status === 201 ? (signedIn.body as { token: string }).token : undefined;
}

async function start() {
  await learn({ en: () => import('./en.ts'), de: () => import('./de.ts') });
  const event = decodeURIComponent(location.pathname.split('/')[2] ?? '');
  const look = lookOf(location.search);
  const page = document.documentElement;
  if (look.theme) page.dataset.scheme = look.theme;
  page.classList.toggle('overlay', look.overlay);
  page.dataset.position = look.position;

  const client = new Client({ event, token: look.token ?? (await ownToken(event)), maxHz: updates });
  render(<Presenter client={client} look={look} address={event} />, document.getElementById('page')!);
  client.start();
  addEventListener('online', () => client.wake());
  addEventListener('offline', () => client.lose());
}

void start();
