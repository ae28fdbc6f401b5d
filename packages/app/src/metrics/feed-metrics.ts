/** Sources that are read beside the kernel: what came, what was left out, what waits, how late it is. */

import type { MeasuredFeed } from '../feeds/feed-fleet.ts';
import type { Metric } from './metric.ts';

type Samples = readonly (readonly [Readonly<Record<string, string>>, number])[];

function ofFeeds(
  name: string,
  type: 'counter' | 'gauge',
  doc: string,
  read: (feed: MeasuredFeed) => Samples,
): Metric {
  return {
    group: 'own',
    doc,
    family: {
      name: `peregrine_source_${name}`,
      type,
      read: ({ feeds }) =>
        feeds.flatMap((feed) =>
          read(feed).map(([labels, value]) => ({
            labels: { source: feed.measurement.source, ...labels },
            value,
          })),
        ),
    },
  };
}

const one = (value: number): Samples => [[{}, value]];
const byReason = (counts: Readonly<Record<string, number>>): Samples =>
  Object.entries(counts).map(([reason, value]) => [{ reason }, value]);

export const feedMetrics: readonly Metric[] = [
  ofFeeds('events_total', 'counter', 'Events of sources beside the kernel.', ({ measurement }) =>
    one(measurement.events),
  ),
  ofFeeds('bytes_total', 'counter', 'Bytes that these events came in.', ({ measurement }) =>
    one(measurement.bytes),
  ),
  ofFeeds(
    'rejected_events_total',
    'counter',
    'What came in and was left out, by reason: no JSON, no event, without a time, too large, too deep, cut off on its way.',
    ({ measurement }) => byReason(measurement.rejected),
  ),
  ofFeeds(
    'refused_requests_total',
    'counter',
    'Requests that were not taken, by reason; queue_full are those that are to come again.',
    ({ measurement }) => byReason(measurement.refused),
  ),
  ofFeeds('waiting_events', 'gauge', 'Events that are not acknowledged yet.', ({ measurement }) =>
    one(measurement.waitingEvents),
  ),
  ofFeeds('waiting_bytes', 'gauge', 'Bytes that are not acknowledged yet.', ({ measurement }) =>
    one(measurement.waitingBytes),
  ),
  ofFeeds(
    'backlog_events',
    'gauge',
    'Events that wait where they are kept, as far as the service tells (NATS, Kafka).',
    ({ measurement }) => one(measurement.backlog),
  ),
  ofFeeds(
    'lag_seconds',
    'gauge',
    'How long the latest event took from where it happened to here.',
    ({ measurement }) => one(measurement.lagMs / 1_000),
  ),
  ofFeeds(
    'latest_event_timestamp_seconds',
    'gauge',
    'When the latest event came in; 0 before the first.',
    ({ measurement }) => one(measurement.latestMs / 1_000),
  ),
  ofFeeds(
    'failures_total',
    'counter',
    'Tries to reach what gives the events that failed.',
    ({ measurement }) => one(measurement.failures),
  ),
  ofFeeds(
    'restarts_total',
    'counter',
    'Restarts of the source’s thread after it broke down.',
    ({ restarts }) => one(restarts),
  ),
  ofFeeds('event_bugs_total', 'counter', 'Events dropped because of a bug.', ({ measurement }) =>
    one(measurement.bugs),
  ),
];
