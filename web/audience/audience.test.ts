import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Poll } from '../client/index.ts';
import { poll } from '../client/fake_world.ts';
import { codeIn } from './code.ts';
import { ballotOf, draftOf, emptyDraft, isComplete, moved, toggled } from './draft.ts';
import { follow, nowhere, type Look } from './follow.ts';
import { contrast, legible } from '../shared/theme.ts';

const opened = (id: string, at: string, more: Partial<Poll> = {}) => poll({ id, opened_at: at, ...more });
const closed = (id: string, at: string) => poll({ id, opened_at: '1', status: 'closed', closed_at: at });
const at = (shown: string | null, led = shown): Look => ({ shown, led, missed: false });

test('the poll that the host opened last is shown, and without one the poll that closed last', () => {
  assert.equal(follow([], nowhere, false), nowhere);
  assert.deepEqual(follow([opened('a', '1'), opened('b', '3'), opened('c', '2')], nowhere, false), at('b'));
  assert.deepEqual(follow([closed('a', '5'), closed('b', '4')], nowhere, false), at('a'));
  assert.deepEqual(follow([closed('a', '5'), opened('b', '1', { status: 'paused' })], nowhere, false), at('b'));
});

test('a reader goes along when the host opens another, and stays when busy', () => {
  const polls = [opened('a', '1'), opened('b', '2')];
  assert.deepEqual(follow(polls, at('a'), false), at('b'));
  const busy = follow(polls, at('a'), true);
  assert.deepEqual(busy, { shown: 'a', led: 'b', missed: true });
  assert.deepEqual(follow(polls, busy, false), busy, 'and is not torn away afterwards');
  assert.deepEqual(follow([closed('a', '9'), opened('b', '2')], busy, true).shown, 'b', 'but there is nothing to be busy with any more');
});

test('a reader who went to another open poll stays there until it closes', () => {
  const polls = [opened('a', '1'), opened('b', '2')];
  const chose = at('a', 'b');
  assert.equal(follow(polls, chose, false), chose);
  assert.equal(follow([closed('a', '9'), opened('b', '2')], chose, false).shown, 'b');
  assert.equal(follow([opened('b', '2')], chose, false).shown, 'b');
});

test('a ballot is complete with as many choices as the rules say', () => {
  const three = poll({ type: 'multiple', options: ['a', 'b', 'c'].map((id) => ({ id, label: id })), rules: { min_choices: 2, max_choices: 2, allow_change: false, scale: null } });
  let draft = toggled(three, emptyDraft, 'c');
  assert.equal(isComplete(three, draft), false);
  draft = toggled(three, draft, 'a');
  assert.equal(isComplete(three, draft), true);
  assert.deepEqual(toggled(three, draft, 'b').choices, ['c', 'a'], 'no more than the most');
  assert.deepEqual(ballotOf(three, draft), { choices: ['a', 'c'] });
  assert.deepEqual(ballotOf({ ...three, type: 'ranking' }, draft), { choices: ['c', 'a'] });
});

test('an option moves within the order and not out of it', () => {
  const draft = draftOf({ choices: ['a', 'b', 'c'] });
  assert.deepEqual(moved(draft, 'c', 0).choices, ['c', 'a', 'b']);
  assert.deepEqual(moved(draft, 'a', 9).choices, ['b', 'c', 'a']);
  assert.deepEqual(moved(draft, 'b', -1).choices, ['b', 'a', 'c']);
});

test('of a pasted address its code is taken, and what is no address is left as it is typed', () => {
  for (const pasted of ['https://vote.example.org/SHOW26', 'http://10.0.0.1:8080/SHOW26/?lang=de#top', 'vote.example.org/SHOW26', '/SHOW26'])
    assert.equal(codeIn(pasted), 'SHOW26', pasted);
  for (const typed of ['', 'SHOW 26', 'sh0w-26']) assert.equal(codeIn(typed), typed);
});

test("an event's colour is moved until it can be read", () => {
  const papers = [[255, 255, 255], [26, 29, 35]] as const;
  for (const paper of papers)
    for (const wanted of [[255, 230, 0], [10, 10, 40], [58, 68, 196], [255, 255, 255], [0, 0, 0]] as const)
      assert.ok(contrast(legible([...wanted], [...paper]), [...paper]) >= 4.5, `${wanted} on ${paper}`);
  assert.deepEqual(legible([58, 68, 196], [255, 255, 255]), [58, 68, 196]);
});
