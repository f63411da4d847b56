import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { axe, launch, open, phone, picture, root, see, Tallycast, until } from './support.mjs';

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
const fate = (page, state) => page.locator(`[data-state=${state}]`).waitFor();

const markup = '<img src=x onerror="document.title=\'broken\'"><b>bold</b> & "quoted"';
const long = 'An option that goes on and on, as options do when several people have edited them. '.repeat(7).slice(0, 500);
const unbroken = 'Donaudampfschifffahrtsgesellschaftskapitän'.repeat(8).slice(0, 300);
const emoji = '🎺🎷🥁 👩‍👩‍👧‍👦 🏳️‍🌈 brass'.normalize();
const hebrew = 'הלהקה הטובה ביותר 2026 (live)';

// Nothing sticks out sideways, nothing lies over something else that is to be touched.
async function holdsTogether(page) {
  const wide = await page.evaluate(() => {
    const edge = document.documentElement.clientWidth;
    const out = [...document.querySelectorAll('main *')].filter((element) => {
      const { left, right, width } = element.getBoundingClientRect();
      return width > 0 && (right > edge + 1 || left < -1) && !element.closest('.for-ears');
    });
    return { scroll: document.documentElement.scrollWidth - edge, out: out.map((element) => element.outerHTML.slice(0, 120)) };
  });
  assert.deepEqual(wide, { scroll: 0, out: [] });
}

async function votesWith(page, choose) {
  await choose();
  await page.getByRole('button', { name: 'Vote', exact: true }).click();
  await fate(page, 'counted');
}

test('odd labels are text, and break no layout', async (t) => {
  const event = await node.event({ title: `${markup} ${long}`.slice(0, 200) });
  await node.poll(event, { question: `${markup} ${long}`.slice(0, 500), options: [markup, long, unbroken, emoji, hebrew] });
  const page = await onPhone(t, `${node.url}/${event.code}`);
  const options = page.locator('.card .label');
  await options.nth(4).waitFor();
  assert.deepEqual(await options.allInnerTexts(), [markup, long.trim(), unbroken, emoji, hebrew]);
  await holdsTogether(page);
  await picture(page, 'odd-voting', { fullPage: true });
  await votesWith(page, () => page.getByRole('radio', { name: unbroken }).check());
  await holdsTogether(page);
  const widths = await page.locator('.results li').nth(2).evaluate((row) => [row, row.querySelector('.label')].map((one) => one.clientWidth));
  assert.ok(widths[1] > widths[0] * 0.85, 'what is long has its row for itself, and its figures below');
  await picture(page, 'odd-result', { fullPage: true });
  assert.equal(await page.locator('main img').count(), 0);
  assert.ok(!(await page.title()).startsWith('broken'));
});

for (const type of ['single', 'multiple'])
  test(`64 options are a list one can use: ${type}`, async (t) => {
    const event = await node.event();
    const options = Array.from({ length: 64 }, (_, i) => `Number ${i + 1}`);
    await node.poll(event, { type, question: 'Which of all these?', options, rules: type === 'multiple' ? { max_choices: 64 } : {} });
    const page = await onPhone(t, `${node.url}/${event.code}`);
    await page.getByLabel('Number 1', { exact: true }).check();
    const button = await page.getByRole('button', { name: 'Vote', exact: true }).boundingBox();
    assert.ok(button.y + button.height <= phone.viewport.height, 'the button is in sight');
    await picture(page, `many-${type}`);
    await holdsTogether(page);
    await votesWith(page, () => page.getByLabel('Number 64').check());
    await holdsTogether(page);
    await picture(page, `many-${type}-result`, { fullPage: true });
  });

test('a ranking of twelve long options holds together', async (t) => {
  const event = await node.event();
  const options = Array.from({ length: 12 }, (_, i) => `${i + 1}. ${i % 3 ? 'Short' : long.slice(0, 160)}`);
  await node.poll(event, { type: 'ranking', options, rules: { min_choices: 1, max_choices: 12 } });
  const page = await onPhone(t, `${node.url}/${event.code}`);
  for (const n of [4, 2, 7]) await page.getByRole('button', { name: new RegExp(`^Add ${n}\\.`) }).click();
  await holdsTogether(page);
  await picture(page, 'ranking-long', { fullPage: true });
});

test('right to left, everything is on the other side', async (t) => {
  const event = await node.event({ title: 'ערב של מוזיקה', settings: { locale: 'he' } });
  await node.poll(event, { question: 'מי היו הכי טובים הערב?', options: ['תזמורת כלי הנשיפה', 'הלהטוטנים', 'המקהלה'], rules: { allow_change: true } });
  const page = await onPhone(t, `${node.url}/${event.code}`);
  await see(page, 'הלהטוטנים');
  assert.equal(await page.locator('html').getAttribute('dir'), 'rtl');
  const tick = await page.locator('.tick').first().boundingBox();
  assert.ok(tick.x > 195, 'the mark is at the right');
  await picture(page, 'rtl-voting');
  await votesWith(page, () => page.getByRole('radio', { name: 'הלהטוטנים' }).check());
  await holdsTogether(page);
  await picture(page, 'rtl-result');
});

// Where the letters of an element are, and not its box.
const lettersOf = (locator) => locator.evaluate((element) => {
  const range = document.createRange();
  range.selectNodeContents(element);
  const { left, right } = range.getBoundingClientRect();
  return { left, right };
});

// Where the first and the last letter of a text are.
const endsOf = (locator) => locator.evaluate(({ firstChild: text }) => [0, text.length - 1].map((at) => {
  const range = document.createRange();
  range.setStart(text, at);
  range.setEnd(text, at + 1);
  return range.getBoundingClientRect().left;
}));

test('right to left, the form is on the other side too, and our own words keep their order', async (t) => {
  const event = await node.event({ title: 'ערב של מוזיקה', settings: { locale: 'he' } });
  await node.poll(event, { question: 'מי היו הכי טובים הערב?', options: ['הלהטוטנים', 'המקהלה'] });
  const page = await onPhone(t, `${node.url}/${event.code}`, { javaScriptEnabled: false });
  const tick = await page.getByRole('radio').first().boundingBox();
  assert.ok(tick.x > (await lettersOf(page.locator('fieldset label span').first())).right, 'the mark is at the right');
  for (const [what, words] of [['.count', '0 votes, 0 %'], ['section > p', '0 voters']]) {
    const at = page.locator(what, { hasText: words }).first();
    const [number, last] = await endsOf(at);
    assert.ok(number < last, `${words}: the number stands before its word`);
    assert.ok((await lettersOf(at)).right > 300, `${words}: at the right`);
  }
  await picture(page, 'rtl-form', { fullPage: true });
});

test('right to left, a rating stands at the right as well, and our own words keep their full stops', async (t) => {
  const event = await node.event({ title: 'ערב של מוזיקה', settings: { locale: 'he' } });
  const page = await onPhone(t, `${node.url}/${event.code}`);
  await see(page, 'You are in.');
  const [, stop] = await endsOf(page.locator('h1'));
  const { left, right } = await lettersOf(page.locator('h1'));
  assert.ok(stop > (left + right) / 2, 'the full stop comes after the words');
  const poll = await node.poll(event, { type: 'rating', question: 'איך היה הערב?', rules: { scale: 10 } });
  await page.locator('.steps label').first().waitFor();
  const steps = await page.locator('.steps label').evaluateAll((all) => all.map((step) => step.getBoundingClientRect().left));
  assert.ok(steps[0] > steps[4], 'the first step is at the right');
  for (const rating of [1, 3, 10]) await node.vote(event, poll, { rating });
  await votesWith(page, () => page.getByRole('radio', { name: '8 of 10' }).check());
  await see(page, '4 voters');
  await holdsTogether(page);
  for (const row of [0, 7, 9]) {
    const at = page.locator('.results li').nth(row);
    const box = await at.boundingBox();
    assert.ok((await lettersOf(at.locator('.label'))).right > box.x + box.width - 30, `row ${row}: the number is at the right`);
  }
  await picture(page, 'rtl-rating-result', { fullPage: true });
});

test('one vote among hundreds has a bar, and does not read as none', async (t) => {
  const event = await node.event();
  const poll = await node.poll(event);
  for (let i = 0; i < 201; ++i) await node.vote(event, poll, { choices: [i ? 'a' : 'b'] });
  const page = await onPhone(t, `${node.url}/${event.code}`);
  await votesWith(page, () => page.getByRole('radio', { name: 'The brass band' }).check());
  await see(page, '202 voters');
  const [most, one, none] = await page.locator('.results li').evaluateAll((rows) => rows.map((row) => [row.innerText, row.querySelector('.bar').getBoundingClientRect().width]));
  assert.match(one[0], /0\.5 %/);
  assert.ok(one[1] > 2 && one[1] < most[1] / 20 && none[1] === 0, `${[most[1], one[1], none[1]]}`);
  await picture(page, 'phone-few');
});

test('an event brings its colour and its logo', async (t) => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30"><rect width="90" height="30" rx="6" fill="#d9480f"/></svg>';
  const logo = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
  const event = await node.event({ settings: { accent: '#ffd43b', logo } });
  await node.poll(event);
  const page = await onPhone(t, `${node.url}/${event.code}`);
  await page.getByRole('radio', { name: 'The choir' }).check();
  assert.equal(await page.locator('img.logo').evaluate((image) => image.decode().then(() => image.naturalWidth > 0)), true);
  assert.deepEqual(await axe(page), []);
  const contrast = await page.locator('.card:has(:checked)').evaluate((card) => {
    const { borderTopColor, backgroundColor } = getComputedStyle(card);
    const [edge, ground] = [borderTopColor, backgroundColor].map((colour) => {
      const [r, g, b] = colour.match(/\d+/g).map((part) => ((Number(part) / 255 + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    });
    return (ground + 0.05) / (edge + 0.05);
  });
  assert.ok(contrast > 4.4, `a yellow that cannot be seen is made darker: ${contrast}`);
  await picture(page, 'themed');
  await node.call('PATCH', `/v1/events/${event.id}`, { settings: { accent: null, logo: null } });
  await page.reload();
  await see(page, 'Which act was best?');
  assert.equal(await page.locator('img.logo').count(), 0);
});

// Each state of the page, with the name its picture gets.
async function* states(page, event) {
  await page.goto(node.url);
  await see(page, 'Join a vote');
  yield 'join';
  await page.goto(`${node.url}/${event.code}`);
  await see(page, 'You are in.');
  yield 'waiting';
  for (const [type, more, choose] of [
    ['single', { rules: { allow_change: true } }, () => page.getByRole('radio', { name: 'The choir' }).check()],
    ['multiple', { rules: { max_choices: 2 } }, () => page.getByRole('checkbox', { name: 'The choir' }).check()],
    ['rating', { rules: { scale: 5 } }, () => page.getByRole('radio', { name: '4 of 5' }).check()],
    ['ranking', { rules: { min_choices: 1, max_choices: 3 } }, () => page.getByRole('button', { name: 'Add The choir' }).click()],
  ]) {
    const poll = await node.poll(event, { type, question: `What of ${type}?`, ...more });
    await see(page, `What of ${type}?`, 'h1');
    await choose();
    yield type;
    await page.getByRole('button', { name: 'Vote', exact: true }).click();
    await fate(page, 'counted');
    await page.locator('.results').waitFor();
    yield `${type}-counted`;
    await node.step(poll, 'close');
    await see(page, 'Final result');
    yield `${type}-closed`;
  }
}

for (const scheme of ['light', 'dark'])
  test(`axe finds nothing in any state: ${scheme}`, async (t) => {
    const event = await node.event();
    const page = await onPhone(t, node.url, { colorScheme: scheme, reducedMotion: 'reduce' });
    let seen = 0;
    for await (const state of states(page, event)) {
      assert.deepEqual(await axe(page), [], state);
      await picture(page, `${scheme}-${state}`);
      ++seen;
    }
    assert.equal(seen, 14);
  });

test('without scripts axe finds nothing either', async (t) => {
  const event = await node.event();
  await node.poll(event);
  await node.poll(event, { type: 'ranking', rules: { max_choices: 3 } });
  const page = await onPhone(t, `${node.url}/${event.code}?all`, { javaScriptEnabled: false });
  await see(page, 'Rank 1');
  const html = (await page.content()).replace(/<script[^>]*><\/script>/g, '');
  // In a page of its own, where a script may look: the same document and style.
  const twin = await onPhone(t, `${node.url}/docs`, { bypassCSP: true });
  await twin.setContent(html);
  await twin.addStyleTag({ content: 'body > * { animation: none !important }' }); // which hides a form from browsers with scripts
  assert.deepEqual(await axe(twin), []);
});

test('forced colours and calm motion are obeyed', async (t) => {
  const event = await node.event();
  await node.poll(event);
  const page = await onPhone(t, `${node.url}/${event.code}`, { forcedColors: 'active', reducedMotion: 'reduce' });
  await votesWith(page, () => page.getByRole('radio', { name: 'The choir' }).check());
  await picture(page, 'forced-colours');
  const bar = await page.locator('.mine .bar').evaluate((element) => {
    const style = getComputedStyle(element);
    return { time: style.transitionDuration, colour: style.backgroundColor };
  });
  assert.equal(bar.time, '0.001s');
  assert.notEqual(bar.colour, 'rgba(0, 0, 0, 0)', 'a bar can be seen');
});

test('whatever can be touched is large, and the focus can be seen', async (t) => {
  const event = await node.event();
  await node.poll(event, { type: 'ranking', rules: { min_choices: 1, max_choices: 3 } });
  await node.poll(event);
  const page = await onPhone(t, `${node.url}/${event.code}`);
  await page.getByRole('radio', { name: 'The choir' }).waitFor();
  const small = () => page.evaluate(() => [...document.querySelectorAll('main button, main label, nav button, .handle')].filter((element) => {
    const { width, height } = element.getBoundingClientRect();
    return width > 0 && (width < 40 || height < 40);
  }).map((element) => element.outerHTML));
  assert.deepEqual(await small(), []);
  await page.getByRole('button', { name: 'Question 1' }).click();
  await page.getByRole('button', { name: 'Add The choir' }).click();
  assert.deepEqual(await small(), []);
  await page.keyboard.press('Tab');
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(outline, 'solid');
});

test('without scripts, too, whatever can be touched is large, and no field touches another', async (t) => {
  const event = await node.event();
  await node.poll(event);
  await node.poll(event, { type: 'ranking', rules: { max_choices: 3 } });
  const page = await onPhone(t, `${node.url}/${event.code}`, { javaScriptEnabled: false });
  const boxes = async (what) => Promise.all((await page.locator(`main ${what}`).all()).map((one) => one.boundingBox()));
  const links = await boxes('a');
  const fields = await boxes(':is(button, select)');
  assert.deepEqual([links.length, fields.length], [2, 4]);
  assert.deepEqual([...links, ...fields].filter(({ height }) => height < 40), []);
  assert.deepEqual(fields.slice(1).filter(({ y }, i) => y < fields[i].y + fields[i].height + 4), []);
});

test('a result is read out at most every five seconds, and only its newest', async (t) => {
  const event = await node.event();
  const poll = await node.poll(event);
  const page = await onPhone(t, `${node.url}/${event.code}`);
  await page.locator('.for-ears').nth(1).waitFor({ state: 'attached' });
  await page.evaluate(() => {
    globalThis.heard = [];
    const regions = document.querySelectorAll('.for-ears');
    new MutationObserver(() => heard.push([performance.now(), regions[1].textContent])).observe(regions[1], { childList: true });
  });
  await votesWith(page, () => page.getByRole('radio', { name: 'The choir' }).check());
  for (let i = 0; i < 5; ++i) {
    await node.vote(event, poll, { choices: ['a'] });
    await see(page, `${i + 2} voters`);
  }
  const heard = await until(async () => {
    const all = await page.evaluate(() => heard);
    return all.at(-1)?.[1].includes('6 voters') && all;
  }, 'the last result read out');
  for (let i = 1; i < heard.length; ++i) assert.ok(heard[i][0] - heard[i - 1][0] > 4900, JSON.stringify(heard));
  assert.match(heard.at(-1)[1], /The brass band leads with 83 %\. 6 voters\./);
  await node.step(poll, 'reset');
  await until(() => page.evaluate(() => document.querySelectorAll('.for-ears')[1].textContent === ''), 'nothing of the old round being left');
});

// What a first visit is sent, in bytes: the page, and what it names, which is all that the browser asks for.
async function weightOf(t, path, locale) {
  const get = async (path) => {
    const got = await fetch(node.url + path, { headers: { 'accept-encoding': 'gzip, br', 'accept-language': locale } });
    // What was sent, and not what became of it: fetch unpacks.
    return { bytes: Number(got.headers.get('content-length')), coding: got.headers.get('content-encoding'), text: await got.text() };
  };
  const { bytes, text } = await get(path);
  const named = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((found) => found[1]);
  assert.ok(named.length >= 4);
  const asked = [];
  const page = await onPhone(t, node.url + path, { locale, prepare: (page) => page.on('request', (request) => asked.push(new URL(request.url()).pathname)) });
  await page.locator('#app h1').waitFor();
  assert.deepEqual(asked.filter((file) => file.startsWith('/assets/') && !named.includes(file)), [], 'what the page does not name comes late');
  let sum = bytes;
  for (const file of named) {
    const sent = await get(file);
    assert.equal(sent.coding, 'br', file);
    sum += sent.bytes;
  }
  return sum;
}

for (const locale of ['en-GB', 'de-DE'])
  test(`the first visit weighs at most 20 KB in all: ${locale}`, async (t) => {
    const [event, busy] = [await node.event(), await node.event()];
    await node.poll(event);
    const acts = ['The brass band', 'The jugglers', 'The choir'];
    for (const question of ['Which act was best?', ...acts.map((act) => `How was ${act}?`)]) await node.poll(busy, { question });
    for (const path of ['/', `/${event.code}`, `/${busy.code}`]) {
      const bytes = await weightOf(t, path, locale);
      t.diagnostic(`first visit of ${path}: ${bytes} bytes`);
      assert.ok(bytes <= 20 * 1024, `${path}: ${bytes} bytes`);
    }
  });

// From the address to a question that can be answered, at 1.6 Mbit/s and 150 ms on a processor slowed four times: ms.
async function slowVisit(page, url) {
  const chrome = await page.context().newCDPSession(page);
  await chrome.send('Network.enable');
  await chrome.send('Network.emulateNetworkConditions', { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 94_000 });
  await chrome.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  const began = Date.now();
  await page.goto(url);
  await page.getByRole('radio', { name: 'The choir' }).waitFor();
  return Date.now() - began;
}

test('a slow phone on a slow network can vote within two seconds', async (t) => {
  const event = await node.event();
  await node.poll(event);
  let took = Infinity;
  let page;
  // This machine may be busy with other things: what counts is the best of a few visits, each of them a first one.
  for (let visits = 0; visits < 5 && took > 2_000; ++visits) {
    page = await onPhone(t, 'about:blank');
    took = Math.min(took, await slowVisit(page, `${node.url}/${event.code}`));
  }
  t.diagnostic(`could vote after ${took} ms`);
  assert.ok(took <= 2_000, `${took} ms`);
  await votesWith(page, () => page.getByRole('radio', { name: 'The choir' }).check());
});

test('the page asks nobody else for anything', async (t) => {
  const event = await node.event();
  await node.poll(event);
  const asked = [];
  const page = await onPhone(t, 'about:blank', { prepare: (page) => page.on('request', (request) => asked.push(request.url())) });
  await page.goto(`${node.url}/${event.code}`);
  await votesWith(page, () => page.getByRole('radio', { name: 'The choir' }).check());
  assert.ok(asked.length >= 4);
  assert.deepEqual(asked.filter((url) => !url.startsWith(node.url) && !/^(about|data):/.test(url)), []);
});
