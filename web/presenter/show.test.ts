import assert from 'node:assert/strict';
import { test } from 'node:test';
import { follow } from '../audience/follow.ts';
import { poll } from '../client/fake_world.ts';
import type { Poll, Results } from '../client/types.ts';
import { lookOf } from './look.ts';
import { Show } from './show.ts';

const a = (more: Partial<Poll> = {}) => poll({ id: 'a', position: 0, opened_at: '2026-01-01T20:00:00Z', ...more });
const b = (more: Partial<Poll> = {}) => poll({ id: 'b', position: 1, opened_at: '2026-01-01T20:05:00Z', ...more });
const counted = (version: number) => ({ version }) as Results;

function showing(...polls: Poll[]): Show {
  const show = new Show();
  show.hear(polls);
  return show;
}

test('the newest open poll is on the screen, and a draft never', () => {
  assert.equal(showing(a(), b(), poll({ id: 'c', status: 'draft' })).poll?.id, 'b');
  assert.equal(showing(poll({ id: 'c', status: 'draft' })).poll, null);
});

test('a poll that opens comes on the screen, and one that only changes does not', () => {
  const show = showing(a(), b({ status: 'closed' }));
  assert.equal(show.poll?.id, 'a');
  show.hear([a(), b({ status: 'closed', question: 'Another?' })]);
  assert.equal(show.poll?.id, 'a');
  show.hear([a({ status: 'closed' }), b()]);
  assert.equal(show.poll?.id, 'b');
  show.step(-1);
  show.hear([a({ status: 'closed', question: 'Once more?' }), b()]);
  assert.equal(show.poll?.id, 'a', 'who turned back stays there');
});

test('an earlier poll that is opened again comes on the screen, as it does on the phones', () => {
  const show = showing(a({ status: 'closed', closed_at: '2026-01-01T20:04:00Z' }), b());
  assert.equal(show.poll?.id, 'b');
  const again = [a({ opened_at: '2026-01-01T20:09:00Z' }), b()];
  show.hear(again);
  assert.equal(show.poll?.id, 'a');
  assert.equal(follow(again, { shown: 'b', led: 'b', missed: false }, false).shown, 'a');
  show.hear([a({ opened_at: '2026-01-01T20:09:00Z', status: 'closed' }), b()]);
  assert.equal(show.poll?.id, 'a', 'its result stays');
  show.hear([a({ status: 'paused' }), b()]);
  show.step(1);
  show.hear([a(), b()]);
  assert.equal(show.poll?.id, 'b', 'going on after a pause leads nowhere');
});

test('who turned back is led away when what closed last is opened again', () => {
  const show = showing(a({ status: 'closed' }), b({ status: 'closed', closed_at: '2026-01-01T20:07:00Z' }));
  show.step(-1);
  show.hear([a({ status: 'closed' }), b({ opened_at: '2026-01-01T20:08:00Z' })]);
  assert.equal(show.poll?.id, 'b');
});

test('the arrows end at the ends', () => {
  const show = showing(a(), b());
  show.step(1);
  assert.equal(show.poll?.id, 'b');
  show.step(-1);
  show.step(-1);
  assert.equal(show.poll?.id, 'a');
});

test('what not everybody may know waits for the key', () => {
  assert.equal(showing(a()).revealed, true);
  assert.equal(showing(a({ results: 'after_vote' })).revealed, false);
  assert.equal(showing(a({ results: 'after_close' })).revealed, false);
  assert.equal(showing(a({ results: 'after_close', status: 'closed' })).revealed, true);
  const show = showing(a({ results: 'never', status: 'closed' }));
  assert.equal(show.revealed, false);
  show.reveal();
  assert.equal(show.revealed, true);
  show.hear([a({ results: 'never', status: 'closed', round: 2 })]);
  assert.equal(show.revealed, false, 'a new round is another secret');
});

test('a frozen screen stays as it is until the key, whatever the host opens', () => {
  const show = showing(a(), b({ status: 'closed' }));
  show.freeze(counted(3));
  assert.equal(show.results(counted(9))?.version, 3);
  show.freeze(counted(9));
  assert.equal(show.results(counted(10))?.version, 10);
  show.freeze(counted(10));
  assert.equal(show.isPassed, false);
  show.hear([a({ round: 2, question: 'Once more?' }), b({ status: 'closed' })]);
  assert.deepEqual([show.results(counted(11))?.version, show.poll?.round, show.poll?.question, show.isPassed], [10, 1, a().question, true]);
  show.freeze(counted(11));
  assert.deepEqual([show.isFrozen, show.poll?.round, show.isPassed], [false, 2, false]);
  show.freeze(counted(12));
  const later = [a({ round: 2 }), b({ opened_at: '2026-01-01T20:11:00Z' })];
  show.hear(later);
  show.hear(later);
  assert.deepEqual([show.poll?.id, show.isFrozen, show.isPassed, show.results(counted(13))?.version], ['a', true, true, 12]);
  show.freeze(counted(13));
  assert.deepEqual([show.poll?.id, show.isFrozen], ['b', false], 'thawed, it is where the host is');
  show.freeze(counted(1));
  show.step(-1);
  assert.deepEqual([show.poll?.id, show.isFrozen], ['a', false], 'whoever turns has thawed it');
  show.freeze(counted(14));
  show.hear([b({ opened_at: '2026-01-01T20:11:00Z' })]);
  assert.deepEqual([show.poll?.id, show.isFrozen], ['b', false], 'what is deleted is not held');
});

test('a poll that is gone gives way', () => {
  const show = showing(a(), b());
  show.hear([a()]);
  assert.equal(show.poll?.id, 'a');
  show.hear([]);
  assert.equal(show.poll, null);
});

test('odd addresses still give a look', () => {
  assert.deepEqual(lookOf(''), { token: null, overlay: false, theme: null, scale: 1, position: 'bottom-left', join: true });
  assert.deepEqual(lookOf('?overlay=1&scale=2.5&theme=dark&position=top-right&join=0&token=tcw_x'),
    { token: 'tcw_x', overlay: true, theme: 'dark', scale: 2.5, position: 'top-right', join: false });
  for (const overlay of ['yes', 'true', 'on', '']) assert.equal(lookOf(`?overlay=${overlay}`).overlay, true, overlay);
  for (const overlay of ['0', 'no', 'false', 'off']) assert.equal(lookOf(`?overlay=${overlay}`).overlay, false, overlay);
  assert.equal(lookOf('?join=no').join, false);
  assert.equal(lookOf('?scale=1,5').scale, 1.5);
  for (const scale of ['x', '-1', '0', 'Infinity']) assert.equal(lookOf(`?scale=${scale}`).scale, 1, scale);
  assert.equal(lookOf('?scale=99').scale, 3);
  assert.equal(lookOf('?position=nowhere').position, 'bottom-left');
});
