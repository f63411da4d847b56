// An event as a whole: its polls to a file and from one, a copy of it, its end.
import type { Event, Poll } from '../client/index.ts';
import { say } from '../shared/words.ts';
import { api, Refused } from './api.ts';
import { addEvent, addPolls, NotAdded } from './bring_in.ts';
import { useDesk } from './desk.tsx';
import { portable, readPortable, type Portable } from './portable.ts';
import { troubleIn } from './trouble.ts';

interface Props {
  event: Event;
  polls: Poll[];
  added(poll: Poll): void;
  copied(event: Event): void;
  deleted(): void;
}

// Passes on what was made, or says in words which poll was refused, and what is left.
export async function allOrNothing<Made>(making: Promise<Made>): Promise<Made> {
  return making.catch((error: unknown) => {
    if (!(error instanceof NotAdded && error.why instanceof Refused)) throw error;
    const { question, labels, why, left } = error;
    const detail = say(left ? 'partly_added' : 'not_added', { name: question, why: troubleIn(why, labels).text, n: left });
    throw new Refused(why.status, { code: 'not_added', detail });
  });
}

export function FileButton({ label, take }: { label: string; take(file: Portable): Promise<void> }) {
  const { attempt, tell } = useDesk();
  const load = (input: HTMLInputElement) => attempt(async () => {
    const file = input.files?.[0];
    const read = file && readPortable(await file.text());
    input.value = '';
    if (read) await take(read);
    else tell(say('not_ours'));
  });
  return (
    <label class="button file">{label}<input type="file" accept="application/json,.json" onChange={(chosen) => void load(chosen.currentTarget)} /></label>
  );
}

export function Files({ event, polls, added, copied, deleted }: Props) {
  const { attempt, tell, ask, mayLeave } = useDesk();
  const save = () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([JSON.stringify(portable(event, polls), null, 2)], { type: 'application/json' }));
    link.download = `tallycast-${event.code}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const take = async (file: Portable) => {
    const made = await allOrNothing(addPolls(api, event.id, file.polls));
    made.forEach(added);
    tell(say('imported', { n: made.length }));
  };
  const copy = async () => {
    if (!(await mayLeave())) return;
    await attempt(async () => {
      copied(await allOrNothing(addEvent(api, { ...portable(event, polls), title: say('copy_of', { name: event.title }).slice(0, 200) })));
      tell(say('done_save'));
    });
  };
  const remove = async () => {
    if (!(await ask(say('ask_delete_event', { name: event.title }), say('delete')))) return;
    await attempt(async () => {
      await api('DELETE', `/v1/events/${event.id}`);
      deleted();
      tell(say('done_delete'));
    });
  };
  return (
    <div class="row">
      <button type="button" disabled={polls.length === 0} onClick={save}>{say('export')}</button>
      <FileButton label={say('import')} take={take} />
      <button type="button" onClick={() => void copy()}>{say('copy_event')}</button>
      <button type="button" class="destroys" onClick={() => void remove()}>{say('delete_event')}</button>
    </div>
  );
}
