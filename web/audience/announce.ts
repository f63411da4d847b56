// What a screen reader is told. The reader's own doings are said at once; what others do, at most every five seconds
// and only the newest of it.
const between = 5_000;

let own: HTMLElement;
let news: HTMLElement;
let last = 0;
let waiting = '';
let timer: ReturnType<typeof setTimeout> | undefined;

function region(): HTMLElement {
  const element = document.createElement('div');
  element.className = 'for-ears';
  element.setAttribute('role', 'status');
  element.setAttribute('aria-live', 'polite');
  document.body.append(element);
  return element;
}

export function startAnnouncing() {
  own = region();
  news = region();
}

export function announce(text: string) {
  own.textContent = text;
}

export function announceNews(text: string) {
  waiting = text;
  if (timer) return;
  timer = setTimeout(() => {
    timer = undefined;
    last = Date.now();
    if (news.textContent !== waiting) news.textContent = waiting;
  }, Math.max(0, last + between - Date.now()));
}
