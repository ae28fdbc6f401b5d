/** Metrics that the reference has not: who lost what, and where. Only under `/metrics`. */

import { eventRoster } from '@peregrine/events';
import { familyOf, type Metric } from './metric.ts';
import type { Reading } from './reading.ts';

const group = 'own';

function lossSamples(
  reading: Reading,
): readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[] {
  const { droppedByCode, limitedByCode } = reading.measurement.probe;
  return Object.entries({ dropped: droppedByCode, limited: limitedByCode }).flatMap(([reason, counts]) =>
    [...counts].map(([code, value]) => ({
      labels: { event: eventRoster[code]?.name ?? String(code), reason },
      value,
    })),
  );
}

export const ownMetrics: readonly Metric[] = [
  {
    group,
    doc: 'Events that the kernel tried to hand over: emitted, dropped (a buffer was full), limited (its cgroup had its share).',
    family: {
      name: 'peregrine_probe_events_total',
      type: 'counter',
      read: ({ measurement }) => {
        const { emittedCount: emitted, droppedByCode, limitedByCode } = measurement.probe;
        const sums = { emitted, dropped: sum(droppedByCode), limited: sum(limitedByCode) };
        return Object.entries(sums).map(([result, value]) => ({ labels: { result }, value }));
      },
    },
  },
  {
    group,
    doc: 'Events that the kernel left out, since no rule in use can need them.',
    family: familyOf(
      'peregrine_filtered_events_total',
      'counter',
      ({ measurement }) => measurement.probe.filteredCount,
    ),
  },
  {
    group,
    doc: 'Events lost, by type and reason.',
    family: { name: 'peregrine_lost_events_total', type: 'counter', read: lossSamples },
  },
  {
    group,
    doc: 'Events lost, by cgroup: the 50 cgroups that lost most.',
    family: {
      name: 'peregrine_cgroup_lost_events_total',
      type: 'counter',
      read: ({ measurement }) =>
        mergeSamples(
          measurement.losers.flatMap(({ path, containerId, containerName, dropped, limited }) =>
            Object.entries({ dropped, limited }).map(([reason, value]) => ({
              labels: {
                cgroup: path ?? 'unknown',
                container_id: containerId ?? '',
                container_name: containerName ?? '',
                reason,
              },
              value,
            })),
          ),
        ),
    },
  },
  {
    group,
    doc: 'Losses that could not be put down to a cgroup in the kernel.',
    family: familyOf(
      'peregrine_unattributed_losses_total',
      'counter',
      ({ measurement }) => measurement.probe.unattributedCount,
    ),
  },
  {
    group,
    doc: 'Runs of the kernel programs by what they hang on, each call by itself in fexit mode, while the kernel counts them.',
    family: {
      name: 'peregrine_kernel_program_runs_total',
      type: 'counter',
      read: ({ measurement }) =>
        measurement.programs.map(({ name, runCount }) => ({ labels: { hook: name }, value: runCount })),
    },
  },
  {
    group,
    doc: 'Time that the kernel programs ran by what they hang on, seconds, while the kernel counts it.',
    family: {
      name: 'peregrine_kernel_program_run_seconds_total',
      type: 'counter',
      read: ({ measurement }) =>
        measurement.programs.map(({ name, runTimeNs }) => ({
          labels: { hook: name },
          value: runTimeNs / 1e9,
        })),
    },
  },
  {
    group,
    doc: 'Responses of the kernel to rules with `kernel_response`, by what became of them; `missed`: not read in time.',
    family: {
      name: 'peregrine_kernel_responses_total',
      type: 'counter',
      read: ({ measurement: { kernelKills } }) =>
        Object.entries({
          done: kernelKills.killed,
          dry_run: kernelKills.dryRun,
          failed: kernelKills.failed,
          missed: kernelKills.missed,
        }).map(([result, value]) => ({ labels: { result }, value })),
    },
  },
  {
    group,
    doc: 'Spells in which a cgroup lost events.',
    family: familyOf('peregrine_coverage_gaps_total', 'counter', ({ measurement }) => measurement.gapCount),
  },
  {
    group,
    doc: 'Seconds of such spells together.',
    family: familyOf(
      'peregrine_coverage_gap_seconds_total',
      'counter',
      ({ measurement }) => measurement.gapSeconds,
    ),
  },
  {
    group,
    doc: 'Memory that the kernel’s programs could not read: values that are missing from events.',
    family: familyOf(
      'peregrine_failed_reads_total',
      'counter',
      ({ measurement }) => measurement.probe.failedReadCount,
    ),
  },
  {
    group,
    doc: 'Events dropped because of a bug.',
    family: familyOf('peregrine_event_bugs_total', 'counter', ({ measurement }) => measurement.bugCount),
  },
  {
    group,
    doc: 'Entries that found a table full, by table.',
    family: {
      name: 'peregrine_table_refusals_total',
      type: 'counter',
      read: ({ measurement }) =>
        Object.entries(measurement.state).flatMap(([name, value]) => {
          const table = /^n_drops_full_(\w+)table$/.exec(name)?.[1];
          return table === undefined ? [] : [{ labels: { table }, value }];
        }),
    },
  },
  {
    group,
    doc: 'Alerts that wait for the outputs.',
    family: familyOf(
      'peregrine_outputs_queue_alerts',
      'gauge',
      ({ outputWaitingCount }) => outputWaitingCount,
    ),
  },
];

function sum(counts: ReadonlyMap<number, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}

/** Cgroups that are gone have no names any more and share one sample: labels must not repeat. */
function mergeSamples(
  samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[],
): readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[] {
  const byLabels = new Map<string, { labels: Readonly<Record<string, string>>; value: number }>();
  for (const { labels, value } of samples) {
    const key = JSON.stringify(labels);
    byLabels.set(key, { labels, value: value + (byLabels.get(key)?.value ?? 0) });
  }
  return [...byLabels.values()];
}
