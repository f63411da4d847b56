// Words in the reader's language. A catalogue is a plain object: "{n} vote|{n} votes" has a form for one and one for
// more; {name} is filled in. Only the reader's own is fetched; that it lacks nothing its type has seen to.
export type Catalogue = Record<string, string>;
export type Fill = Record<string, string | number>;
type Fetching = () => Promise<{ default: Catalogue }>;
export type Languages = { en: Fetching; [tag: string]: Fetching };

let catalogue: Catalogue = {};
let missing = (key: string): string => key;
export let language = 'en';

// The languages a reader prefers, the best first; ?lang= goes before what the browser says.
export function preferred(): string[] {
  const asked = new URLSearchParams(location.search).get('lang');
  return [...(asked ? [asked] : []), ...(navigator.languages ?? [])].map((tag) => tag.toLowerCase().split('-')[0]!);
}

// The words of a page, or of a part of it, beside those that are there. Rejects where nobody answers.
export async function learn(languages: Languages) {
  language = preferred().find((tag) => tag in languages) ?? 'en';
  const { default: words } = await languages[language]!();
  catalogue = { ...catalogue, ...words }; // only now: another part may have come meanwhile
  document.documentElement.lang = language;
}

// Words that are seldom said, fetched when the first of them is: until they are `learned`, it is a dot or three.
export function learnWhenSaid(languages: Languages, learned: () => void) {
  missing = () => {
    missing = () => '…';
    learn(languages).then(learned, () => learnWhenSaid(languages, learned));
    return '…';
  };
}

export function say(key: string, fill: Fill = {}): string {
  const forms = (catalogue[key] ?? missing(key)).split('|');
  const form = forms.length > 1 && fill.n !== 1 ? forms[1]! : forms[0]!;
  return form.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = fill[name] ?? '';
    return typeof value === 'number' ? number(value) : value;
  });
}

export function number(value: number, digits = 0): string {
  return value.toLocaleString(language, { maximumFractionDigits: digits });
}
