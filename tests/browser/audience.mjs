import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axe, launch, open, phone, picture, see, Tallycast, until } from './support.mjs';

let node, browser;
before(async () => {
  node = await new Tallycast().start();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await node?.remove();
});

const onPhone = (t, url, options) => open(t, browser, url, { ...phone, ...options });
const choose = (page, label) => page.getByRole('radio', { name: label }).check();
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const fate = (page, state) => page.locator(`[data-state=${state}]`).waitFor();

test('from the code to the result: join, vote, reveal', async (t) => {
  const event = await node.event({ code: 'SHQW2346' });
  const poll = await node.poll(event, { results: 'after_close' }, false);
  const page = await onPhone(t, node.url);
  await picture(page, 'phone-join');
  await page.getByLabel('Code').fill('sh0w 23-46');
  await press(page, 'Join');
  await see(page, 'You are in.');
  assert.equal(new URL(page.url()).pathname, `/${event.code}`);
  await picture(page, 'phone-waiting');
  await node.step(poll, 'open');
  await see(page, 'Which act was best?');
  assert.ok(await page.getByRole('button', { name: 'Vote' }).isDisabled());
  await choose(page, 'The jugglers');
  await picture(page, 'phone-voting');
  await press(page, 'Vote');
  await fate(page, 'counted');
  await picture(page, 'phone-counted');
  assert.equal(await page.locator('.results').count(), 0);
  await node.vote(event, poll, { choices: ['b'] });
  await node.vote(event, poll, { choices: ['a'] });
  await node.step(poll, 'close');
  await see(page, 'Final result');
  await see(page, '3 voters');
  const first = page.locator('.results li.first');
  assert.match(await first.innerText(), /The jugglers/);
  assert.match(await first.innerText(), /67 %/);
  assert.match(await first.innerText(), /Your vote/);
  await picture(page, 'phone-result');
});

test('a vote is changed, and taken back', async (t) => {
  const event = await node.event();
  const poll = await node.poll(event, { rules: { allow_change: true } });
  const page = await onPhone(t, `${node.url}/${event.code}`);
  await choose(page, 'The choir');
  await press(page, 'Vote');
  await fate(page, 'counted');
  await press(page, 'Change my vote');
  assert.ok(await page.getByRole('radio', { name: 'The choir' }).isChecked());
  await choose(page, 'The brass band');
  await press(page, 'Vote again');
  await fate(page, 'counted');
  await until(async () => (await node.results(poll)).options[0].votes === 1, 'the changed vote');
  const { options, voters } = await node.results(poll);
  assert.deepEqual([options.map((o) => o.votes), voters], [[1, 0, 0], 1]);
  await press(page, 'Take my vote back');
  await page.getByRole('button', { name: 'Vote', exact: true }).waitFor();
  await until(async () => (await node.results(poll)).voters === 0, 'the withdrawal');
});

test('several options are chosen, up to the most there may be', async (t) => {
  const event = await node.event();
  const poll = await node.poll(event, { type: 'multiple', options: ['One', 'Two', 'Three', 'Four'], rules: { min_choices: 2, max_choices: 3 } });
  const page = await onPhone(t, `${node.url}/${event.code}`);
  const vote = page.getByRole('button', { name: 'Vote', exact: true });
  await page.getByRole('checkbox', { name: 'Four' }).check();
  assert.ok(await vote.isDisabled());
  await page.getByRole('checkbox', { name: 'One' }).check();
  await page.getByRole('checkbox', { name: 'Two' }).check();
  await see(page, '3 chosen of 3');
  assert.ok(await page.getByRole('checkbox', { name: 'Three' }).isDisabled());
  await picture(page, 'phone-multiple');
  await vote.click();
  await fate(page, 'counted');
  assert.deepEqual((await node.results(poll)).options.map((o) => o.votes), [1, 1, 0, 1]);
});

test('a rating is given by its number', async (t) => {
  const event = await node.event();
  const poll = await node.poll(event, { type: 'rating', question: 'How was the evening?', rules: { scale: 10 } });
  const page = await onPhone(t, `${node.url}/${event.code}`);
  await page.getByRole('radio', { name: '8 of 10' }).check();
  await picture(page, 'phone-rating');
  await press(page, 'Vote');
  await fate(page, 'counted');
  await see(page, 'Average');
  assert.equal((await node.results(poll)).ratings[7], 1);
  await picture(page, 'phone-rating-result');
});

const acts = { type: 'ranking', question: 'Which order?', options: ['Band', 'Jugglers', 'Choir'], rules: { min_choices: 3, max_choices: 3 } };
const order = (page) => page.locator('.ranked .label').allInnerTexts();

test('a ranking is made by keyboard alone', async (t) => {
  const event = await node.event();
  const poll = await node.poll(event, acts);
  const page = await open(t, browser, `${node.url}/${event.code}`);
  await see(page, 'Which order?');
  const key = (name) => page.keyboard.press(name);
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent);
  const tabTo = async (name) => {
    for (let i = 0; i < 20 && (await focused()) !== name; ++i) await key('Tab');
    assert.equal(await focused(), name);
  };
  for (const name of ['Band', 'Jugglers', 'Choir']) {
    await tabTo(`Add ${name}`);
    await key('Enter');
    await until(async () => (await order(page)).includes(name), `${name} in the order`);
  }
  await tabTo('Move Choir up');
  await key('Enter');
  await until(async () => (await order(page)).join() === 'Band,Choir,Jugglers', 'the choir second');
  await until(async () => (await focused()) === 'Move Choir up', 'the focus going along');
  await key('Space');
  await until(async () => (await order(page)).join() === 'Choir,Band,Jugglers', 'the choir first');
  assert.equal(await page.locator('.for-ears').first().innerText(), 'Choir is number 1');
  await until(async () => (await focused()) === 'Move Choir down', 'the focus on what can still be pressed');
  await tabTo('Vote');
  await key('Enter');
  await fate(page, 'counted');
  assert.deepEqual((await node.results(poll)).options.map((o) => o.points), [1, 0, 2]);
});

test('a ranking is made by tapping and dragging', async (t) => {
  const event = await node.event();
  const poll = await node.poll(event, acts);
  const page = await onPhone(t, `${node.url}/${event.code}`);
  for (const name of ['Choir', 'Band', 'Jugglers']) await page.getByRole('button', { name: `Add ${name}` }).click();
  await picture(page, 'phone-ranking');
  const handle = async (i) => page.locator('.ranked .handle').nth(i).boundingBox();
  const [last, first] = [await handle(2), await handle(0)];
  await page.mouse.move(last.x + 10, last.y + 10);
  await page.mouse.down();
  await page.mouse.move(first.x + 10, first.y - 20, { steps: 12 });
  await page.mouse.up();
  await until(async () => (await order(page)).join() === 'Jugglers,Choir,Band', 'the jugglers first');
  await press(page, 'Vote');
  await fate(page, 'counted');
  assert.deepEqual((await node.results(poll)).options.map((o) => o.points), [0, 2, 1]);
});

test('a ranking is dragged by its labels: with a mouse at once, with a finger that holds; one that does not scrolls', async (t) => {
  const event = await node.event();
  const poll = await node.poll(event, { ...acts, rules: {}, options: [...acts.options, ...Array.from({ length: 9 }, (_, i) => `Act ${i + 4}`)] });
  const page = await onPhone(t, `${node.url}/${event.code}`);
  for (const { label } of poll.options) await page.getByRole('button', { name: `Add ${label}`, exact: true }).click();
  await page.evaluate(() => scrollTo(0, 0));
  const first = async () => (await order(page))[0];
  const label = async (i) => {
    const { x, y, height } = await page.locator('.ranked .label').nth(i).boundingBox();
    return { x: x + 10, y: y + height / 2 };
  };
  const [from, to] = [await label(2), await label(0)];
  const [, second, third] = await order(page);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y - 10, { steps: 8 });
  await page.mouse.up();
  await until(async () => (await first()) === third, 'the third first');

  const chrome = await page.context().newCDPSession(page);
  const touch = (type, at) => chrome.send('Input.dispatchTouchEvent', { type, touchPoints: at ? [at] : [] });
  const slide = async (from, by, held) => {
    await touch('touchStart', from);
    if (held) await page.locator('.ranked .dragged').waitFor();
    for (let step = 1; step <= 8; ++step) await touch('touchMove', { x: from.x, y: from.y + (by * step) / 8 });
    await touch('touchEnd');
  };
  const before = await order(page);
  await slide(await label(4), -200, false);
  await until(() => page.evaluate(() => scrollY > 50), 'the page scrolled');
  assert.deepEqual(await order(page), before);
  assert.equal(await page.locator('.ranked .dragged').count(), 0);
  // The page may be on its way still, as a finger that lets go leaves it.
  await until(() => page.evaluate(() => new Promise((done) => {
    scrollTo(0, 0);
    setTimeout(() => done(scrollY === 0), 300);
  })), 'the top again');
  const [at, up] = [await label(2), await label(0)];
  await slide(at, up.y - at.y - 10, true);
  await until(async () => (await first()) === second, 'what was held first');
  assert.equal(await page.evaluate(() => scrollY), 0, 'the page stayed');
  await picture(page, 'phone-ranking-dragged');
});

test('in the result of a ranking everybody sees the places they gave', async (t) => {
  const event = await node.event();
  await node.poll(event, acts);
  const page = await onPhone(t, `${node.url}/${event.code}`);
  for (const name of ['Choir', 'Band', 'Jugglers']) await page.getByRole('button', { name: `Add ${name}` }).click();
  await press(page, 'Vote');
  await see(page, 'Your place: 1', '.results');
  assert.deepEqual(await page.locator('.results .value small').allInnerTexts(), ['Your place: 2', 'Your place: 3', 'Your place: 1']);
  assert.equal(await page.locator('.results .badge').count(), 0);
  await picture(page, 'phone-ranking-result');
});

test('an average is the same figure on the phone as on the screen', async (t) => {
  const event = await node.event();
  const poll = await node.poll(event, { type: 'rating', question: 'How was it?' });
  for (const rating of [2, 3, 3, 3]) await node.vote(event, poll, { rating });
  await node.step(poll, 'close');
  const page = await onPhone(t, `${node.url}/${event.code}`);
  await see(page, '2.75', '.average');
});

test('a phone that is loaded again after its event was deleted says that it is over', async (t) => {
  const event = await node.event();
  await node.poll(event);
  const page = await onPhone(t, `${node.url}/${event.code}`, { allow: /404/ });
  await see(page, 'Which act was best?', 'h1');
  await node.call('DELETE', `/v1/events/${event.id}`);
  await see(page, 'This event is over.');
  await page.reload();
  await see(page, 'This event is over.', '.wrong');
  await page.getByLabel('Code').fill('QQQQQQ');
  await press(page, 'Join');
  await see(page, 'No event has this code.');
});

test("someone else's vote, and the next question, leave a half-filled ballot alone", async (t) => {
  const event = await node.event();
  const poll = await node.poll(event, { type: 'multiple', rules: { max_choices: 3 } });
  const page = await onPhone(t, `${node.url}/${event.code}`);
  const box = page.getByRole('checkbox', { name: 'The jugglers' });
  await box.check();
  await node.vote(event, poll, { choices: ['a'] });
  await node.vote(event, poll, { choices: ['c'] });
  const next = await node.poll(event, { question: 'And the next?' });
  await see(page, 'A new question is open');
  assert.ok(await box.isChecked());
  await press(page, 'Vote');
  await fate(page, 'counted');
  await see(page, '3 voters');
  await page.locator('button.news').click();
  await see(page, 'And the next?', 'h1');
  await node.step(next, 'close');
  await see(page, 'Which act was best?', 'h1');
});

test('a pause leaves a half-filled ballot as it is', async (t) => {
  const event = await node.event();
  const poll = await node.poll(event, { type: 'multiple', rules: { min_choices: 2, max_choices: 3, allow_change: true } });
  const page = await onPhone(t, `${node.url}/${event.code}`);
  const box = (name) => page.getByRole('checkbox', { name });
  const pauseAndGoOn = async () => {
    await node.step(poll, 'pause');
    await see(page, 'Paused. No votes are taken just now.');
    await node.step(poll, 'open');
    await box('The choir').waitFor();
  };
  await box('The choir').check();
  await pauseAndGoOn();
  assert.ok(await box('The choir').isChecked());
  await box('The jugglers').check();
  await press(page, 'Vote');
  await fate(page, 'counted');
  await press(page, 'Change my vote');
  await box('The brass band').check();
  await pauseAndGoOn();
  assert.ok(await box('The brass band').isChecked());
  await press(page, 'Keep my vote');
  await press(page, 'Change my vote');
  assert.ok(!(await box('The brass band').isChecked()), 'what was not meant is forgotten');
});

test('the page follows the host from poll to poll', async (t) => {
  const event = await node.event();
  const [first, second] = [await node.poll(event, { question: 'First?' }), await node.poll(event, { question: 'Second?' }, false)];
  const page = await onPhone(t, `${node.url}/${event.code}`);
  await see(page, 'First?', 'h1');
  await node.step(first, 'pause');
  await see(page, 'Paused. No votes are taken just now.');
  await node.step(first, 'close');
  await see(page, 'Voting is over.');
  await node.step(second, 'open');
  await see(page, 'Second?', 'h1');
});

// Nothing of the closing is heard.
const deafToTheClose = (page) => page.routeWebSocket(/live/, (socket) => socket.connectToServer().onMessage((message) => {
  if (!String(message).includes('"closed"')) socket.send(message);
}));

test('a vote that comes too late is told how much', async (t) => {
  const event = await node.event();
  const poll = await node.poll(event);
  const held = [];
  const page = await onPhone(t, `${node.url}/${event.code}`, {
    // The vote goes by HTTP, and stays on its way until the poll has closed.
    prepare: async (page) => {
      await deafToTheClose(page);
      await page.route('**/votes', (route) => held.push(route));
    },
  });
  await choose(page, 'The choir');
  await page.evaluate(() => {
    WebSocket.prototype.send = () => {}; // what is said over the socket does not get through
  });
  await press(page, 'Vote');
  await fate(page, 'sending');
  await until(() => held.length > 0, 'the vote going the other way');
  await node.step(poll, 'close');
  await new Promise((done) => setTimeout(done, 150));
  for (const route of held.splice(0)) await route.continue();
  await fate(page, 'refused');
  await page.locator('[data-state=refused]').getByText(/The poll closed 0\.\d s before your vote arrived/).waitFor();
  await picture(page, 'phone-late');
  assert.equal((await node.results(poll)).voters, 0);
});

test('a change, or taking back, that comes too late leaves the vote, and the page says so', async (t) => {
  const words = {
    'en-GB': ['Vote', 'Take my vote back', 'Change my vote', 'Vote again', /The poll (closed|was closed) .*before your change arrived\. Your vote stands as it was\./],
    'de-DE': ['Abstimmen', 'Stimme zurücknehmen', 'Stimme ändern', 'Neu abstimmen', /Die Abstimmung .*bevor deine Änderung ankam\. Deine Stimme gilt wie zuvor\./],
  };
  for (const [locale, [cast, takeBack, change, again, told]] of Object.entries(words)) {
    const event = await node.event();
    const poll = await node.poll(event, { rules: { allow_change: true } });
    const page = await onPhone(t, `${node.url}/${event.code}`, { locale, prepare: deafToTheClose });
    await choose(page, 'The choir');
    await press(page, cast);
    await fate(page, 'counted');
    await node.step(poll, 'close');
    await press(page, takeBack);
    await see(page, told, '.wrong');
    await fate(page, 'counted');
    await press(page, change);
    await choose(page, 'The jugglers');
    await press(page, again);
    await fate(page, 'refused');
    assert.match(await page.locator('[data-state=refused]').innerText(), told);
    assert.deepEqual((await node.results(poll)).options.map((o) => o.votes), [0, 0, 1]);
  }
});

test('without scripts the form does it', async (t) => {
  const event = await node.event();
  const poll = await node.poll(event, { rules: { allow_change: true } });
  const page = await onPhone(t, node.url, { javaScriptEnabled: false });
  await page.getByLabel('The code on the screen').fill(event.code.toLowerCase());
  await picture(page, 'form-join');
  await press(page, 'Join');
  await page.getByLabel('The jugglers').check();
  await picture(page, 'form-voting');
  await press(page, 'Vote');
  await see(page, 'Your vote was counted ✓');
  await picture(page, 'form-counted');
  assert.deepEqual((await node.results(poll)).options.map((o) => o.votes), [0, 1, 0]);
});

test('without scripts the questions come one at a time, and all of them where that is asked', async (t) => {
  const event = await node.event();
  for (const question of ['First?', 'Second?', 'Third?']) await node.poll(event, { question, rules: { allow_change: true } });
  const page = await onPhone(t, `${node.url}/${event.code}`, { javaScriptEnabled: false });
  const asked = () => page.getByRole('heading', { level: 2 }).allInnerTexts();
  const vote = async (option, section) => {
    await section.getByLabel(option).check();
    await section.getByRole('button', { name: 'Vote' }).click();
    await see(page, 'Your vote was counted ✓');
  };
  assert.deepEqual(await asked(), ['Third?'], 'the one the host has led to');
  await vote('The choir', page.locator('.poll'));
  assert.deepEqual(await asked(), ['Second?', 'Third?'], 'the answered one, and the next that waits');
  await picture(page, 'form-next-question');
  await vote('The jugglers', page.locator('.poll', { hasText: 'Second?' }));
  assert.deepEqual(await asked(), ['First?', 'Second?']);
  await page.getByRole('link', { name: 'Look again' }).click();
  assert.deepEqual(await asked(), ['First?']);
  await vote('The jugglers', page.locator('.poll'));
  assert.deepEqual(await asked(), ['First?']);
  await page.getByRole('link', { name: 'Look again' }).click();
  assert.deepEqual(await asked(), ['Third?']);
  await page.getByRole('link', { name: 'All questions' }).click();
  assert.deepEqual(await asked(), ['First?', 'Second?', 'Third?']);
  assert.equal(await page.getByRole('link', { name: 'All questions' }).count(), 0);
  await page.locator('.poll', { hasText: 'Second?' }).getByLabel('The choir').check();
  await page.locator('.poll', { hasText: 'Second?' }).getByRole('button', { name: 'Change my vote' }).click();
  await see(page, 'Your vote was counted ✓');
  assert.equal((await asked()).length, 3, 'who looks at all of them goes on to');
});

test('a form that was not counted says why, by how much it was late, and is still filled in', async (t) => {
  const event = await node.event();
  const poll = await node.poll(event, { type: 'multiple', rules: { max_choices: 1 } });
  const page = await onPhone(t, `${node.url}/${event.code}`, { javaScriptEnabled: false });
  const ticked = async () => (await page.getByRole('checkbox', { checked: true }).count()) || (await page.getByRole('radio', { checked: true }).count());
  for (const option of ['The choir', 'The jugglers']) await page.getByLabel(option).check();
  await press(page, 'Vote');
  await see(page, 'Too many choices', '.notice.error');
  assert.equal(await ticked(), 2);
  await page.getByLabel('The choir').uncheck();
  const cookies = await page.context().cookies();
  for (const cookie of cookies) await page.context().addCookies([{ ...cookie, value: `${cookie.value.slice(0, -4)}AAAA` }]);
  await press(page, 'Vote');
  await see(page, 'Your visit had run out. Please vote once more.', '.notice.error');
  assert.equal(await ticked(), 1);
  await press(page, 'Vote');
  await see(page, 'Your vote was counted ✓');
  assert.deepEqual((await node.results(poll)).options.map((o) => o.votes), [0, 1, 0]);
  const late = await node.poll(event, { question: 'Too late?' });
  await page.goto(`${node.url}/${event.code}`);
  await page.getByLabel('The choir').check();
  await node.step(late, 'close');
  await press(page, 'Vote');
  await see(page, 'The poll had closed', '.notice.error');
  assert.match(await page.locator('.notice.error').innerText(), /^The poll had closed \d+\.\d s before the ballot came\.$/);
});

test('the form takes a pasted address, and a code with blanks and look-alikes', async (t) => {
  const event = await node.event({ code: 'SHQW2947' });
  await node.poll(event);
  for (const typed of [`${node.url}/${event.code.toLowerCase()}`, ' sh0w 29-47 ']) {
    const page = await onPhone(t, node.url, { javaScriptEnabled: false });
    await page.getByLabel('The code on the screen').fill(typed);
    await press(page, 'Join');
    await see(page, 'Which act was best?');
    assert.equal(new URL(page.url()).pathname, `/${event.code}`);
  }
});

test('the form speaks German too', async (t) => {
  const event = await node.event();
  await node.poll(event);
  const page = await onPhone(t, node.url, { javaScriptEnabled: false, locale: 'de-AT' });
  await page.getByLabel('Der Code auf der Leinwand').fill(event.code);
  await press(page, 'Mitmachen');
  await page.getByLabel('The jugglers').check();
  await picture(page, 'form-german');
  await press(page, 'Abstimmen');
  await see(page, 'Deine Stimme ist gezählt ✓');
});

test('what the form cannot count, its page says: nothing chosen, and a rank left out', async (t) => {
  const event = await node.event();
  await node.poll(event, { type: 'multiple', question: 'Which two?', rules: { max_choices: 2 } });
  const page = await onPhone(t, `${node.url}/${event.code}`, { javaScriptEnabled: false, locale: 'de-AT' });
  await press(page, 'Abstimmen');
  await see(page, 'Es war nichts gewählt.', '.notice.error');
  await picture(page, 'form-nothing-chosen');
  for (const box of await page.getByRole('checkbox').all()) await box.check();
  await press(page, 'Abstimmen');
  await see(page, 'Zu viele Antworten: höchstens 2.', '.notice.error');
  const ranking = await node.event();
  const order = await node.poll(ranking, { type: 'ranking', question: 'Which order?', rules: { min_choices: 1 } });
  await page.goto(`${node.url}/${ranking.code}`);
  await page.getByLabel('Platz 1').selectOption('The choir');
  await page.getByLabel('Platz 3').selectOption('The jugglers');
  await press(page, 'Abstimmen');
  await see(page, 'Plätze werden vom ersten an vergeben, ohne Lücke.', '.notice.error');
  assert.equal((await node.results(order)).voters, 0);
});

test('the steps of a rating stand in a row of five without scripts too', async (t) => {
  const event = await node.event();
  await node.poll(event, { type: 'rating', question: 'How was it?' });
  const page = await onPhone(t, `${node.url}/${event.code}`, { javaScriptEnabled: false });
  await page.getByLabel('5').waitFor();
  const tops = await page.locator('.steps label').evaluateAll((steps) => steps.map((step) => step.getBoundingClientRect().top));
  assert.deepEqual(new Set(tops).size, 1, JSON.stringify(tops));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(wide, 0);
  await picture(page, 'form-rating');
});

test('a slash too many leads to the page that was meant', async (t) => {
  const event = await node.event();
  const page = await onPhone(t, `${node.url}/${event.code}/?lang=de`);
  await see(page, 'Du bist dabei.');
  assert.equal(page.url(), `${node.url}/${event.code}?lang=de`);
  for (const [path, found] of [['/studio/', '/studio'], ['/present/', '/studio'], ['/present', '/studio'], [`/present/${event.id}/`, `/present/${event.id}`], ['/docs/', '/docs']])
    assert.equal((await fetch(node.url + path)).url, node.url + found, path);
  assert.equal((await fetch(`${node.url}/v1/events/`)).status, 404);
});

test('a wrong code says so, and so does one that is too short', async (t) => {
  const page = await onPhone(t, node.url, { allow: /404/ });
  await page.getByLabel('Code').fill('AAAAAA');
  await press(page, 'Join');
  await see(page, 'No event has this code.');
  assert.equal(await page.getByLabel('Code').getAttribute('aria-invalid'), 'true');
  await picture(page, 'phone-wrong-code');
  await page.getByLabel('Code').fill('AB');
  await press(page, 'Join');
  await see(page, 'A code has 6 to 8 letters and digits.');
  await page.goto(`${node.url}/QQQQQQ`);
  await see(page, 'No event has this code.');
  assert.equal(await page.getByLabel('Code').inputValue(), 'QQQQQQ');
});

test('whoever was refused because the node was busy is let in as soon as it is not', async (t) => {
  const event = await node.event();
  const busy = { status: 503, contentType: 'application/problem+json', body: JSON.stringify({ code: 'overloaded', retry_after_ms: 300 }) };
  const refusals = [];
  const page = await onPhone(t, 'about:blank', { allow: /status of (404|503)/ });
  await page.route('**/v1/join', (route) => {
    if (refusals.push(route) < 3) return route.fulfill(busy);
    return route.continue({ postData: { code: event.code } });
  });
  await page.goto(`${node.url}/QQQQQQ`); // refused, as a busy node refuses: with the start page
  await see(page, 'You are in.');
  assert.equal(refusals.length, 3);
});

test('the page speaks the language of its reader', async (t) => {
  const event = await node.event();
  const page = await onPhone(t, `${node.url}/${event.code}`, { locale: 'de-AT' });
  await see(page, 'Du bist dabei.');
  assert.equal(await page.locator('html').getAttribute('lang'), 'de');
});

test('what the form has counted, the page knows', async (t) => {
  const event = await node.event();
  await node.poll(event);
  const page = await onPhone(t, `${node.url}/${event.code}`);
  await choose(page, 'The choir');
  await press(page, 'Vote');
  await fate(page, 'counted');
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await fate(page, 'counted');
  await see(page, 'Your vote', '.results li');
  assert.match(await page.locator('.results li.mine').innerText(), /The choir/);
});

test('the focus goes to what has taken the place of what had it, and a pause is said', async (t) => {
  const event = await node.event();
  const poll = await node.poll(event, { rules: { allow_change: true } }, false);
  const page = await open(t, browser, node.url);
  const focused = (selector) => until(() => page.evaluate((wanted) => document.activeElement?.matches(wanted), selector), `the focus on ${selector}`);
  await page.getByLabel('Code').fill(`${node.url}/${event.code.toLowerCase()}`); // as it is pasted
  assert.equal(await page.getByLabel('Code').inputValue(), event.code.toLowerCase());
  await page.keyboard.press('Enter');
  await see(page, 'You are in.');
  await focused('h1');
  await node.step(poll, 'open');
  await page.getByRole('radio', { name: 'The choir' }).focus();
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Vote', exact: true }).focus();
  await page.keyboard.press('Enter');
  await fate(page, 'counted');
  await focused('.fate');
  const said = () => page.locator('.for-ears').first().innerText();
  await node.step(poll, 'pause');
  await until(async () => (await said()) === 'Paused. No votes are taken just now.', 'the pause');
  await node.step(poll, 'open');
  await until(async () => (await said()) === 'Which act was best?', 'going on');
});

const outage = 'At 21:30 the network is worked on for a minute. Votes are kept.';

test('what the operator tells everybody stands there until it is taken back', async (t) => {
  const event = await node.event();
  await node.poll(event);
  const page = await onPhone(t, `${node.url}/${event.code}`);
  await see(page, 'Which act was best?');
  const told = page.getByRole('status').getByText(outage);
  await node.notice(outage);
  t.after(() => node.notice(''));
  await told.waitFor();
  assert.deepEqual(await axe(page), []);
  await picture(page, 'phone-notice');
  const late = await onPhone(t, `${node.url}/${event.code}`);
  await late.getByRole('status').getByText(outage).waitFor();
  const form = await onPhone(t, `${node.url}/${event.code}`, { javaScriptEnabled: false });
  await form.getByRole('status').getByText(outage).waitFor();
  await node.notice('');
  await told.waitFor({ state: 'detached' });
  assert.equal(await page.locator('.banner:not(:empty)').count(), 0);
});
