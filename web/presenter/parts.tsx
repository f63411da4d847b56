// What the screen is made of. Nothing here remembers anything.
import type { Event, Hearing, Poll } from '../client/index.ts';
import { Bars } from '../stage/bars.tsx';
import { Qr, typedAddress, type Invitation } from '../stage/qr.tsx';
import { Icon, type Sign } from '../stage/icons.tsx';
import { percent, type Row, type Shown } from '../stage/rows.ts';
import { logoOf } from '../shared/theme.ts';
import { number, say } from '../shared/words.ts';
import { countdown } from '../stage/time.ts';
import type { Show } from './show.ts';

const lastSeconds = 10_000;
const overlayRows = 8;

function Clock({ left }: { left: number }) {
  return (
    <span class={left <= lastSeconds ? 'clock ends' : 'clock'} role="timer" aria-label={say('left')}>
      {countdown(left)}
    </span>
  );
}

export function Head({ event, poll, left, final, frozen, passed }: { event: Event | null; poll: Poll | null; left: number | null; final: boolean; frozen: boolean; passed: boolean }) {
  const logo = event && logoOf(event);
  const state = !poll ? null : final ? 'final' : poll.status === 'open' || poll.status === 'paused' ? poll.status : 'closed';
  return (
    <header>
      {logo && <img class="logo" src={logo} alt="" />}
      <p class="event" dir="auto">{event?.title}</p>
      {frozen && <p class={passed ? 'state frozen passed' : 'state frozen'} dir="auto"><Icon sign="pause" /> {say(passed ? 'passed' : 'frozen')}</p>}
      {state && <p class={`state ${state}`} dir="auto">{say(state)}</p>}
      {left !== null && <Clock left={left} />}
    </header>
  );
}

const sizeOf = (text: string) => (text.length <= 60 ? 'short' : text.length <= 140 ? 'middle' : text.length <= 280 ? 'long' : 'longest');
const columnsFor = (rows: number) => (rows <= 9 ? 1 : rows <= 20 ? 2 : rows <= 36 ? 3 : 4);

// Of many, an overlay has room for those in front.
function fitted(rows: Row[], overlay: boolean): Row[] {
  if (!overlay || rows.length <= overlayRows) return rows;
  return [...rows].sort((a, b) => b.votes - a.votes).slice(0, overlayRows);
}

export function Result({ poll, shown, revealed, overlay }: { poll: Poll; shown: Shown; revealed: boolean; overlay: boolean }) {
  const rows = fitted(shown.rows, overlay);
  const value = (row: Row) => (poll.type === 'ranking' ? say('points', { n: row.votes }) : `${percent(row)} · ${say('votes', { n: row.votes })}`);
  const brief = (row: Row) => (poll.type === 'ranking' ? say('points', { n: row.votes }) : percent(row));
  const columns = overlay ? 1 : columnsFor(rows.length);
  return (
    <>
      <h1 class={`question ${sizeOf(poll.question)}`} dir="auto">{poll.question}</h1>
      <section class="result" aria-label={say('results')}>
        {revealed && shown.average !== null && (
          <p class="average" dir="auto">{say('average', { n: number(shown.average, 2), of: poll.rules.scale ?? 5 })}</p>
        )}
        <Bars rows={rows} columns={columns} hidden={!revealed} value={overlay || columns > 2 ? brief : value} leading={say('leading')} />
      </section>
      <p class="totals">
        <strong dir="auto">{say('voters', { n: shown.voters })}</strong>
        {poll.type === 'multiple' && <span dir="auto">{say('votes', { n: shown.votes })}</span>}
        {!revealed && <span class="hidden-note"><Icon sign="hidden" /> {say('hidden')}</span>}
        {rows.length < shown.rows.length && <span dir="auto">{say('more', { n: shown.rows.length - rows.length })}</span>}
      </p>
    </>
  );
}

export function Join({ invitation }: { invitation: Invitation | null }) {
  if (!invitation) return <aside class="join" />;
  return (
    <aside class="join" aria-label={`${say('join_at')} ${typedAddress(invitation)}`}>
      <Qr of={invitation} label={say('qr', { url: invitation.url })} />
      <p class="at">
        <span class="small">{say('join_at')}</span> <bdi>{typedAddress(invitation)}</bdi>
      </p>
      <p class="code">
        <span class="small">{say('code')}</span> <bdi>{invitation.code}</bdi>
      </p>
    </aside>
  );
}

// How well the node is heard, where that is not as it should be.
export const noticeOf = (hearing: Hearing, expired: boolean) =>
  expired ? say('expired') : hearing === 'lost' ? say('lost') : hearing === 'slow' ? say('slow') : '';

interface Acts {
  previous(): void; next(): void; reveal(): void; freeze(): void; larger(): void; smaller(): void; full(): void;
}

export function Controls({ show, act, doing }: { show: Show; act: Acts; doing(what: () => unknown): () => void }) {
  const button = (sign: Sign, name: string, what: () => unknown, disabled = false) => (
    <button type="button" title={name} aria-label={name} onClick={doing(what)} disabled={disabled}><Icon sign={sign} /></button>
  );
  return (
    <nav class="controls" aria-label={say('controls')} title={say('keys')}>
      {button('previous', say('previous'), act.previous, show.at <= 0)}
      <span class="of" dir="auto">{show.polls.length > 0 && say('of', { at: show.at + 1, n: show.polls.length })}</span>
      {button('next', say('next'), act.next, show.at >= show.polls.length - 1)}
      {button(show.revealed ? 'hidden' : 'eye', say(show.revealed ? 'hide' : 'reveal'), act.reveal, !show.poll)}
      {button(show.isFrozen ? 'play' : 'pause', say(show.isFrozen ? 'unfreeze' : 'freeze'), act.freeze, !show.poll)}
      {button('minus', say('smaller'), act.smaller)}
      {button('plus', say('larger'), act.larger)}
      {button('full', say('full'), act.full)}
    </nav>
  );
}
