// An event's own colours and logo, as custom properties of the page. A colour that could not be read on the page's
// paper is moved towards the ink until it can.
import type { Event } from '../client/types.ts';

type Colour = [number, number, number];

const readable = 4.5; // WCAG's contrast of text

function parsed(hex: string | null | undefined): Colour | null {
  const found = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex ?? '');
  return found ? (found.slice(1).map((part) => parseInt(part, 16)) as Colour) : null;
}

function luminance(colour: Colour): number {
  const [r, g, b] = colour.map((part) => {
    const c = part / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as Colour;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(a: Colour, b: Colour): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

export function legible(colour: Colour, paper: Colour): Colour {
  const ink = luminance(paper) > 0.4 ? 0 : 255;
  let found = colour;
  for (let step = 1; contrast(found, paper) < readable && step <= 20; ++step)
    found = colour.map((part) => Math.round(part + ((ink - part) * step) / 20)) as Colour;
  return found;
}

export function dress({ settings }: Event) {
  const root = document.documentElement;
  for (const name of ['--accent', '--on-accent']) root.style.removeProperty(name);
  const wanted = parsed(settings.accent);
  const card = parsed(getComputedStyle(root).getPropertyValue('--card').trim());
  if (!wanted || !card) return;
  const accent = legible(wanted, card);
  const on = contrast(accent, [255, 255, 255]) >= contrast(accent, [0, 0, 0]) ? '#fff' : '#000';
  root.style.setProperty('--accent', `rgb(${accent.join(',')})`);
  root.style.setProperty('--on-accent', on);
}

// An image of the event's own; nothing of another place's.
export function logoOf({ settings }: Event): string | null {
  const { logo } = settings;
  return logo && /^(data:image\/|\/(?!\/))/.test(logo) ? logo : null;
}

const rightToLeft = /^(ar|dv|fa|he|ks|ku|ps|sd|ug|ur|yi)\b/;

export const directionOf = (locale: string): 'rtl' | 'ltr' => (rightToLeft.test(locale) ? 'rtl' : 'ltr');
