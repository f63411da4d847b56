// Words in the reader's language. A catalogue is a plain object: "{n} vote|{n} votes" has a form for one and one for
// more; {name} is filled in. What a catalogue lacks is said in English.
export type Catalogue = Record<string, string>;
export type Fill = Record<string, string | number>;

let catalogue: Catalogue = {};
let fallback: Catalogue = {};
export let language = 'en';

// The languages a reader prefers, the best first; ?lang= goes before what the browser says.
export function preferred(): string[] {
  const asked = new URLSearchParams(location.search).get('lang');
  return [...(asked ? [asked] : []), ...(navigator.languages ?? [])].map((tag) => tag.toLowerCase().split('-')[0]!);
}

// `others` load the catalogues that are not built in.
export async function speak(english: Catalogue, others: Record<string, () => Promise<{ default: Catalogue }>>) {
  fallback = catalogue = english;
  const best = preferred().find((tag) => tag === 'en' || tag in others) ?? 'en';
  if (best !== 'en') {
    try {
      catalogue = (await others[best]!()).default;
      language = best;
    } catch {
      // No network: English will do.
    }
  }
  document.documentElement.lang = language;
}

export function say(key: string, fill: Fill = {}): string {
  const forms = (catalogue[key] ?? fallback[key] ?? key).split('|');
  const form = forms.length > 1 && fill.n !== 1 ? forms[1]! : forms[0]!;
  return form.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = fill[name] ?? '';
    return typeof value === 'number' ? number(value) : value;
  });
}

export function number(value: number, digits = 0): string {
  return value.toLocaleString(language, { maximumFractionDigits: digits });
}
