import { useEffect, useRef, useState } from 'preact/hooks';
import type { Event, Failure } from '../client/index.ts';
import { say } from '../shared/words.ts';
import type { Here } from './app.tsx';
import { codeIn } from './code.ts';

// What went wrong, in words; and after how many ms to try again, where the node is only busy.
interface Refusal {
  why: string;
  isUnknown?: boolean;
  again?: number;
}

// null: the event was entered.
async function join(typed: string, enter: (here: Here) => void): Promise<Refusal | null> {
  const code = typed.replace(/[\s-]/g, '');
  if (!/^[a-z0-9]{6,8}$/i.test(code)) return { why: say('shortCode') };
  try {
    const reply = await fetch('/v1/join', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    });
    const told = (await reply.json()) as { event: Event } & Failure;
    if (reply.ok) return enter({ event: told.event.id, code: told.event.code }), null;
    if (reply.status === 404) return { why: say('wrongCode'), isUnknown: true };
    const again = told.retry_after_ms;
    return again ? { why: say('busy', { s: Math.ceil(again / 1000) }), again } : { why: say('noAnswer') };
  } catch {
    return { why: say('noAnswer') };
  }
}

// `was`: the reader has been in the event that the address is of. `told`: the node has refused the address it was asked for. Asking again tells why, and a node that was too busy for
// whoever scanned the code may let them in by now.
export interface Joining {
  typed: string;
  told: boolean;
  was: boolean;
  enter(here: Here): void;
}

export function JoinView({ typed, told, was, enter }: Joining) {
  const [wrong, setWrong] = useState('');
  const [isGone, setGone] = useState(false); // its words may come later than this
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const next = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const submit = async () => {
    clearTimeout(next.current);
    setBusy(true);
    const refused = await join(field.current!.value, enter);
    setBusy(false);
    if (!refused) return;
    setGone(!!refused.isUnknown && was && field.current!.value === typed);
    setWrong(refused.why);
    if (refused.again) next.current = setTimeout(submit, refused.again);
    else field.current?.focus();
  };
  useEffect(() => {
    if (told) void submit();
    return () => clearTimeout(next.current);
  }, []);
  return (
    <main class="join">
      <h1>{say('joinTitle')}</h1>
      <p class="lead" id="lead">{say('joinLead')}</p>
      <form onSubmit={(event) => (event.preventDefault(), void submit())} noValidate>
        <label for="code">{say('code')}</label>
        <input id="code" ref={field} defaultValue={typed} maxLength={300} autocomplete="off" autocapitalize="characters"
          spellcheck={false} enterkeyhint="go" aria-describedby="lead wrong" aria-invalid={wrong !== ''} autofocus
          onInput={({ currentTarget: typing }) => (typing.value = codeIn(typing.value))} />
        <p id="wrong" class="wrong" role="alert">{isGone ? say('gone') : wrong}</p>
        <button class="main" disabled={busy}>{say(busy ? 'joining' : 'join')}</button>
      </form>
    </main>
  );
}
