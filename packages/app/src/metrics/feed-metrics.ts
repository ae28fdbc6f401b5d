/** Sources that are read beside the kernel: what came, what was left out, what waits, how late it is. */

import type { MeasuredFeed } from '../feeds/feed-fleet.ts';
import type { FeedMeasurement } from '../feeds/feed-measurement.ts';
import type { Metric } from './metric.ts';

type Samples = readonly (readonly [Readonly<Record<string, string>>, number])[];

function ofFeeds(
  name: string,
  type: 'counter' | 'gauge',
  doc: string,
  read: (feed: MeasuredFeed, measurement: FeedMeasurement | undefined) => Samples,
): Metric {
  return {
    group: 'own',
    doc,
    family: {
      name: `peregrine_source_${name}`,
      type,
      read: ({ feeds }) =>
        feeds.flatMap((feed) =>
          read(feed, feed.measurement).map(([labels, value]) => ({
            labels: { source: feed.source, ...labels },
            value,
          })),
        ),
    },
  };
}

const one = (value: number | undefined): Samples => (value === undefined ? [] : [[{}, value]]);
const byReason = (counts: Readonly<Record<string, number>> = {}): Samples =>
  Object.entries(counts).map(([reason, value]) => [{ reason }, value]);
const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1_000);

export const feedMetrics: readonly Metric[] = [
  ofFeeds(
    'up',
    'gauge',
    'Whether the source’s thread answers: 0 while it hangs, or is not started again yet. Then the other numbers are those that it had.',
    ({ isUp }) => one(isUp ? 1 : 0),
  ),
  ofFeeds('events_total', 'counter', 'Events of sources beside the kernel.', (_, measured) =>
    one(measured?.events),
  ),
  ofFeeds('bytes_total', 'counter', 'Bytes that these events came in.', (_, measured) =>
    one(measured?.bytes),
  ),
  ofFeeds(
    'rejected_events_total',
    'counter',
    'What came in and was left out, by reason: no JSON, no event, without a time, too large, too deep, cut off on its way.',
    (_, measured) => byReason(measured?.rejected),
  ),
  ofFeeds(
    'refused_requests_total',
    'counter',
    'Requests that were not taken, by reason; queue_full are those that are to come again, and messages of a subject of NATS that are lost.',
    (_, measured) => byReason(measured?.refused),
  ),
  ofFeeds('waiting_events', 'gauge', 'Events that are not acknowledged yet.', (_, measured) =>
    one(measured?.waitingEvents),
  ),
  ofFeeds('waiting_bytes', 'gauge', 'Bytes that are not acknowledged yet.', (_, measured) =>
    one(measured?.waitingBytes),
  ),
  ofFeeds(
    'backlog_events',
    'gauge',
    'Events that wait where they are kept, as far as the service tells (NATS, Kafka).',
    (_, measured) => one(measured?.backlog),
  ),
  ofFeeds(
    'lag_seconds',
    'gauge',
    'How long the latest event took from where it happened to here.',
    (_, measured) => one(seconds(measured?.lagMs)),
  ),
  ofFeeds(
    'latest_event_timestamp_seconds',
    'gauge',
    'When the latest event came in; 0 before the first.',
    (_, measured) => one(seconds(measured?.latestMs)),
  ),
  ofFeeds('failures_total', 'counter', 'Tries to reach what gives the events that failed.', (_, measured) =>
    one(measured?.failures),
  ),
  ofFeeds(
    'restarts_total',
    'counter',
    'Restarts of the source’s thread after it broke down.',
    ({ restarts }) => one(restarts),
  ),
  ofFeeds('event_bugs_total', 'counter', 'Events dropped because of a bug.', (_, measured) =>
    one(measured?.bugs),
  ),
];
