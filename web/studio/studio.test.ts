import assert from 'node:assert/strict';
import { test } from 'node:test';
import { event, poll } from '../client/fake_world.ts';
import { Refused } from './api.ts';
import { addEvent, addPolls } from './bring_in.ts';
import { definitionOf, moved, portable, readPortable, remade } from './portable.ts';
import { Rate } from './rate.ts';
import { Leftovers } from './leftovers.ts';
import { draftOf, patchFrom, rivals, withVotes } from './poll_draft.ts';
import { totalsCsv } from './totals.ts';
import { troubleIn } from './trouble.ts';
import { ballotFor, rehearse, type Answer, type Stage } from './rehearsal.ts';

test('what was exported is what is imported, without ids, votes and schedule', () => {
  const text = JSON.stringify(portable(event, [poll({ closes_at: '2026-01-01T20:00:00Z' }), poll({ type: 'rating', options: [] })]));
  const back = readPortable(text);
  assert.deepEqual(back?.polls.map(({ type }) => type), ['single', 'rating']);
  assert.deepEqual([back.title, back.settings], [event.title, event.settings]);
  assert.deepEqual(back.polls[0], JSON.parse(JSON.stringify(definitionOf(poll()))));
  assert.ok(!text.includes('closes_at') && !text.includes('"p1"'));
  assert.ok(!('options' in back.polls[1]!));
});

test('another file is none of ours', () => {
  for (const text of ['', '[]', 'null', '{"tallycast":2,"polls":[]}', '{"tallycast":1,"polls":[{"question":1}]}', '{"tallycast":1}', '{"tallycast":1,"polls":[]}'])
    assert.equal(readPortable(text), null, text);
});

test('what is made again has its schedule, unless that is over', () => {
  const times = { opens_at: '2026-01-01T20:00:00Z', closes_at: '2026-01-01T20:10:00Z' };
  assert.deepEqual(remade(poll({ status: 'draft', ...times })), { ...definitionOf(poll()), ...times });
  assert.deepEqual(remade(poll({ status: 'closed', ...times })), definitionOf(poll()));
});

// A node that takes polls until one is called "bad", and may not delete them. Its answer to "lost" is lost, and with
// "gone" it goes.
function takingNode(keeps = '') {
  const there: string[] = [];
  const call = async <Answer,>(method: string, path: string, body?: unknown) => {
    const { question = '' } = (body ?? {}) as { question?: string };
    if (method === 'DELETE') {
      if (path.includes(keeps || ' ')) throw new Error('kept');
      const events = path.startsWith('/v1/events/');
      there.splice(0, there.length, ...there.filter((id) => !events && !path.endsWith(`/${id}`)));
      return null as Answer;
    }
    if (method === 'GET' && there.includes('gone')) throw new Refused(0, { code: 'no_answer' });
    if (method === 'GET') return { items: there.map((id) => ({ id, question: id })), next_cursor: null } as Answer;
    if (question === 'bad') throw new Refused(400, { code: 'invalid_request' });
    if (path.endsWith('/polls')) there.push(question);
    if (question === 'lost' || question === 'gone') throw new Refused(0, { code: 'no_answer' });
    return { id: question || 'e9' } as Answer;
  };
  return { there, call };
}
const named = (...questions: string[]) => questions.map((question) => ({ type: 'single', question }));

test('of polls from a file all are added, or none', async () => {
  const good = takingNode();
  assert.equal((await addPolls(good.call, 'e1', named('a', 'b'))).length, 2);
  const node = takingNode();
  await assert.rejects(addPolls(node.call, 'e1', named('a', 'b', 'bad', 'c')), { question: 'bad', left: 0 });
  assert.deepEqual(node.there, []);
  const forgetful = takingNode('polls/a');
  await assert.rejects(addPolls(forgetful.call, 'e1', named('a', 'b', 'bad')), { question: 'bad', left: 1 });
  assert.deepEqual(forgetful.there, ['a']);
});

test('a poll whose answer was lost is found and taken back, or said to be there perhaps', async () => {
  const node = takingNode();
  await addPolls(node.call, 'e1', named('before'));
  await assert.rejects(addPolls(node.call, 'e1', named('a', 'lost')), { question: 'lost', left: 0 });
  assert.deepEqual(node.there, ['before']);
  const silent = takingNode();
  await assert.rejects(addPolls(silent.call, 'e1', named('a', 'gone')), { question: 'gone', left: 1 });
});

test('an event from a file or a copy comes with all its polls, or not at all', async () => {
  const file = { title: 'Copy', settings: {}, polls: named('a', 'b') };
  const good = takingNode();
  assert.equal((await addEvent(good.call, file)).id, 'e9');
  assert.deepEqual(good.there, ['a', 'b']);
  const node = takingNode('polls');
  await assert.rejects(addEvent(node.call, { ...file, polls: named('a', 'bad') }), { question: 'bad', left: 0 });
  assert.deepEqual(node.there, []);
});

test('of an edit the node is told what was changed, and of another kind all rules', () => {
  const before = poll({ type: 'ranking', rules: { min_choices: 2, max_choices: 2, allow_change: true, scale: null }, closes_at: '2026-01-01T20:00:30.123Z', grace_ms: 250 });
  const edited = (changes: Partial<ReturnType<typeof draftOf>>) => patchFrom({ ...draftOf(before), ...changes }, before);
  assert.deepEqual(edited({}), {});
  assert.deepEqual(edited({ question: ' Which? ', least: '1' }), { question: 'Which?', rules: { min_choices: 1 } });
  assert.deepEqual(edited({ closes_at: '' }), { closes_at: null });
  assert.deepEqual(edited({ type: 'single' }), { type: 'single', rules: { min_choices: 1, max_choices: 1, allow_change: true, scale: null } });
  const late = withVotes(before, { ...draftOf(before), question: 'Which?', type: 'rating', options: 'X', allow_change: false });
  assert.deepEqual(patchFrom(late, before), { question: 'Which?' });
});

test('a move writes only the positions that change', () => {
  const polls = ['a', 'b', 'c', 'd'].map((id, position) => poll({ id, position }));
  const told = (from: number, to: number) => moved(polls, from, to).map((one) => `${one.poll.id}${one.position}`).join(' ');
  assert.equal(told(1, 2), 'c1 b2');
  assert.equal(told(3, 0), 'd0 a1 b2 c3');
  assert.equal(told(0, -1), '');
  assert.equal(told(3, 4), '');
  const unplaced = ['a', 'b'].map((id) => poll({ id, position: 0 }));
  assert.equal(moved(unplaced, 1, 0).map((one) => `${one.poll.id}${one.position}`).join(' '), 'a1');
});

test('votes a second come from what was added', () => {
  const rate = new Rate();
  rate.note('p.1', 10, 1);
  rate.note('p.1', 30, 3);
  assert.equal(rate.now, 10);
  rate.note('p.1', 30, 3); // the same second again
  rate.note('p.1', 31, 4);
  assert.deepEqual([rate.now, rate.highest, rate.samples.length], [1, 10, 2]);
  rate.note('p.2', 0, 5);
  assert.deepEqual(rate.samples, []);
  for (let at = 6; at < 1000; ++at) rate.note('p.2', at, at);
  assert.equal(rate.samples.length, 300);
});

test('a synthetic ballot keeps the rules', () => {
  const of = poll({ type: 'multiple', options: ['a', 'b', 'c'].map((id) => ({ id, label: id })), rules: { min_choices: 2, max_choices: 3, allow_change: false, scale: null } });
  for (let i = 0; i < 100; ++i) {
    const { choices } = ballotFor(of, Math.random) as { choices: string[] };
    assert.ok(choices.length >= 2 && choices.length <= 3 && new Set(choices).size === choices.length);
  }
});

// A node that counts, and may forget, count twice or refuse at first.
class FakeNode implements Stage {
  readonly counted = new Map<string, string>();
  received = 0;
  replayed = 0;
  limited = 0;
  deleted = false;
  running: string[] = [];
  private voters = 0;
  private time = 0;
  wrong: 'nothing' | 'forgets' | 'counts_twice' | 'is_busy' | 'breaks' = 'nothing';

  async host<T>(method: string, path: string): Promise<T> {
    if (method === 'DELETE') this.deleted = true;
    if (path === '/v1/events') return { id: 'e', code: 'CODE34' } as T;
    if (path.endsWith('/results')) return { voters: this.counted.size } as T;
    if (path.endsWith('/ledger')) return { received: this.received, counted: this.counted.size, replayed: this.replayed, balanced: true } as T;
    if (this.wrong === 'breaks') throw new Error('broken');
    return poll({ id: 'shadow' }) as T;
  }

  async stranger(path: string, _: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    if (path === '/v1/join') return { status: 200, body: { voter: { token: `${++this.voters}` } } };
    ++this.received;
    const key = headers['idempotency-key']!;
    if (this.wrong === 'is_busy' && this.limited < 5) return ++this.limited, { status: 429, body: { retry_after_ms: 1 } };
    if (this.counted.has(key)) {
      if (this.wrong === 'counts_twice') this.counted.set(`${key} again`, key);
      else ++this.replayed;
      return { status: 200, body: { status: this.wrong === 'counts_twice' ? 'counted' : 'replayed' } };
    }
    if (this.wrong !== 'forgets' || this.counted.size < 30) this.counted.set(key, key);
    return { status: 200, body: { status: 'counted' } };
  }

  began = (event: string) => void this.running.push(event);
  over = (event: string) => void (this.running = this.running.filter((other) => other !== event));
  wait = async () => {};
  now = () => ++this.time;
  random = () => 0.5;
}

const rehearsal = (node: FakeNode) => rehearse(node, poll(), 40, 'Rehearsal', () => {});

test('a rehearsal tells that everything agreed, repeats and patience included', async () => {
  const good = new FakeNode();
  const report = await rehearsal(good);
  assert.deepEqual([report.good, report.voters, report.counted, report.repeats, report.ballots], [true, 40, 40, 13, 53]);
  assert.ok(good.deleted);
  assert.deepEqual(good.running, []);
  const busy = new FakeNode();
  busy.wrong = 'is_busy';
  const patient = await rehearsal(busy);
  assert.deepEqual([patient.good, patient.refused, patient.acknowledged], [true, 5, 40]);
});

test('a rehearsal tells what does not agree, and cleans up whatever happens', async () => {
  for (const wrong of ['forgets', 'counts_twice'] as const) {
    const node = new FakeNode();
    node.wrong = wrong;
    assert.equal((await rehearsal(node)).good, false, wrong);
  }
  const node = new FakeNode();
  node.wrong = 'breaks';
  await assert.rejects(rehearsal(node));
  assert.ok(node.deleted);
});

test('what a window leaves of its rehearsals is found later, and nothing else is', () => {
  const kept = new Map<string, string>([['tallycast.rehearsals', 'broken']]);
  const store = { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, text: string) => void kept.set(name, text) };
  let time = 1_000_000;
  const first = new Leftovers(store, () => time);
  assert.deepEqual(first.left(), []);
  for (const id of ['e1', 'e2']) first.began(id);
  first.over('e1');
  assert.deepEqual(first.ofThisWindow(), ['e2']);
  const next = new Leftovers(store, () => time);
  assert.deepEqual(next.left(), [], 'it may still run in the other window');
  time += 600_000;
  assert.deepEqual([next.left(), first.left(), next.ofThisWindow()], [['e2'], [], []]);
  next.over('e2');
  assert.deepEqual(next.left(), []);
});

test('of an edit that another desk has overtaken only what both have changed, differently, is asked about', () => {
  const before = poll();
  const mine = (typed: object) => patchFrom({ ...draftOf(before), ...typed }, before);
  const theirs = { ...before, question: 'Theirs?', results: 'never' as const };
  assert.deepEqual(rivals(mine({ question: 'Mine?' }), before, theirs), ['question']);
  assert.deepEqual(rivals(mine({ question: 'Theirs?', results: 'never' }), before, theirs), []);
  assert.deepEqual(rivals(mine({ grace: '2' }), before, theirs), []);
  assert.deepEqual(rivals(mine({ options: 'X\nY' }), before, { ...before, options: [{ id: 'z', label: 'Z' }, { id: 'y', label: 'Y' }] }), ['options']);
});

test('every refusal of a field finds it, and no words of the API are told', () => {
  const fields: [string, string | null][] = [
    ['options: 2 to 64 are needed.', 'options'], ['options[1].label: looks the same as options[0].label.', 'options'], ['options[0].label: at most 500 characters.', 'options'],
    ['question: the text is empty.', 'question'], ['question: the text holds a control character.', 'question'], ['title: the text is empty.', 'title'],
    ['rules.max_choices is larger than the number of options.', 'most'], ['rules.min_choices: a whole number from 1 to 64.', 'least'], ['rules.scale: 2 to 10.', 'scale'],
    ['closes_at must be after opens_at.', 'closes_at'], ['grace_ms: a whole number from 0 to 10000.', 'grace'], ['code: 6 to 8 letters and digits are needed.', 'code'],
    ['settings.locale: a language tag like en or pt-BR is expected.', 'locale'], ['Something else.', null],
  ];
  for (const [message, field] of fields) assert.equal(troubleIn({ code: 'invalid_request', message }, ['A', 'B']).field, field, message);
  assert.equal(troubleIn({ code: 'code_taken', message: '' }).field, 'code');
});

test('totals have a row an answer with its label, and no cell a spreadsheet would reckon with', () => {
  const of = (options: object[], more = {}) => ({ poll: 'p1', round: 2, status: 'closed', version: 1, voters: 4, votes: 4, final: true, server_time: '', options, ...more }) as never;
  const options = [{ id: 'a', label: '=SUM(A1)' }, { id: 'b', label: 'Say "yes", or no' }];
  const lines = (text: string) => text.replace('\uFEFF', '').split('\r\n').slice(1, -1);
  const single = totalsCsv([{ poll: poll({ options, question: '@Best?' }), results: of([{ id: 'a', votes: 1 }, { id: 'b', votes: 3 }]) }]);
  assert.ok(single.startsWith('\uFEFF"'));
  assert.deepEqual(lines(single), [`"'@Best?",2,"'=SUM(A1)",1,"","",4,25`, `"'@Best?",2,"Say ""yes"", or no",3,"","",4,75`]);
  const ranked = totalsCsv([{ poll: poll({ type: 'ranking', options, question: 'Order?' }), results: of([{ id: 'a', votes: 4, points: 1 }, { id: 'b', votes: 4, points: 3 }]) }]);
  assert.deepEqual(lines(ranked), [`"Order?",2,"'=SUM(A1)","",1,2,4,""`, `"Order?",2,"Say ""yes"", or no","",3,1,4,""`]);
  const rated = totalsCsv([{ poll: poll({ type: 'rating', options: [], question: 'How?', rules: { min_choices: 1, max_choices: 1, allow_change: false, scale: 2 } }), results: of([], { ratings: [1, 3] }) }]);
  assert.deepEqual(lines(rated), ['"How?",2,"1",1,"","",4,25', '"How?",2,"2",3,"","",4,75']);
});
