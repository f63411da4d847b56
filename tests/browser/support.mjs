// What the browser tests share: a node of their own, a browser, and the evening's host.
//
// Every wait is for a condition and has a deadline. The node is ended by its own process id; pages are closed with
// their test, and a console error or an uncaught exception in one of them fails it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const require = createRequire(join(root, 'web', 'package.json'));
const { chromium } = require('playwright-core');

export const patience = 45_000; // ms, for anything that must come: the machine may be slow and busy
export const hostKey = 'tck_host-of-these-tests-0123456789abcdef';
const operatorKey = 'operator-of-these-tests-0123456789abcdef';
export const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

// Where pictures are kept for people to look at: TALLYCAST_SCREENSHOTS, or nowhere.
const pictures = process.env.TALLYCAST_SCREENSHOTS;

// What the condition gave when it was true for the first time.
export async function until(condition, what, every = 20) {
  const deadline = Date.now() + patience;
  for (;;) {
    const got = await condition();
    if (got) return got;
    assert.ok(Date.now() < deadline, `${what}: not within ${patience} ms`);
    await new Promise((done) => setTimeout(done, every));
  }
}

// One process of the product, on free ports that it keeps when it is started again.
export class Tallycast {
  constructor(...options) {
    this.options = options;
    this.folder = mkdtempSync(join(tmpdir(), 'tallycast-browser-'));
    this.port = this.operations = 0;
  }

  async start() {
    let said = '';
    const at = (port) => `127.0.0.1:${port}`;
    this.process = spawn(
      process.env.TALLYCAST_BIN,
      ['serve', '--listen', at(this.port), '--ops-listen', at(this.operations), '--data-dir', join(this.folder, 'data'),
        '--threads', '2', '--host-key', hostKey, '--operator-key', operatorKey,
        '--durability', 'async', '--limits', 'off', ...this.options],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.ended = new Promise((done) => this.process.once('exit', done));
    for (const stream of [this.process.stdout, this.process.stderr]) stream.on('data', (text) => (said += text));
    await until(async () => {
      assert.equal(this.process.exitCode, null, said);
      if (!this.port) {
        const portOf = (what) => Number(new RegExp(`${what} +http://127\\.0\\.0\\.1:(\\d+)`).exec(said)?.[1] ?? 0);
        if (!portOf('operations')) return false;
        [this.port, this.operations] = [portOf('pages'), portOf('operations')];
      }
      return fetch(`http://127.0.0.1:${this.operations}/readyz`).then((got) => got.ok, () => false);
    }, 'the node getting ready');
    return this;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  async kill(signal = 'SIGKILL') {
    this.process.kill(signal);
    await this.ended;
  }

  async remove() {
    if (this.process?.exitCode === null && this.process.signalCode === null) await this.kill('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }

  // A call of the host's, or of whoever's key it is; made again where the node is too busy for it.
  async call(method, path, body, key = hostKey) {
    const headers = key ? { authorization: `Bearer ${key}` } : {};
    if (body) headers['content-type'] = 'application/json';
    const got = await until(async () => {
      const answer = await fetch(this.url + path, { method, headers, body: body && JSON.stringify(body) });
      return answer.status !== 503 && answer;
    }, `${method} ${path}`, 250);
    const text = await got.text();
    assert.ok(got.ok, `${method} ${path}: ${got.status} ${text}`);
    return got.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
  }

  event(members = {}) {
    return this.call('POST', '/v1/events', { title: 'An evening', ...members });
  }

  async poll(event, members = {}, opened = true) {
    const wanted = { type: 'single', question: 'Which act was best?', ...members };
    if (wanted.type !== 'rating') wanted.options ??= ['The brass band', 'The jugglers', 'The choir'];
    const poll = await this.call('POST', `/v1/events/${event.id}/polls`, wanted);
    return opened ? this.step(poll, 'open') : poll;
  }

  step(poll, what, body) {
    return this.call('POST', `/v1/polls/${poll.id}/${what}`, body);
  }

  // What the operator tells everybody; an empty text takes it back.
  notice(text) {
    return this.call('PUT', '/v1/flags/maintenance-notice', { value: text }, operatorKey);
  }

  results(poll) {
    return this.call('GET', `/v1/polls/${poll.id}/results`);
  }

  // A vote of somebody else's; gives that voter's token.
  async vote(event, poll, ballot) {
    const { voter } = await this.call('POST', '/v1/join', { code: event.code }, '');
    await this.call('POST', `/v1/polls/${poll.id}/votes`, ballot, voter.token);
    return voter.token;
  }
}

export function chromiumPath() {
  const found = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
  assert.ok(found, 'there is no Chromium: tools/deps');
  return found;
}

export function launch() {
  return chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

// What is no fault: a browser complains of any answer that is not 2xx, and to be told that one has not voted, or has
// voted too late, is an answer like others.
const answers = /status of 4\d\d .*\/votes(\/mine)?$/;

// A page in a context of its own, closed with the test `t`. `allow` is what its console may complain of besides.
export async function open(t, browser, url, { allow = /$^/, prepare, ...options } = {}) {
  // A worker would answer what a test means to answer itself.
  const context = await browser.newContext({ locale: 'en-GB', serviceWorkers: 'block', ...options });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    const said = `${message.text()} ${message.location().url}`;
    if (message.type() === 'error' && !allow.test(said) && !answers.test(said)) complaints.push(said);
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(complaints, [], 'the page complained');
  });
  await prepare?.(page, context);
  await page.goto(url);
  return page;
}

// Waits for an element that shows a text.
export function see(page, text, selector = 'body') {
  return page.locator(selector).getByText(text).first().waitFor();
}

// A picture of the page for people to look at, where they asked for it.
export async function picture(page, name, options = {}) {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`), animations: 'disabled', ...options });
}

// Whatever axe finds, as lines that say where and what.
export async function axe(page) {
  // Evaluated, not added as an element: the page's policy would rightly refuse that.
  await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target, failureSummary }) => `${id} (${help}) ${target}: ${failureSummary}`));
}
