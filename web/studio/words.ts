// What the desk says, in parts: at the door, and what is fetched when somebody has come in.
import type { Languages } from '../shared/words.ts';

export const atTheDoor: Languages = { en: () => import('./en.ts'), de: () => import('./de.ts') };

export const inside: Languages[] = [
  { en: () => import('./en_polls.ts'), de: () => import('./de_polls.ts') },
  { en: () => import('./en_figures.ts'), de: () => import('./de_figures.ts') },
  { en: () => import('./en_trouble.ts'), de: () => import('./de_trouble.ts') },
];
