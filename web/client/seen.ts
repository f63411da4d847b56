// What was last seen of the last event, for a page that is loaded again where nobody answers. No I/O but the world's.
import type { Event, Poll } from './types.ts';
import type { World } from './world.ts';

export interface Seen {
  event: Event;
  polls: Poll[];
}

const name = 'tallycast.seen';

export function seen(world: Pick<World, 'read'>): Seen | null {
  try {
    const kept = JSON.parse(world.read(name) ?? '') as Seen;
    return typeof kept.event.id === 'string' && typeof kept.event.code === 'string' && Array.isArray(kept.polls) ? kept : null;
  } catch {
    return null;
  }
}

export const remember = (world: Pick<World, 'write'>, { event, polls }: Seen) => world.write(name, JSON.stringify({ event, polls }));
