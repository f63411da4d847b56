import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from './client.ts';
import { event, FakeWorld, poll, results, settled, welcome, type Answer, type Call } from './fake_world.ts';
import type { Reply } from './world.ts';

const ok = (body: unknown) => ({ status: 200, body });
const refused = (status: number, body: object) => ({ status, body });

function voter(world: FakeWorld) {
  const client = new Client({ event: 'e1', code: 'CODE34', world });
  client.start();
  return client;
}

// A voter who is connected by socket and has been welcomed.
function connected(world: FakeWorld) {
  const client = voter(world);
  world.socketNow.onopen?.();
  world.socketNow.says(welcome());
  return client;
}

const stateOf = (client: Client) => client.voteIn(client.polls[0]!)?.state;
const posts = (world: FakeWorld) => world.calls.filter(({ method, path }) => method === 'POST' && path.endsWith('/votes'));

test('a vote is counted when the node says so, and not before', () => {
  const world = new FakeWorld();
  const client = connected(world);
  client.vote('p1', { choices: ['a'] });
  assert.equal(stateOf(client), 'sending');
  const [sent] = world.socketNow.votes();
  assert.deepEqual(sent, { type: 'vote', id: 'key1', poll: 'p1', choices: ['a'] });
  world.socketNow.says({ type: 'ack', id: 'another', status: 'counted', receipt: 'r' });
  assert.equal(stateOf(client), 'sending');
  world.socketNow.says({ type: 'ack', id: 'key1', status: 'counted', receipt: 'r' });
  assert.equal(stateOf(client), 'counted');
});

test('a vote whose answer was lost is sent again with its key when the node is heard again', async () => {
  const world = new FakeWorld();
  const client = connected(world);
  client.vote('p1', { choices: ['a'] });
  world.socketNow.breaks();
  assert.equal(stateOf(client), 'retrying');
  assert.equal(client.hearing, 'lost');
  await world.pass(1000);
  assert.equal(world.sockets.length, 2);
  world.socketNow.onopen?.();
  world.socketNow.says(welcome());
  assert.deepEqual(world.socketNow.votes().map(({ id }) => id), ['key1']);
  world.socketNow.says({ type: 'ack', id: 'key1', status: 'replayed', receipt: 'r' });
  assert.equal(stateOf(client), 'counted');
});

test('a vote that the socket does not answer goes the other way, with the same key', async () => {
  const world = new FakeWorld();
  world.answer = () => ok({ status: 'counted', receipt: 'r' });
  const client = connected(world);
  client.vote('p1', { choices: ['b'] });
  await world.pass(5000);
  assert.equal(posts(world).length, 1);
  assert.equal(posts(world)[0]!.headers['idempotency-key'], 'key1');
  assert.equal(stateOf(client), 'counted');
});

test('a waiting vote and its key outlive the page', async () => {
  const world = new FakeWorld();
  const first = connected(world);
  first.vote('p1', { choices: ['a'] });
  first.stop();
  const second = connected(world);
  assert.deepEqual(world.socketNow.votes().map(({ id, choices }) => [id, choices]), [['key1', ['a']]]);
  world.socketNow.says({ type: 'ack', id: 'key1', status: 'counted', receipt: 'r' });
  assert.equal(stateOf(second), 'counted');
});

test('a page sends what another page of the same voter left waiting when it closed', async () => {
  const world = new FakeWorld();
  const first = connected(world);
  const second = voter(world);
  second.lose();
  world.socketNow.onopen?.();
  second.polls = first.polls;
  second.vote('p1', { choices: ['b'] });
  second.stop();
  assert.equal(stateOf(first), undefined);
  first.lose();
  first.wake();
  world.socketNow.onopen?.();
  world.socketNow.says(welcome());
  assert.deepEqual(world.socketNow.votes().map(({ id, choices }) => [id, choices]), [['key1', ['b']]]);
  world.socketNow.says({ type: 'ack', id: 'key1', status: 'counted', receipt: 'r' });
  assert.equal(stateOf(first), 'counted');
});

test('what another page casts is seen at once, and sent where that page is gone before it was answered', async () => {
  const world = new FakeWorld();
  const first = connected(world);
  const firstSocket = world.socketNow;
  const second = connected(world);
  second.vote('p1', { choices: ['b'] });
  world.written();
  assert.equal(stateOf(first), 'sending');
  assert.deepEqual(firstSocket.votes(), [], 'the other page sends it');
  world.socketNow.says({ type: 'ack', id: 'key1', status: 'counted', receipt: 'r' });
  world.written();
  assert.deepEqual([stateOf(first), first.voteIn(first.polls[0]!)?.receipt], ['counted', 'r']);
  second.vote('p1', { choices: ['a'] });
  world.written();
  second.stop();
  await world.pass(4900);
  assert.deepEqual(firstSocket.votes(), []);
  await world.pass(200);
  assert.deepEqual(firstSocket.votes().map(({ id, choices }) => [id, choices]), [['key2', ['a']]]);
  firstSocket.says({ type: 'ack', id: 'key2', status: 'changed', receipt: 's' });
  assert.equal(stateOf(first), 'counted');
});

test('what another page takes back is asked about, and stays where it was only refused', async () => {
  const world = new FakeWorld();
  const client = connected(world);
  client.vote('p1', { choices: ['a'] });
  world.socketNow.says({ type: 'ack', id: 'key1', status: 'counted', receipt: 'r' });
  world.answer = () => ok({ poll: 'p1', round: 1, choices: ['a'], receipt: 'r' });
  world.written('tallycast.votes.e1.p1');
  await settled();
  assert.equal(stateOf(client), 'counted');
  world.answer = () => refused(404, { code: 'not_voted' });
  world.written('tallycast.seen');
  await settled();
  assert.equal(stateOf(client), 'counted');
  world.written('tallycast.votes.e1.p1');
  await settled();
  assert.equal(stateOf(client), undefined);
});

test('a page keeps its own ballot that waits, whatever another page writes', () => {
  const world = new FakeWorld();
  const [first, second] = [connected(world), connected(world)];
  first.vote('p1', { choices: ['a'] });
  second.vote('p1', { choices: ['b'] });
  world.socketNow.says({ type: 'ack', id: 'key2', status: 'counted', receipt: 'r' });
  world.written();
  assert.deepEqual([stateOf(first), first.voteIn(first.polls[0]!)?.ballot], ['sending', { choices: ['a'] }]);
});

test('a vote made offline is sent when there is a network', async () => {
  const world = new FakeWorld();
  const client = connected(world);
  client.lose();
  client.vote('p1', { choices: ['a'] });
  await settled();
  assert.equal(stateOf(client), 'retrying');
  client.wake();
  world.socketNow.onopen?.();
  world.socketNow.says(welcome());
  assert.equal(world.socketNow.votes()[0]!.id, 'key1');
});

test('a refusal that passes is tried again after the time it names', async () => {
  const world = new FakeWorld();
  const client = connected(world);
  client.vote('p1', { choices: ['a'] });
  world.socketNow.says({ type: 'error', id: 'key1', code: 'overloaded', retry_after_ms: 3000 });
  assert.equal(stateOf(client), 'retrying');
  await world.pass(2900);
  assert.equal(world.socketNow.votes().length, 1);
  await world.pass(200);
  assert.deepEqual(world.socketNow.votes().map(({ id }) => id), ['key1', 'key1']);
});

test('a refusal that stands is told with its reason, and gives back the ballot that counts', () => {
  const world = new FakeWorld();
  const client = connected(world);
  client.vote('p1', { choices: ['a'] });
  world.socketNow.says({ type: 'ack', id: 'key1', status: 'counted', receipt: 'r' });
  client.vote('p1', { choices: ['b'] });
  world.socketNow.says({ type: 'error', id: 'key2', code: 'poll_closed', late_ms: 800 });
  const vote = client.voteIn(client.polls[0]!)!;
  assert.deepEqual([vote.state, vote.why?.late_ms, vote.before], ['refused', 800, { choices: ['a'] }]);
  client.dismiss(vote);
  assert.deepEqual(client.voteIn(client.polls[0]!)?.ballot, { choices: ['a'] });
});

test('a withdrawal without an answer is taken back or not, as the node says when it is asked', async () => {
  const world = new FakeWorld();
  const client = connected(world);
  const mine = ok({ poll: 'p1', round: 1, choices: ['a'], receipt: 'r' });
  const withdrawn = async (taken: Answer, asked: Answer) => {
    client.vote('p1', { choices: ['a'] });
    world.socketNow.says({ type: 'ack', id: world.socketNow.votes().at(-1)!.id, status: 'counted', receipt: 'r' });
    world.answer = ({ method }) => (method === 'DELETE' ? taken : asked);
    const why = await client.withdraw('p1');
    return [why?.code, stateOf(client)];
  };
  assert.deepEqual(await withdrawn('cut', 'cut'), ['no_answer', 'counted']);
  assert.deepEqual(await withdrawn('cut', mine), ['internal', 'counted']);
  assert.deepEqual(await withdrawn('cut', refused(404, { code: 'not_voted' })), [undefined, undefined]);
  assert.deepEqual(await withdrawn(refused(404, { code: 'not_voted' }), 'cut'), [undefined, undefined]);
  assert.deepEqual(await withdrawn(refused(409, { code: 'poll_closed' }), 'cut'), ['poll_closed', 'counted']);
  // What was not known is asked about as soon as the node is heard again.
  assert.deepEqual(await withdrawn('cut', 'cut'), ['no_answer', 'counted']);
  world.answer = () => refused(404, { code: 'not_voted' });
  await client.recall(client.polls[0]!);
  assert.equal(stateOf(client), undefined);
});

test('a token that has run out is renewed by joining, and the waiting vote is sent', async () => {
  const world = new FakeWorld();
  const client = connected(world);
  client.vote('p1', { choices: ['a'] });
  world.answer = () => ok({ event, polls: [], voter: { token: 'tcv_new', number: 9, expires_at: '' } });
  world.socketNow.says({ type: 'error', id: 'key1', code: 'voter_token_expired' });
  await settled();
  assert.deepEqual(world.calls.map(({ path, body }) => [path, body]), [['/v1/join', { code: 'CODE34' }]]);
  assert.equal(stateOf(client), 'sending');
  world.socketNow.onopen?.();
  assert.equal(world.socketNow.sent[0]!.token, 'tcv_new');
  world.socketNow.says(welcome({ voter: 9 }));
  assert.equal(world.socketNow.votes()[0]!.id, 'key1');
});

test('somebody new has not voted what the voter before them had', async () => {
  const world = new FakeWorld();
  const client = connected(world);
  client.vote('p1', { choices: ['a'] });
  world.socketNow.says({ type: 'ack', id: 'key1', status: 'counted', receipt: 'r' });
  world.socketNow.says(welcome({ voter: 8 }));
  assert.equal(stateOf(client), undefined);
});

const heardAgain = (world: FakeWorld, client: Client, polls = [poll()]) => {
  client.wake();
  world.socketNow.onopen?.();
  world.socketNow.says(welcome({ polls }));
};

test('a vote for a round that is over is not cast in the next one, and that is told until it was read', async () => {
  const world = new FakeWorld();
  const first = connected(world);
  first.vote('p1', { choices: ['a'] });
  world.socketNow.breaks();
  let told = 0;
  first.on(() => ++told);
  const next = poll({ round: 2 });
  heardAgain(world, first, [next]);
  assert.deepEqual(world.socketNow.votes(), []);
  assert.equal(stateOf(first), 'refused');
  assert.ok(told > 1, 'the page hears of it');
  first.stop();
  const second = connected(world);
  second.polls = [next];
  world.answer = () => refused(404, { code: 'not_voted' });
  await second.recall(next);
  assert.deepEqual([second.voteIn(next)?.state, second.voteIn(next)?.why?.code], ['refused', 'poll_changed']);
  second.dismiss(second.voteIn(next)!);
  assert.equal(second.voteIn(next), undefined);
  assert.equal(voter(world).voteIn(next), undefined);
});

test('a vote says which revision of the poll its voter saw, however late and by whichever way it goes', async () => {
  const world = new FakeWorld();
  const client = connected(world);
  world.socketNow.says({ ...poll({ revision: 3 }), type: 'poll', poll_type: 'single' });
  client.vote('p1', { choices: ['a'] });
  assert.deepEqual(world.socketNow.votes(), [{ type: 'vote', id: 'key1', poll: 'p1', choices: ['a'], revision: 3 }]);
  world.socketNow.breaks();
  heardAgain(world, client, [poll({ revision: 5 })]);
  assert.deepEqual(world.socketNow.votes(), [{ type: 'vote', id: 'key1', poll: 'p1', choices: ['a'], revision: 3 }]);
  client.stop();
  const later = connected(world);
  world.answer = () => refused(409, { code: 'poll_changed' });
  await world.pass(5000);
  assert.deepEqual(posts(world).at(-1)!.body, { choices: ['a'], revision: 3 });
  assert.equal(stateOf(later), 'refused');
  later.vote('p1', { choices: ['b'] });
  assert.equal(stateOf(later), 'sending');
});

test('a refusal outlives the page, and what still counts is shown once it was read', async () => {
  const world = new FakeWorld();
  const first = connected(world);
  first.vote('p1', { choices: ['a'] });
  world.socketNow.says({ type: 'ack', id: 'key1', status: 'counted', receipt: 'r' });
  first.vote('p1', { choices: ['b'] });
  world.socketNow.says({ type: 'error', id: 'key2', code: 'poll_closed', late_ms: 1200 });
  first.stop();
  const second = connected(world);
  world.answer = () => ok({ poll: 'p1', round: 1, choices: ['a'], receipt: 'r' });
  await second.recall(second.polls[0]!);
  assert.equal(second.voteIn(second.polls[0]!)?.why?.late_ms, 1200);
  second.dismiss(second.voteIn(second.polls[0]!)!);
  assert.deepEqual(second.voteIn(second.polls[0]!)?.ballot, { choices: ['a'] });
});

test('a refusal because of an earlier vote gives way to that vote', async () => {
  const world = new FakeWorld();
  const client = connected(world);
  client.vote('p1', { choices: ['b'] });
  world.socketNow.says({ type: 'error', id: 'key1', code: 'already_voted' });
  world.answer = () => ok({ poll: 'p1', round: 1, choices: ['a'], receipt: 'r' });
  await client.recall(client.polls[0]!);
  assert.deepEqual([stateOf(client), client.voteIn(client.polls[0]!)?.ballot], ['counted', { choices: ['a'] }]);
});

test('what was refused in a poll that is not shown, or gone, is told beside the one that is', () => {
  const world = new FakeWorld();
  const client = connected(world);
  const next = poll({ id: 'p2' });
  for (const polls of [[], [next], [poll({ status: 'closed' }), next]]) {
    heardAgain(world, client);
    client.vote('p1', { choices: ['a'] });
    const key = world.socketNow.votes().at(-1)!.id;
    world.socketNow.breaks();
    heardAgain(world, client, polls);
    const shown = client.poll('p2');
    assert.deepEqual(world.socketNow.votes().map(({ id }) => id), [key]);
    assert.deepEqual(client.astray(shown), []);
    world.socketNow.says({ type: 'error', id: key, code: 'poll_closed' });
    assert.deepEqual(client.astray(shown).map(({ why }) => why?.code), ['poll_closed']);
    client.dismiss(client.astray(shown)[0]!);
    assert.deepEqual(client.astray(shown), []);
  }
  heardAgain(world, client);
  client.vote('p1', { choices: ['a'] });
  world.socketNow.says({ type: 'error', id: world.socketNow.votes().at(-1)!.id, code: 'poll_paused' });
  assert.deepEqual(client.astray(client.polls[0]), [], 'its poll tells of it');
});

test('results never step back, and those of a round that is over go', () => {
  const world = new FakeWorld();
  const client = connected(world);
  const shown = () => client.results.get('p1')?.version;
  for (const version of [5, 4, 6, 2]) world.socketNow.says(results(version));
  assert.equal(shown(), 6);
  world.socketNow.says({ ...poll({ round: 2 }), type: 'poll', poll_type: 'single' });
  assert.equal(shown(), undefined);
  world.socketNow.says(results(9));
  assert.equal(shown(), undefined);
  world.socketNow.says(results(1, { round: 2 }));
  assert.equal(shown(), 1);
});

test('a poll that was deleted goes, with its results', () => {
  const world = new FakeWorld();
  const client = connected(world);
  world.socketNow.says(results(5));
  world.socketNow.says({ type: 'poll_removed', poll: 'p1' });
  assert.deepEqual([client.polls.length, client.results.size], [0, 0]);
});

test('what the operator tells everybody holds until it is taken back, or a welcome comes without it', async () => {
  const world = new FakeWorld();
  const client = connected(world);
  world.socketNow.says({ type: 'notice', text: 'Back at nine' });
  assert.equal(client.notice, 'Back at nine');
  world.socketNow.says({ type: 'notice', text: '' });
  assert.equal(client.notice, '');
  world.socketNow.says({ type: 'notice', text: 'Soon' });
  world.socketNow.says(welcome());
  assert.equal(client.notice, 'Soon', 'it comes behind the first welcome only, and not after another log-in');
  world.socketNow.breaks(1012);
  await world.pass(2000);
  assert.equal(client.notice, 'Soon', 'nobody has taken it back');
  world.socketNow.onopen?.();
  world.socketNow.says(welcome());
  assert.equal(client.notice, '');
});

// The node as it answers who asks what the event looks like.
const viewer = (call: Call) => (call.path === '/v1/events/e1' ? ok({ ...event, polls: [poll()], results: [results(3)] }) : refused(404, {}));

test('where sockets are blocked the stream takes over, and where that is too, asking', async () => {
  const world = new FakeWorld();
  const bare = viewer({ method: 'GET', path: '/v1/events/e1', body: null, headers: {} });
  world.answer = (call) => (call.path === '/v1/events/e1' ? ok({ ...(bare.body as object), notice: 'Soon' }) : viewer(call));
  const client = voter(world);
  world.socketNow.breaks();
  await world.pass(1000);
  world.socketNow.breaks();
  await settled();
  assert.equal(world.streams.length, 1);
  assert.equal(client.polls.length, 1, 'shown while it is found out');
  world.streams[0]!.onbroken?.();
  await world.pass(1000);
  world.streams[1]!.onbroken?.();
  await settled();
  assert.equal(client.hearing, 'slow');
  assert.equal(client.results.get('p1')?.version, 3);
  assert.equal(client.notice, 'Soon');
  const asked = world.calls.length;
  await world.pass(10_000);
  assert.ok(world.calls.length >= asked + 4);
});

test('a vote goes by HTTP while a stream is listened to', async () => {
  const world = new FakeWorld();
  world.answer = (call) => (call.method === 'POST' ? ok({ status: 'counted', receipt: 'r' }) : viewer(call));
  const client = voter(world);
  world.socketNow.breaks();
  await world.pass(1000);
  world.socketNow.breaks();
  await settled();
  world.streams[0]!.says(welcome());
  assert.equal(client.hearing, 'live');
  client.vote('p1', { choices: ['a'] });
  await settled();
  assert.equal(stateOf(client), 'counted');
});

test('a node that is down is not taken for a blocked socket', async () => {
  const world = new FakeWorld();
  const client = voter(world);
  for (let i = 0; i < 6; ++i) {
    world.socketNow.breaks();
    await world.pass(20_000);
  }
  assert.equal(world.streams.length, 0);
  assert.equal(client.hearing, 'lost');
});

test('a node that drains names the time over which its clients come back', async () => {
  const world = new FakeWorld();
  world.chance = 0.25;
  connected(world);
  world.socketNow.breaks(1012, '{"reconnect_ms":40000}');
  await world.pass(9_900);
  assert.equal(world.sockets.length, 1);
  await world.pass(200);
  assert.equal(world.sockets.length, 2);
});

test('a connection that has gone silent is asked, and given up', async () => {
  const world = new FakeWorld();
  const client = connected(world);
  await world.pass(21_000);
  assert.deepEqual(world.socketNow.sent.map(({ type }) => type), ['subscribe', 'ping', 'ping']);
  world.socketNow.says({ type: 'pong', id: '1', server_time: '' });
  await world.pass(15_000);
  assert.equal(client.hearing, 'live');
  await world.pass(14_000);
  assert.ok(world.sockets.length > 1);
});

test('the time is the node\'s, by the answer that came fastest', () => {
  const world = new FakeWorld();
  const client = connected(world);
  const sent = world.time;
  world.time += 80;
  const server = new Date(sent + 40 + 5_000).toISOString();
  world.socketNow.says({ type: 'pong', id: String(sent), server_time: server });
  assert.ok(Math.abs(client.serverNow() - (world.time + 5_000)) <= 1);
});

test('where only asking is left, the time is that of the answers', async () => {
  const world = new FakeWorld();
  const ahead = 600_000; // the page's clock, before the node's
  const client = voter(world);
  world.answer = (call) => ({ ...viewer(call), date: new Date(Math.floor((world.time - ahead) / 1000) * 1000).toUTCString() });
  for (const _ of [1, 2]) {
    world.socketNow.breaks();
    await world.pass(1000);
  }
  for (const stream of world.streams) stream.onbroken?.();
  await world.pass(1000);
  for (const stream of world.streams) stream.onbroken?.();
  const wrong = () => Math.abs(client.serverNow() - (world.time - ahead));
  assert.ok(wrong() < 1000, `${wrong()} ms`);
  world.chance = 0.37; // other parts of the second
  await world.pass(60_000);
  assert.equal(client.hearing, 'slow');
  assert.ok(wrong() < 300, `${wrong()} ms`);
});

test('an event that is gone is told, and left', async () => {
  const world = new FakeWorld();
  world.answer = () => refused(404, { code: 'event_not_found' });
  const client = connected(world);
  world.socketNow.breaks(4400, 'the event is gone');
  await world.pass(1000);
  world.socketNow.breaks(1006);
  await world.pass(1000);
  assert.equal(client.gone, true);
});

test('the node is asked once a round which ballot of this voter it has', async () => {
  const world = new FakeWorld();
  const client = connected(world);
  world.answer = () => ok({ poll: 'p1', round: 1, choices: ['b'], receipt: 'r' });
  await client.recall(client.polls[0]!);
  await client.recall(client.polls[0]!);
  assert.equal(world.calls.length, 1);
  assert.deepEqual(client.voteIn(client.polls[0]!)?.ballot, { choices: ['b'] });
});

test('an answer from before the vote does not take it back', async () => {
  const world = new FakeWorld();
  const client = connected(world);
  let answer = (_: Reply) => {};
  world.answer = () => new Promise<Reply>((done) => (answer = done));
  const asked = client.recall(client.polls[0]!);
  client.vote('p1', { choices: ['a'] });
  world.socketNow.says({ type: 'ack', id: 'key1', status: 'counted', receipt: 'r' });
  answer(refused(404, { code: 'no_vote' }));
  await asked;
  assert.equal(stateOf(client), 'counted');
});

test('which ballot the node has is asked again after an answer that was none', async () => {
  const world = new FakeWorld();
  const client = connected(world);
  world.answer = () => refused(503, { code: 'overloaded' });
  await client.recall(client.polls[0]!);
  world.answer = () => ok({ poll: 'p1', round: 1, choices: ['b'], receipt: 'r' });
  await client.recall(client.polls[0]!);
  assert.equal(stateOf(client), 'counted');
});

test('a vote that is to be sent again is, though the connection ends meanwhile', async () => {
  const world = new FakeWorld();
  const client = connected(world);
  client.vote('p1', { choices: ['a'] });
  world.socketNow.says({ type: 'error', id: 'key1', code: 'overloaded', retry_after_ms: 3000 });
  world.socketNow.breaks();
  world.answer = () => ok({ status: 'counted', receipt: 'r' });
  await world.pass(3_100);
  assert.equal(stateOf(client), 'counted');
});

test('a waiting vote goes by HTTP as soon as sockets are known to be blocked, though nothing is live', async () => {
  const world = new FakeWorld();
  const first = connected(world);
  first.vote('p1', { choices: ['a'] });
  first.stop();
  world.answer = (call) => (call.method === 'POST' ? ok({ status: 'counted', receipt: 'r' }) : viewer(call));
  const second = voter(world);
  world.socketNow.breaks();
  await world.pass(1000);
  world.socketNow.breaks();
  await settled();
  assert.equal(stateOf(second), 'counted');
  assert.equal(posts(world)[0]!.headers['idempotency-key'], 'key1');
});

test('loaded again where nobody answers, a page shows what was last seen of the event, and what waits', async () => {
  const world = new FakeWorld();
  const first = connected(world);
  world.socketNow.says({ ...poll({ status: 'paused' }), type: 'poll', poll_type: 'single' });
  first.vote('p1', { choices: ['a'] });
  first.stop();
  const second = voter(world);
  assert.deepEqual([second.event, second.polls], [null, []], 'the node may answer');
  world.socketNow.breaks();
  assert.deepEqual([second.event?.code, second.polls[0]?.status, stateOf(second)], ['CODE34', 'paused', 'retrying']);
  second.stop();
  const other = new Client({ event: 'e2', code: 'CODE35', world });
  other.start();
  world.socketNow.breaks();
  assert.equal(other.event, null, 'another event was not seen');
  world.write('tallycast.seen', '{"event":{}}');
  const third = voter(world);
  world.socketNow.breaks();
  assert.equal(third.event, null, 'what is broken is not believed');
});
