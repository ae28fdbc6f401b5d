/**
 * Answers about sensors and sources. What is known of a machine is what came from it: its alerts, what it tells of itself in
 * snapshots of its metrics, and when it was blind. The sensor in this process is asked.
 */

import { type HubAlert, textOfValue } from '@peregrine/alert';
import type { ApiHandlers } from '@peregrine/api';
import type { Sensor } from '@peregrine/api/contract';
import type { AlertFilter, AlertStore, KeptAlert } from '@peregrine/store';
import type { Measurement } from '../../detection/measure/measurement.ts';
import { versions } from '../../versions.ts';
import type { RuleBook } from '../rules/rule-book.ts';
import type { SensorPort } from '../rules/sensor-port.ts';
import { timeText } from '../shapes.ts';

export interface SensorHandlerOptions {
  readonly store: AlertStore;
  readonly book: RuleBook;
  readonly sensor: SensorPort | undefined;
  /** Of this machine, as its alerts have it. */
  readonly hostname: string | undefined;
  readonly nowMs: () => number;
}

const HOUR_MS = 3_600_000;
const MOST_HOSTS = 200;
const MOST_REPORTS = 1_000;
const MOST_GAPS = 20;
const SNAPSHOT = 'Falco internal: metrics snapshot';
const DROPS = 'Falco internal: syscall event drop';
const GAP = 'Peregrine internal: coverage gap';

export function createSensorHandlers(
  options: SensorHandlerOptions,
): Pick<ApiHandlers, 'listSensors' | 'listSources'> {
  const { store, book, sensor, nowMs } = options;
  const lastHours = (hours: number): AlertFilter => ({
    fromNs: BigInt(Math.floor(nowMs() - hours * HOUR_MS)) * 1_000_000n,
  });
  const of = (filter: AlertFilter, field: string, values: readonly string[]): AlertFilter => ({
    ...filter,
    where: [...(filter.where ?? []), { field, values, isNegated: false }],
  });

  async function latest(filter: AlertFilter): Promise<KeptAlert | undefined> {
    return (await store.search(filter, { limit: 1 })).alerts[0];
  }

  return {
    listSensors: async ({ signal }) => {
      const [hosts, week, snapshots, reports, measured] = await Promise.all([
        store.countBy(lastHours(24), 'hostname', MOST_HOSTS, signal),
        store.countBy(lastHours(24 * 7), 'hostname', MOST_HOSTS, signal),
        store.search(of(lastHours(24 * 7), 'rule', [SNAPSHOT]), { limit: MOST_REPORTS }, signal),
        store.search(of(lastHours(24 * 7), 'rule', [DROPS, GAP]), { limit: MOST_REPORTS }, signal),
        measure(sensor),
      ]);
      const counts = new Map(hosts.values.map(({ value, count }) => [value, count]));
      const names = [...new Set([...hosts.values, ...week.values].map(({ value }) => value))];
      const { hostname } = options;
      if (sensor !== undefined && hostname !== undefined && !names.includes(hostname))
        names.unshift(hostname);
      const sensors: Sensor[] = [];
      for (const name of names.slice(0, MOST_HOSTS)) {
        const isHere = sensor !== undefined && name === hostname;
        const last = await latest(of({}, 'hostname', [name]));
        const ofHost = ({ alert }: KeptAlert): boolean => alert.hostname === name;
        const told = reports.alerts.filter(ofHost).map(({ alert }) => alert);
        const snapshot = snapshots.alerts.find(ofHost)?.alert;
        sensors.push({
          hostname: name,
          isHere,
          kind: kindOf(isHere, snapshot, told),
          version: isHere ? versions.version : textIn(snapshot, 'falco.version'),
          lastTime: isHere ? new Date(nowMs()).toISOString() : timeText(last?.alert.timeNs ?? 0n),
          alertCount: counts.get(name) ?? 0,
          events: isHere && measured !== undefined ? eventsOf(measured) : eventsIn(snapshot),
          cpuPercent: numberIn(snapshot, 'falco.cpu_usage_perc'),
          memoryBytes: memoryIn(snapshot),
          gaps: told.slice(0, MOST_GAPS).map(gapShape),
          uptimeMs: uptimeIn(snapshot),
          detail: isHere ? (measured?.title ?? 'the sensor does not answer') : null,
        });
      }
      return { sensors };
    },
    listSources: async ({ signal }) => {
      const counted = await store.countBy(lastHours(24), 'source', MOST_HOSTS, signal);
      const counts = new Map(counted.values.map(({ value, count }) => [value, count]));
      const ruleCounts = new Map<string, number>();
      for (const { definition, isEnabled } of book.state.rules.values())
        if (isEnabled) ruleCounts.set(definition.source, (ruleCounts.get(definition.source) ?? 0) + 1);
      const names = [...new Set([...ruleCounts.keys(), ...counts.keys()])].filter((name) => name !== '');
      return {
        sources: await Promise.all(
          names.sort().map(async (name) => {
            const hosts = await store.countBy(of(lastHours(24), 'source', [name]), 'hostname', 10, signal);
            const last = await latest(of({}, 'source', [name]));
            return {
              name,
              ruleCount: ruleCounts.get(name) ?? 0,
              alertCount: counts.get(name) ?? 0,
              lastTime: last === undefined ? null : timeText(last.alert.timeNs),
              hosts: hosts.values.map(({ value, count }) => ({ name: value, alertCount: count })),
            };
          }),
        ),
      };
    },
  };
}

async function measure(sensor: SensorPort | undefined): Promise<Measurement | undefined> {
  try {
    return await sensor?.measure();
  } catch {
    return undefined;
  }
}

function kindOf(isHere: boolean, snapshot: HubAlert | undefined, told: readonly HubAlert[]): Sensor['kind'] {
  const isOurs =
    isHere || told.some(({ rule }) => rule === GAP) || textIn(snapshot, 'falco.version') === versions.version;
  if (isOurs) return 'peregrine';
  return snapshot !== undefined || told.length > 0 ? 'falco' : 'other';
}

function eventsOf({ eventCount, probe }: Measurement): { seen: number; dropped: number } {
  const sum = (counts: ReadonlyMap<number, number>): number =>
    [...counts.values()].reduce((a, b) => a + b, 0);
  return { seen: eventCount, dropped: sum(probe.droppedByCode) + sum(probe.limitedByCode) };
}

function eventsIn(snapshot: HubAlert | undefined): { seen: number; dropped: number } | null {
  const seen = numberIn(snapshot, 'scap.n_evts') ?? numberIn(snapshot, 'falco.num_evts');
  return seen === null ? null : { seen, dropped: numberIn(snapshot, 'scap.n_drops') ?? 0 };
}

function memoryIn(snapshot: HubAlert | undefined): number | null {
  for (const [suffix, unit] of [
    ['mb', 1024 * 1024],
    ['kb', 1024],
    ['bytes', 1],
  ] as const) {
    const value = numberIn(snapshot, `falco.memory_rss_${suffix}`);
    if (value !== null) return Math.round(value * unit);
  }
  return null;
}

/** When the snapshot was made. */
function uptimeIn(snapshot: HubAlert | undefined): number | null {
  const seconds = numberIn(snapshot, 'falco.duration_sec');
  return seconds === null ? null : seconds * 1_000;
}

function gapShape(alert: HubAlert): Sensor['gaps'][number] {
  const time = timeText(alert.timeNs);
  if (alert.rule === DROPS)
    return {
      from: timeText(alert.timeNs - 1_000_000_000n),
      to: time,
      what: 'system calls were dropped',
      lost: numberIn(alert, 'n_drops') ?? 0,
    };
  const container = textIn(alert, 'container.name') || textIn(alert, 'container.id');
  return {
    from: textIn(alert, 'from') ?? time,
    to: textIn(alert, 'to') ?? time,
    what: `${textIn(alert, 'cgroup') ?? 'unknown'}${container === null || container === 'host' ? '' : `, container ${container}`}`,
    lost: (numberIn(alert, 'n_dropped') ?? 0) + (numberIn(alert, 'n_limited') ?? 0),
  };
}

function textIn(alert: HubAlert | undefined, name: string): string | null {
  const value = alert?.fields[name];
  return value === undefined || value === null ? null : textOfValue(value);
}

function numberIn(alert: HubAlert | undefined, name: string): number | null {
  const text = textIn(alert, name);
  const value = text === null || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}
