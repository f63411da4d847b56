import { useState } from 'preact/hooks';

import type { Poll } from '../client/index.ts';
import { say } from '../shared/words.ts';
import { api, Refused } from './api.ts';
import { useDesk } from './desk.tsx';
import { Leftovers } from './leftovers.ts';
import { mostVoters, rehearse, type Answer, type Report, type Stage } from './rehearsal.ts';

const usual = 50;
const longestTitle = 150;

const leftovers = new Leftovers(localStorage, Date.now);

// The window goes away in the middle of a rehearsal; the request outlives it.
addEventListener('pagehide', () => {
  for (const id of leftovers.ofThisWindow()) void fetch(`/v1/events/${id}`, { method: 'DELETE', keepalive: true }).catch(() => {});
});

// What that could not delete: a browser that crashed, a network that was gone.
export async function tidyUp() {
  for (const id of leftovers.left()) {
    try {
      await api('DELETE', `/v1/events/${id}`);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status !== 404) continue; // the next visit tries again
    }
    leftovers.over(id);
  }
}

const stage: Stage = {
  host: api,
  began: (event) => leftovers.began(event),
  over: (event) => leftovers.over(event),
  // The voter's cookie of this browser stays out of it: a stranger brings none and keeps none.
  stranger: async (path, body, headers = {}) => {
    const reply = await fetch(path, { method: 'POST', credentials: 'omit', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
    return { status: reply.status, body: (await reply.json().catch(() => null)) as Answer['body'] };
  },
  wait: (ms) => new Promise((done) => setTimeout(done, ms)),
  now: () => performance.now(),
  random: Math.random,
};

export function RehearsalCard({ poll }: { poll: Poll }) {
  const { attempt } = useDesk();
  const [voters, setVoters] = useState(usual);
  const [done, setDone] = useState<number | null>(null);
  const [report, setReport] = useState<Report | null>(null);
  const run = async () => {
    setReport(null);
    setDone(0);
    const title = say('rehearsal_title', { name: poll.question.slice(0, longestTitle) });
    await attempt(async () => setReport(await rehearse(stage, poll, voters, title, setDone)));
    setDone(null);
  };
  const said = report && { ...report, half: Math.round(report.half), slowest: Math.round(report.slowest) };
  return (
    <details class="rehearsal">
      <summary>{say('rehearsal')}</summary>
      <p class="hint">{say('rehearsal_hint')}</p>
      <form class="row" onSubmit={(submitted) => (submitted.preventDefault(), void run())}>
        <label class="inline">{say('audience')}
          <input type="number" min={1} max={mostVoters} required value={voters} onInput={(typed) => setVoters(Number(typed.currentTarget.value))} />
        </label>
        <button disabled={done !== null}>{say('rehearse')}</button>
        {done !== null && <progress max={voters} value={done} aria-label={say('rehearsing', { n: done, of: voters })} />}
      </form>
      <div role="status">
        {said && (
          <>
            <p class={said.good ? 'verdict good' : 'verdict bad'}>{said.good ? '✓' : '✗'} {say(said.good ? 'rehearsal_good' : 'rehearsal_bad')}</p>
            <p>{say('rehearsed', { voters: said.voters, ballots: said.ballots, acknowledged: said.acknowledged, counted: said.counted, repeats: said.repeats, half: said.half, slowest: said.slowest })}</p>
          </>
        )}
      </div>
    </details>
  );
}
