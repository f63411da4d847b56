// Polls, or a whole event, made from a file or a copy: all of it, or nothing. What was made before something was refused
// is deleted again; no I/O but the host's calls.
import type { Event, Poll } from '../client/types.ts';
import { all, Refused, type Call } from './api.ts';
import type { Definition, Portable } from './portable.ts';

// Told after each poll how many are made.
export type Progress = (made: number) => void;

// `left` polls of those made before could not be deleted again, or may be there without anybody knowing.
export class NotAdded extends Error {
  readonly question: string;
  readonly labels: string[];
  readonly why: unknown;
  left: number;
  constructor({ question, options = [] }: Pick<Definition, 'question' | 'options'>, why: unknown, left: number) {
    super(`${question} was not added`);
    this.question = question;
    this.labels = options.map(({ label }) => label);
    this.why = why;
    this.left = left;
  }
}

async function deleted(call: Call, paths: string[]): Promise<number> {
  const tried = await Promise.allSettled(paths.map((path) => call('DELETE', path)));
  return tried.filter(({ status }) => status === 'fulfilled').length;
}

const pollsOf = (call: Call, event: string) => all<Poll>(`/v1/events/${event}/polls`, call);

// The poll whose answer was lost, if it was made all the same: none of `known`, and asking what was asked. Null: unknown.
async function madeUnanswered(call: Call, event: string, question: string, known: Set<string>): Promise<string[] | null> {
  const there = await pollsOf(call, event).catch(() => null);
  return there && there.filter((poll) => poll.question === question && !known.has(poll.id)).map(({ id }) => id);
}

export async function addPolls(call: Call, event: string, definitions: Definition[], progress: Progress = () => {}): Promise<Poll[]> {
  const before = (await pollsOf(call, event)).map(({ id }) => id);
  const made: Poll[] = [];
  for (const definition of definitions)
    try {
      made.push(await call<Poll>('POST', `/v1/events/${event}/polls`, definition));
      progress(made.length);
    } catch (why) {
      const own = made.map(({ id }) => id);
      const wasAnswered = why instanceof Refused && !why.passes;
      const lost = wasAnswered ? [] : await madeUnanswered(call, event, definition.question, new Set([...before, ...own]));
      const toGo = [...own, ...(lost ?? [])];
      const gone = await deleted(call, toGo.map((id) => `/v1/polls/${id}`));
      throw new NotAdded(definition, why, toGo.length - gone + (lost ? 0 : 1));
    }
  return made;
}

export async function addEvent(call: Call, { title, settings, polls }: Omit<Portable, 'tallycast'>, progress?: Progress): Promise<Event> {
  const event = await call<Event>('POST', '/v1/events', { title, settings });
  try {
    await addPolls(call, event.id, polls, progress);
    return event;
  } catch (why) {
    if (!(why instanceof NotAdded)) throw why;
    const gone = await deleted(call, [`/v1/events/${event.id}`]);
    if (gone) why.left = 0;
    throw why;
  }
}
