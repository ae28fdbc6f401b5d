/** Everything that the sensor counts, at one moment: plain data, for metrics and views. Counts are since the start. */

import type { WaitingCounters } from '@peregrine/engine';
import type { EbpfCounters, ProgramStats } from '@peregrine/sources';
import type { StateCounters } from '@peregrine/state';
import type { JoinCounts } from '../../exec-join/join-counts.ts';
import type { KillCounts } from '../kill-watch.ts';
import type { CgroupLossCount } from '../ledger/loss-watch.ts';
import type { ProfileCounts } from '../profile/event-profile.ts';

export interface RuleMatches {
  readonly rule: string;
  /** Index in `priorities`. */
  readonly priority: number;
  readonly count: number;
  readonly source: string;
  readonly tags: readonly string[];
}

export interface ContainerCounts {
  readonly knownCount: number;
  /** Of those, the ones with metadata but without an image, sandboxes of pods aside. */
  readonly imagelessCount: number;
  /** Containers whose metadata are waited for, and events that wait. */
  readonly awaitedCount: number;
  readonly waitingCount: number;
  readonly waiting: Readonly<WaitingCounters>;
}

export interface Measurement {
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
  /** How events are watched. */
  readonly title: string;
  /** Events read. */
  readonly eventCount: number;
  /** Events that were dropped because of a bug. */
  readonly bugCount: number;
  readonly probe: EbpfCounters;
  /** Bytes of each ring. */
  readonly ringBytes: number;
  readonly programs: readonly ProgramStats[];
  readonly state: Readonly<StateCounters>;
  readonly threadCount: number;
  readonly fdCount: number;
  readonly containers: ContainerCounts;
  /** Rules that matched. */
  readonly matches: readonly RuleMatches[];
  /** Processes that the kernel ended for rules. */
  readonly kernelKills: KillCounts;
  /** Who had commands run in pods, and what ran there. */
  readonly execJoin: JoinCounts;
  readonly gapCount: number;
  readonly gapSeconds: number;
  /** Cgroups that lost events, the worst ones. */
  readonly losers: readonly CgroupLossCount[];
  /** Absent where nobody asked for it. */
  readonly profile: Profile | undefined;
}

export interface Profile extends ProfileCounts {
  /** By container id; those without a name are left out. */
  readonly containerNames: ReadonlyMap<string, string>;
}
