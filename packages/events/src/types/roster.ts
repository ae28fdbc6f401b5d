/** All event types, and how to find them by code and by name. */

import { type EventType, eventFlag } from '../event-type.ts';
import { cloneEvents } from './clones.ts';
import { descriptorEvents } from './descriptors.ts';
import { execEvents } from './execs.ts';
import { fileEvents } from './files.ts';
import { identityEvents } from './identities.ts';
import { ipcEvents } from './ipc.ts';
import { iteratorEvents } from './iterators.ts';
import { kernelEvents } from './kernel.ts';
import { memoryEvents } from './memory.ts';
import { messageEvents } from './messages.ts';
import { metaEvents } from './meta.ts';
import { mountEvents } from './mounts.ts';
import { networkEvents } from './network.ts';
import { pathEvents } from './paths.ts';
import { processEvents } from './processes.ts';
import { rightsEvents } from './rights.ts';
import { signalEvents } from './signals.ts';
import { syscallRoster } from './syscalls.ts';
import { transferEvents } from './transfers.ts';

const families = [
  fileEvents,
  pathEvents,
  rightsEvents,
  mountEvents,
  transferEvents,
  descriptorEvents,
  networkEvents,
  messageEvents,
  cloneEvents,
  execEvents,
  processEvents,
  memoryEvents,
  ipcEvents,
  signalEvents,
  identityEvents,
  kernelEvents,
  metaEvents,
  iteratorEvents,
];

/** Indexed by code, without gaps. */
export const eventRoster: readonly EventType[] = families
  .flat()
  .sort((left, right) => left.code - right.code);

export const EVENT_CODE_COUNT: number = eventRoster.length;

const codesByName: ReadonlyMap<string, readonly number[]> = (() => {
  const codes = new Map<string, number[]>();
  for (const type of eventRoster) {
    if (type.flags & eventFlag.unused) continue;
    const known = codes.get(type.name);
    if (known === undefined) codes.set(type.name, [type.code]);
    else known.push(type.code);
  }
  for (const syscall of syscallRoster)
    if (syscall.isGeneric) codes.set(syscall.name, [...syscall.eventCodes]);
  return codes;
})();

const codeByWireName = new Map(eventRoster.map((type) => [type.wireName, type.code]));

/**
 * Every code that bears the name: all versions, enter and exit. The name of a call without a type of its own gives
 * the codes of the generic event. Empty when nothing bears the name.
 */
export function eventCodesOf(name: string): readonly number[] {
  return codesByName.get(name) ?? [];
}

/** Every name that `evt.type` may have, sorted. */
export function eventNames(): readonly string[] {
  return [...codesByName.keys()].sort();
}

/** The code of `PPME_SYSCALL_OPENAT_2_X` and the like. */
export function codeOfWireName(wireName: string): number | undefined {
  return codeByWireName.get(wireName);
}

/** The type of a code; `undefined` beyond the last one. */
export function eventTypeOf(code: number): EventType | undefined {
  return eventRoster[code];
}
