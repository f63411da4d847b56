import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeWorld } from './fake_world.ts';
import { Outbox } from './outbox.ts';
import { backOff, ServerClock, spreadOf } from './pace.ts';

test('the same ballot again is the same vote, another ballot is another', () => {
  const box = new Outbox(new FakeWorld(), 'e1');
  const first = box.cast('p1', 1, { choices: ['a'] });
  assert.equal(box.cast('p1', 1, { choices: ['a'] }).key, first.key);
  assert.notEqual(box.cast('p1', 1, { choices: ['b'] }).key, first.key);
  assert.equal(box.waiting().length, 1);
});

test('an answer to a ballot that another has replaced changes nothing', () => {
  const box = new Outbox(new FakeWorld(), 'e1');
  const first = box.cast('p1', 1, { choices: ['a'] });
  box.cast('p1', 1, { choices: ['b'] });
  assert.equal(box.counted(first.key, 'counted'), undefined);
  assert.equal(box.of('p1')?.state, 'sending');
});

test('what was kept and is broken is not believed', () => {
  for (const broken of ['', '{', 'null', '7', '[]', '{"poll":1}', '{"poll":"p","key":"k"}', '{"poll":"q","key":"k","round":1,"ballot":{},"state":"sending"}']) {
    const world = new FakeWorld();
    world.write('tallycast.votes.e1.p', broken);
    assert.deepEqual(new Outbox(world, 'e1').waiting(), [], broken);
  }
});

test('a store that keeps growing is bounded', () => {
  const world = new FakeWorld();
  const box = new Outbox(world, 'e1');
  for (let i = 0; i < 200; ++i) box.cast(`p${i}`, 1, { choices: ['a'] });
  assert.equal(new Outbox(world, 'e1').waiting().length, 128);
  assert.ok(new Outbox(world, 'e1').of('p199'));
});

test('what two pages of a voter cast in two polls is kept, whoever was there first', () => {
  const world = new FakeWorld();
  const [first, second] = [new Outbox(world, 'e1'), new Outbox(world, 'e1')];
  const one = first.cast('p1', 1, { choices: ['a'] });
  second.cast('p2', 1, { choices: ['b'] });
  first.counted(one.key, 'counted', 'r');
  const after = new Outbox(world, 'e1');
  assert.deepEqual([after.of('p1')?.state, after.of('p2')?.state], ['counted', 'sending']);
});

test('what becomes of one page\'s ballot does not wipe out a later one of another page', () => {
  const world = new FakeWorld();
  const [first, second] = [new Outbox(world, 'e1'), new Outbox(world, 'e1')];
  const ends = [
    (key: string) => first.counted(key, 'counted', 'r'),
    (key: string) => first.refused(key, { code: 'poll_closed' }),
    (key: string) => (first.counted(key, 'counted', 'r'), first.forget('p1')),
    (key: string) => (first.counted(key, 'counted', 'r'), first.recall('p1', 1, null)),
    (key: string) => (first.counted(key, 'counted', 'r'), first.forgetCounted()),
  ];
  for (const end of ends) {
    const early = first.cast('p1', 1, { choices: ['a'] });
    const late = second.cast('p1', 1, { choices: ['b'] });
    end(early.key);
    assert.equal(new Outbox(world, 'e1').of('p1')?.key, late.key, String(end));
    second.counted(late.key, 'changed', 'r');
    assert.deepEqual(new Outbox(world, 'e1').of('p1')?.ballot, { choices: ['b'] });
  }
});

test('waits double up to a bound, and are never all the same', () => {
  const least = [0, 1, 2, 3].map((failures) => backOff(failures, 0));
  assert.deepEqual(least, [250, 500, 1000, 2000]);
  assert.equal(backOff(50, 1), 15_000);
  assert.ok(backOff(3, 0.9) > backOff(3, 0.1));
});

test('a reason that is none names no time to come back', () => {
  assert.equal(spreadOf('{"reconnect_ms":2500}'), 2500);
  for (const reason of ['', 'restart', '{}', '{"reconnect_ms":-1}', '{"reconnect_ms":"5"}', 'null']) assert.equal(spreadOf(reason), null, reason);
});

test('a slow answer does not spoil a clock set by a fast one', () => {
  const clock = new ServerClock();
  clock.answered('2026-01-01T00:00:10.000Z', Date.UTC(2026, 0, 1, 0, 0, 0), Date.UTC(2026, 0, 1, 0, 0, 0, 20));
  clock.answered('2026-01-01T00:00:30.000Z', Date.UTC(2026, 0, 1, 0, 0, 0), Date.UTC(2026, 0, 1, 0, 0, 2));
  clock.heard('2026-01-01T00:05:00.000Z', Date.UTC(2026, 0, 1));
  clock.heard('never', 0);
  assert.equal(clock.at(0), 9990);
});
