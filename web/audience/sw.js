// Keeps the audience's page for when nobody answers: the start page and its files, whose script knows the event by its
// address. Whatever can be asked is asked; a new build is a new worker with a cache of its own. The names in braces are
// filled in by the build.
const cache = 'tallycast-{{hash}}';
const files = {{files}};
const start = '/';
const isOfAudience = (path) => /^\/(\w{6,8})?$/.test(path) && path !== '/studio';

addEventListener('install', (event) => event.waitUntil(caches.open(cache).then((kept) => kept.addAll([start, ...files]))));

addEventListener('activate', (event) => {
  const old = (name) => name.startsWith('tallycast-') && name !== cache;
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name)))));
});

addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  const kept = (what) => caches.match(what, { cacheName: cache, ignoreVary: true }).catch(() => undefined);
  if (files.includes(pathname)) event.respondWith(kept(pathname).then((file) => file ?? fetch(request)));
  else if (request.mode === 'navigate' && isOfAudience(pathname))
    event.respondWith(fetch(request).catch(async (nobody) => (await kept(start)) ?? Promise.reject(nobody)));
});
