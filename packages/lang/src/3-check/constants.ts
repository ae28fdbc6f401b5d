/** Constants of conditions, read as values of the left side's type. */

import { parseIp, type ValueType } from '@peregrine/base';
import { familyOf } from '../operators/type-families.ts';
import type { Constant } from './checked.ts';
import { parseNetwork } from './ip.ts';
import { portByService } from './services.ts';

/** A constant, or what it should have been. */
export type ParsedConstant =
  | { readonly kind: 'constant'; readonly constant: Constant }
  | { readonly kind: 'invalid'; readonly wanted: string; readonly hint: string | undefined };

/** Bits and signedness of integer types; the others are kept to what a number holds exactly. */
const integerRanges: Readonly<
  Partial<Record<ValueType, { readonly bits: number; readonly isSigned: boolean }>>
> = {
  INT8: { bits: 8, isSigned: true },
  INT16: { bits: 16, isSigned: true },
  INT32: { bits: 32, isSigned: true },
  INT64: { bits: 64, isSigned: true },
  FD: { bits: 64, isSigned: true },
  PID: { bits: 64, isSigned: true },
  ERRNO: { bits: 64, isSigned: true },
  UINT8: { bits: 8, isSigned: false },
  FLAGS8: { bits: 8, isSigned: false },
  ENUMFLAGS8: { bits: 8, isSigned: false },
  SIGTYPE: { bits: 8, isSigned: false },
  L4PROTO: { bits: 8, isSigned: false },
  SOCKFAMILY: { bits: 8, isSigned: false },
  UINT16: { bits: 16, isSigned: false },
  FLAGS16: { bits: 16, isSigned: false },
  ENUMFLAGS16: { bits: 16, isSigned: false },
  PORT: { bits: 16, isSigned: false },
  SYSCALLID: { bits: 16, isSigned: false },
  UINT32: { bits: 32, isSigned: false },
  FLAGS32: { bits: 32, isSigned: false },
  ENUMFLAGS32: { bits: 32, isSigned: false },
  MODE: { bits: 32, isSigned: false },
  UINT64: { bits: 64, isSigned: false },
  RELTIME: { bits: 64, isSigned: false },
  ABSTIME: { bits: 64, isSigned: false },
};

export function parseConstant(text: string, type: ValueType): ParsedConstant {
  switch (familyOf(type)) {
    case 'bool':
      if (text === 'true' || text === 'false') return scalar(text === 'true', text);
      return invalid('a boolean', 'write `true` or `false`');
    case 'integer':
      return parseInteger(text, type);
    case 'double':
      return /^[+-]?\d+$/.test(text) ? scalar(Number(text), text) : invalid('a whole number');
    case 'address': {
      const address = parseIp(text);
      if (address !== undefined) return scalar(address, text);
      return invalid(
        'an IP address',
        text.includes('/') ? 'fields ending in `net` compare with networks' : undefined,
      );
    }
    case 'net': {
      const network = parseNetwork(text);
      return network === undefined
        ? invalid('an IP network', 'write an address and a length, as in `10.0.0.0/8`')
        : { kind: 'constant', constant: { ...network, text } };
    }
    case 'text':
      return text.includes('\0')
        ? invalid('text that fields can have, since it has a NUL byte')
        : scalar(text, text);
    default:
      return scalar(text, text);
  }
}

function parseInteger(text: string, type: ValueType): ParsedConstant {
  if (type === 'PORT') {
    if (text === '') return scalar(0, text);
    if (!/^[+-]?\d/.test(text)) {
      const port = Object.hasOwn(portByService, text) ? portByService[text] : undefined;
      return port === undefined ? invalid('a port or the name of a service') : scalar(port, text);
    }
  }
  if (!/^[+-]?\d+$/.test(text)) {
    return invalid('a whole number', /^0x/i.test(text) ? 'write the number in decimal' : undefined);
  }
  const range = integerRanges[type] ?? { bits: 64, isSigned: true };
  const limit = 1n << BigInt(range.bits);
  const low = range.isSigned ? -(limit >> 1n) : -limit + 1n;
  const high = range.isSigned ? (limit >> 1n) - 1n : limit - 1n;
  const written = BigInt(text.replace(/^\+/, ''));
  if (written < low || written > high) return invalid(`a number of ${range.bits} bits`);
  // A negative constant of an unsigned type wraps around.
  const value = !range.isSigned && written < 0n ? written + limit : written;
  return scalar(Number.isSafeInteger(Number(value)) ? Number(value) : value, text);
}

function scalar(value: string | number | bigint | boolean, text: string): ParsedConstant {
  return { kind: 'constant', constant: { kind: 'scalar', value, text } };
}

function invalid(wanted: string, hint?: string): ParsedConstant {
  return { kind: 'invalid', wanted, hint };
}
