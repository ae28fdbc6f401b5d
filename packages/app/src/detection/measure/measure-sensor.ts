/** Reads what a running sensor's parts count. */

import { fromByteText } from '@peregrine/base';
import type { EbpfSource } from '@peregrine/sources';
import type { JoinCounts } from '../../exec-join/join-counts.ts';
import type { Detector } from '../detector.ts';
import type { KillCounts } from '../kill-watch.ts';
import type { LossWatch } from '../ledger/loss-watch.ts';
import type { EventProfile, ProfileCounts } from '../profile/event-profile.ts';
import type { RuleCount } from '../statistics.ts';
import type { ContainerCounts, Measurement, Profile, RuleMatches } from './measurement.ts';

export interface SensorParts {
  readonly source: EbpfSource;
  readonly detector: Detector;
  readonly lossWatch: LossWatch;
  readonly profile: EventProfile | undefined;
  readonly ringBytes: number;
  readonly eventCount: number;
  readonly matches: readonly RuleCount[];
  readonly kernelKills: KillCounts;
  readonly execJoin: JoinCounts;
}

export function measureSensor(parts: SensorParts, timeMs: number): Measurement {
  const { source, detector, lossWatch, profile, ringBytes, eventCount } = parts;
  const { spellCount, blindSeconds, cgroups } = lossWatch.totals();
  return {
    timeMs,
    title: source.title,
    eventCount,
    bugCount: detector.engine.bugCount,
    probe: source.counters(),
    ringBytes,
    programs: source.programs(),
    state: { ...detector.state.counters },
    threadCount: detector.state.tables.threadCount,
    fdCount: detector.state.fdCount(),
    containers: containerCounts(detector),
    matches: withRules(parts.matches, detector),
    kernelKills: parts.kernelKills,
    execJoin: parts.execJoin,
    gapCount: spellCount,
    gapSeconds: blindSeconds,
    losers: cgroups,
    profile: profile && withNames(profile.counts(), detector),
  };
}

function containerCounts({ engine, state }: Detector): ContainerCounts {
  const containers = [...state.tables.containers()];
  const imageless = containers.filter(
    ({ metadata }) => metadata !== undefined && metadata.image === '' && !metadata.isPodSandbox,
  );
  return {
    knownCount: containers.length,
    imagelessCount: imageless.length,
    awaitedCount: engine.awaitedCount,
    waitingCount: engine.waitingCount,
    waiting: { ...engine.waitingCounters },
  };
}

function withNames(counts: ProfileCounts, { state }: Detector): Profile {
  const names = [...counts.byContainer.keys()].flatMap((id): [string, string][] => {
    const name = state.tables.container(id)?.metadata?.name ?? '';
    return name === '' ? [] : [[id, fromByteText(name)]];
  });
  return { ...counts, containerNames: new Map(names) };
}

/** Rules that are gone since a reload have no tags any more. */
function withRules(matches: readonly RuleCount[], { rules }: Detector): readonly RuleMatches[] {
  const byName = new Map(rules.map((rule) => [rule.name, rule]));
  return matches.map(({ rule, priority, count }) => {
    const known = byName.get(rule);
    return { rule, priority, count, source: known?.source ?? 'syscall', tags: known?.tags ?? [] };
  });
}
