import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, open, patience, phone, picture, see, Tallycast, until } from './support.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

// A node of the test's own, because it is going to die.
async function mortal(t, options = [], members = {}) {
  const node = await new Tallycast(...options).start();
  t.after(() => node.remove());
  const event = await node.event();
  return { node, event, poll: await node.poll(event, members) };
}

// What a browser says of requests and sockets that nobody answers.
const noAnswer = /ERR_CONNECTION|ERR_INTERNET_DISCONNECTED|ERR_FAILED|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED|ERR_SOCKET|WebSocket|status of (401|503)/;
const onPhone = (t, url, options) => open(t, browser, url, { ...phone, allow: noAnswer, ...options });
const choose = (page, label) => page.getByRole('radio', { name: label }).check();
const vote = (page) => page.getByRole('button', { name: 'Vote', exact: true }).click();
const fate = (page, state) => page.locator(`[data-state=${state}]`).waitFor();

// Counted, and once: by the results and by the ledger.
async function countedOnce(node, poll, option, all = 1) {
  await until(async () => (await node.results(poll)).voters > 0, 'the vote');
  const { options, voters } = await node.results(poll);
  assert.deepEqual([voters, options.find(({ id }) => id === option).votes], [all, 1]);
  const ledger = await node.call('GET', `/v1/polls/${poll.id}/ledger`);
  assert.deepEqual([ledger.counted, ledger.changed, ledger.balanced], [all, 0, true]);
}

test('offline and back: the ballot waits in the outbox, over a reload too', async (t) => {
  const { node, event, poll } = await mortal(t);
  let blocked = false;
  const page = await onPhone(t, `${node.url}/${event.code}`, {
    prepare: (page) => page.routeWebSocket(/live/, (socket) => void (blocked ? socket.close() : socket.connectToServer())),
  });
  await choose(page, 'The choir');
  await page.context().setOffline(true);
  await vote(page);
  await fate(page, 'retrying');
  await see(page, 'No connection. Your vote is kept');
  await picture(page, 'phone-offline');
  assert.equal((await node.results(poll)).voters, 0);
  // The network is back, but no vote gets through yet: only what was kept can bring it after the reload.
  await page.route('**/votes', (route) => route.abort());
  blocked = true;
  await page.context().setOffline(false);
  await page.reload();
  await fate(page, 'retrying');
  await page.unroute('**/votes');
  await fate(page, 'counted');
  await countedOnce(node, poll, 'c');
});

// The third answer becomes another.
const edit = (node, poll) => node.call('PATCH', `/v1/polls/${poll.id}`, { options: [...poll.options.slice(0, 2), 'Cancel the show'] });
const read = (page) => page.getByRole('button', { name: 'All right' }).click();

async function votedOffline(t, node, event) {
  const page = await onPhone(t, `${node.url}/${event.code}`);
  await choose(page, 'The choir');
  await page.context().setOffline(true);
  await vote(page);
  await fate(page, 'retrying');
  return page;
}

test('a vote on its way while the answers are edited is not counted for another answer', async (t) => {
  const { node, event, poll } = await mortal(t);
  const page = await votedOffline(t, node, event);
  await edit(node, poll);
  await page.context().setOffline(false);
  const told = 'The question changed before your vote arrived. Please vote again.';
  await see(page, told, '.fate');
  await until(async () => (await page.locator('.for-ears').first().innerText()) === told, 'what is said to ears');
  await picture(page, 'phone-question-changed');
  await page.reload();
  await see(page, told, '.fate');
  assert.equal((await node.results(poll)).voters, 0);
  await read(page);
  await page.getByRole('radio', { name: 'Cancel the show' }).waitFor();
  assert.equal(await page.getByRole('radio', { checked: true }).count(), 0);
  await choose(page, 'The jugglers');
  await vote(page);
  await fate(page, 'counted');
  await until(async () => (await node.results(poll)).voters === 1, 'the vote');
});

test('a vote on its way while a new round begins does not count in it, and that is told until it was read', async (t) => {
  const { node, event, poll } = await mortal(t);
  await node.vote(event, poll, { choices: ['a'] });
  const page = await votedOffline(t, node, event);
  assert.equal((await node.step(poll, 'reset')).round, 2);
  await page.context().setOffline(false);
  const told = 'A new round began before your vote was confirmed. Please vote again.';
  await see(page, told, '.fate');
  await page.reload();
  await see(page, told, '.fate');
  assert.equal((await node.results(poll)).voters, 0);
  await read(page);
  await choose(page, 'The jugglers');
  await vote(page);
  await fate(page, 'counted');
  await countedOnce(node, poll, 'b');
});

test('a vote that comes back before its page has heard of the new round is not counted in it', async (t) => {
  const { node, event, poll } = await mortal(t);
  await node.vote(event, poll, { choices: ['a'] });
  let blocked = false;
  const page = await onPhone(t, `${node.url}/${event.code}`, {
    prepare: async (page) => {
      await page.routeWebSocket(/live/, (socket) => void (blocked ? socket.close() : socket.connectToServer()));
      await page.route(/stream|events\/[^/]*$/, (route) => (blocked ? route.abort() : route.continue()));
    },
  });
  await choose(page, 'The choir');
  await page.context().setOffline(true);
  await vote(page);
  await fate(page, 'retrying');
  await node.step(poll, 'reset');
  blocked = true;
  await page.context().setOffline(false);
  await until(async () => (await node.call('GET', `/v1/polls/${poll.id}/ledger`)).rejected.invalid >= 1, 'the vote coming');
  await see(page, 'Please vote again.');
  assert.equal((await node.results(poll)).voters, 0);
});

test('a vote on its way to a question that is deleted is told of', async (t) => {
  const { node, event, poll } = await mortal(t);
  const page = await votedOffline(t, node, event);
  await node.call('DELETE', `/v1/polls/${poll.id}`);
  await page.context().setOffline(false);
  const told = 'The question was gone before your vote arrived. It was not counted.';
  await see(page, told, '.fate');
  await page.reload();
  await see(page, told, '.fate');
  await read(page);
  await page.locator('.fate').waitFor({ state: 'detached' });
  await see(page, 'You are in.');
});

test('a vote that came too late is told of beside the question the host has gone on to', async (t) => {
  const { node, event, poll } = await mortal(t);
  const page = await votedOffline(t, node, event);
  await node.step(poll, 'close');
  await node.poll(event, { question: 'And now?' });
  await page.context().setOffline(false);
  const told = /The poll closed \d+(\.\d)? s before your vote arrived\. It was not counted\./;
  await see(page, told, '.fate');
  await see(page, 'And now?', 'h1');
  await see(page, 'Which act was best?', '.voted');
  const { x, width } = await page.locator('.fate').boundingBox();
  assert.ok(x >= 16 && x + width <= phone.viewport.width - 16, 'it stands within the margins of the page');
  await picture(page, 'phone-late-beside');
  await page.reload();
  await see(page, told, '.fate');
  await see(page, 'And now?', 'h1');
  await read(page);
  await page.locator('.fate').waitFor({ state: 'detached' });
  assert.equal((await node.results(poll)).voters, 0);
});

test('what was ticked before the answers were edited is not ticked among the new ones', async (t) => {
  const { node, event, poll } = await mortal(t);
  const page = await onPhone(t, `${node.url}/${event.code}`);
  await choose(page, 'The choir');
  await edit(node, poll);
  await see(page, 'The question has changed. Please choose again.', '[role=alert]');
  await see(page, 'Cancel the show');
  assert.equal(await page.getByRole('radio', { checked: true }).count(), 0);
  assert.ok(await page.getByRole('button', { name: 'Vote', exact: true }).isDisabled());
  await choose(page, 'The brass band');
  await page.locator('[role=alert]').waitFor({ state: 'detached' });
  await vote(page);
  await fate(page, 'counted');
  await countedOnce(node, poll, 'a');
});

test('how late a vote was is told over a reload', async (t) => {
  const { node, event, poll } = await mortal(t);
  const page = await votedOffline(t, node, event);
  await node.step(poll, 'close');
  await page.context().setOffline(false);
  await see(page, 's before your vote arrived. It was not counted.');
  await page.reload();
  await see(page, 's before your vote arrived. It was not counted.');
  await read(page);
  await see(page, 'Voting is over.');
});

test('a node that is killed and started again in the middle of a vote counts it once', async (t) => {
  const { node, event, poll } = await mortal(t);
  const page = await onPhone(t, `${node.url}/${event.code}`);
  await choose(page, 'The jugglers');
  await node.kill();
  await vote(page);
  await fate(page, 'retrying');
  await node.start();
  await fate(page, 'counted');
  await countedOnce(node, poll, 'b');
});

test('a vote whose acknowledgement was lost with the node is counted once', async (t) => {
  const { node, event, poll } = await mortal(t);
  let deaf = true;
  const page = await onPhone(t, `${node.url}/${event.code}`, {
    prepare: (page) => page.routeWebSocket(/live/, (socket) => socket.connectToServer().onMessage((message) => {
      if (!deaf || !String(message).includes('"ack"')) socket.send(message);
    })),
  });
  await choose(page, 'The brass band');
  await vote(page);
  await until(async () => (await node.results(poll)).voters === 1, 'the node counting');
  await fate(page, 'sending');
  await node.kill();
  await fate(page, 'retrying');
  deaf = false;
  await node.start();
  await fate(page, 'counted');
  await until(async () => (await node.call('GET', `/v1/polls/${poll.id}/ledger`)).replayed >= 1, 'the vote coming twice');
  await countedOnce(node, poll, 'a');
});

test('a token that is no longer good is renewed, and the waiting ballot is kept', async (t) => {
  const { node, event, poll } = await mortal(t, ['--token-keys', `one:${'1a'.repeat(32)}`]);
  const page = await onPhone(t, `${node.url}/${event.code}`);
  await choose(page, 'The choir');
  await node.kill();
  await vote(page);
  await fate(page, 'retrying');
  node.options = node.options.map((option) => option.replace(`one:${'1a'.repeat(32)}`, `two:${'2b'.repeat(32)}`));
  await node.start();
  await fate(page, 'counted');
  await countedOnce(node, poll, 'c');
});

test('where WebSockets are blocked, the event stream brings everything', async (t) => {
  const { node, event, poll } = await mortal(t, [], { results: 'after_vote' });
  const streams = [];
  const page = await onPhone(t, `${node.url}/${event.code}`, {
    prepare: async (page) => {
      await page.routeWebSocket(/live/, (socket) => socket.close());
      page.on('request', (request) => request.url().endsWith('/stream') && streams.push(request));
    },
  });
  await choose(page, 'The jugglers');
  await vote(page);
  await fate(page, 'counted');
  await until(() => streams.length > 0, 'the stream');
  await node.vote(event, poll, { choices: ['a'] });
  await see(page, '2 voters');
  await node.step(poll, 'close');
  await see(page, 'Final result');
});

test('where streams are blocked as well, asking does', async (t) => {
  const { node, event, poll } = await mortal(t);
  const page = await onPhone(t, `${node.url}/${event.code}`, {
    prepare: async (page) => {
      await page.routeWebSocket(/live/, (socket) => socket.close());
      await page.route('**/stream', (route) => route.abort());
    },
  });
  await choose(page, 'The jugglers');
  await vote(page);
  await fate(page, 'counted');
  await node.vote(event, poll, { choices: ['a'] });
  await see(page, '2 voters');
  await node.step(poll, 'close');
  await see(page, 'Final result');
});

test('where only asking is left, a page whose clock is wrong counts down by the node\'s', async (t) => {
  const { node, event, poll } = await mortal(t);
  await node.step(poll, 'open', { duration_ms: 300_000 });
  const page = await onPhone(t, `${node.url}/${event.code}`, {
    prepare: async (page) => {
      await page.addInitScript(() => {
        const now = Date.now;
        Date.now = () => now() + 20 * 60_000;
      });
      await page.routeWebSocket(/live/, (socket) => socket.close());
      await page.route('**/stream', (route) => route.abort());
    },
  });
  await until(async () => /^Closes in [2-5]:\d\d$/.test(await page.getByRole('timer').innerText({ timeout: 1_000 }).catch(() => '')), 'the time that is left');
});

test('a node that drains loses nobody', async (t) => {
  const { node, event, poll } = await mortal(t, ['--reconnect-spread', '500ms']);
  const page = await onPhone(t, `${node.url}/${event.code}`);
  await see(page, 'Which act was best?');
  await node.kill('SIGTERM');
  await node.start();
  await choose(page, 'The choir');
  await vote(page);
  await fate(page, 'counted');
  await countedOnce(node, poll, 'c');
});

test('a reload where nobody answers shows the page and the ballot that waits', async (t) => {
  const { node, event, poll } = await mortal(t);
  const page = await onPhone(t, `${node.url}/${event.code.toLowerCase()}`, { serviceWorkers: 'allow' });
  await see(page, 'Which act was best?');
  await page.evaluate(() => navigator.serviceWorker.ready.then(({ active }) => active.state === 'activated' || new Promise((done) => (active.onstatechange = done))));
  await page.reload(); // from here on the worker sees what the page asks for
  await choose(page, 'The choir');
  await node.kill();
  await vote(page);
  await fate(page, 'retrying');
  await page.reload();
  await see(page, 'Which act was best?', 'h1');
  await fate(page, 'retrying');
  await see(page, 'The choir', '.own');
  await see(page, 'No connection. Your vote is kept');
  assert.deepEqual(await page.evaluate(() => caches.keys().then((names) => names.length)), 1);
  await picture(page, 'phone-reloaded-offline');
  const studio = await page.goto(`${node.url}/studio`).catch((error) => error);
  assert.match(String(studio), /ERR_CONNECTION_REFUSED/, 'only the page of the audience is kept');
  await page.waitForURL('chrome-error://**'); // the browser's own page comes later than the refusal
  await node.start();
  await page.goto(`${node.url}/${event.code}`);
  await fate(page, 'counted');
  await countedOnce(node, poll, 'c');
});

test('whoever typed the code finds the page without a network, too', async (t) => {
  const { node, event } = await mortal(t);
  const page = await onPhone(t, node.url, { serviceWorkers: 'allow' });
  await page.getByLabel('Code').fill(event.code);
  await page.getByRole('button', { name: 'Join' }).click();
  await see(page, 'Which act was best?', 'h1');
  await until(() => page.evaluate(() => navigator.serviceWorker.getRegistration().then((kept) => kept?.active?.state === 'activated')), 'the worker');
  await node.kill();
  await page.reload();
  await see(page, 'Which act was best?', 'h1');
});

test('a new build is seen at once, and its worker takes the place of the old one', async (t) => {
  const { node, event } = await mortal(t);
  const page = await onPhone(t, `${node.url}/${event.code}`, { serviceWorkers: 'allow' });
  const ready = () => page.evaluate(() => navigator.serviceWorker.ready.then(() => caches.keys()));
  const [old] = await ready();
  const worker = await (await fetch(`${node.url}/sw.js`)).text();
  const folder = join(node.folder, 'ui');
  const put = (path, text) => writeFileSync(join(folder, path), text);
  mkdirSync(join(folder, 'assets'), { recursive: true });
  put('assets/audience-11111111.js', 'document.body.dataset.build = "new"; navigator.serviceWorker.register("/sw.js");');
  put('assets/audience-11111111.css', '');
  put('assets/icon-11111111.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>');
  put('sw.js', worker.replace(old, 'tallycast-new').replace(/"\/assets\/[^\]]*"/, '"/assets/audience-11111111.js"'));
  await node.kill('SIGTERM');
  node.options.push('--ui-dir', folder);
  await node.start();
  const isNew = () => page.locator('[data-build=new]').waitFor();
  await page.goto(`${node.url}/${event.code}`);
  await isNew();
  // Asked now, and not when the browser thinks of it. The new one waits until no page of the one before is left.
  await page.evaluate(() => navigator.serviceWorker.getRegistration().then((registration) => registration.update()));
  // On a busy machine the browser may let one visit wait for ever while workers change places.
  const visited = () => page.goto(`${node.url}/${event.code}`, { timeout: patience / 5 }).then(() => true, () => false);
  await until(async () => {
    await page.goto('about:blank');
    return (await visited()) && (await ready()).join() === 'tallycast-new';
  }, 'the new worker', 200);
  await isNew();
  await node.kill();
  await page.reload();
  await isNew();
});

test('what the node said before the vote does not hide that it was counted', async (t) => {
  const { node, event, poll } = await mortal(t);
  const held = [];
  const page = await onPhone(t, `${node.url}/${event.code}`, {
    prepare: (page) => page.route('**/votes/mine', async (route) => held.push([route, await route.fetch()])),
  });
  await until(() => held.length > 0, 'the question which ballot the node has');
  await choose(page, 'The choir');
  await vote(page);
  await fate(page, 'counted');
  const [[route, response]] = held;
  assert.equal(response.status(), 404);
  const heard = page.waitForResponse('**/votes/mine');
  await route.fulfill({ response });
  await (await heard).finished();
  // Drawn again, by whatever the answer has done.
  await node.vote(event, poll, { choices: ['a'] });
  await see(page, '2 voters');
  await fate(page, 'counted');
  assert.equal(await page.getByRole('button', { name: 'Vote', exact: true }).count(), 0);
  await countedOnce(node, poll, 'c', 2);
});

test('of a vote taken back without a network the page says what is known', async (t) => {
  const { node, event, poll } = await mortal(t, [], { rules: { allow_change: true } });
  const page = await onPhone(t, `${node.url}/${event.code}`);
  await choose(page, 'The choir');
  await vote(page);
  await fate(page, 'counted');
  const takeBack = () => page.getByRole('button', { name: 'Take my vote back' }).click();
  await page.context().setOffline(true);
  await takeBack();
  const unknown = page.getByText('Whether your vote was taken back is shown as soon as it does.');
  await unknown.waitFor();
  await page.context().setOffline(false);
  await unknown.waitFor({ state: 'detached' });
  await fate(page, 'counted');
  await countedOnce(node, poll, 'c');
  // This one gets through, and only its answer does not.
  await page.route('**/votes/mine', async (route) => {
    if (route.request().method() !== 'DELETE') return route.continue();
    await route.fetch();
    return route.abort();
  });
  await takeBack();
  await page.getByRole('button', { name: 'Vote', exact: true }).waitFor();
  assert.equal((await node.results(poll)).voters, 0);
});

test('of two pages of a voter each sees at once what the other casts, and what a closed one left is sent', async (t) => {
  const { node, event, poll } = await mortal(t, [], { rules: { allow_change: true } });
  const second = await node.poll(event, { question: 'And the next?', rules: { allow_change: true } });
  let held = 0;
  const page = await onPhone(t, `${node.url}/${event.code}`);
  await see(page, 'And the next?', 'h1');
  const other = await page.context().newPage();
  // It hears, and whatever it casts stays on its way.
  await other.routeWebSocket(/live/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => (String(message).includes('"vote"') ? ++held : server.send(message)));
  });
  await other.route('**/votes', () => void ++held);
  await other.goto(`${node.url}/${event.code}`);
  await see(other, 'And the next?', 'h1');
  await choose(page, 'The choir');
  await vote(page);
  await fate(other, 'counted');
  await see(other, 'The choir', '.mine');
  await page.getByRole('button', { name: 'Take my vote back' }).click();
  await other.getByRole('button', { name: 'Vote', exact: true }).waitFor();
  await choose(page, 'The choir');
  await vote(page);
  await fate(other, 'counted');

  await other.getByRole('button', { name: 'Question 1' }).click();
  await page.getByRole('button', { name: 'Question 1' }).click();
  await choose(other, 'The jugglers');
  await vote(other);
  await fate(page, 'sending');
  assert.equal((await node.results(poll)).voters, 0);
  await until(() => held > 0, 'the vote on its way');
  await other.close();
  await fate(page, 'counted');
  await countedOnce(node, poll, 'b');
  assert.equal((await node.results(second)).options[2].votes, 1);
});

test('a ballot begun on the form, before the script came, is not taken away', async (t) => {
  const { node, event, poll } = await mortal(t);
  const page = await onPhone(t, 'about:blank');
  let held;
  await page.route('**/audience-*.js', (route) => (held = route), { times: 1 });
  await page.goto(`${node.url}/${event.code}`, { waitUntil: 'commit' });
  await choose(page, 'The choir');
  await held.continue();
  await page.waitForLoadState('load');
  assert.ok(await page.getByRole('radio', { name: 'The choir' }).isChecked());
  await vote(page);
  await fate(page, 'counted');
  await countedOnce(node, poll, 'c');
});
