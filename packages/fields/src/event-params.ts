/** Where each event type keeps a parameter, settled once from the roster. HOT: lookups by event code. */

import { codeOfWireName, EVENT_CODE_COUNT, eventRoster } from '@peregrine/events';
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

/** 1 where the first parameter is what the call returned. */
const returns: Uint8Array = (() => {
  const table = new Uint8Array(EVENT_CODE_COUNT);
  for (const type of eventRoster)
    if (
      type.kind === 'syscall' &&
      type.direction === 'exit' &&
      type.code !== GENERIC_EXIT &&
      type.params.length > 0
    )
      table[type.code] = 1;
  return table;
})();

/** What the call returned; `undefined` for events that are no calls and for calls of unknown shape. */
export function returnValue(event: EventContext): number | bigint | undefined {
  const { view } = event;
  if (returns[view.code] !== 1 || view.size(0) < 8) return undefined;
  const value = view.i64(0);
  return Number.isSafeInteger(value) ? value : normalise(view.bigI64(0));
}

/** The same as a double: exact but for values beyond 2^53. `NaN` when there is none. */
export function approximateReturnValue(event: EventContext): number {
  const { view } = event;
  return returns[view.code] === 1 && view.size(0) >= 8 ? view.i64(0) : Number.NaN;
}
