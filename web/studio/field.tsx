// A field of a form that the node may refuse: it is marked then, has the focus, and says why until it is written in again.
import { useLayoutEffect, useState } from 'preact/hooks';

import { Refused } from './api.ts';
import { troubleIn, type Field, type Trouble } from './trouble.ts';

export interface Fields {
  // Of the field itself, whatever else it has.
  mark(name: Field): { 'aria-invalid'?: true; 'aria-describedby'?: string };
  why(name: Field): preact.JSX.Element | null;
  written(names: string[]): void;
  // A refusal: taken where it is about a field of this form.
  took(labels?: string[]): (refused: Refused) => boolean;
}

export function useFields(form: string, ...own: Field[]): Fields {
  const [trouble, tell] = useState<Trouble | null>(null);
  const id = (name: Field) => `${form}-${name}-wrong`;
  useLayoutEffect(() => {
    if (trouble) document.querySelector<HTMLElement>(`[aria-describedby~="${id(trouble.field!)}"]`)?.focus();
  }, [trouble]);
  const isWrong = (name: Field) => trouble?.field === name;
  return {
    mark: (name) => (isWrong(name) ? { 'aria-invalid': true, 'aria-describedby': id(name) } : {}),
    why: (name) => (isWrong(name) ? <span class="wrong" id={id(name)}>{trouble!.text}</span> : null),
    written: (names) => trouble && names.includes(trouble.field!) && tell(null),
    took: (labels) => (refused) => {
      const found = troubleIn(refused, labels);
      const isOurs = found.field !== null && own.includes(found.field);
      tell(isOurs ? found : null);
      return isOurs;
    },
  };
}
