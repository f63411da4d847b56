import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { axe, hostKey, launch, open, picture, see, Tallycast, until } from './support.mjs';

let node, browser;
before(async () => {
  node = await new Tallycast().start();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await node?.remove();
});

const operatorKey = 'operator-of-these-tests-0123456789abcdef';
const desktop = { width: 1440, height: 1000 };
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const hasFocus = (page, selector) => page.evaluate((wanted) => document.activeElement?.matches(wanted), selector);
const figure = (page, name) => page.locator(`[data-figure=${name}] dd`).innerText();

// Not being signed in is an answer like others, and so is that what was being asked about has just been deleted.
const told = /status of (401 .*\/v1\/session|404 .*\/(connections|ledger|events\/\w+)|4\d\d .*\/polls)$/;

// At the desk, signed in; with an event of the test's own where one is given.
async function atTheDesk(t, event, options = {}) {
  const page = await open(t, browser, `${node.url}/studio#${event?.id ?? ''}`, { viewport: desktop, allow: told, ...options });
  await page.locator('input[name=key]').fill(hostKey);
  await page.keyboard.press('Enter');
  await page.locator('.events').waitFor();
  if (event) await page.locator('#event-title').waitFor();
  return page;
}

async function saved(page, link) {
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  return readFileSync(await download.path(), 'utf8');
}

test('an evening: sign in, make an event and a poll, run it, undo, download, sign out', async (t) => {
  const page = await open(t, browser, `${node.url}/studio`, { viewport: desktop, allow: told });
  await page.getByLabel('Host key').waitFor();
  await until(() => hasFocus(page, 'input[name=key]'), 'the key being asked for');
  await page.getByLabel('Host key').fill('tck_wrong');
  await page.keyboard.press('Enter');
  await see(page, 'This key is not known here.');
  assert.deepEqual(await axe(page), []);
  await page.getByLabel('Host key').fill(hostKey);
  await page.keyboard.press('Enter');
  await page.getByPlaceholder('New event').fill('Quiz night');
  await press(page, 'Create');
  await see(page, 'Quiz night', 'h1');
  await until(() => hasFocus(page, '.polls > .row button'), 'the first poll being next');
  const cookie = (await page.context().cookies(`${node.url}/v1`)).find(({ name }) => name === 'tallycast_host');
  assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.path], [true, 'Strict', '/v1']);
  assert.ok(!(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]))).includes(hostKey));

  await press(page, 'New poll');
  assert.deepEqual(await axe(page), []);
  assert.equal(await page.getByLabel('Question').evaluate((field) => field === document.activeElement), true);
  await page.getByLabel('Question').fill('Best act?');
  await page.getByLabel('Answers, one a line').fill('Blue\nRed\n\nGreen');
  await press(page, 'Save');
  await see(page, 'Best act?', '.poll-card h2');
  await page.getByLabel('Time').selectOption('60 s');
  await press(page, 'Open voting');
  await page.getByRole('timer').waitFor();
  const { items: events } = await node.call('GET', '/v1/events');
  const event = events.find(({ title }) => title === 'Quiz night');
  const [poll] = (await node.call('GET', `/v1/events/${event.id}/polls`)).items;
  assert.deepEqual(poll.options.map(({ label }) => label), ['Blue', 'Red', 'Green']);
  const token = await node.vote(event, poll, { choices: ['b'] });
  await node.call('POST', `/v1/polls/${poll.id}/votes`, { choices: ['b'] }, token);
  await see(page, '100 % · 1 vote', '.leads');
  await until(async () => (await figure(page, 'received')) === '2' && (await figure(page, 'replayed')) === '1', 'the ledger');
  await see(page, 'Every ballot is accounted for');
  assert.equal(await figure(page, 'connections'), '1');
  await press(page, 'Pause');
  await see(page, 'Voting is paused');
  await press(page, 'Go on');
  await press(page, 'Close voting');
  await see(page, 'Voting is closed');
  await press(page, 'Undo');
  await see(page, 'Open', '.poll-card .chip');
  assert.deepEqual(await axe(page), []);
  await press(page, 'Close voting');
  const csv = await saved(page, page.getByRole('link', { name: 'CSV', exact: true }));
  assert.equal(csv.trim().split(/\r?\n/).length, 2);
  const lines = await saved(page, page.getByRole('link', { name: 'NDJSON' }));
  assert.deepEqual(JSON.parse(lines).choices, ['b']);
  await press(page, 'New round');
  await page.getByRole('dialog').getByRole('button', { name: 'New round' }).click();
  await see(page, 'Round 2', '.poll-card');
  await page.reload();
  await see(page, 'Quiz night', 'h1');
  await press(page, 'Sign out');
  await page.getByLabel('Host key').waitFor();
  await page.reload();
  await page.getByLabel('Host key').waitFor();
});

test('polls are edited, ordered, duplicated, exported, imported and deleted', async (t) => {
  const event = await node.event();
  const first = await node.poll(event, { question: 'First?', type: 'multiple', rules: { max_choices: 3 } }, false);
  await node.poll(event, { question: 'Second?', type: 'rating' }, false);
  const page = await atTheDesk(t, event);
  const order = () => page.locator('.poll-list .text').allInnerTexts();
  await until(async () => (await order()).length === 2, 'two polls');
  await press(page, 'Move “Second?” up');
  await until(async () => (await order()).join() === 'Second?,First?', 'the new order');
  const there = async () => (await node.call('GET', `/v1/events/${event.id}/polls`)).items;
  assert.deepEqual((await there()).map(({ question }) => question), ['Second?', 'First?']);
  await press(page, 'Undo');
  await until(async () => (await order()).join() === 'First?,Second?', 'the old order');

  await page.locator('.pick').first().click();
  await press(page, 'Edit');
  await page.getByLabel('Question').fill('First of all?');
  await page.getByLabel('Kind').selectOption('One choice');
  await page.getByLabel('Votes may be changed').check();
  await page.locator('.poll-form').getByLabel('Results for the audience').selectOption('after the end');
  await page.getByLabel('Closes at').fill('2031-05-06T20:15');
  await press(page, 'Save');
  await see(page, 'First of all?', '.poll-card h2');
  const edited = (await there()).find(({ id }) => id === first.id);
  assert.deepEqual([edited.type, edited.results, edited.rules], ['single', 'after_close', { min_choices: 1, max_choices: 1, allow_change: true, scale: null }]);
  assert.equal(edited.options[0].id, 'a', 'an answer that stays keeps its id');
  assert.equal(new Date(edited.closes_at).getFullYear(), 2031);

  await press(page, 'Duplicate');
  await until(async () => (await order()).length === 3, 'the copy');
  await page.getByText('Title, look, files, delete').click();
  const file = JSON.parse(await saved(page, page.getByRole('button', { name: 'Export polls' })));
  assert.deepEqual(file.polls.map(({ question }) => question), ['First of all?', 'Second?', 'First of all?']);
  await page.getByLabel('Import polls').setInputFiles({ name: 'polls.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(file)) });
  await see(page, '3 polls added');
  await until(async () => (await there()).length === 6, 'six polls at the node');
  await page.getByLabel('Import polls').setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{}') });
  await see(page, 'This file holds no polls of Tallycast.');
  assert.deepEqual(await axe(page), []);

  await press(page, 'Delete');
  await see(page, 'Deleted');
  await until(async () => (await there()).length === 5, 'one less');
  await press(page, 'Undo');
  await until(async () => (await there()).length === 6, 'made again');
  await press(page, 'Delete event');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await press(page, 'Delete event');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal((await there()).length, 6);
  await press(page, 'Delete event');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.locator('#event-title').waitFor({ state: 'detached' });
  assert.ok(!(await node.call('GET', '/v1/events')).items.some(({ id }) => id === event.id));
});

test('nothing typed at the desk is undone by what arrives meanwhile, or by another kind', async (t) => {
  const event = await node.event();
  const running = await node.poll(event, { question: 'Running?' });
  const page = await atTheDesk(t, event);
  await page.getByText('Title, look, files, delete').click();
  await page.getByLabel('Title', { exact: true }).fill('Another evening');
  await page.getByLabel('Colour').evaluate((field) => {
    field.value = '#d9480f';
    field.dispatchEvent(new Event('input', { bubbles: true })); // the chooser is still open
  });
  await press(page, 'New poll');
  const form = page.locator('.poll-form');
  await page.getByLabel('Question').fill('Next?');
  await page.getByLabel('Answers, one a line').fill('Yes\nNo\nMaybe');
  await page.getByLabel('Votes may be changed').check();
  await form.getByLabel('Results for the audience').selectOption('after the end');
  await page.getByLabel('Opens at').fill('2031-05-06T20:15:30');
  await page.getByLabel('Closes at').fill('2031-05-06T20:20');
  await page.getByLabel('Kind').selectOption('Ranking');
  await page.getByLabel('At least').fill('2');
  for (const choice of 'abca') await node.vote(event, running, { choices: [choice] });
  await node.call('PATCH', `/v1/polls/${running.id}`, { question: 'Still running?' });
  await see(page, 'Still running?', '.poll-list');
  await page.getByLabel('Kind').selectOption('Rating');
  await page.getByLabel('Kind').selectOption('Ranking');
  assert.equal(await page.getByLabel('Title', { exact: true }).inputValue(), 'Another evening');
  assert.equal(await page.getByLabel('Colour').inputValue(), '#d9480f');
  await press(page.locator('.poll-form'), 'Save');
  await see(page, 'Next?', '.poll-card h2');
  const made = (await node.call('GET', `/v1/events/${event.id}/polls`)).items.find(({ question }) => question === 'Next?');
  assert.deepEqual([made.type, made.results, made.options.map(({ label }) => label)], ['ranking', 'after_close', ['Yes', 'No', 'Maybe']]);
  assert.deepEqual(made.rules, { min_choices: 2, max_choices: 3, allow_change: true, scale: null });
  assert.deepEqual([new Date(made.opens_at).getSeconds(), new Date(made.closes_at).getMinutes()], [30, 20]);
  await press(page.locator('.event-head'), 'Save');
  await see(page, 'Another evening', 'h1');
});

test('an edit tells the node only what was changed', async (t) => {
  const event = await node.event();
  const order = await node.poll(event, { question: 'Order?', type: 'ranking', rules: { min_choices: 3 }, grace_ms: 250 }, false);
  const poll = await node.poll(event, { question: 'Quick?' }, false);
  const { closes_at: end } = await node.step(poll, 'open', { duration_ms: 90_123 });
  const page = await atTheDesk(t, event);
  const sent = [];
  page.on('request', (asked) => asked.method() === 'PATCH' && sent.push(asked.postDataJSON()));
  const edit = async (was, question) => {
    await page.locator('.poll-list .pick', { hasText: was }).click();
    await press(page, 'Edit');
    await page.getByLabel('Question').fill(question);
    await press(page.locator('.poll-form'), 'Save');
    await see(page, question, '.poll-card h2');
  };
  await edit('Quick?', 'Quicker?');
  await edit('Order?', 'Which order?');
  await edit('Which order?', 'Which order?');
  assert.deepEqual(sent, [{ question: 'Quicker?', revision: 2 }, { question: 'Which order?', revision: 1 }, { revision: 2 }]);
  const there = (await node.call('GET', `/v1/events/${event.id}/polls`)).items;
  const [quick, ranking] = [poll, order].map(({ id }) => there.find((one) => one.id === id));
  assert.deepEqual([quick.status, quick.closes_at], ['open', end]);
  assert.deepEqual([ranking.rules, ranking.grace_ms], [order.rules, 250]);
});

test('an event gets its colour and its logo at the desk', async (t) => {
  const event = await node.event();
  const settings = async () => (await node.call('GET', `/v1/events/${event.id}`)).settings;
  const page = await atTheDesk(t, event);
  await page.getByText('Title, look, files, delete').click();
  await page.getByLabel('Colour').fill('#d9480f');
  await until(async () => (await settings()).accent === '#d9480f', 'the colour');
  await press(page, 'Undo');
  await until(async () => !(await settings()).accent, 'the usual colour');
  await page.getByLabel('Colour').fill('#0b7285');
  await page.getByRole('button', { name: 'Usual colour' }).waitFor();

  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30"><rect width="90" height="30" rx="6" fill="#0b7285"/></svg>');
  const chooser = page.getByLabel('Choose a logo');
  await chooser.setInputFiles({ name: 'logo.svg', mimeType: 'image/svg+xml', buffer: svg });
  await until(async () => (await settings()).logo === `data:image/svg+xml;base64,${svg.toString('base64')}`, 'the logo as it is');
  // Too large for all voters to be sent: it is drawn again, smaller.
  const large = await page.screenshot();
  assert.ok(large.length > 20_000, `${large.length} bytes`);
  await chooser.setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: large });
  await until(async () => (await settings()).logo.startsWith('data:image/webp'), 'the smaller logo');
  assert.ok((await settings()).logo.length <= 8192);
  assert.ok(await page.getByAltText('Logo').evaluate((image) => image.decode().then(() => image.naturalHeight >= 36)));
  assert.deepEqual(await axe(page), []);
  await picture(page, 'studio-look');
  await chooser.setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') });
  await see(page, 'This file is no picture');
  await press(page, 'Remove the logo');
  await until(async () => !(await settings()).logo, 'no logo');
  assert.deepEqual([(await settings()).accent, (await settings()).locale], ['#0b7285', event.settings.locale], 'the rest was left alone');
});

test('a poll is shown, opened again and archived, and the figures tell the late from the limited', async (t) => {
  const event = await node.event();
  const poll = await node.poll(event);
  const { voter } = await node.call('POST', '/v1/join', { code: event.code }, '');
  const there = () => node.call('GET', `/v1/polls/${poll.id}`);
  const page = await atTheDesk(t, event, {
    // This node limits nobody: four that it would have refused are added on the way.
    prepare: (page) => page.route('**/ledger', async (route) => {
      const response = await route.fetch();
      const ledger = await response.json();
      await route.fulfill({ response, json: { ...ledger, received: ledger.received + 4, rejected: { ...ledger.rejected, limited: 4 } } });
    }),
  });
  const choice = (name) => page.locator('.keeping').getByLabel(name);
  await choice('Results for the audience').selectOption('after the end');
  await until(async () => (await there()).results === 'after_close', 'the result hidden');
  await press(page, 'Undo');
  await until(async () => (await there()).results === 'always', 'the result shown');

  for (let i = 0; i < 8; ++i) await node.vote(event, poll, { choices: ['a'] });
  await until(async () => /highest [1-9]/.test(await figure(page, 'rate')), 'votes a second');
  const line = () => page.locator('.chart canvas').evaluate((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let found = 0;
    for (let at = 0; at < data.length; at += 4) found += data[at] === 58 && data[at + 1] === 68 && data[at + 2] === 196;
    return found;
  });
  await until(async () => (await line()) > 20, 'a line in the accent colour');

  await press(page, 'Close voting');
  await see(page, 'Voting is closed');
  const late = await fetch(`${node.url}/v1/polls/${poll.id}/votes`, {
    method: 'POST', body: '{"choices":["b"]}', headers: { authorization: `Bearer ${voter.token}`, 'content-type': 'application/json' } });
  assert.equal(late.status, 409);
  await until(async () => (await figure(page, 'late')) === '1', 'the late one');
  assert.deepEqual([await figure(page, 'limited'), await figure(page, 'refused'), await figure(page, 'received')], ['4', '0', '13']);
  await press(page, 'Open again');
  await see(page, 'Voting is open');
  await press(page, 'Close voting');
  await press(page, 'Archive');
  await page.getByRole('dialog').getByRole('button', { name: 'Archive' }).click();
  await see(page, 'Archived', '.poll-card .chip');
  assert.equal((await there()).status, 'archived');
  assert.ok(await page.getByRole('button', { name: 'Edit' }).isDisabled());
});

test('the figures of all polls stand in one table', async (t) => {
  const event = await node.event();
  const first = await node.poll(event, { question: 'First?' });
  const second = await node.poll(event, { question: 'Second?', type: 'rating' });
  await node.vote(event, first, { choices: ['a'] });
  for (const rating of [1, 5]) await node.vote(event, second, { rating });
  const page = await atTheDesk(t, event);
  await page.getByText('Figures of all polls').click();
  const counted = () => page.locator('.all-figures [data-figure=counted]').allInnerTexts();
  await until(async () => (await counted()).join() === '1,2,3', 'one, two and three in all');
  await node.vote(event, first, { choices: ['b'] });
  await until(async () => (await counted()).join() === '2,2,4', 'the newest');
  assert.deepEqual(await axe(page), []);
  await page.getByRole('row', { name: 'Second?' }).getByRole('button').click();
  await see(page, 'Second?', '.poll-card h2');
  await page.locator('.all-figures').scrollIntoViewIfNeeded();
  await picture(page, 'studio-all-figures', { fullPage: true });
});

test('a rehearsal votes in a shadow, says what it saw and leaves nothing behind', async (t) => {
  const event = await node.event({ title: 'Summer gala' });
  const poll = await node.poll(event, { question: 'Which act was best tonight?', options: ['The brass band', 'The jugglers', 'The choir'] });
  for (const choice of 'aababcaab') await node.vote(event, poll, { choices: [choice] });
  await node.poll(event, { question: 'How was the evening?', type: 'rating' }, false);
  const page = await atTheDesk(t, event);
  await page.getByText('Rehearsal', { exact: true }).click();
  await page.getByLabel('Voters').fill('60');
  await press(page, 'Rehearse');
  await see(page, 'Sent, acknowledged and counted agree.');
  await see(page, '60 voters sent 80 ballots: 60 voters were acknowledged, 60 counted, 20 repeats recognised.');
  const { items } = await node.call('GET', '/v1/events');
  assert.ok(!items.some(({ title }) => title.startsWith('Rehearsal')));
  assert.equal((await node.results(poll)).voters, 9, 'the poll itself was left alone');
  assert.ok(!(await page.context().cookies(node.url)).some(({ name }) => name.startsWith('tallycast_voter')));
  await page.locator('.chart canvas').waitFor();
  assert.deepEqual(await axe(page), []);
  await page.locator('.rehearsal summary').click();
  await page.setViewportSize({ width: 1280, height: 600 });
  await page.evaluate(() => scrollTo(0, 0));
  await picture(page, 'studio');
});

test('a rehearsal whose window is closed, or crashes, leaves nothing behind', async (t) => {
  const event = await node.event();
  await node.poll(event);
  const page = await atTheDesk(t, event);
  const rehearsals = async () => (await node.call('GET', '/v1/events')).items.filter(({ title }) => title.startsWith('Rehearsal')).length;
  let noted = 0;
  // Begun, and standing still in the middle of it. What is routed by the test would not outlive the page.
  const begin = async (silent) => {
    await page.evaluate((silent) => {
      const send = fetch;
      globalThis.fetch = (path, options) => (silent.test(`${options?.method} ${path}`) ? new Promise(() => {}) : send(path, options));
    }, silent);
    await page.getByText('Rehearsal', { exact: true }).click();
    await page.getByLabel('Voters').fill('200');
    await press(page, 'Rehearse');
    await until(() => page.evaluate((many) => Object.keys(JSON.parse(localStorage.getItem('tallycast.rehearsals') ?? '{}')).length > many, noted), 'the rehearsal');
    ++noted;
  };
  await begin(/^POST .*\/votes$/);
  await page.goto('about:blank');
  await until(async () => (await rehearsals()) === 0, 'the window cleaning up');

  await page.goto(`${node.url}/studio#${event.id}`);
  await begin(/^POST .*\/votes$|^DELETE/);
  await page.goto('about:blank');
  // Soon after, another window might still be at it.
  const age = (ms) => page.evaluate((ms) => localStorage.setItem('tallycast.rehearsals', localStorage.getItem('tallycast.rehearsals').replace(/\d{13}/g, (at) => at - ms)), ms);
  await page.goto(`${node.url}/studio#${event.id}`);
  await page.locator('#event-title').waitFor();
  assert.equal(await rehearsals(), 1);
  await age(600_000);
  await page.reload();
  await page.locator('#event-title').waitFor();
  assert.equal(await rehearsals(), 0);
  assert.ok((await node.call('GET', '/v1/events')).items.some(({ id }) => id === event.id));
});

test('the screen opens from the desk and sees what the host sees', async (t) => {
  const event = await node.event();
  const poll = await node.poll(event, { results: 'never' });
  await node.vote(event, poll, { choices: ['a'] });
  const page = await atTheDesk(t, event);
  const link = page.getByRole('link', { name: 'Open the screen' });
  await until(() => link.getAttribute('href'), 'the link');
  const screen = await open(t, browser, await link.getAttribute('href'), { viewport: desktop });
  await see(screen, '1 voter');
  await screen.keyboard.press('r');
  await see(screen, '100 % · 1 vote');
});

test('links are copied, on plain http too', async (t) => {
  const event = await node.event();
  for (const plain of [false, true]) {
    const page = await atTheDesk(t, event, {
      permissions: plain ? [] : ['clipboard-read', 'clipboard-write'],
      prepare: (page) => plain && page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined })),
    });
    await press(page, 'Copy the overlay’s link');
    await see(page, 'Copied');
    const title = page.getByPlaceholder('New event');
    await title.focus();
    await page.keyboard.press('Control+V');
    assert.match(await title.inputValue(), new RegExp(`^${node.url}/present/${event.id}.token=tcw_.*&overlay=1$`));
  }
});

test('by keyboard alone: from the sign-in to an open poll', async (t) => {
  const page = await open(t, browser, `${node.url}/studio`, { viewport: desktop, allow: told });
  // Tab until the wanted element has the focus, and it can be seen that it has.
  const reach = async (selector) => {
    await page.locator(selector).first().waitFor();
    for (let tabs = 0; tabs < 60; ++tabs) {
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`${selector} is not reached by Tab`);
  };
  await reach('input[name=key]');
  await page.keyboard.type(hostKey);
  await page.keyboard.press('Enter');
  await reach('.events input[name=title]');
  await page.keyboard.type('By keyboard');
  await page.keyboard.press('Enter');
  await see(page, 'By keyboard', 'h1');
  await reach('.polls > .row button');
  await page.keyboard.press('Enter');
  await reach('textarea[name=question]');
  await page.keyboard.type('Which?');
  await reach('textarea[name=options]');
  await page.keyboard.type('One\nTwo');
  await reach('.poll-form .end .main');
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(outline, 'solid');
  await page.keyboard.press('Enter');
  await reach('.running .main');
  await page.keyboard.press(' ');
  await see(page, 'Voting is open');
});

test('odd texts, a narrow window, dark and German hold together', async (t) => {
  const long = 'x'.repeat(250);
  const event = await node.event({ title: `<b>${'Y'.repeat(150)}`, settings: { locale: 'he' } });
  const poll = await node.poll(event, { question: `${long} <i>`, options: Array.from({ length: 64 }, (_, i) => `${i} ${long}`) });
  await node.vote(event, poll, { choices: [poll.options[3].id] });
  const page = await atTheDesk(t, event, { locale: 'de-DE', colorScheme: 'dark' });
  await see(page, 'Abstimmung schließen');
  await page.locator('.leads').waitFor();
  for (const viewport of [desktop, { width: 390, height: 844 }]) {
    await page.setViewportSize(viewport);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wide, 0, `${viewport.width} px: it sticks out`);
    assert.deepEqual(await axe(page), []);
    await picture(page, `studio-odd-${viewport.width}`);
  }
});

test('a node that is busy at first is asked again, with a word', async (t) => {
  const event = await node.event();
  const busy = { status: 503, contentType: 'application/problem+json', body: JSON.stringify({ code: 'overloaded', retry_after_ms: 50 }) };
  const refused = new Map();
  let isBusy = true;
  const page = await open(t, browser, 'about:blank', { viewport: desktop, allow: /status of (401|503)/ });
  await page.route(/\/v1\/(session|events)(\?|$|\/\w+\/(watchers|invitation)$)/, (route) => {
    const { pathname } = new URL(route.request().url());
    if (!isBusy) return route.continue();
    refused.set(pathname, (refused.get(pathname) ?? 0) + 1);
    return route.fulfill(busy);
  });
  await page.goto(`${node.url}/studio#${event.id}`);
  await see(page, 'The node is busy. Trying again');
  await until(() => refused.get('/v1/session') > 1, 'the second try');
  isBusy = false;
  await page.locator('input[name=key]').fill(hostKey);
  await page.keyboard.press('Enter');
  await page.locator('#event-title').waitFor();
  await until(() => page.evaluate(() => !document.body.innerText.includes('The node is busy')), 'the word going away');
  isBusy = true;
  await page.reload();
  await see(page, 'The node is busy. Trying again');
  isBusy = false;
  await page.locator('#event-title').waitFor();
});

test('a poll that is half written is not left without asking', async (t) => {
  const event = await node.event();
  const other = await node.event({ title: 'Another event' });
  await node.poll(event, { question: 'First?' }, false);
  const page = await atTheDesk(t, event);
  const dialog = page.getByRole('dialog');
  const question = page.locator('.poll-form').getByLabel('Question');
  await press(page, 'New poll');
  await page.locator('.poll-list .pick').click();
  await see(page, 'First?', '.poll-card h2'); // nothing was written yet
  await press(page, 'New poll');
  await question.fill('Half a quest');
  await page.locator('.poll-list .pick').click();
  await see(page, 'Leave without saving?', 'dialog');
  await press(dialog, 'Cancel');
  await page.locator('.events a', { hasText: 'Another event' }).click();
  await press(dialog, 'Cancel');
  await until(() => page.url().endsWith(`#${event.id}`), 'the address as it was');
  assert.equal(await question.inputValue(), 'Half a quest');
  const asked = page.waitForEvent('dialog');
  const left = page.reload().catch(() => {}); // which the answer calls off
  const native = await asked;
  assert.equal(native.type(), 'beforeunload');
  await native.dismiss();
  assert.equal(await question.inputValue(), 'Half a quest');
  await page.locator('.events a', { hasText: 'Another event' }).click();
  await press(dialog, 'Leave');
  await see(page, 'Another event', 'h1');
  assert.ok(page.url().endsWith(`#${other.id}`));
  void left;
});

test('a deleted draft comes back with its schedule', async (t) => {
  const event = await node.event();
  const times = { opens_at: '2031-05-06T20:00:00.000Z', closes_at: '2031-05-06T20:15:00.000Z' };
  await node.poll(event, { question: 'Later?', ...times }, false);
  const page = await atTheDesk(t, event);
  const there = async () => (await node.call('GET', `/v1/events/${event.id}/polls`)).items;
  await press(page, 'Delete');
  await until(async () => (await there()).length === 0, 'the poll gone');
  await press(page, 'Undo');
  await until(async () => (await there()).length === 1, 'the poll back');
  const [{ opens_at, closes_at, question }] = await there();
  assert.deepEqual({ opens_at, closes_at, question }, { ...times, question: 'Later?' });
});

test('an event is copied and imported whole, and a bad file leaves nothing behind', async (t) => {
  const event = await node.event({ title: 'Gala', settings: { accent: '#0b7285' } });
  await node.poll(event, { question: 'One?' }, false);
  await node.poll(event, { question: 'Two?', type: 'rating' }, false);
  const page = await atTheDesk(t, event);
  const questions = async ({ id }) => (await node.call('GET', `/v1/events/${id}/polls`)).items.map(({ question }) => question).join();
  const events = async (title) => (await node.call('GET', '/v1/events')).items.filter((one) => one.title === title);
  await page.getByText('Title, look, files, delete').click();
  await page.locator('.poll-list li').nth(1).waitFor();
  const file = JSON.parse(await saved(page, page.getByRole('button', { name: 'Export polls' })));
  await press(page, 'Duplicate event');
  await see(page, 'Gala (copy)', 'h1');
  const [copy] = await events('Gala (copy)');
  assert.deepEqual([await questions(copy), copy.settings.accent, copy.code === event.code], ['One?,Two?', '#0b7285', false]);

  const give = (label, content) => page.getByLabel(label).setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(content)) });
  await give('Import an event', { ...file, title: 'From a file' });
  await see(page, 'From a file', 'h1');
  assert.equal(await questions((await events('From a file'))[0]), 'One?,Two?');
  const broken = { ...file, title: 'Broken', polls: [...file.polls, { type: 'single', question: 'Three?', options: [] }] };
  await give('Import an event', broken);
  await see(page, '“Three?” was refused');
  assert.deepEqual(await events('Broken'), []);
  await page.getByText('Title, look, files, delete').click();
  // The words are on the page from the refusal before: what tells is that the first part is taken back.
  const takenBack = page.waitForResponse((answer) => answer.request().method() === 'DELETE' && answer.url().includes('/v1/polls/'));
  await give('Import polls', broken);
  await takenBack;
  await until(async () => (await questions((await events('From a file'))[0])) === 'One?,Two?', 'nothing being added');
  await see(page, 'Nothing was added.');
});

test('what the operator tells everybody is told at the desk', async (t) => {
  const event = await node.event();
  const page = await atTheDesk(t, event);
  const told = page.getByRole('status').getByText('At 21:30 the network is worked on.');
  assert.equal(await told.count(), 0);
  await node.notice('At 21:30 the network is worked on.');
  t.after(() => node.notice(''));
  await told.waitFor();
  assert.deepEqual(await axe(page), []);
  await picture(page, 'studio-notice');
  await node.notice('');
  await told.waitFor({ state: 'detached' });
});

// A second key of the tenant, to be revoked; and what revokes it.
async function anotherKey() {
  const ask = (method, path, body) => node.call(method, path, body, operatorKey);
  const [tenant] = (await ask('GET', '/v1/tenants')).items;
  const made = await ask('POST', `/v1/tenants/${tenant.id}/keys`, { label: 'for a while' });
  return { secret: made.key ?? made.secret, revoke: () => ask('DELETE', `/v1/tenants/${tenant.id}/keys/${made.id}`) };
}
const ended = /status of 401/;

test('a sign-in that ends keeps what was typed, and what was asked is done after the next one', async (t) => {
  const event = await node.event();
  const running = await node.poll(event, { question: 'Running?' });
  const key = await anotherKey();
  const page = await open(t, browser, `${node.url}/studio#${event.id}`, { viewport: desktop, allow: ended });
  const signIn = async (secret) => {
    await page.locator('input[name=key]').fill(secret);
    await page.keyboard.press('Enter');
  };
  await signIn(key.secret);
  await see(page, 'Running?', '.poll-card h2');
  await press(page, 'New poll');
  await page.getByLabel('Question').fill('Which one?');
  await page.getByLabel('Answers, one a line').fill('This\nThat');
  await key.revoke();
  await press(page, 'Save');
  const dialog = page.getByRole('dialog');
  await see(page, 'You are no longer signed in', 'dialog');
  assert.ok(!(await page.locator('body').innerText()).includes('Authorization'));
  assert.deepEqual(await axe(page), []);
  for (const _ of [1, 2]) await page.keyboard.press('Escape');
  await dialog.waitFor();
  await picture(page, 'studio-sign-in-again');
  await signIn(hostKey);
  await see(page, 'Which one?', '.poll-card h2');
  await until(async () => (await node.call('GET', `/v1/events/${event.id}/polls`)).items.length === 2, 'the poll that was saved');

  // Nobody touches anything: the figures notice, and go on afterwards.
  await page.locator('.poll-list .pick', { hasText: 'Running?' }).click();
  await page.context().clearCookies();
  await see(page, 'You are no longer signed in', 'dialog');
  await node.vote(event, running, { choices: ['a'] });
  await signIn(hostKey);
  await dialog.waitFor({ state: 'detached' });
  await until(async () => (await figure(page, 'counted')) === '1', 'the figures going on');
  await see(page, '1 voter', '.poll-card');
});

test('the windows of a browser leave and come back together', async (t) => {
  const event = await node.event();
  const page = await atTheDesk(t, event, { allow: ended });
  const other = await page.context().newPage();
  await other.goto(`${node.url}/studio#${event.id}`);
  await other.getByRole('button', { name: 'New poll' }).click();
  await other.getByLabel('Question').fill('Half a question');
  await press(page, 'Sign out');
  await see(other, 'You are no longer signed in', 'dialog');
  await page.locator('input[name=key]').fill(hostKey);
  await page.keyboard.press('Enter');
  await other.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await other.getByLabel('Question').inputValue(), 'Half a question');
});

test('figures that nobody answers for any more say that they are old', async (t) => {
  const event = await node.event();
  await node.poll(event);
  const page = await atTheDesk(t, event, { allow: /status of (401|503)/ });
  await until(async () => (await figure(page, 'received')) === '0', 'the figures');
  await page.route('**/ledger', (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"code":"overloaded"}' }));
  await see(page, 'these figures are old', '.figures');
  await page.unroute('**/ledger');
  await see(page, 'Every ballot is accounted for', '.figures');
});

test('two desks that edit one poll are told of each other', async (t) => {
  const event = await node.event();
  const poll = await node.poll(event, { question: 'First?' }, false);
  const page = await atTheDesk(t, event, { allow: /status of (401|409)/ });
  const form = page.locator('.poll-form');
  const dialog = page.getByRole('dialog');
  const there = () => node.call('GET', `/v1/polls/${poll.id}`);
  const other = (patch) => node.call('PATCH', `/v1/polls/${poll.id}`, patch);
  const edit = async (question) => {
    await press(page, 'Edit');
    await form.getByLabel('Question').fill(question);
  };
  await edit('Mine?');
  await other({ question: 'Theirs?', results: 'never' });
  await press(form, 'Save');
  await see(page, 'Changed at another desk meanwhile: Question (Theirs?).', 'dialog');
  assert.deepEqual(await axe(page), []);
  await picture(page, 'studio-conflict');
  await press(dialog, 'Cancel');
  assert.equal(await form.getByLabel('Question').inputValue(), 'Mine?');
  assert.equal((await there()).question, 'Theirs?');
  await press(form, 'Save');
  await press(dialog, 'Save mine');
  await see(page, 'Mine?', '.poll-card h2');
  assert.deepEqual([(await there()).question, (await there()).results], ['Mine?', 'never'], 'what only the other has changed stays');
  await edit('Mine again?');
  await other({ question: 'Theirs again?' });
  await press(form, 'Save');
  await press(dialog, 'Take theirs');
  await until(async () => (await form.getByLabel('Question').inputValue()) === 'Theirs again?', 'theirs in the form');
  await other({ results: 'always' });
  await form.getByLabel('Question').fill('Ours?');
  await press(form, 'Save');
  await see(page, 'Ours?', '.poll-card h2'); // nothing was changed twice

  await edit('In the same moment?');
  let looked = 0;
  await page.route(`**/v1/polls/${poll.id}`, async (route) => {
    const now = route.request().method() === 'GET' && (await route.fetch());
    if (now && ++looked === 1) await other({ question: 'Theirs, a moment earlier?' });
    return now ? route.fulfill({ response: now }) : route.continue();
  });
  await press(form, 'Save');
  await see(page, 'Question (Theirs, a moment earlier?)', 'dialog');
  await page.unroute(`**/v1/polls/${poll.id}`);
  await press(dialog, 'Save mine');
  await see(page, 'In the same moment?', '.poll-card h2');

  await page.getByText('Title, look, files, delete').click();
  await page.getByLabel('Title', { exact: true }).fill('My evening');
  await node.call('PATCH', `/v1/events/${event.id}`, { title: 'Their evening' });
  await press(page.locator('.event-head'), 'Save');
  await see(page, 'Title (Their evening)', 'dialog');
  await press(dialog, 'Take theirs');
  await see(page, 'Their evening', 'h1');
});

for (const [locale, words] of Object.entries({
  'en-GB': { new: 'New poll', save: 'Save', question: 'Question', options: 'Answers, one a line', opens: 'Opens at', closes: 'Closes at', menu: 'Title, look, files, delete', code: 'Code to join',
    alike: '“Dup” and “dup” look the same.', few: 'There must be 2 to 64 answers', order: 'The end must come after the beginning.', taken: 'This code is in use already.' },
  'de-DE': { new: 'Neue Umfrage', save: 'Speichern', question: 'Frage', options: 'Antworten, eine je Zeile', opens: 'Öffnet um', closes: 'Schließt um', menu: 'Titel, Aussehen, Dateien, löschen', code: 'Code zum Mitmachen',
    alike: '„Dup“ und „dup“ sehen gleich aus.', few: 'Es müssen 2 bis 64 Antworten sein', order: 'Das Ende muss nach dem Anfang kommen.', taken: 'Diesen Code gibt es schon.' },
}))
  test(`what the node refuses is said in words, at its field: ${locale}`, async (t) => {
    const event = await node.event();
    const { code } = await node.event();
    const page = await atTheDesk(t, event, { locale, allow: /status of 4\d\d/ });
    await press(page, words.new);
    const form = page.locator('.poll-form');
    await form.getByLabel(words.question).fill('Which?');
    const refused = async (options, text, field) => {
      await form.getByLabel(words.options).fill(options);
      await form.locator('.end .main').click();
      await see(page, text, '.wrong');
      await until(() => hasFocus(page, `[name=${field}][aria-invalid=true]`), `the focus on ${field}`);
    };
    await refused('One', words.few, 'options');
    await refused('Dup\nOther\ndup', words.alike, 'options');
    assert.deepEqual(await axe(page), []);
    await picture(page, `studio-refused-${locale}`);
    await form.getByLabel(words.options).fill('One\nTwo');
    assert.equal(await form.locator('.wrong').count(), 0, 'written again, it is no longer wrong');
    await form.getByLabel(words.opens).fill('2031-05-06T20:15');
    await form.getByLabel(words.closes).fill('2031-05-06T20:00');
    await refused('One\nTwo', words.order, 'closes_at');
    await page.getByText(words.menu).click();
    await page.getByRole('textbox', { name: words.code }).fill(code);
    await press(page.locator('.event-head'), words.save);
    await see(page, words.taken, '.wrong');
    await until(() => hasFocus(page, '[name=code][aria-invalid=true]'), 'the focus on the code');
  });

test('a poll whose end has passed is not saved without asking', async (t) => {
  const event = await node.event();
  const page = await atTheDesk(t, event);
  await press(page, 'New poll');
  const form = page.locator('.poll-form');
  await page.getByLabel('Question').fill('Too late?');
  await page.getByLabel('Answers, one a line').fill('Yes\nNo');
  await page.getByLabel('Opens at').fill('2020-05-06T20:00');
  await page.getByLabel('Closes at').fill('2020-05-06T20:15');
  await press(form, 'Save');
  await see(page, 'has passed already', 'dialog');
  await press(page.getByRole('dialog'), 'Cancel');
  assert.equal((await node.call('GET', `/v1/events/${event.id}/polls`)).items.length, 0);
  await press(form, 'Save');
  await press(page.getByRole('dialog'), 'Save');
  await see(page, 'Too late?', '.poll-card h2');
});

test('the language of the audience is chosen from a list', async (t) => {
  const event = await node.event({ settings: { locale: 'pt-BR' } });
  const page = await atTheDesk(t, event);
  await page.getByText('Title, look, files, delete').click();
  const field = page.getByLabel('Language of the audience');
  assert.equal(await field.inputValue(), 'pt-BR');
  await field.selectOption('Hebrew');
  await press(page.locator('.event-head'), 'Save');
  await until(async () => (await node.call('GET', `/v1/events/${event.id}`)).settings.locale === 'he', 'the language');
});

test('what stays in sight at an edge of the desk covers nothing that has the focus, and words cover no field', async (t) => {
  const event = await node.event();
  await node.poll(event);
  const page = await atTheDesk(t, event);
  await page.setViewportSize({ width: 1280, height: 620 });
  await page.locator('.keeping select').first().selectOption('never');
  await see(page, 'Saved', '.toast');
  const [toast, head] = [await page.locator('.toast').boundingBox(), await page.locator('.top').boundingBox()];
  assert.ok(toast.y >= head.y && toast.y + toast.height <= head.y + head.height, JSON.stringify([toast, head]));
  await picture(page, 'studio-toast');
  await press(page, 'Edit');
  await page.evaluate(() => scrollTo(0, 0));
  const last = page.locator('.poll-form [name=grace]');
  await last.evaluate((field) => field.focus());
  await until(async () => {
    const [field, bar] = [await last.boundingBox(), await page.locator('.poll-form > .end').boundingBox()];
    return field.y + field.height <= bar.y;
  }, 'the field being above the bar');
});

test('totals come with their labels, of one poll and of all', async (t) => {
  const event = await node.event();
  const poll = await node.poll(event, { question: 'Which act?', results: 'never' });
  await node.poll(event, { question: 'A draft?' }, false);
  const rating = await node.poll(event, { question: 'How was it?', type: 'rating' });
  for (const choice of 'aba') await node.vote(event, poll, { choices: [choice] });
  await node.vote(event, rating, { rating: 4 });
  await node.step(poll, 'reset');
  await node.vote(event, poll, { choices: ['c'] });
  const page = await atTheDesk(t, event);
  await page.locator('.poll-list .pick', { hasText: 'Which act?' }).click();
  const button = page.getByRole('button', { name: 'Totals (CSV)' });
  assert.match(await saved(page, button), /"Question","Round","Answer","Votes","Points","Place","Voters","Percent of voters"\r\n"Which act\?",2,"The brass band",0,"","",1,0\r\n[^]*"The choir",1,"","",1,100/);
  await page.locator('.downloads select').selectOption('Round 1');
  assert.match(await saved(page, button), /"Which act\?",1,"The brass band",2,"","",3,66.7/);
  await page.getByText('Title, look, files, delete').click();
  const all = await saved(page, page.getByRole('button', { name: 'Totals of all polls' }));
  assert.match(all, /"How was it\?",1,"4",1,"","",1,100/);
  assert.match(all, /"Which act\?",2/);
  assert.ok(!all.includes('A draft?'));
  await page.locator('.downloads').scrollIntoViewIfNeeded();
  await picture(page, 'studio-downloads');
});

test('a long import says how far it has come, and what is empty says so', async (t) => {
  const event = await node.event();
  const page = await atTheDesk(t, event);
  await page.getByText('Title, look, files, delete').click();
  const field = page.getByLabel('Import polls');
  const give = (polls) => field.setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify({ tallycast: 1, title: 'x', settings: {}, polls })) });
  const polls = Array.from({ length: 40 }, (_, i) => ({ type: 'rating', question: `Number ${i}?` }));
  await give([{ type: 'single', question: 'Bad?', options: ['One'] }]);
  await see(page, 'There must be 2 to 64 answers', '.toast');
  await page.route('**/polls', async (route) => {
    if (route.request().method() === 'POST') await new Promise((done) => setTimeout(done, 40));
    await route.continue();
  });
  await give(polls);
  await see(page, /^\d+ of 40 added/, '.file');
  await page.locator('progress').waitFor();
  assert.ok(await field.isDisabled());
  assert.equal(await page.locator('.toast').innerText(), '', 'the earlier refusal is gone');
  await see(page, '40 polls added');
  await give([]);
  await see(page, 'There are no polls in this file.');
});

test('an address without an event says so', async (t) => {
  await node.event();
  const page = await open(t, browser, `${node.url}/studio#nope`, { viewport: desktop, allow: told });
  await page.locator('input[name=key]').fill(hostKey);
  await page.keyboard.press('Enter');
  await see(page, 'There is no event at this address.', 'main');
});

test('a chart that could not be fetched is fetched again', async (t) => {
  const event = await node.event();
  await node.poll(event);
  let refused = 0;
  const page = await atTheDesk(t, event, {
    allow: /status of 401|ERR_FAILED/,
    prepare: (page) => page.route(/studio\.uPlot/, (route) => (refused++ ? route.continue() : route.abort())),
  });
  await page.locator('.chart canvas').waitFor();
  assert.ok(refused >= 2);
});
