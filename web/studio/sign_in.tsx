import { useEffect, useRef, useState } from 'preact/hooks';

import { say } from '../shared/words.ts';
import { api, Refused, type Session } from './api.ts';

export function SignIn({ done }: { done(session: Session): void }) {
  const [wrong, setWrong] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const host_key = field.current!.value.trim();
    try {
      done(await api<Session>('POST', '/v1/session', { host_key }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setWrong(error.status === 401 ? say('wrong_key') : error.code === 'no_answer' ? say('no_answer') : error.message);
      field.current?.focus();
    }
  };
  return (
    <main class="sign-in">
      <form class="card" onSubmit={(event) => void submit(event)}>
        <h1>{say('sign_in')}</h1>
        <label>
          {say('host_key')}
          <input name="key" ref={field} type="password" autocomplete="current-password" required maxLength={256} spellcheck={false}
            aria-describedby="key-hint key-wrong" aria-invalid={wrong !== ''} />
        </label>
        <p class="wrong" id="key-wrong" role="alert">{wrong}</p>
        <button class="main">{say('sign_in')}</button>
        <p class="hint" id="key-hint">{say('key_hint')}</p>
      </form>
    </main>
  );
}
