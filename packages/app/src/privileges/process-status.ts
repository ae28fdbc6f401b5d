/** What a process or thread may do, as `/proc/PID/status` says. */

import { readFileSync } from 'node:fs';
import type { CapabilitySet } from './capability-set.ts';

export interface ProcessStatus {
  /** Effective. */
  readonly uid: number;
  readonly effective: CapabilitySet;
  readonly permitted: CapabilitySet;
  readonly inheritable: CapabilitySet;
  readonly bounding: CapabilitySet;
  readonly ambient: CapabilitySet;
  /** Programs that it runs cannot gain anything. */
  readonly hasNoNewPrivileges: boolean;
  /** Whether system calls go through a filter. */
  readonly hasFilter: boolean;
}

const SECCOMP_FILTER = '2';

/** What the text does not say is taken as nothing. */
export function parseProcessStatus(status: string): ProcessStatus {
  const lines = new Map<string, string>();
  for (const line of status.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) lines.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const set = (key: string): CapabilitySet => {
    const digits = lines.get(key) ?? '';
    return /^[0-9a-f]{1,16}$/.test(digits) ? BigInt(`0x${digits}`) : 0n;
  };
  return {
    uid: Number(lines.get('Uid')?.split('\t')[1] ?? 0),
    effective: set('CapEff'),
    permitted: set('CapPrm'),
    inheritable: set('CapInh'),
    bounding: set('CapBnd'),
    ambient: set('CapAmb'),
    hasNoNewPrivileges: lines.get('NoNewPrivs') === '1',
    hasFilter: lines.get('Seccomp') === SECCOMP_FILTER,
  };
}

export function readOwnStatus(): ProcessStatus {
  return parseProcessStatus(readFileSync('/proc/self/status', 'latin1'));
}
