// Where the host has led everybody: by what the node says alone, so that phones and screens agree. Pure.
import type { Poll } from '../client/types.ts';

const newest = (polls: readonly Poll[], when: (poll: Poll) => string | null) =>
  polls.reduce<Poll | undefined>((best, poll) => (!best || (when(poll) ?? '') > (when(best) ?? '') ? poll : best), undefined);

export const isRunning = (poll: Poll) => poll.status === 'open' || poll.status === 'paused';
export const running = (polls: readonly Poll[]): Poll[] => polls.filter(isRunning);

// With polls that run, the one opened last; without, the one that closed last.
export function followed(polls: readonly Poll[]): Poll | undefined {
  return newest(running(polls), (poll) => poll.opened_at) ?? newest(polls.filter((poll) => poll.status === 'closed'), (poll) => poll.closed_at);
}
