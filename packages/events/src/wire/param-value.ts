/** Parameter values as plain JS values: what the encoder takes and the decoder gives back. */

import { type IpAddress, unreachable } from '@peregrine/base';
import type { ParamType } from '../event-type.ts';

export type SocketAddressValue =
  | { readonly family: 'inet'; readonly ip: IpAddress; readonly port: number }
  | { readonly family: 'unix'; readonly path: string }
  | { readonly family: 'other'; readonly number: number };

export type SocketTupleValue =
  | {
      readonly family: 'inet';
      readonly sourceIp: IpAddress;
      readonly sourcePort: number;
      readonly destinationIp: IpAddress;
      readonly destinationPort: number;
    }
  | { readonly family: 'unix'; readonly source: bigint; readonly destination: bigint; readonly path: string }
  | { readonly family: 'other'; readonly number: number };

export interface PolledFd {
  readonly fd: number;
  readonly flags: number;
}

export interface DynamicValue {
  /** Index into the parameter's table of variants. */
  readonly variant: number;
  readonly value: ParamValue;
}

/**
 * `undefined` is a parameter without bytes. Numbers and bigints are alike where they are encoded; 64-bit types decode
 * to bigint. Text is byte text without its final NUL.
 */
export type ParamValue =
  | undefined
  | number
  | bigint
  | string
  | Uint8Array
  | SocketAddressValue
  | SocketTupleValue
  | readonly PolledFd[]
  | DynamicValue;

/** How the bytes of a parameter type are laid out. */
export type ParamLayout =
  | 'i8'
  | 'i16'
  | 'i32'
  | 'i64'
  | 'u8'
  | 'u16'
  | 'u32'
  | 'u64'
  | 'f64'
  | 'ipv4'
  | 'ip'
  | 'text'
  | 'bytes'
  | 'socket-address'
  | 'socket-tuple'
  | 'fd-list'
  | 'dynamic';

export function layoutOf(type: ParamType): ParamLayout {
  switch (type) {
    case 'INT8':
      return 'i8';
    case 'INT16':
      return 'i16';
    case 'INT32':
    case 'FD32':
    case 'PID32':
      return 'i32';
    case 'INT64':
    case 'ERRNO':
    case 'FD':
    case 'PID':
      return 'i64';
    case 'UINT8':
    case 'SIGTYPE':
    case 'L4PROTO':
    case 'SOCKFAMILY':
    case 'FLAGS8':
    case 'ENUMFLAGS8':
      return 'u8';
    case 'UINT16':
    case 'SYSCALLID':
    case 'PORT':
    case 'FLAGS16':
    case 'ENUMFLAGS16':
      return 'u16';
    case 'UINT32':
    case 'UID':
    case 'GID':
    case 'BOOL':
    case 'FLAGS32':
    case 'ENUMFLAGS32':
    case 'MODE':
    case 'SIGSET':
      return 'u32';
    case 'UINT64':
    case 'RELTIME':
    case 'ABSTIME':
      return 'u64';
    case 'DOUBLE':
      return 'f64';
    case 'IPV4ADDR':
      return 'ipv4';
    case 'IPV6ADDR':
    case 'IPADDR':
      return 'ip';
    case 'CHARBUF':
    case 'FSPATH':
    case 'FSRELPATH':
      return 'text';
    case 'BYTEBUF':
    case 'CHARBUFARRAY':
    case 'CHARBUF_PAIR_ARRAY':
    case 'IPNET':
    case 'IPV4NET':
    case 'IPV6NET':
      return 'bytes';
    case 'SOCKADDR':
      return 'socket-address';
    case 'SOCKTUPLE':
      return 'socket-tuple';
    case 'FDLIST':
      return 'fd-list';
    case 'DYN':
      return 'dynamic';
    default:
      return unreachable(type);
  }
}

/** Address families as they stand in the first byte of a socket address. */
export const socketFamily = { unix: 1, inet: 2, inet6: 10 } as const;
