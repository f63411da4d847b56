import { useRef, useState } from 'preact/hooks';
import type { Event, Failure } from '../client/index.ts';
import { say } from '../shared/words.ts';
import type { Here } from './app.tsx';

// What went wrong, in words; null: the event was entered.
async function join(typed: string, enter: (here: Here) => void): Promise<string | null> {
  if (!/^[a-z0-9]{6,8}$/i.test(typed.replace(/[\s-]/g, ''))) return say('shortCode');
  try {
    const reply = await fetch('/v1/join', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: typed }),
    });
    const told = (await reply.json()) as { event: Event } & Failure;
    if (reply.ok) return enter({ event: told.event.id, code: told.event.code }), null;
    if (reply.status === 404) return say('wrongCode');
    return told.retry_after_ms ? say('busy', { s: Math.ceil(told.retry_after_ms / 1000) }) : say('noAnswer');
  } catch {
    return say('noAnswer');
  }
}

export function JoinView({ typed, told, enter }: { typed: string; told: boolean; enter(here: Here): void }) {
  const [wrong, setWrong] = useState(told ? say('wrongCode') : '');
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    const why = await join(field.current!.value, enter);
    setBusy(false);
    if (why === null) return;
    setWrong(why);
    field.current?.focus();
  };
  return (
    <main class="join">
      <h1>{say('joinTitle')}</h1>
      <p class="lead" id="lead">{say('joinLead')}</p>
      <form onSubmit={submit} noValidate>
        <label for="code">{say('code')}</label>
        <input id="code" ref={field} defaultValue={typed} maxLength={20} autocomplete="off" autocapitalize="characters"
          spellcheck={false} enterkeyhint="go" aria-describedby="lead wrong" aria-invalid={wrong !== ''} autofocus />
        <p id="wrong" class="wrong" role="alert">{wrong}</p>
        <button class="main" disabled={busy}>{say(busy ? 'joining' : 'join')}</button>
      </form>
    </main>
  );
}
