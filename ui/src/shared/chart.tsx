/** Alerts over time, stacked by priority; a part of it that is dragged over is a period to look at. */

import './chart.css';
import type { FilterQuery } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { call } from '../api.ts';
import { countText, priorities, timeText, wholeTimeText } from '../format.ts';
import { useAnswer } from './answer.ts';

const BUCKETS = 96;
const HEIGHT = 64;

export function Chart({
  filter,
  round = 0,
  onPeriod,
}: {
  readonly filter: FilterQuery;
  /** Asks anew when it changes. */
  readonly round?: number;
  /** What was dragged over, RFC 3339. */
  readonly onPeriod: (from: string, to: string) => void;
}): JSX.Element {
  const { data } = useAnswer(`chart ${JSON.stringify(filter)} ${round}`, (signal) =>
    call('alertTimeline', { query: { ...filter, by: 'priority', buckets: BUCKETS, series: 8 }, signal }),
  );
  const svg = useRef<SVGSVGElement>(null);
  const [brush, setBrush] = useState<readonly [number, number]>();
  const stacks = stacked(data?.series ?? []);
  const most = Math.max(1, ...stacks.map((stack) => stack.reduce((sum, { count }) => sum + count, 0)));
  const startMs = data === undefined ? 0 : Date.parse(data.from);
  const timeAt = (bucket: number): string => new Date(startMs + bucket * (data?.bucketMs ?? 0)).toISOString();
  const bucketAt = ({ clientX }: PointerEvent): number => {
    const box = svg.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return 0;
    return Math.min(BUCKETS, Math.max(0, ((clientX - box.left) / box.width) * BUCKETS));
  };
  const total = stacks.flat().reduce((sum, { count }) => sum + count, 0);
  const finish = (): void => {
    if (brush === undefined) return;
    const [from, to] = [Math.floor(Math.min(...brush)), Math.ceil(Math.max(...brush))];
    setBrush(undefined);
    if (Math.abs(brush[0] - brush[1]) > 0.5) onPeriod(timeAt(from), timeAt(to));
  };
  return (
    <figure class="chart">
      <svg
        ref={svg}
        viewBox={`0 0 ${BUCKETS} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${countText(total)} alerts over time, by priority; drag to choose a period`}
        onPointerDown={(event) => {
          if (data === undefined) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setBrush([bucketAt(event), bucketAt(event)]);
        }}
        onPointerMove={(event) => {
          if (brush !== undefined) setBrush([brush[0], bucketAt(event)]);
        }}
        onPointerUp={finish}
        onPointerCancel={() => setBrush(undefined)}
      >
        {stacks.map((stack, i) => {
          let y = HEIGHT;
          return stack.map(({ priority, count }) => {
            const height = (count / most) * HEIGHT;
            y -= height;
            return (
              <rect
                key={`${i}-${priority}`}
                class={`fill-${priority.toLowerCase()}`}
                x={i + 0.1}
                y={y}
                width={0.8}
                height={height}
              />
            );
          });
        })}
        {brush !== undefined && (
          <rect
            class="brush"
            x={Math.min(...brush)}
            y={0}
            width={Math.abs(brush[1] - brush[0])}
            height={HEIGHT}
          />
        )}
      </svg>
      <figcaption class="row quiet">
        <span>{data === undefined ? '\u00a0' : timeText(data.from)}</span>
        <span class="spring" />
        <span title={data === undefined ? '' : wholeTimeText(timeAt(BUCKETS))}>
          {data === undefined ? '\u00a0' : timeText(timeAt(BUCKETS))}
        </span>
      </figcaption>
    </figure>
  );
}

/** For each bucket what is in it, the most urgent last, so that it is on top. */
function stacked(
  series: readonly { readonly value: string | null; readonly counts: readonly number[] }[],
): readonly (readonly { readonly priority: string; readonly count: number }[])[] {
  const byPriority = new Map(series.map(({ value, counts }) => [value ?? '', counts]));
  return Array.from({ length: BUCKETS }, (_, i) =>
    [...priorities].reverse().flatMap((priority) => {
      const count = byPriority.get(priority)?.[i] ?? 0;
      return count === 0 ? [] : [{ priority, count }];
    }),
  );
}
