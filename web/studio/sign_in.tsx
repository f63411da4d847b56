// The door of the desk: a page of its own for whoever comes, and a dialog over the desk where its sign-in has ended, so
// that what is written there stays.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

import { say } from '../shared/words.ts';
import { Refused, signIn, type Session } from './api.ts';

interface Props {
  done(session: Session): void;
}

export const SignIn = ({ done }: Props) => <main class="sign-in"><KeyForm done={done} /></main>;

export function SignInAgain({ done }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Closed before it goes, it gives the focus back to where it was.
  useLayoutEffect(() => {
    const shown = dialog.current!;
    shown.showModal();
    return () => shown.close();
  }, []);
  return (
    <dialog class="again" ref={dialog} aria-labelledby="sign-in-title" aria-describedby="sign-in-why" onCancel={(event) => event.preventDefault()}
      onClose={() => dialog.current?.showModal()}>
      <KeyForm done={done} why={say('sign_in_again')} />
    </dialog>
  );
}

function KeyForm({ done, why }: Props & { why?: string }) {
  const [wrong, setWrong] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const host_key = field.current!.value.trim();
    try {
      done(await signIn(host_key));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setWrong(error.status === 401 ? say('wrong_key') : error.code === 'no_answer' ? say('no_answer') : error.message);
      field.current?.focus();
    }
  };
  return (
    <form class="card" onSubmit={(event) => void submit(event)}>
      <h1 id="sign-in-title">{say('sign_in')}</h1>
      {why && <p id="sign-in-why">{why}</p>}
      <label>
        {say('host_key')}
        <input name="key" ref={field} type="password" autocomplete="current-password" required maxLength={256} spellcheck={false}
          aria-describedby="key-hint key-wrong" aria-invalid={wrong !== ''} />
      </label>
      <p class="wrong" id="key-wrong" role="alert">{wrong}</p>
      <button class="main">{say('sign_in')}</button>
      <p class="hint" id="key-hint">{say('key_hint')}</p>
    </form>
  );
}
