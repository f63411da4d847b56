// Says what has changed to those who do not see it: politely, and at most every five seconds.
import { useEffect, useRef, useState } from 'preact/hooks';

const between = 5_000; // ms

export function Announcer({ text }: { text: string }) {
  const [said, say] = useState('');
  const last = useRef(-Infinity);
  useEffect(() => {
    const wait = Math.max(0, last.current + between - performance.now());
    const timer = setTimeout(() => {
      last.current = performance.now();
      say(text);
    }, wait);
    return () => clearTimeout(timer);
  }, [text]);
  return <p class="for-ears" role="status" aria-live="polite">{said}</p>;
}
