// A line over time, drawn by uPlot, which is fetched when the first chart is there to be drawn.
import type uPlot from 'uplot';
import { useEffect, useRef } from 'preact/hooks';

import type { Sample } from './rate.ts';

const height = 140; // px
const retryIn = 5_000; // ms
const shortest = 60; // seconds that are shown

const data = (samples: Sample[]): uPlot.AlignedData => [samples.map(({ at }) => at - samples.at(-1)!.at), samples.map(({ rate }) => rate)];

function optionsFor(box: HTMLElement): uPlot.Options {
  // Asked for with each drawing: the theme may have changed.
  const style = getComputedStyle(box);
  const colour = (name: string) => () => style.getPropertyValue(name);
  const axis = { stroke: colour('--quiet'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif' };
  return {
    width: box.clientWidth, height, cursor: { show: false }, legend: { show: false },
    scales: { x: { time: false, range: (_, first) => [Math.min(first, -shortest), 0] }, y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
    series: [{}, { stroke: colour('--accent'), width: 2, fill: colour('--track'), points: { show: false } }],
    axes: [{ ...axis, size: 28, incrs: [10, 30, 60], values: (_, at) => at.map((seconds) => `${seconds} s`) }, { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000] }],
  };
}

export function Chart({ samples, label }: { samples: Sample[]; label: string }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  useEffect(() => {
    let gone = false;
    let fit: ResizeObserver | undefined;
    let again: ReturnType<typeof setTimeout>;
    const draw = ({ default: Plot }: { default: typeof uPlot }) => {
      if (gone || !box.current) return;
      plot.current = new Plot(optionsFor(box.current), [[], []], box.current);
      fit = new ResizeObserver(([seen]) => plot.current?.setSize({ width: Math.floor(seen!.contentRect.width), height }));
      fit.observe(box.current);
    };
    // A network that fails now may not in a moment; until then the figures beside it say the same.
    const fetched = () => void import('uplot').then(draw, () => gone || (again = setTimeout(fetched, retryIn)));
    fetched();
    return () => {
      gone = true;
      clearTimeout(again);
      fit?.disconnect();
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => {
    if (samples.length) plot.current?.setData(data(samples));
  }, [samples]);
  return <div class="chart" ref={box} role="img" aria-label={label} />;
}
