/** Which operators a value type takes: types that behave alike under comparison form a family. */

import type { ValueType } from '@peregrine/base';
import type { TypeFamily } from './operator.ts';

const familyByType: Readonly<Partial<Record<ValueType, TypeFamily>>> = {
  INT8: 'integer',
  INT16: 'integer',
  INT32: 'integer',
  INT64: 'integer',
  UINT8: 'integer',
  UINT16: 'integer',
  UINT32: 'integer',
  UINT64: 'integer',
  ERRNO: 'integer',
  FD: 'integer',
  PID: 'integer',
  PORT: 'integer',
  L4PROTO: 'integer',
  SOCKFAMILY: 'integer',
  SIGTYPE: 'integer',
  SYSCALLID: 'integer',
  RELTIME: 'integer',
  ABSTIME: 'integer',
  FLAGS8: 'integer',
  FLAGS16: 'integer',
  FLAGS32: 'integer',
  ENUMFLAGS8: 'integer',
  ENUMFLAGS16: 'integer',
  ENUMFLAGS32: 'integer',
  MODE: 'integer',
  DOUBLE: 'double',
  BOOL: 'bool',
  IPADDR: 'address',
  IPV4ADDR: 'address',
  IPV6ADDR: 'address',
  IPNET: 'net',
  IPV4NET: 'net',
  IPV6NET: 'net',
  CHARBUF: 'text',
  FSPATH: 'text',
  FSRELPATH: 'text',
  BYTEBUF: 'bytes',
};

/** `none` for types that no operator takes: users and groups, sockets, lists of descriptors, sets of signals. */
export function familyOf(type: ValueType): TypeFamily {
  return familyByType[type] ?? 'none';
}

const listTypes: readonly ValueType[] = [
  'CHARBUF',
  'UINT64',
  'RELTIME',
  'ABSTIME',
  'BOOL',
  'IPADDR',
  'IPNET',
];

/** Whether a list of `type` may be compared. */
export function isComparableList(type: ValueType): boolean {
  return listTypes.includes(type);
}
