// Signs for buttons, drawn: fonts have them or not, and some in colours of their own.

const paths = {
  previous: 'M15 5l-7 7 7 7',
  next: 'M9 5l7 7-7 7',
  eye: 'M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z',
  hidden: 'M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM4 21 20 3',
  pause: 'M8 5v14M16 5v14',
  play: 'M7 4l13 8-13 8z',
  stop: 'M6 6h12v12H6z',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  full: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
  up: 'M12 19V5M5 12l7-7 7 7',
  down: 'M12 5v14M5 12l7 7 7-7',
  again: 'M20 12a8 8 0 1 1-2.5-5.8M20 3v5h-5',
  screen: 'M3 4h18v12H3zM8 21h8M12 16v5',
  star: 'M12 3l2.7 5.8 6.3.8-4.6 4.3 1.2 6.3L12 17l-5.6 3.2 1.2-6.3L3 9.6l6.3-.8z',
} as const;

export type Sign = keyof typeof paths;

// Mirrored where the page reads from right to left, if it points somewhere.
export function Icon({ sign }: { sign: Sign }) {
  const points = sign === 'previous' || sign === 'next';
  return (
    <svg class={points ? 'icon points' : 'icon'} viewBox="0 0 24 24" aria-hidden="true" fill={sign === 'star' ? 'currentColor' : 'none'} stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round">
      <path d={paths[sign]} />
    </svg>
  );
}
