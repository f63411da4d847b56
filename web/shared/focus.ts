// Keeps the focus on the page. Where what had it has gone, the first of `places` that is there gets it, as soon as one
// is: before the next key can arrive, because a change of the document is told of before anything else happens.
export function keepFocus(...places: string[]) {
  let had: Element | null = null;
  addEventListener('focusin', ({ target }) => (had = target as Element));
  new MutationObserver(() => {
    if (!had || had.isConnected || document.activeElement !== document.body) return;
    const place = places.map((one) => document.querySelector<HTMLElement>(one)).find(Boolean);
    if (!place) return;
    place.tabIndex = -1;
    place.focus();
  }).observe(document.body, { childList: true, subtree: true });
}
