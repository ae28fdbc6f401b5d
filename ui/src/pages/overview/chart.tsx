/** Alerts over time as bars of priorities, with a line for the period before. What is dragged over becomes the period. */

import 'uplot/dist/uPlot.min.css';
import type { Overview } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { countText, priorities, shortCount } from '../../format.ts';
import { theme } from '../../shell/theme.ts';
import { bucketsWithin, type Stack, stackOf } from './stack.ts';

export interface ChartProps {
  readonly overview: Pick<Overview, 'from' | 'to' | 'timeline' | 'hasPrevious'>;
  /** Under the pointer; `undefined`: none. */
  readonly onPoint: (bucket: number | undefined) => void;
  /** Buckets from the first to the second, which is not in it. */
  readonly onSelect: (from: number, to: number) => void;
}

export function Chart({ overview, onPoint, onSelect }: ChartProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef({ overview, onPoint, onSelect });
  latest.current = { overview, onPoint, onSelect };

  useEffect(() => {
    const target = box.current;
    if (target === null) return;
    const made = new uPlot(
      optionsFor(target, () => latest.current.overview),
      dataOf(latest.current.overview),
      target,
    );
    plot.current = made;
    const stopPointing = followPointer(made, {
      bucketCount: () => latest.current.overview.timeline.previousCounts.length,
      onPoint: (bucket) => latest.current.onPoint(bucket),
      onSelect: (from, to) => latest.current.onSelect(from, to),
    });
    const watch = new ResizeObserver(() => made.setSize(sizeOf(target)));
    watch.observe(target);
    const redraw = (): void => made.redraw();
    const systemTheme = matchMedia('(prefers-color-scheme: dark)');
    systemTheme.addEventListener('change', redraw);
    return () => {
      systemTheme.removeEventListener('change', redraw);
      watch.disconnect();
      stopPointing();
      made.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData(dataOf(overview)), [overview]);
  useEffect(() => plot.current?.redraw(), [theme.value]);

  const total = overview.timeline.series.reduce((sum, { counts }) => counts.reduce((a, b) => a + b, sum), 0);
  return (
    <div
      ref={box}
      class="overview-chart"
      role="img"
      aria-label={`${countText(total)} alerts over time, by priority; the same numbers are in the table below`}
    >
      {/* Where the colours are read that the canvas is drawn with. */}
      <div hidden class="chart-colours">
        {priorities.map((priority) => (
          <i key={priority} class={`swatch-${priority.toLowerCase()}`} />
        ))}
      </div>
    </div>
  );
}

function dataOf(overview: ChartProps['overview']): uPlot.AlignedData {
  const { times, heights }: Stack = stackOf(overview);
  const before = overview.hasPrevious ? overview.timeline.previousCounts : times.map(() => null);
  return [[...times], ...heights.map((counts) => [...counts]), [...before]];
}

/** Colours are read when they are drawn: the theme may change. */
function optionsFor(target: HTMLElement, overview: () => ChartProps['overview']): uPlot.Options {
  const swatches = target.querySelectorAll('.chart-colours i');
  const of = (element: Element | undefined, name: 'backgroundColor' | 'color' | 'borderTopColor'): string =>
    getComputedStyle(element ?? target)[name];
  const text = (): string => of(target, 'color');
  const line = (): string => of(target, 'borderTopColor');
  const ofData = (next: number) => ({
    unit: SCALE_VALUE,
    values: (plot: uPlot, series: number) => [...(plot.data[series + next] ?? [])],
  });
  // Each from the top of the next to its own: nothing shines through at the edges.
  const parts = uPlot.paths.bars?.({ size: [1, 64], gap: 1, disp: { y0: ofData(1), y1: ofData(0) } });
  const whole = uPlot.paths.bars?.({ size: [1, 64], gap: 1 });
  const fontPx = Math.round(Number.parseFloat(getComputedStyle(target).fontSize) * 0.8);
  const axis = { stroke: text, font: `${fontPx}px system-ui, sans-serif`, ticks: { show: false } };
  return {
    ...sizeOf(target),
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: {
      x: { range: () => [Date.parse(overview().from) / 1_000, Date.parse(overview().to) / 1_000] },
      y: { range: (_, _least, most) => [0, Math.max(1, most * 1.06)] },
    },
    axes: [
      {
        ...axis,
        size: 2 * fontPx,
        space: 6 * fontPx,
        grid: { show: false },
        values: (_, splits) => splits.map(timeLabel),
      },
      {
        ...axis,
        size: 4 * fontPx,
        incrs: wholeSteps,
        grid: { stroke: line, width: 1 },
        values: (_, splits) => splits.map(shortCount),
      },
    ],
    series: [
      {},
      ...priorities.map((priority, i) => {
        const paths = i === priorities.length - 1 ? whole : parts;
        return {
          label: priority,
          fill: () => of(swatches[i], 'backgroundColor'),
          width: 0,
          points: { show: false },
          ...(paths === undefined ? {} : { paths }),
        };
      }),
      { label: 'before', stroke: text, width: 1.5, dash: [4, 4], points: { show: false } },
    ],
  };
}

const sizeOf = ({ clientWidth: width, clientHeight: height }: HTMLElement) => ({ width, height });

/** Of what uPlot takes as a facet's unit: a value on the scale. */
const SCALE_VALUE = 1;

/** Nobody counts half an alert. */
const wholeSteps = Array.from({ length: 12 }, (_, power) =>
  [1, 2, 5].map((step) => step * 10 ** power),
).flat();

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hour12: false });
const clockWithSeconds = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', hour12: false });
const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });

/** Midnight is the day that begins. */
function timeLabel(seconds: number): string {
  const date = new Date(seconds * 1_000);
  if (date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0) return day.format(date);
  return (date.getSeconds() === 0 ? clock : clockWithSeconds).format(date);
}

interface Pointing {
  readonly bucketCount: () => number;
  readonly onPoint: ChartProps['onPoint'];
  readonly onSelect: ChartProps['onSelect'];
}

/** Mouse, pen and finger alike. Gives what ends it. */
function followPointer(plot: uPlot, { bucketCount, onPoint, onSelect }: Pointing): () => void {
  const { over } = plot;
  let startPx: number | undefined;
  const hide = (): void => plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  const at = (event: PointerEvent): number => {
    const { left, width } = over.getBoundingClientRect();
    return Math.min(width, Math.max(0, event.clientX - left));
  };
  const onMove = (event: PointerEvent): void => {
    const px = at(event);
    const count = bucketCount();
    const width = over.clientWidth;
    onPoint(width === 0 ? undefined : Math.min(count - 1, Math.floor((px / width) * count)));
    if (startPx === undefined) return;
    const [left, right] = [Math.min(startPx, px), Math.max(startPx, px)];
    plot.setSelect({ left, top: 0, width: right - left, height: over.clientHeight }, false);
  };
  const onDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    over.setPointerCapture(event.pointerId);
    startPx = at(event);
  };
  const onUp = (event: PointerEvent): void => {
    if (startPx === undefined) return;
    const chosen = bucketsWithin(startPx, at(event), over.clientWidth, bucketCount());
    startPx = undefined;
    hide();
    if (chosen !== undefined) onSelect(...chosen);
  };
  const onCancel = (): void => {
    startPx = undefined;
    hide();
  };
  const onLeave = (): void => onPoint(undefined);
  over.addEventListener('pointermove', onMove);
  over.addEventListener('pointerdown', onDown);
  over.addEventListener('pointerup', onUp);
  over.addEventListener('pointercancel', onCancel);
  over.addEventListener('pointerleave', onLeave);
  return () => {
    over.removeEventListener('pointermove', onMove);
    over.removeEventListener('pointerdown', onDown);
    over.removeEventListener('pointerup', onUp);
    over.removeEventListener('pointercancel', onCancel);
    over.removeEventListener('pointerleave', onLeave);
  };
}
