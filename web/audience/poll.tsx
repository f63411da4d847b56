// One poll in the state the node says it is in: to be voted on, voted on, paused, over.
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { isWaiting, type Client, type Failure, type Poll, type Vote } from '../client/index.ts';
import { number, say } from '../shared/words.ts';
import { announce } from './announce.ts';
import { ballotOf, draftOf, emptyDraft, isComplete, type Draft } from './draft.ts';
import { Fields } from './fields.tsx';
import { ResultsView } from './results.tsx';

// `stands`: there is a vote that counts still, whatever became of this one or of taking it back; `overtaken`: it was for
// a round that is over.
function reason({ code, late_ms: late, detail }: Failure, stands: boolean, overtaken = false): string {
  const told = { what: say(stands ? 'aChange' : 'aVote'), so: say(stands ? 'stands' : 'notCounted') };
  if (code === 'poll_closed')
    return late === undefined ? say('closedBefore', told) : say('late', { ...told, s: number(Math.max(late / 1000, 0.1), late < 10_000 ? 1 : 0) });
  if (code === 'poll_paused') return say('pausedRefusal', told);
  if (code === 'already_voted') return say('already');
  if (code === 'poll_changed') return say(overtaken ? 'nextRound' : 'changed', told);
  if (code === 'poll_not_found') return say('removed', told);
  return say('refused', { ...told, why: detail ?? code });
}

// Where the ballot is on its way. What changes here is said to screen readers as well.
function Fate({ client, vote }: { client: Client; vote: Vote }) {
  const overtaken = (client.poll(vote.poll)?.round ?? 0) > vote.round;
  const text = vote.state === 'refused' ? reason(vote.why!, !!vote.before, overtaken) : say(vote.state);
  useEffect(() => announce(text), [text]);
  return (
    <p class={`fate ${vote.state}`} data-state={vote.state}>
      <span class="mark" aria-hidden="true">{{ sending: '', retrying: '↻', counted: '✓', refused: '!' }[vote.state]}</span>
      <span class="what">{text}</span>
    </p>
  );
}

// What was refused, until that was read.
export function Refused({ client, vote }: { client: Client; vote: Vote }) {
  return (
    <>
      <Fate client={client} vote={vote} />
      <button type="button" class="quiet" onClick={() => client.dismiss(vote)}>{say('understood')}</button>
    </>
  );
}

function Countdown({ client, poll }: { client: Client; poll: Poll }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 500);
    return () => clearInterval(timer);
  }, []);
  const left = Math.ceil((Date.parse(poll.closes_at!) - client.serverNow()) / 1000);
  if (left < 0 || left > 3600) return null;
  const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
  return <p class="countdown" role="timer">{say('closesIn', { time })}</p>;
}

interface Shown {
  client: Client;
  poll: Poll;
  locale: string;
  isReplaced: boolean; // where the reader had begun there was something else to choose, or another round
  setBusy(busy: boolean): void;
  next?: () => void;
}

interface Begun {
  begun: Draft | null;
  begin(draft: Draft): void;
}

function VoteForm({ client, poll, locale, setBusy, vote, begun, begin, done }: Shown & Begun & { vote: Vote | undefined; done(): void }) {
  const draft = begun ?? (vote ? draftOf(vote.ballot) : emptyDraft);
  const fill = (filled: Draft) => {
    begin(filled);
    setBusy(filled.choices.length > 0 || filled.rating !== null);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!isComplete(poll, draft)) return;
    setBusy(false);
    client.vote(poll.id, ballotOf(poll, draft));
    done();
  };
  return (
    <form onSubmit={submit}>
      <Fields poll={poll} locale={locale} draft={draft} fill={fill} />
      <div class="act">
        {poll.type === 'multiple' && <p class="hint">{say('chosen', { n: draft.choices.length, max: Math.min(poll.rules.max_choices, poll.options.length) })}</p>}
        <button class="main" disabled={!isComplete(poll, draft)}>{say(vote ? 'saveChange' : 'vote')}</button>
        {vote && <button type="button" class="quiet" onClick={done}>{say('keep')}</button>}
      </div>
    </form>
  );
}

function Own({ poll, vote, locale }: { poll: Poll; vote: Vote; locale: string }) {
  const labels = (vote.ballot.choices ?? []).map((id) => poll.options.find((option) => option.id === id)?.label ?? id);
  return (
    <div class="own">
      <h2>{say('yours')}</h2>
      {vote.ballot.rating !== undefined && <p class="score">{say('step', { n: vote.ballot.rating, max: poll.rules.scale ?? 0 })}</p>}
      <ol class={poll.type === 'ranking' ? 'numbered' : ''}>{labels.map((label) => <li dir="auto" lang={locale} key={label}>{label}</li>)}</ol>
    </div>
  );
}

function Voted({ client, poll, locale, vote, next, change }: Shown & { vote: Vote; change(): void }) {
  const [problem, setProblem] = useState<Failure | null>(null);
  const mayChange = poll.status === 'open' && poll.rules.allow_change && vote.state === 'counted';
  // The node is heard again, and so is which ballot it has.
  useEffect(() => {
    if (client.hearing !== 'lost') setProblem(null);
  }, [client.hearing]);
  const withdraw = async () => {
    const why = await client.withdraw(poll.id);
    setProblem(why);
    if (!why) announce(say('withdrawn'));
  };
  return (
    <div class="voted">
      {vote.why ? <Refused client={client} vote={vote} /> : <Fate client={client} vote={vote} />}
      {(isWaiting(vote) || (vote.state === 'counted' && !client.results.has(poll.id))) && <Own poll={poll} vote={vote} locale={locale} />}
      {next && vote.state === 'counted' && <button type="button" class="main" onClick={next}>{say('nextQuestion')}</button>}
      {mayChange && (
        <p class="pair">
          <button type="button" class="quiet" onClick={change}>{say('change')}</button>
          <button type="button" class="quiet" onClick={withdraw}>{say('withdraw')}</button>
        </p>
      )}
      {problem && (
        <p class="wrong" role="alert">
          {problem.code === 'no_answer' ? say('notTold') : problem.code === 'internal' ? say('notBack') : reason(problem, true)}
        </p>
      )}
    </div>
  );
}

export function PollView(shown: Shown) {
  const { client, poll, locale } = shown;
  const [changing, setChanging] = useState(false);
  const [begun, begin] = useState<Draft | null>(null); // outlives a pause
  const [isReplaced] = useState(shown.isReplaced);
  useEffect(() => shown.setBusy(false), []);
  const vote = client.voteIn(poll);
  const results = client.results.get(poll.id);
  useEffect(() => void client.recall(poll), [client.voter, client.hearing]);
  const done = () => (setChanging(false), begin(null));
  useEffect(() => {
    if (poll.status === 'closed') setChanging(false);
  }, [poll.status]);
  // A question that comes, goes on, pauses or ends is said as well as shown.
  useLayoutEffect(() => announce(poll.status === 'paused' || poll.status === 'closed' ? say(poll.status) : poll.question), [poll.status]);
  const voting = poll.status === 'open' && (!vote || (changing && !isWaiting(vote)));
  const over = poll.status === 'closed';
  return (
    <main class="poll">
      <h1 dir="auto" lang={locale} class={poll.question.length > 200 ? 'long longest' : poll.question.length > 90 ? 'long' : ''}>{poll.question}</h1>
      {poll.status === 'open' && poll.closes_at && <Countdown client={client} poll={poll} />}
      {poll.status === 'paused' && <p class="lead">{say('paused')}</p>}
      {over && !vote?.why && <p class="lead">{say('closed')}</p>}
      {voting && isReplaced && !begun && <p class="wrong" role="alert">{say('replaced')}</p>}
      {voting && <VoteForm {...shown} vote={vote} begun={begun} begin={begin} done={done} />}
      {!voting && vote && <Voted {...shown} vote={vote} change={() => setChanging(true)} />}
      {!voting && results && <ResultsView poll={poll} results={results} locale={locale} own={vote?.state === 'counted' ? vote.ballot : vote?.before} />}
      {over && !results && <p class="lead">{say('later')}</p>}
      {vote?.receipt && vote.state === 'counted' && <p class="receipt">{say('receipt')} <code>{vote.receipt}</code></p>}
    </main>
  );
}
