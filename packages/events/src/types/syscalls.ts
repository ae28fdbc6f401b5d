/** System calls: their ids on the wire, their numbers on x86_64, and the events that report them. */

import { dedicatedRows } from './syscalls-dedicated.ts';
import { genericRows } from './syscalls-generic.ts';

/**
 * Groups that selections are made of. `state`: the tables need it; `repair`: always added when a selection is
 * repaired; `ignored`: left out unless asked for, since it is frequent input or output.
 */
export type SyscallSet =
  | 'state'
  | 'repair'
  | 'io'
  | 'io-other'
  | 'ignored'
  | 'file'
  | 'net'
  | 'process'
  | 'system';

export interface Syscall {
  /** Id in events, independent of the architecture. */
  readonly id: number;
  readonly name: string;
  /** Absent where x86_64 has no such call (other architectures, and tracepoints that count as calls). */
  readonly x86Number: number | undefined;
  readonly sets: readonly SyscallSet[];
  /** Codes of every version of its event, enter and exit. */
  readonly eventCodes: readonly number[];
  /** What `evt.type` says. */
  readonly eventName: string;
  /** Has no event type of its own. */
  readonly isGeneric: boolean;
}

export type GenericRow = readonly [id: number, name: string, x86Number: number | undefined];
export type DedicatedRow = readonly [
  id: number,
  name: string,
  x86Number: number | undefined,
  sets: string,
  eventCodes: readonly number[],
  eventName?: string,
];

/** Codes of the event that reports calls without a type of their own: enter, exit. */
export const GENERIC_CODES: readonly number[] = [0, 1];

const setNames: Readonly<Record<string, SyscallSet>> = {
  state: 'state',
  repair: 'repair',
  io: 'io',
  'io-other': 'io-other',
  ignored: 'ignored',
  file: 'file',
  net: 'net',
  process: 'process',
  system: 'system',
};

function setsOf(words: string): readonly SyscallSet[] {
  return words.split(' ').flatMap((word) => setNames[word] ?? []);
}

/** By id, ascending. */
export const syscallRoster: readonly Syscall[] = [
  ...genericRows.map(
    ([id, name, x86Number]): Syscall =>
      Object.freeze({
        id,
        name,
        x86Number,
        sets: [],
        eventCodes: GENERIC_CODES,
        eventName: name,
        isGeneric: true,
      }),
  ),
  ...dedicatedRows.map(
    ([id, name, x86Number, sets, eventCodes, eventName = name]): Syscall =>
      Object.freeze({ id, name, x86Number, sets: setsOf(sets), eventCodes, eventName, isGeneric: false }),
  ),
].sort((left, right) => left.id - right.id);

const byId: readonly (Syscall | undefined)[] = (() => {
  const table: (Syscall | undefined)[] = [];
  const last = syscallRoster.at(-1)?.id ?? 0;
  for (let id = 0; id <= last; id++) table.push(undefined);
  for (const syscall of syscallRoster) table[syscall.id] = syscall;
  return table;
})();

const byName = new Map(syscallRoster.map((syscall) => [syscall.name, syscall]));

/** The call with this id; `undefined` for ids that no table knows. */
export function syscallById(id: number): Syscall | undefined {
  return byId[id];
}

export function syscallByName(name: string): Syscall | undefined {
  return byName.get(name);
}
