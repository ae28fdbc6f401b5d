/** What the program and the machine use. */

import type { MachineUsage } from './machine-usage.ts';
import { familyOf, fieldOf, type Metric } from './metric.ts';

const group = 'resource_utilization';
const KIB = 1_024;
const MIB = KIB * KIB;

type Part = (usage: MachineUsage) => number | undefined;

/** The field's unit is that of the configuration, or else the one given. */
function memory(name: string, plainUnit: 'kb' | 'bytes', doc: string, read: Part): Metric {
  return {
    group,
    doc,
    field: {
      name: `falco.${name}_mb`,
      read: ({ usage, isMemoryInMb }) => {
        const bytes = read(usage);
        if (bytes === undefined) return [];
        if (isMemoryInMb) return [[`falco.${name}_mb`, round(bytes / MIB)]];
        return [[`falco.${name}_${plainUnit}`, plainUnit === 'kb' ? Math.round(bytes / KIB) : bytes]];
      },
    },
    family: familyOf(`falcosecurity_falco_${name}_bytes`, 'gauge', ({ usage }) => read(usage)),
  };
}

function share(name: string, doc: string, read: Part): Metric {
  return {
    group,
    doc,
    field: fieldOf(`falco.${name}_perc`, ({ usage }) => percent(read(usage))),
    family: familyOf(`falcosecurity_falco_${name}_ratio`, 'gauge', ({ usage }) => read(usage)),
  };
}

function count(name: string, doc: string, read: Part): Metric {
  return {
    group,
    doc,
    field: fieldOf(`falco.${name}`, ({ usage }) => read(usage)),
    family: familyOf(`falcosecurity_falco_${name}_total`, 'gauge', ({ usage }) => read(usage)),
  };
}

function percent(ratio: number | undefined): number | undefined {
  return ratio === undefined ? undefined : round(ratio * 100);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

export const resourceMetrics: readonly Metric[] = [
  share('cpu_usage', 'CPU time of the program over its life, of one CPU.', (usage) => usage.cpuRatio),
  memory('memory_rss', 'kb', 'Memory of the program that is resident.', (usage) => usage.rssBytes),
  memory('memory_vsz', 'kb', 'Address space of the program.', (usage) => usage.vszBytes),
  memory('memory_pss', 'kb', 'The program’s part of the memory that it shares.', (usage) => usage.pssBytes),
  memory(
    'container_memory_used',
    'bytes',
    'Memory of the cgroup that the program runs in.',
    (usage) => usage.containerMemoryBytes,
  ),
  share('host_cpu_usage', 'CPU time of the machine since it started.', (usage) => usage.hostCpuRatio),
  memory('host_memory_used', 'kb', 'Memory of the machine that is in use.', (usage) => usage.hostMemoryBytes),
  count('host_procs_running', 'Threads of the machine that want to run.', (usage) => usage.hostRunningCount),
  count('host_open_fds', 'Open files of the machine.', (usage) => usage.hostOpenFileCount),
];
