/** What `peregrine top` shows: the difference of two measurements of a sensor, as rates. Pure. */

import { fromByteText } from '@peregrine/base';
import { eventRoster } from '@peregrine/events';
import type { Measurement } from '../detection/measure/measurement.ts';

export type { Measurement } from '../detection/measure/measurement.ts';

/** A name and how many events of it came in each second. */
export interface NamedRate {
  readonly name: string;
  readonly perSecond: number;
}

export interface ContainerRate extends NamedRate {
  /** `host` is what runs in none. */
  readonly id: string;
}

export interface ProgramCost {
  readonly name: string;
  readonly runsPerSecond: number;
  readonly nsPerRun: number;
  /** Of one CPU; 1 is all of it. */
  readonly cpuRatio: number;
}

export interface RuleRow {
  readonly rule: string;
  readonly matches: number;
  /** Of the rule by itself, for an event of a type that it looks at; absent before one was sampled. */
  readonly nsPerEvent: number | undefined;
  /** What the rule by itself would take of a CPU. Rules share their work, so that all together take less. */
  readonly cpuRatio: number;
}

export interface TopFrame {
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
  readonly seconds: number;
  readonly title: string;
  readonly eventsPerSecond: number;
  readonly lostPerSecond: number;
  readonly lostTotal: number;
  readonly threadCount: number;
  /** CPU time of this program, of one CPU. */
  readonly sensorCpuRatio: number;
  readonly rssBytes: number;
  readonly programs: readonly ProgramCost[];
  /** Busiest first, as are the following. */
  readonly types: readonly NamedRate[];
  readonly processes: readonly NamedRate[];
  readonly containers: readonly ContainerRate[];
  /** Dearest first. */
  readonly rules: readonly RuleRow[];
}

/** What the program itself used so far. */
export interface ProgramUsage {
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

export interface TopSample {
  readonly measurement: Measurement;
  readonly usage: ProgramUsage;
}

const NS_PER_SECOND = 1e9;

export function compareSamples(before: TopSample, after: TopSample): TopFrame {
  const [old, now] = [before.measurement, after.measurement];
  const seconds = Math.max((now.timeMs - old.timeMs) / 1_000, 0.001);
  const lost = ({ probe }: Measurement): number => probe.recordCount - probe.emittedCount;
  const rates = <K>(
    of: (profile: NonNullable<Measurement['profile']>) => ReadonlyMap<K, number>,
  ): readonly (readonly [K, number])[] => {
    if (now.profile === undefined || old.profile === undefined) return [];
    const earlier = of(old.profile);
    return [...of(now.profile)]
      .map(([key, count]): [K, number] => [key, (count - (earlier.get(key) ?? 0)) / seconds])
      .filter(([, rate]) => rate > 0)
      .sort(([, a], [, b]) => b - a);
  };
  return {
    timeMs: now.timeMs,
    seconds,
    title: now.title,
    eventsPerSecond: (now.eventCount - old.eventCount) / seconds,
    lostPerSecond: Math.max(0, lost(now) - lost(old)) / seconds,
    lostTotal: lost(now),
    threadCount: now.threadCount,
    sensorCpuRatio: (after.usage.cpuSeconds - before.usage.cpuSeconds) / seconds,
    rssBytes: after.usage.rssBytes,
    programs: programCosts(old, now, seconds),
    types: rates(({ byCode }) => byCode).map(([code, perSecond]) => ({
      name: eventRoster[code]?.name ?? String(code),
      perSecond,
    })),
    processes: rates(({ byProcess }) => byProcess).map(([name, perSecond]) => ({
      name: fromByteText(name),
      perSecond,
    })),
    containers: rates(({ byContainer }) => byContainer).map(([id, perSecond]) => ({
      id: id === '' ? 'unknown' : id,
      name: now.profile?.containerNames.get(id) ?? '',
      perSecond,
    })),
    rules: ruleRows(old, now, seconds),
  };
}

function programCosts(old: Measurement, now: Measurement, seconds: number): readonly ProgramCost[] {
  return now.programs.map(({ name, runCount, runTimeNs }) => {
    const earlier = old.programs.find((program) => program.name === name);
    const runs = runCount - (earlier?.runCount ?? 0);
    const timeNs = runTimeNs - (earlier?.runTimeNs ?? 0);
    return {
      name,
      runsPerSecond: runs / seconds,
      nsPerRun: runs === 0 ? 0 : timeNs / runs,
      cpuRatio: timeNs / NS_PER_SECOND / seconds,
    };
  });
}

function ruleRows(old: Measurement, now: Measurement, seconds: number): readonly RuleRow[] {
  const interval = now.profile?.sampleInterval ?? 1;
  const matches = new Map(now.matches.map(({ rule, count }) => [rule, count]));
  const earlier = new Map(old.profile?.ruleCosts.map((cost) => [cost.rule, cost]));
  return (now.profile?.ruleCosts ?? [])
    .map(({ rule, sampleCount, sampledNs }) => ({
      rule,
      matches: matches.get(rule) ?? 0,
      nsPerEvent: sampleCount === 0 ? undefined : sampledNs / sampleCount,
      cpuRatio:
        (Math.max(0, sampledNs - (earlier.get(rule)?.sampledNs ?? 0)) * interval) / NS_PER_SECOND / seconds,
    }))
    .sort((a, b) => b.cpuRatio - a.cpuRatio || b.matches - a.matches);
}
