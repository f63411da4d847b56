// What every part of the studio has at hand: a question before what destroys, a word after what was done, with
// its undoing where there is one, and one place for refusals.
import { createContext, type ComponentChildren } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';

import { say } from '../shared/words.ts';
import { Refused } from './api.ts';

export interface Desk {
  tell(text: string, undo?: () => Promise<unknown>): void;
  ask(text: string, yes: string): Promise<boolean>;
  // Whether it went well; a refusal has been told.
  attempt(what: () => Promise<unknown>): Promise<boolean>;
}

const shared = createContext<Desk>(null as unknown as Desk);
export const useDesk = () => useContext(shared);

interface Note {
  text: string;
  bad?: boolean;
  undo?: () => Promise<unknown>;
}
interface Question {
  text: string;
  yes: string;
  answer(yes: boolean): void;
}

const noteTime = 10_000;

export function DeskProvider({ signedOut, children }: { signedOut(): void; children: ComponentChildren }) {
  const [note, setNote] = useState<Note | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const attempt = async (what: () => Promise<unknown>) => {
    try {
      await what();
      return true;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status === 401) signedOut();
      const known = error.code === 'no_answer' ? say('no_answer') : error.code === 'rate_limited' ? say('too_many') : error.message;
      setNote({ text: known, bad: true });
      return false;
    }
  };
  const desk: Desk = {
    attempt,
    tell: (text, undo) => setNote({ text, undo }),
    ask: (text, yes) => new Promise((done) => setQuestion({ text, yes, answer: (is) => (setQuestion(null), done(is)) })),
  };
  useEffect(() => {
    if (!note) return;
    const timer = setTimeout(() => setNote(null), noteTime);
    return () => clearTimeout(timer);
  }, [note]);
  const undo = note?.undo;
  return (
    <shared.Provider value={desk}>
      {children}
      <div class={note ? 'toast shown' : 'toast'} role={note?.bad ? 'alert' : 'status'} data-bad={note?.bad}>
        {note && <span dir="auto">{note.text}</span>}
        {undo && <button type="button" onClick={() => (setNote(null), void attempt(undo))}>{say('undo')}</button>}
      </div>
      {question && <Ask question={question} cancel={say('cancel')} />}
    </shared.Provider>
  );
}

function Ask({ question: { text, yes, answer }, cancel }: { question: Question; cancel: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="asked" onCancel={(event) => (event.preventDefault(), answer(false))}>
      <p id="asked" dir="auto">{text}</p>
      <div class="row end">
        <button type="button" onClick={() => answer(false)}>{cancel}</button>
        <button type="button" class="destroys" onClick={() => answer(true)}>{yes}</button>
      </div>
    </dialog>
  );
}
