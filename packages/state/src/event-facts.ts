/** What the pipeline needs to know of each event code, settled once from the roster. */

import { type EventType, eventFlag, eventRoster } from '@peregrine/events';

export const eventFact = {
  /** Reaches rules. */
  delivered: 1 << 0,
  /** Has a thread. */
  hasThread: 1 << 1,
  /** An unknown thread is looked up, or made up. */
  looksUpThread: 1 << 2,
  /** Its fd is looked up before the transition. */
  usesFd: 1 << 3,
  createsFd: 1 << 4,
} as const;

const ASYNC = 402;
const PLUGIN = 322;

/** Their thread may be unknown: one that is being made, that goes, or that merely runs. */
const NAMES_WITHOUT_LOOKUP: ReadonlySet<string> = new Set([
  'clone',
  'clone3',
  'fork',
  'vfork',
  'switch',
  'procexit',
]);

/** Bits of `eventFact` by code. */
export function createEventFacts(): Uint8Array {
  return Uint8Array.from(eventRoster, factsOf);
}

function factsOf(type: EventType): number {
  let facts = 0;
  if (isDelivered(type)) facts |= eventFact.delivered;
  if (hasThread(type)) {
    facts |= eventFact.hasThread;
    if (looksUpThread(type)) facts |= eventFact.looksUpThread;
    if (type.direction === 'exit') {
      if (type.flags & eventFlag.usesFd && fdParamOf(type) >= 0) facts |= eventFact.usesFd;
      if (type.flags & eventFlag.createsFd) facts |= eventFact.createsFd;
    }
  }
  return facts;
}

function isDelivered(type: EventType): boolean {
  if (type.category === 'internal') return false;
  switch (type.kind) {
    case 'syscall':
      return type.direction === 'exit';
    case 'tracepoint':
    case 'plugin':
      return true;
    case 'metaevent':
      return type.code === ASYNC;
    default:
      return false;
  }
}

function hasThread(type: EventType): boolean {
  return type.kind !== 'metaevent' && type.kind !== 'iter' && type.code !== PLUGIN;
}

/** An event that changes no state finds its thread if it is known, and makes none up. */
function looksUpThread(type: EventType): boolean {
  return !NAMES_WITHOUT_LOOKUP.has(type.name) && (type.flags & eventFlag.skipParseReset) === 0;
}

/** Index of the parameter that names the fd which an exit event uses: the first fd that is no result; -1: none. */
export function createFdParams(): Int8Array {
  return Int8Array.from(eventRoster, fdParamOf);
}

function fdParamOf(type: EventType): number {
  if (type.direction === 'enter' || (type.flags & eventFlag.usesFd) === 0) return -1;
  return type.params.findIndex((param, index) => index > 0 && param.type === 'FD');
}
