/** Where each event type keeps a parameter, settled once from the roster. HOT: lookups by event code. */

import { codeOfWireName, EVENT_CODE_COUNT, type EventType, eventRoster } from '@peregrine/events';
import type { EventContext } from '@peregrine/state';
import { normalise } from './wide.ts';

/** Index of the parameter with this name for every event code; -1 where there is none. */
export function paramIndexes(name: string): Int8Array {
  const indexes = new Int8Array(EVENT_CODE_COUNT).fill(-1);
  for (const { code, params } of eventRoster)
    indexes[code] = params.findIndex((param) => param.name === name);
  return indexes;
}

/** 1 for the exit codes of all versions of the events called so. */
export function exitCodesOf(...names: readonly string[]): Uint8Array {
  const wanted = new Set(names);
  const codes = new Uint8Array(EVENT_CODE_COUNT);
  for (const type of eventRoster)
    if (type.direction === 'exit' && type.kind === 'syscall' && wanted.has(type.name)) codes[type.code] = 1;
  return codes;
}

/** The code of a wire name that the roster must have. */
export function codeNamed(wireName: string): number {
  const code = codeOfWireName(wireName);
  if (code === undefined) throw new Error(`no event type is called ${wireName}`);
  return code;
}

export const GENERIC_EXIT = codeNamed('PPME_GENERIC_X');
export const GENERIC_ENTER = codeNamed('PPME_GENERIC_E');
export const ASYNC_EVENT = codeNamed('PPME_ASYNCEVENT_E');

/** How the first parameter holds what the call returned: not at all, in 64 bits, or in 32 bits with or without sign. */
const NOTHING = 0;
const WIDE = 1;
const UNSIGNED = 2;
const SIGNED = 3;

function returnKindOf(type: EventType): number {
  const [first] = type.params;
  if (type.kind !== 'syscall' || type.direction !== 'exit' || type.code === GENERIC_EXIT) return NOTHING;
  switch (first?.type) {
    case undefined:
      return NOTHING;
    case 'UID':
    case 'GID':
    case 'UINT32':
      return UNSIGNED;
    case 'INT32':
    case 'FD32':
    case 'PID32':
      return SIGNED;
    default:
      return WIDE;
  }
}

const returnKinds: Uint8Array = Uint8Array.from(eventRoster, returnKindOf);

/** What the call returned; `undefined` for events that are no calls and for calls of unknown shape. */
export function returnValue(event: EventContext): number | bigint | undefined {
  const value = approximateReturnValue(event);
  if (Number.isSafeInteger(value)) return value;
  return Number.isNaN(value) ? undefined : normalise(event.view.bigI64(0));
}

/** The same as a double: exact but for values beyond 2^53. `NaN` when there is none. */
export function approximateReturnValue({ view }: EventContext): number {
  switch (returnKinds[view.code]) {
    case WIDE:
      return view.size(0) >= 8 ? view.i64(0) : Number.NaN;
    case UNSIGNED:
      return view.size(0) >= 4 ? view.u32(0) : Number.NaN;
    case SIGNED:
      return view.size(0) >= 4 ? view.i32(0) : Number.NaN;
    default:
      return Number.NaN;
  }
}
