/** Events by name, with the parameters that matter by name; all others get a value that says nothing. */

import { constants } from 'node:os';
import {
  type EventType,
  type EventView,
  encodeView,
  eventFlag,
  eventRoster,
  flagTable,
  layoutOf,
  type ParamValue,
} from '@peregrine/events';

export type NamedValues = Readonly<Record<string, ParamValue>>;

/** The newest form of the event that rules see under this name. */
export function typeNamed(name: string): EventType {
  const types = eventRoster.filter(
    (type) => type.name === name && (type.flags & (eventFlag.unused | eventFlag.oldVersion)) === 0,
  );
  const type = types.findLast((candidate) => candidate.direction === 'exit') ?? types.at(-1);
  if (type === undefined) throw new Error(`no event is called \`${name}\``);
  return type;
}

export function eventNamed(name: string, tid: number, timestampNs: bigint, values: NamedValues): EventView {
  const type = typeNamed(name);
  const unknown = Object.keys(values).find((key) => !type.params.some((param) => param.name === key));
  if (unknown !== undefined) throw new Error(`event \`${name}\` has no parameter \`${unknown}\``);
  const params = type.params.map((param) =>
    Object.hasOwn(values, param.name) ? values[param.name] : emptyValueOf(param.type),
  );
  return encodeView({ code: type.code, tid, timestampNs, params });
}

function emptyValueOf(type: Parameters<typeof layoutOf>[0]): ParamValue {
  switch (layoutOf(type)) {
    case 'text':
    case 'bytes':
      return '';
    case 'ip':
    case 'socket-address':
    case 'socket-tuple':
    case 'fd-list':
    case 'dynamic':
      return undefined;
    default:
      return 0;
  }
}

/** `ENOENT` as a system call returns it: -2. */
export function failure(name: string): number {
  const number = Object.entries(constants.errno).find(([known]) => known === name)?.[1];
  if (number === undefined) throw new Error(`no error is called \`${name}\``);
  return -number;
}

/** `O_WRONLY|O_CREAT` in a flag table, as events carry it. */
export function flagBits(table: string, text: string): number {
  const entries = flagTable(table)?.entries ?? [];
  return text.split('|').reduce((bits, name) => {
    const entry = entries.find(([known]) => known === name);
    if (entry === undefined) throw new Error(`${table} has no \`${name}\``);
    return bits | entry[1];
  }, 0);
}
