// The languages an event may be in, each by its name in the reader's: what a browser reads texts out in, and from which side.
import { language } from '../shared/words.ts';

const common = 'ar bg bn cs da de el en es et fa fi fr ga he hi hr hu id is it ja ko lt lv mt ms nb nl pl pt ro ru sk sl sq sr sv sw ta th tr uk ur vi zh'.split(' ');

// With the event's own, whatever that is.
export function languagesWith(own: string): [tag: string, name: string][] {
  const names = new Intl.DisplayNames([language], { type: 'language' });
  const nameOf = (tag: string) => {
    try {
      return names.of(tag) ?? tag;
    } catch {
      return tag; // no tag of a language
    }
  };
  const tags = common.includes(own) ? common : [own, ...common];
  return tags.map((tag): [string, string] => [tag, nameOf(tag)]).sort(([, a], [, b]) => a.localeCompare(b, language));
}
