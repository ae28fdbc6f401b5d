/** What the program may do once it watches: plain data, which the sensor's thread gets as well. */

import type { LogLevel } from '../log.ts';
import type { Role } from './capabilities.ts';
import { type CapabilitySet, noCapabilities } from './capability-set.ts';

export interface Confinement {
  /** Whether privileges are given up. */
  readonly isOn: boolean;
  /** What threads keep after the start. */
  readonly kept: Readonly<Record<Role, CapabilitySet>>;
  /** What the program gets that alerts are handed to; `main` has it as well. */
  readonly forPrograms: CapabilitySet;
  /** Whether programs may be run. */
  readonly canExecute: boolean;
  /** `privileges` of the configuration, as it was read. */
  readonly settings: string;
  /** What users should know. */
  readonly notes: readonly { readonly level: LogLevel; readonly text: string }[];
}

/** All that it was started with stays. `why`: what users are told. */
export function unconfined(why: string | undefined, settings = ''): Confinement {
  return {
    isOn: false,
    kept: { main: noCapabilities, sensor: noCapabilities },
    forPrograms: noCapabilities,
    canExecute: true,
    settings,
    notes: why === undefined ? [] : [{ level: 'warning', text: `all privileges are kept: ${why}` }],
  };
}
