/** What a state engine is made with: ceilings, what to keep current, and how to look up what no event told. */

import type { ExecSession } from './exec-session.ts';
import type { Container } from './tables.ts';

/** Most entries that each table holds; what does not fit is refused and counted. */
export interface StateLimits {
  readonly threads: number;
  readonly fdsPerProcess: number;
  /** Users of all containers together; groups likewise. */
  readonly users: number;
  readonly groups: number;
  readonly containers: number;
  readonly interfaces: number;
  /** Resolved paths that are remembered; cgroup lists whose container is. */
  readonly paths: number;
  readonly cgroups: number;
}

export const defaultLimits: StateLimits = Object.freeze({
  threads: 262_144,
  fdsPerProcess: 1_048_576,
  users: 65_536,
  groups: 65_536,
  containers: 65_536,
  interfaces: 4_096,
  paths: 16_384,
  cgroups: 16_384,
});

/**
 * Costly parts of the state, kept current only if asked for:
 * `memory`: virtual, resident and swapped sizes, from memory calls and context switches;
 * `faults`: page fault counts, from context switches;
 * `time`: `EventContext.deltaNs`, for which every event must be applied.
 */
export const stateNeeds = ['memory', 'faults', 'time'] as const;
export type StateNeed = (typeof stateNeeds)[number];

export interface StateOptions {
  readonly limits?: Partial<StateLimits>;
  /** Names from `stateNeeds`; all of them unless stated. Others are ignored. */
  readonly needs?: ReadonlySet<string>;
  /**
   * Live only: called for a thread that no event told of. It may hand records to the engine (`process`, `fd`) and
   * says whether it did; without it, or when it gives false, the thread is made up.
   */
  readonly lookUpProcess?: (tid: number) => boolean;
  /** Live only: called for a container met for the first time, of which nothing but its id is known. */
  readonly onContainer?: (container: Container) => void;
  /** Live only: called when the first process of a container ends, and all of the container with it. */
  readonly onContainerEnd?: (id: string) => void;
  /**
   * Live only: a copy of a descriptor that no table knows leaves its target unknown, whatever that was before. Without
   * it the target stays what it was, as recordings are read elsewhere.
   */
  readonly forgetsUnknownCopies?: boolean;
  /** Live only: called when a command that somebody had run in a container begins. */
  readonly onExecSession?: (session: ExecSession) => void;
}
