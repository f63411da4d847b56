import '../shared/theme.css';
import './audience.css';
import { render } from 'preact';
import { browserWorld, seen } from '../client/index.ts';
import { keepFocus } from '../shared/focus.ts';
import { learn, learnWhenSaid } from '../shared/words.ts';
import { startAnnouncing } from './announce.ts';
import { App, type Here } from './app.tsx';

const formComes = 4_000; // ms, until which the form is out of sight: audience.css

// Begun on the form, while we took long to come.
const isBegun = () =>
  performance.now() > formComes &&
  [...document.querySelectorAll<HTMLInputElement>('main :checked')].some((field) => field.value && !field.matches('[checked], [selected]'));

// Where nobody answered, the worker has sent the start page: the address still says which event it is.
function seenHere(): Here | null {
  const event = seen(browserWorld())?.event;
  return event && location.pathname.toUpperCase() === `/${event.code}` ? { event: event.id, code: event.code } : null;
}

// The page came with a form that works without us. We take its place, with what was typed and said on it; but a ballot
// that its reader has begun is left to them, and the page that answers it is ours. Without words the form is better.
async function start() {
  const hasWords = await learn({ en: () => import('./en.ts'), de: () => import('./de.ts') }).then(() => true, () => false);
  if (!hasWords || isBegun()) return;
  const { event, code } = document.body.dataset;
  const typed = document.querySelector<HTMLInputElement>('#code')?.value ?? '';
  const told = document.querySelector('.notice')?.textContent ?? '';
  const root = document.createElement('div');
  root.id = 'app';
  for (const form of document.querySelectorAll('body > header, body > main')) form.remove();
  document.body.prepend(root);
  startAnnouncing();
  keepFocus('.fate', 'h1');
  const last = seenHere();
  const here = event && code ? { event, code } : told ? null : last;
  const show = () => render(<App here={here} typed={typed} told={told !== '' && typed !== ''} was={!!last} />, root);
  learnWhenSaid({ en: () => import('./en_later.ts'), de: () => import('./de_later.ts') }, show);
  show();
}

void start();
