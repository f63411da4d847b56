import '../shared/theme.css';
import './audience.css';
import { render } from 'preact';
import { speak } from '../shared/words.ts';
import { startAnnouncing } from './announce.ts';
import { App } from './app.tsx';
import en from './en.ts';

// The page came with a form that works without us. We take its place, with what was typed and said on it.
async function start() {
  await speak(en, { de: () => import('./de.ts') });
  const { event, code } = document.body.dataset;
  const typed = document.querySelector<HTMLInputElement>('#code')?.value ?? '';
  const told = document.querySelector('.notice')?.textContent ?? '';
  const root = document.createElement('div');
  root.id = 'app';
  for (const form of document.querySelectorAll('body > header, body > main')) form.remove();
  document.body.prepend(root);
  startAnnouncing();
  render(<App here={event && code ? { event, code } : null} typed={typed} told={told !== '' && typed !== ''} />, root);
}

void start();
