/** What metrics are made of: the sensor's counts, and what is known of program and machine, at one moment. */

import type { Measurement } from '../detection/measure/measurement.ts';
import type { MeasuredFeed } from '../feeds/feed-fleet.ts';
import type { MachineUsage } from './machine-usage.ts';
import type { ProgramFacts } from './program-facts.ts';

/** Counts that rates are taken from. */
export interface EarlierCounts {
  readonly timeMs: number;
  readonly eventCount: number;
  readonly recordCount: number;
  readonly lostCount: number;
}

export interface Reading {
  readonly measurement: Measurement;
  /** Of the sources that are read beside the kernel. */
  readonly feeds: readonly MeasuredFeed[];
  readonly usage: MachineUsage;
  readonly program: ProgramFacts;
  readonly hostname: string;
  /** Alerts that found the queue of the outputs full. */
  readonly outputDropCount: number;
  readonly outputWaitingCount: number;
  /** Of the snapshot before this one. */
  readonly earlier: EarlierCounts | undefined;
  readonly isMemoryInMb: boolean;
}

export function lostCountOf({ probe }: Measurement): number {
  return probe.recordCount - probe.emittedCount;
}

export function countsOf(measurement: Measurement): EarlierCounts {
  const { timeMs, eventCount, probe } = measurement;
  return { timeMs, eventCount, recordCount: probe.recordCount, lostCount: lostCountOf(measurement) };
}

/** Count for each second since the snapshot before; 0 in the first one. */
export function ratePerSecond(
  now: number,
  before: number | undefined,
  { earlier, measurement }: Reading,
): number {
  const elapsedMs = earlier === undefined ? 0 : measurement.timeMs - earlier.timeMs;
  return elapsedMs <= 0 ? 0 : ((now - (before ?? 0)) / elapsedMs) * 1_000;
}
