// What every part of the studio has at hand: a question before what destroys, a word after what was done, with
// its undoing where there is one, one place for refusals, and patience where the node is busy.
import { createContext, type ComponentChildren } from 'preact';
import { useContext, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

import { backOff } from '../client/index.ts';
import { say } from '../shared/words.ts';
import { Refused } from './api.ts';
import { troubleIn } from './trouble.ts';

export interface Desk {
  tell(text: string, undo?: () => Promise<unknown>): void;
  ask(text: string, yes: string): Promise<boolean>;
  // Which of the answers was given; null: none of them, and nothing is done.
  choose(text: string, ...answers: string[]): Promise<number | null>;
  // Whether it went well; a refusal has been told, or taken by `took`.
  attempt(what: () => Promise<unknown>, took?: (refused: Refused) => boolean): Promise<boolean>;
  // What a part of the desk cannot do without: tried until it went well or is refused for good. Gives what calls it off.
  load(what: () => Promise<unknown>): () => void;
  // Whether something is written and not saved; mayLeave asks then, and the browser before the page goes away.
  unsaved: { current: boolean };
  mayLeave(): Promise<boolean>;
}

const shared = createContext<Desk>(null as unknown as Desk);
export const useDesk = () => useContext(shared);

interface Note {
  text: string;
  bad?: boolean;
  waits?: boolean; // as long as something is being tried
  undo?: () => Promise<unknown>;
}
interface Question {
  text: string;
  answers: string[];
  answer(which: number | null): void;
}

const noteTime = 10_000;

export function DeskProvider({ children }: { children: ComponentChildren }) {
  const [note, setNote] = useState<Note | null>(null);
  const [question, setQuestion] = useState<Question | null>(null);
  const unsaved = useRef(false);
  const refused = (error: unknown) => {
    if (!(error instanceof Refused)) throw error;
    if (error.status !== 401) setNote({ text: troubleIn(error).text, bad: true });
  };
  const load = (what: () => Promise<unknown>) => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const noMoreWaiting = () => setNote((now) => (now?.waits ? null : now));
    const go = async (failures: number) => {
      try {
        await what();
        if (failures) noMoreWaiting();
      } catch (error) {
        if (over) return;
        if (!(error instanceof Refused && error.passes)) return refused(error);
        setNote({ text: say('busy'), bad: true, waits: true });
        timer = setTimeout(() => void go(failures + 1), Math.max(error.again, backOff(failures, Math.random())));
      }
    };
    void go(0);
    return () => {
      over = true;
      clearTimeout(timer);
      if (timer) noMoreWaiting();
    };
  };
  const choose = (text: string, ...answers: string[]) =>
    new Promise<number | null>((done) => setQuestion({ text, answers, answer: (which) => (setQuestion(null), done(which)) }));
  const ask = async (text: string, yes: string) => (await choose(text, yes)) !== null;
  const desk: Desk = {
    load,
    ask,
    choose,
    unsaved,
    attempt: (what, took) => (setNote((now) => (now?.bad && !now.waits ? null : now)), what()).then(() => true, (error) => ((error instanceof Refused && took?.(error)) || refused(error), false)),
    tell: (text, undo) => setNote({ text, undo }),
    mayLeave: async () => {
      if (unsaved.current && !(await ask(say('ask_leave'), say('leave')))) return false;
      unsaved.current = false;
      return true;
    },
  };
  const attempt = desk.attempt;
  useEffect(() => {
    const leaving = (event: BeforeUnloadEvent) => unsaved.current && event.preventDefault();
    addEventListener('beforeunload', leaving);
    return () => removeEventListener('beforeunload', leaving);
  }, []);
  useEffect(() => {
    if (!note || note.waits) return;
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

function Ask({ question: { text, answers, answer }, cancel }: { question: Question; cancel: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="asked" onCancel={(event) => (event.preventDefault(), answer(null))}>
      <p id="asked" dir="auto">{text}</p>
      <div class="row end">
        <button type="button" onClick={() => answer(null)}>{cancel}</button>
        {answers.map((one, at) => <button type="button" key={one} class="destroys" onClick={() => answer(at)}>{one}</button>)}
      </div>
    </dialog>
  );
}
