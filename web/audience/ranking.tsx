// An order, made by tapping, by buttons or by dragging. The buttons are all it takes; dragging is for fingers that like it.
// A mouse drags an item by any part of it, and a finger by its number; by the rest of it a finger scrolls, or drags after
// having held it for a moment.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Option } from '../client/index.ts';
import { say } from '../shared/words.ts';
import { announce } from './announce.ts';
import { moved, mostOf, toggled } from './draft.ts';
import { sizeOf, type Filling } from './fields.tsx';

const holdTime = 300; // ms
const ends = ['pointerup', 'pointercancel'];

// The place in the list under a finger, by the middles of its items.
function placeAt(list: HTMLElement, y: number): number {
  const middles = [...list.children].map((item) => {
    const { top, height } = item.getBoundingClientRect();
    return top + height / 2;
  });
  return Math.max(0, Math.min(middles.length - 1, middles.filter((middle) => middle < y).length));
}

export function Ranking({ poll, locale, draft, fill }: Filling) {
  const list = useRef<HTMLOListElement>(null);
  const [dragged, setDragged] = useState<string | null>(null);
  const focus = useRef<string | null>(null); // the button to be on when the list has moved under it
  const byId = new Map(poll.options.map((option) => [option.id, option]));
  const ranked = draft.choices.map((id) => byId.get(id)).filter((option): option is Option => !!option);
  const rest = poll.options.filter(({ id }) => !draft.choices.includes(id));

  // Before the next key can arrive: an effect after the paint would take the focus back from whoever has tabbed on.
  useLayoutEffect(() => {
    if (focus.current === null) return;
    const wanted = document.getElementById(focus.current) as HTMLButtonElement | null;
    focus.current = null;
    // At either end one of the arrows has nowhere to go; the other one is beside it.
    const button = wanted?.disabled ? wanted.parentElement!.querySelector<HTMLButtonElement>('button:not(:disabled)') : wanted;
    button?.focus();
  });

  const add = (option: Option) => {
    const next = toggled(poll, draft, option.id);
    focus.current = `up-${option.id}`;
    fill(next);
    announce(say('ranked', { label: option.label, n: next.choices.length }));
  };
  const drop = (option: Option) => {
    focus.current = `add-${option.id}`;
    fill(toggled(poll, draft, option.id));
    announce(say('unranked', { label: option.label }));
  };
  const move = (option: Option, to: number, button?: string) => {
    if (button) focus.current = `${button}-${option.id}`;
    fill(moved(draft, option.id, to));
    announce(say('ranked', { label: option.label, n: to + 1 }));
  };
  const drag = useRef((_: PointerEvent) => {});
  drag.current = ({ clientY }) => {
    const option = byId.get(dragged ?? '');
    if (!option || !list.current) return;
    const to = placeAt(list.current, clientY);
    if (to !== draft.choices.indexOf(option.id)) move(option, to);
  };
  // On the window, because the item moves in the document while it is dragged, and loses what it had captured.
  useEffect(() => {
    if (dragged === null) return;
    const follow = (event: PointerEvent) => drag.current(event);
    const release = () => setDragged(null);
    addEventListener('pointermove', follow);
    for (const end of ends) addEventListener(end, release);
    return () => {
      removeEventListener('pointermove', follow);
      for (const end of ends) removeEventListener(end, release);
    };
  }, [dragged]);
  // A finger that drags does not scroll. Listened to from the first, or the browser would not ask.
  const isDragged = useRef(false);
  isDragged.current = dragged !== null;
  useEffect(() => list.current!.addEventListener('touchmove', (event) => isDragged.current && event.preventDefault(), { passive: false }), []);
  const hold = ({ target, pointerType }: PointerEvent, id: string) => {
    const touched = target as Element;
    if (touched.closest('button')) return;
    if (pointerType === 'mouse' || touched.closest('.handle')) return setDragged(id);
    const timer = setTimeout(setDragged, holdTime, id);
    for (const end of ends) addEventListener(end, () => clearTimeout(timer), { once: true });
  };

  return (
    <>
      <ol class="ranked" ref={list}>
        {ranked.map((option, i) => (
          <li key={option.id} class={`card ${sizeOf(option)} ${dragged === option.id ? 'dragged' : ''}`} onPointerDown={(event) => hold(event, option.id)}>
            <span class="handle" aria-hidden="true">{i + 1}</span>
            <span class="label" dir="auto" lang={locale}>{option.label}</span>
            <span class="arrows">
              <button type="button" id={`up-${option.id}`} disabled={i === 0} aria-label={say('up', { label: option.label })}
                onClick={() => move(option, i - 1, 'up')}>↑</button>
              <button type="button" id={`down-${option.id}`} disabled={i === ranked.length - 1}
                aria-label={say('down', { label: option.label })} onClick={() => move(option, i + 1, 'down')}>↓</button>
              <button type="button" id={`drop-${option.id}`} aria-label={say('drop', { label: option.label })}
                onClick={() => drop(option)}>×</button>
            </span>
          </li>
        ))}
      </ol>
      <ul class="unranked">
        {rest.map((option) => (
          <li key={option.id}>
            <button type="button" id={`add-${option.id}`} class={`card ${sizeOf(option)}`} disabled={ranked.length >= mostOf(poll)}
              aria-label={say('add', { label: option.label })} onClick={() => add(option)}>
              <span class="handle" aria-hidden="true">+</span>
              <span class="label" dir="auto" lang={locale}>{option.label}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
