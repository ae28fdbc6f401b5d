/** Events that the kernel made and lost, and what its programs cost. */

import { dropFamilies, dropFamilyOf, enterDropFamilies } from '../detection/drop-families.ts';
import { familyOf, fieldOf, type Metric } from './metric.ts';
import { lostCountOf, type Reading, ratePerSecond } from './reading.ts';

const group = 'kernel_event_counters';

function count(name: string, doc: string, read: (reading: Reading) => number): Metric {
  return {
    group,
    doc,
    field: fieldOf(`scap.${name}`, read),
    family: familyOf(`falcosecurity_scap_${name}_total`, 'counter', read),
  };
}

function derived(name: string, doc: string, read: (reading: Reading) => number): Metric {
  return { group, doc, field: fieldOf(`scap.${name}`, read) };
}

const tried = ({ measurement }: Reading): number => measurement.probe.recordCount;
const lost = ({ measurement }: Reading): number => lostCountOf(measurement);

/** Losses by the reference's families of calls; those for want of a place to build the event are not among them. */
function lostByFamily({ measurement }: Reading): ReadonlyMap<string, number> {
  const { droppedByCode, limitedByCode } = measurement.probe;
  const sums = new Map(dropFamilies.map((family): [string, number] => [family, 0]));
  for (const counts of [droppedByCode, limitedByCode])
    for (const [code, count] of counts) {
      const family = dropFamilyOf(code);
      sums.set(family, (sums.get(family) ?? 0) + count);
    }
  return sums;
}

export const kernelMetrics: readonly Metric[] = [
  count('n_evts', 'Events that the kernel made, lost ones included.', tried),
  derived('n_evts_prev', 'The same at the snapshot before.', ({ earlier }) => earlier?.recordCount ?? 0),
  derived('evts_rate_sec', 'Events that the kernel made, for each second since then.', (reading) =>
    ratePerSecond(tried(reading), reading.earlier?.recordCount, reading),
  ),
  count('n_drops', 'Events lost.', lost),
  derived('n_drops_prev', 'The same at the snapshot before.', ({ earlier }) => earlier?.lostCount ?? 0),
  derived('evts_drop_rate_sec', 'Events lost, for each second since then.', (reading) =>
    ratePerSecond(lost(reading), reading.earlier?.lostCount, reading),
  ),
  derived('n_drops_perc', 'Events lost since then, of a hundred.', (reading) => {
    const events = tried(reading) - (reading.earlier?.recordCount ?? 0);
    return events <= 0 ? 0 : ((lost(reading) - (reading.earlier?.lostCount ?? 0)) / events) * 100;
  }),
  {
    group,
    doc: 'Events lost since a buffer was full or a cgroup had its share of it.',
    field: fieldOf(
      'scap.n_drops_buffer_total',
      (reading) => lost(reading) - reading.measurement.probe.busyCount,
    ),
  },
  {
    group,
    doc: 'The same by kind of call.',
    field: {
      name: 'scap.n_drops_buffer_KIND_exit',
      read: (reading) =>
        [...lostByFamily(reading)].map(([family, count]) => [`scap.n_drops_buffer_${family}_exit`, count]),
    },
    family: {
      name: 'falcosecurity_scap_n_drops_buffer_total',
      type: 'counter',
      read: (reading) => [
        ...enterDropFamilies.map((drop) => ({ labels: { dir: 'enter', drop }, value: 0 })),
        ...[...lostByFamily(reading)].map(([drop, value]) => ({ labels: { dir: 'exit', drop }, value })),
      ],
    },
  },
  count(
    'n_drops_scratch_map',
    'Events lost for want of a place to build them.',
    ({ measurement }) => measurement.probe.busyCount,
  ),
  count(
    'n_drops_page_faults',
    'Always 0: a value that cannot be read is left out, and the event is not lost.',
    () => 0,
  ),
  count('n_drops_bug', 'Always 0: the kernel’s programs cannot fail halfway.', () => 0),
  count('n_preemptions', 'Always 0: events are built without being interrupted by others.', () => 0),
  {
    group: 'kernel_event_counters_per_cpu',
    doc: 'Events that the kernel made on a CPU.',
    field: {
      name: 'scap.n_evts_cpu_N',
      read: ({ measurement }) =>
        measurement.probe.byCpu.map((of, cpu) => [`scap.n_evts_cpu_${cpu}`, of.tried]),
    },
    family: {
      name: 'falcosecurity_scap_n_evts_cpu_total',
      type: 'counter',
      read: ({ measurement }) =>
        measurement.probe.byCpu.map((of, cpu) => ({ labels: { cpu: String(cpu) }, value: of.tried })),
    },
  },
  {
    group: 'kernel_event_counters_per_cpu',
    doc: 'Events lost on a CPU.',
    field: {
      name: 'scap.n_drops_cpu_N',
      read: ({ measurement }) =>
        measurement.probe.byCpu.map((of, cpu) => [`scap.n_drops_cpu_${cpu}`, of.lost]),
    },
    family: {
      name: 'falcosecurity_scap_n_drops_cpu_total',
      type: 'counter',
      read: ({ measurement }) =>
        measurement.probe.byCpu.map((of, cpu) => ({ labels: { cpu: String(cpu) }, value: of.lost })),
    },
  },
  ...programMetrics(),
];

/** The kernel counts only while `kernel.bpf_stats_enabled` is set. One family for each program, as in the reference. */
function programMetrics(): readonly Metric[] {
  const names = ['sys_exit', 'sched_process_exec', 'sched_process_fork', 'sched_process_exit'];
  return names.flatMap((name) => {
    const of = ({ measurement }: Reading) => measurement.programs.find((program) => program.name === name);
    const runs = (reading: Reading): number | undefined => of(reading)?.runCount;
    const timeNs = (reading: Reading): number | undefined => of(reading)?.runTimeNs;
    const average = (reading: Reading): number | undefined => {
      const { runCount = 0, runTimeNs = 0 } = of(reading) ?? {};
      return runCount === 0 ? 0 : Math.round(runTimeNs / runCount);
    };
    return [
      {
        group: 'libbpf_stats' as const,
        doc: `Runs of the kernel program at ${name}, while the kernel counts them.`,
        field: fieldOf(`scap.${name}.run_cnt`, runs),
        family: familyOf(`falcosecurity_scap_${name}_run_cnt_total`, 'counter', runs),
      },
      {
        group: 'libbpf_stats' as const,
        doc: `Time that the kernel program at ${name} ran, nanoseconds.`,
        field: fieldOf(`scap.${name}.run_time_ns`, timeNs),
        family: familyOf(`falcosecurity_scap_${name}_run_time_nanoseconds_total`, 'counter', timeNs),
      },
      {
        group: 'libbpf_stats' as const,
        doc: `Time of one run of the kernel program at ${name}, nanoseconds.`,
        field: fieldOf(`scap.${name}.avg_time_ns`, average),
        family: familyOf(`falcosecurity_scap_${name}_avg_time_nanoseconds`, 'gauge', average),
      },
    ];
  });
}
