import type { Words } from './en_trouble.ts';

const de: Words = {
  sign_in_again: 'Du bist nicht mehr angemeldet. Melde dich an, um weiterzumachen: Was du geschrieben hast, ist noch da.',
  old_figures: 'Der Knoten antwortet nicht; diese Zahlen sind alt. Neuer Versuch …',
};
export default de;
