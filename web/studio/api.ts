// The host's calls. The key is in a cookie that no script sees; a refusal is thrown with what the node said.
import { browserWorld, type Failure, type Poll, type Results } from '../client/index.ts';
import { Door } from './door.ts';

export interface Session {
  tenant: { id: string; name: string };
  key: { id: string; prefix: string; label: string };
}

export interface Ledger {
  poll: string;
  round: number;
  received: number;
  counted: number;
  changed: number;
  replayed: number;
  withdrawn: number;
  rejected: Record<string, number>;
  voters: number;
  balanced: boolean;
}

export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly again: number; // ms after which the node wants to be asked again
  constructor(status: number, told: Failure | null) {
    super(told?.detail ?? told?.code ?? `${status}`);
    this.status = status;
    this.code = told?.code ?? 'internal';
    this.again = told?.retry_after_ms ?? 0;
  }

  // Asked later, the node may say something else.
  get passes(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

const world = browserWorld();
const session = '/v1/session'; // where one signs in: whoever asks there is told
export const door = new Door();

export async function api<Answer = unknown>(method: string, path: string, body?: unknown, token?: string): Promise<Answer> {
  const { visit } = door;
  const reply = await world.call(method, path, body, token ? { authorization: `Bearer ${token}` } : {}).catch(() => ({ status: 0, body: { code: 'no_answer' } }));
  if (reply.status === 401 && path !== session && !token && (await door.again(visit))) return api(method, path, body, token);
  if (reply.status < 200 || reply.status > 299) throw new Refused(reply.status, reply.body as Failure | null);
  return reply.body as Answer;
}

export const signedIn = () => api<Session>('GET', session);
export const signIn = (host_key: string) => api<Session>('POST', session, { host_key });
export const signOut = () => api('DELETE', session);

export type Call = <Answer>(method: string, path: string, body?: unknown) => Promise<Answer>;

// All pages of a list.
export async function all<Item>(path: string, call: Call = api): Promise<Item[]> {
  const items: Item[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
    const page: { items: Item[]; next_cursor: string | null } = await call('GET', `${path}?limit=200${query}`);
    items.push(...page.items);
    cursor = page.next_cursor;
  }
  return items;
}

export type Step = 'open' | 'pause' | 'close' | 'reset' | 'archive';

export const step = (poll: Poll, what: Step, body?: object) => api<Poll>('POST', `/v1/polls/${poll.id}/${what}`, body);
export const change = (poll: Poll, patch: object) => api<Poll>('PATCH', `/v1/polls/${poll.id}`, patch);
export const create = (event: string, definition: object) => api<Poll>('POST', `/v1/events/${event}/polls`, definition);
// Of the present round where none is asked for. A watcher's token sees them whoever else may; the cookie is for the host's own routes.
export const resultsOf = (poll: Poll, watcher: string, round = poll.round) => api<Results>('GET', `/v1/polls/${poll.id}/results?round=${round}`, undefined, watcher);
export const ledgerOf = (poll: string) => api<Ledger>('GET', `/v1/polls/${poll}/ledger`);
