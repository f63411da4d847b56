// Everything the client asks of where it runs, so that its tests can be that place.

export interface Reply {
  status: number;
  body: unknown; // JSON, or null
  date?: string | null; // when the node answered, in whole seconds
}

export interface Socket {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
}

export interface Stream {
  close(): void;
  listen(type: string, heard: (data: string) => void): void;
  onbroken: (() => void) | null;
}

export interface World {
  // Rejects when nobody answered.
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  socket(path: string): Socket;
  stream(path: string): Stream;
  // Calls later; the answer calls it off.
  after(ms: number, what: () => void): () => void;
  now(): number;
  random(): number; // from 0 to below 1
  key(): string; // a new one of at most 64 visible ASCII characters
  read(name: string): string | null;
  write(name: string, text: string | null): void; // null: takes it away
  names(prefix: string): string[]; // of what is kept
  // Another page has written, or taken away what had the name; the answer calls it off.
  watch(changed: (gone: string | null) => void): () => void;
}

const answerTime = 10_000;

// A store that is full, forbidden or not there only means that nothing outlives the page.
function kept<T>(use: () => T): T | null {
  try {
    return use();
  } catch {
    return null;
  }
}

async function call(base: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), answerTime);
  try {
    const sent = body === undefined ? headers : { ...headers, 'content-type': 'application/json' };
    const reply = await fetch(base + path, {
      method,
      headers: sent,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: stop.signal,
      cache: 'no-cache',
    });
    return { status: reply.status, body: await reply.json().catch(() => null), date: reply.headers.get('date') };
  } finally {
    clearTimeout(timer);
  }
}

function stream(url: string): Stream {
  const source = new EventSource(url);
  const made: Stream = {
    close: () => source.close(),
    listen: (type, heard) => source.addEventListener(type, (event) => heard((event as MessageEvent<string>).data)),
    onbroken: null,
  };
  // The client has a back-off of its own, so a stream that breaks is closed for good.
  source.onerror = () => {
    source.close();
    made.onbroken?.();
  };
  return made;
}

// A browser's page; `base` is the node's origin, or empty where the page came from it.
export function browserWorld(base = ''): World {
  return {
    call: (method, path, body, headers) => call(base, method, path, body, headers),
    socket: (path) => {
      const url = new URL(base + path, location.href);
      url.protocol = url.protocol.replace('http', 'ws');
      return new WebSocket(url, 'tallycast.v1') as Socket;
    },
    stream: (path) => stream(base + path),
    after: (ms, what) => {
      const timer = setTimeout(what, ms);
      return () => clearTimeout(timer);
    },
    now: () => Date.now(),
    random: Math.random,
    key: () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(''),
    read: (name) => kept(() => localStorage.getItem(name)),
    write: (name, text) => void kept(() => (text === null ? localStorage.removeItem(name) : localStorage.setItem(name, text))),
    names: (prefix) => kept(() => Object.keys(localStorage).filter((name) => name.startsWith(prefix))) ?? [],
    watch: (changed) => {
      const heard = ({ key, newValue }: StorageEvent) => changed(newValue === null ? key : null);
      addEventListener('storage', heard);
      return () => removeEventListener('storage', heard);
    },
  };
}
