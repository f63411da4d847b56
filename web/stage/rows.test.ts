import assert from 'node:assert/strict';
import { test } from 'node:test';
import { poll } from '../client/fake_world.ts';
import type { Results } from '../client/types.ts';
import { inOrder, percent, shown } from './rows.ts';
import { countdown } from './time.ts';

const results = (more: Partial<Results>): Results => ({
  poll: 'p1', round: 1, status: 'open', version: 1, voters: 0, votes: 0, final: false, options: [], server_time: '', ...more,
});

test('before anybody voted every option stands there, empty', () => {
  const { rows, voters, average } = shown(poll(), undefined);
  assert.deepEqual(rows.map(({ id, votes, fill, leads }) => [id, votes, fill, leads]), [['a', 0, 0, false], ['b', 0, 0, false]]);
  assert.equal(voters, 0);
  assert.equal(average, null);
});

test('shares are of the voters, and a bar is as much of its track', () => {
  const { rows } = shown(poll({ type: 'multiple' }), results({ voters: 40, votes: 14, options: [{ id: 'b', votes: 2 }, { id: 'a', votes: 12 }] }));
  assert.deepEqual(rows.map(({ votes, share, fill, leads }) => [votes, share, fill, leads]), [[12, 0.3, 0.3, true], [2, 0.05, 0.05, false]]);
});

test('over many options the bars share a scale on which the longest is no sliver', () => {
  const options = [...'abcdefg'].map((id) => ({ id, label: id }));
  const { rows } = shown(poll({ options }), results({ voters: 40, votes: 14, options: [{ id: 'b', votes: 2 }, { id: 'a', votes: 12 }] }));
  assert.equal(rows[0]!.fill, 0.3 / 0.35);
  assert.ok(Math.abs(rows[0]!.fill / rows[1]!.fill - 6) < 1e-9);
});

test('a bar never leaves its track, and all voters for one fill it', () => {
  const { rows } = shown(poll(), results({ voters: 3, votes: 3, options: [{ id: 'a', votes: 3 }, { id: 'b', votes: 0 }] }));
  assert.deepEqual(rows.map(({ fill }) => fill), [1, 0]);
});

test('a vote among very many is seen, and does not read as none', () => {
  const { rows } = shown(poll(), results({ voters: 2000, votes: 2000, options: [{ id: 'a', votes: 1998 }, { id: 'b', votes: 2 }] }));
  assert.deepEqual(rows.map(percent), ['100 %', '0.1 %']);
  assert.ok(rows[1]!.fill > 0.005);
  const { rows: none } = shown(poll(), results({ voters: 2000, votes: 2000, options: [{ id: 'a', votes: 2000 }, { id: 'b', votes: 0 }] }));
  assert.deepEqual([percent(none[1]!), none[1]!.fill], ['0 %', 0]);
});

test('equals lead together', () => {
  const { rows } = shown(poll(), results({ voters: 4, votes: 4, options: [{ id: 'a', votes: 2 }, { id: 'b', votes: 2 }] }));
  assert.deepEqual(rows.map(({ leads }) => leads), [true, true]);
});

test('a rating has a row a step and an average', () => {
  const of = poll({ type: 'rating', options: [], rules: { min_choices: 1, max_choices: 1, allow_change: false, scale: 3 } });
  const { rows, average } = shown(of, results({ voters: 4, votes: 4, ratings: [1, 0, 3], average: 2.5 }));
  assert.deepEqual(rows.map(({ label, votes }) => [label, votes]), [['1', 1], ['2', 0], ['3', 3]]);
  assert.equal(average, 2.5);
});

test('a ranking counts points and shares places between equals', () => {
  const of = poll({ type: 'ranking', options: ['a', 'b', 'c'].map((id) => ({ id, label: id })) });
  const { rows } = shown(of, results({ voters: 2, votes: 6, options: [{ id: 'a', votes: 2, points: 3 }, { id: 'b', votes: 2, points: 3 }, { id: 'c', votes: 2, points: 0 }] }));
  assert.deepEqual(rows.map(({ votes, share, place }) => [votes, share, place]), [[3, 0.75, 1], [3, 0.75, 1], [0, 0, null]]);
});

test('polls stand by position, then by age', () => {
  const at = (id: string, position: number, created_at: string) => poll({ id, position, created_at });
  const order = inOrder([at('x', 1, '2026-01-02'), at('y', 0, '2026-01-03'), at('z', 1, '2026-01-01'), at('w', 10, '2026-01-01')]);
  assert.equal(order.map(({ id }) => id).join(''), 'yzxw');
});

test('a countdown is read as people read it', () => {
  assert.deepEqual([-5, 0, 1, 59_001, 65_000, 3_600_000].map(countdown), ['0:00', '0:00', '0:01', '1:00', '1:05', '1:00:00']);
});
