/** Who is measured: versions, times, files, machine. And the counts that every snapshot has. */

import { versions } from '../versions.ts';
import { familyOf, fieldOf, infoOf, type Metric, sanitizeName } from './metric.ts';
import { type Reading, ratePerSecond } from './reading.ts';

const NS_PER_MS = 1_000_000n;
const ENGINE = 'modern_bpf';

function nowNs({ measurement }: Reading): bigint {
  return BigInt(measurement.timeMs) * NS_PER_MS;
}

function seconds(reading: Reading): number {
  return Number((nowNs(reading) - reading.program.startNs) / NS_PER_MS) / 1_000;
}

const stem = (name: string): string => name.replace(/\.[^.]*$/, '');

export const alwaysMetrics: readonly Metric[] = [
  {
    group: 'always',
    doc: 'Time of the snapshot, nanoseconds since the epoch.',
    field: fieldOf('evt.time', nowNs),
  },
  { group: 'always', doc: 'Source of the events.', field: fieldOf('evt.source', () => 'syscall') },
  {
    group: 'always',
    doc: 'Name of this machine.',
    field: fieldOf('evt.hostname', ({ hostname }) => hostname),
    family: infoOf('falcosecurity_evt_hostname_info', ({ hostname }) => ({ hostname })),
  },
  {
    group: 'always',
    doc: 'Version of the program.',
    field: fieldOf('falco.version', () => versions.version),
    family: infoOf('falcosecurity_falco_version_info', () => ({ version: versions.version })),
  },
  {
    group: 'always',
    doc: 'When the program started, nanoseconds since the epoch.',
    field: fieldOf('falco.start_ts', ({ program }) => program.startNs),
    family: familyOf(
      'falcosecurity_falco_start_timestamp_nanoseconds',
      'gauge',
      ({ program }) => program.startNs,
    ),
  },
  {
    group: 'always',
    doc: 'When rules and configuration were loaded last, nanoseconds since the epoch.',
    field: fieldOf('falco.reload_ts', ({ program }) => program.reloadNs),
    family: familyOf(
      'falcosecurity_falco_reload_timestamp_nanoseconds',
      'gauge',
      ({ program }) => program.reloadNs,
    ),
  },
  {
    group: 'always',
    doc: 'For how long the program has run, seconds.',
    field: fieldOf('falco.duration_sec', (reading) => Math.floor(seconds(reading))),
    family: familyOf('falcosecurity_falco_duration_seconds_total', 'counter', seconds),
  },
  {
    group: 'always',
    doc: 'Release of the kernel.',
    field: fieldOf('falco.kernel_release', ({ program }) => program.kernelRelease),
    family: infoOf('falcosecurity_falco_kernel_release_info', ({ program }) => ({
      kernel_release: program.kernelRelease,
    })),
  },
  {
    group: 'always',
    doc: 'When the machine started, nanoseconds since the epoch.',
    field: fieldOf('falco.host_boot_ts', ({ program }) => program.hostBootNs),
    family: familyOf(
      'falcosecurity_falco_host_boot_timestamp_nanoseconds',
      'gauge',
      ({ program }) => program.hostBootNs,
    ),
  },
  {
    group: 'always',
    doc: 'CPUs of the machine.',
    field: fieldOf('falco.host_num_cpus', ({ program }) => program.cpuCount),
    family: familyOf('falcosecurity_falco_host_num_cpus_total', 'gauge', ({ program }) => program.cpuCount),
  },
  {
    group: 'always',
    doc: 'Alerts that found the queue of the outputs full.',
    field: fieldOf('falco.outputs_queue_num_drops', ({ outputDropCount }) => outputDropCount),
    family: familyOf(
      'falcosecurity_falco_outputs_queue_num_drops_total',
      'counter',
      ({ outputDropCount }) => outputDropCount,
    ),
  },
  {
    group: 'always',
    doc: 'Events read.',
    field: fieldOf('falco.num_evts', ({ measurement }) => measurement.eventCount),
  },
  {
    group: 'always',
    doc: 'Events read up to the snapshot before.',
    field: fieldOf('falco.num_evts_prev', ({ earlier }) => earlier?.eventCount ?? 0),
  },
  {
    group: 'always',
    doc: 'Events read, for each second since the snapshot before.',
    field: fieldOf('falco.evts_rate_sec', (reading) =>
      ratePerSecond(reading.measurement.eventCount, reading.earlier?.eventCount, reading),
    ),
  },
  {
    group: 'always',
    doc: 'How events are taken from the kernel, in the reference’s words.',
    field: fieldOf('scap.engine_name', () => ENGINE),
    family: infoOf('falcosecurity_scap_engine_name_info', () => ({
      engine_name: ENGINE,
      evt_source: 'syscall',
    })),
  },
  {
    group: 'always',
    doc: 'SHA-256 of a rules file.',
    field: {
      name: 'falco.sha256_rules_file.NAME',
      read: ({ program }) =>
        program.rulesFiles.map(({ name, sha256 }) => [
          `falco.sha256_rules_file.${sanitizeName(stem(name))}`,
          sha256,
        ]),
    },
    family: {
      name: 'falcosecurity_falco_sha256_rules_files_info',
      type: 'gauge',
      read: ({ program }) =>
        program.rulesFiles.map(({ name, sha256 }) => ({ labels: { file_name: name, sha256 }, value: 1 })),
    },
  },
  {
    group: 'always',
    doc: 'SHA-256 of a configuration file.',
    field: {
      name: 'falco.sha256_config_file.NAME',
      read: ({ program }) =>
        program.configFiles.map(({ name, sha256 }) => [
          `falco.sha256_config_file.${sanitizeName(stem(name))}`,
          sha256,
        ]),
    },
    family: {
      name: 'falcosecurity_falco_sha256_config_files_info',
      type: 'gauge',
      read: ({ program }) =>
        program.configFiles.map(({ name, sha256 }) => ({ labels: { file_name: name, sha256 }, value: 1 })),
    },
  },
  {
    group: 'always',
    doc: 'Addresses of a network interface other than the loopback.',
    field: {
      name: 'falco.host_netinfo.interfaces.IF.protocols.ipv4.addresses',
      read: ({ program }) =>
        program.interfaces.flatMap(({ name, ipv4, ipv6 }) =>
          Object.entries({ ipv4, ipv6 }).flatMap(([protocol, addresses]): [string, string][] =>
            addresses.length === 0
              ? []
              : [
                  [
                    `falco.host_netinfo.interfaces.${name}.protocols.${protocol}.addresses`,
                    addresses.join(','),
                  ],
                ],
          ),
        ),
    },
  },
];
