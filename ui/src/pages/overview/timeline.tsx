/** The timeline: chart, what is in the bucket under the pointer, priorities with their change, and all of it as a table. */

import type { Overview } from '@peregrine/api/contract';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { addressOfClause } from '../../filter.ts';
import { countText, shortCount, timeText } from '../../format.ts';
import { addressWith, go } from '../../place.ts';
import { Panel } from '../../shared/parts.tsx';
import { ChangeText } from './change-text.tsx';
import { Chart } from './chart.tsx';
import { lengthWords, periodParameters } from './period.ts';
import type { ShownOverview } from './use-overview.ts';

export function TimelinePanel({ overview }: { readonly overview: ShownOverview | undefined }): JSX.Element {
  const [pointed, setPointed] = useState<number>();
  const query = periodParameters(overview?.period ?? {});
  const startMs = overview === undefined ? 0 : Date.parse(overview.from);
  const timeAt = (bucket: number): string =>
    new Date(startMs + bucket * (overview?.timeline.bucketMs ?? 0)).toISOString();
  const zoomAddress = (from: number, to: number): string =>
    addressWith({ from: timeAt(from), to: timeAt(to), since: undefined });
  return (
    <Panel
      title="Alerts over time"
      class="overview-timeline"
      actions={
        <a class="button is-small" href={`/alerts?${query}`}>
          Show these alerts
        </a>
      }
    >
      {overview === undefined ? (
        <div class="overview-chart" />
      ) : (
        <Chart overview={overview} onPoint={setPointed} onSelect={(from, to) => go(zoomAddress(from, to))} />
      )}
      <p class="quiet overview-pointed">
        {overview === undefined ? '\u00a0' : <Pointed overview={overview} bucket={pointed} timeAt={timeAt} />}
      </p>
      <ul class="overview-priorities">
        {(overview?.counts ?? []).map(({ priority, count, previousCount }) => (
          <li key={priority}>
            <a href={addressOfClause({ field: 'priority', value: priority, isNegated: false }, query)}>
              <i class={`swatch swatch-${priority.toLowerCase()}`} aria-hidden="true" />
              <span class="overview-priority">{priority}</span>
              <span class="count">{shortCount(count)}</span>
              {overview?.hasPrevious === true && <ChangeText count={count} previous={previousCount} />}
            </a>
          </li>
        ))}
      </ul>
      {overview !== undefined && (
        <NumbersTable overview={overview} timeAt={timeAt} zoomAddress={zoomAddress} />
      )}
    </Panel>
  );
}

function Pointed({
  overview: { timeline, hasPrevious },
  bucket,
  timeAt,
}: {
  readonly overview: Overview;
  readonly bucket: number | undefined;
  readonly timeAt: (bucket: number) => string;
}): JSX.Element {
  if (bucket === undefined)
    return (
      <>
        One bar is {lengthWords(timeline.bucketMs)}; drag over some to look closer.
        {hasPrevious && ' The dashed line is the period before.'}
      </>
    );
  const parts = timeline.series.flatMap(({ priority, counts }) => {
    const count = counts[bucket] ?? 0;
    return count === 0 ? [] : [`${countText(count)} ${priority}`];
  });
  const before = hasPrevious ? ` (${countText(timeline.previousCounts[bucket] ?? 0)} before)` : '';
  return (
    <>
      {timeText(timeAt(bucket))} to {timeText(timeAt(bucket + 1))}:{' '}
      {parts.length === 0 ? 'none' : parts.join(', ')}
      {before}
    </>
  );
}

function NumbersTable({
  overview: { timeline, hasPrevious },
  timeAt,
  zoomAddress,
}: {
  readonly overview: Overview;
  readonly timeAt: (bucket: number) => string;
  readonly zoomAddress: (from: number, to: number) => string;
}): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const shown = timeline.series.filter(({ counts }) => counts.some((count) => count > 0));
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Numbers as a table</summary>
      {isOpen && (
        <div class="overview-numbers" role="region" aria-label="Alerts over time, in numbers" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">From</th>
                {shown.map(({ priority }) => (
                  <th scope="col" key={priority}>
                    {priority}
                  </th>
                ))}
                <th scope="col">All</th>
                {hasPrevious && <th scope="col">Period before</th>}
              </tr>
            </thead>
            <tbody>
              {timeline.previousCounts.map((before, i) => (
                <tr key={i}>
                  <th scope="row">
                    <a href={zoomAddress(i, i + 1)} title="Look closer at this part">
                      {timeText(timeAt(i))}
                    </a>
                  </th>
                  {shown.map(({ priority, counts }) => (
                    <td key={priority}>{countText(counts[i] ?? 0)}</td>
                  ))}
                  <td>{countText(timeline.series.reduce((sum, { counts }) => sum + (counts[i] ?? 0), 0))}</td>
                  {hasPrevious && <td>{countText(before)}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
