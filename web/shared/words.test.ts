import assert from 'node:assert/strict';
import { test } from 'node:test';
import audienceDe from '../audience/de.ts';
import laterDe from '../audience/de_later.ts';
import audienceEn from '../audience/en.ts';
import laterEn from '../audience/en_later.ts';
import presenterDe from '../presenter/de.ts';
import presenterEn from '../presenter/en.ts';
import studioDe from '../studio/de.ts';
import figuresDe from '../studio/de_figures.ts';
import pollsDe from '../studio/de_polls.ts';
import troubleDe from '../studio/de_trouble.ts';
import studioEn from '../studio/en.ts';
import figuresEn from '../studio/en_figures.ts';
import pollsEn from '../studio/en_polls.ts';
import troubleEn from '../studio/en_trouble.ts';
import { ownName } from '../tools/own_names.mjs';
import { learnWhenSaid, say, type Catalogue } from './words.ts';

const most = 3072; // bytes, uncompressed

const catalogues: Record<string, [Catalogue, Catalogue]> = {
  audience: [audienceEn, audienceDe],
  'audience, later': [laterEn, laterDe],
  presenter: [presenterEn, presenterDe],
  studio: [studioEn, studioDe],
  'studio, polls': [pollsEn, pollsDe],
  'studio, figures': [figuresEn, figuresDe],
  'studio, trouble': [troubleEn, troubleDe],
};

test('every catalogue says in German what it says in English, with the same gaps and forms, in at most 3 KB', () => {
  const gaps = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort();
  for (const [name, [english, german]] of Object.entries(catalogues)) {
    assert.deepEqual(Object.keys(german).sort(), Object.keys(english).sort(), name);
    for (const [key, text] of Object.entries(english)) {
      assert.deepEqual(gaps(german[key]!), gaps(text), key);
      assert.equal(german[key]!.split('|').length, text.split('|').length, key);
    }
    for (const words of [english, german]) {
      const bytes = Buffer.byteLength(JSON.stringify(words));
      assert.ok(bytes <= most, `${name}: ${bytes} bytes`);
    }
  }
});

test('no word of a catalogue has a name that a build shortens', () => {
  for (const [name, languages] of Object.entries(catalogues))
    for (const words of languages) assert.deepEqual(Object.keys(words).filter((key) => ownName.test(key)), [], name);
});

test('words that are seldom said come when one of them is, and are asked for again where nobody answered', async () => {
  Object.assign(globalThis, { location: { search: '?lang=en' }, document: { documentElement: {} } });
  Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  const came: string[] = [];
  let asked = 0;
  const fetching = () => (++asked === 1 ? Promise.reject(new Error('nobody')) : Promise.resolve({ default: { seldom: 'Seldom' } }));
  learnWhenSaid({ en: fetching }, () => came.push(say('seldom')));
  assert.equal(asked, 0);
  assert.deepEqual([say('seldom'), say('seldom')], ['…', '…']);
  assert.equal(asked, 1);
  await new Promise(setImmediate);
  assert.equal(say('seldom'), '…');
  await new Promise(setImmediate);
  assert.deepEqual([came, asked], [['Seldom'], 2]);
});

test('the parts of a page say nothing twice', () => {
  for (const parts of [[audienceEn, laterEn], [studioEn, pollsEn, figuresEn, troubleEn]]) {
    const keys = parts.flatMap((words) => Object.keys(words));
    assert.equal(new Set(keys).size, keys.length);
  }
});
