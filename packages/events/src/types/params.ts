/** Short forms for parameter declarations. Each has the print format that its type nearly always has. */

import type { ParamDeclaration, ParamFormat, ParamType } from '../event-type.ts';

type Plain = (name: string, format?: ParamFormat) => ParamDeclaration;
type Flagged = (name: string, flags?: string, format?: ParamFormat) => ParamDeclaration;

function plain(type: ParamType, usual: ParamFormat): Plain {
  return (name, format = usual) => Object.freeze({ name, type, format });
}

/** A parameter whose bits or values have names; without a table it prints as a number. */
function flagged(type: ParamType, usual: ParamFormat): Flagged {
  return (name, flags, format = usual) =>
    Object.freeze(flags === undefined ? { name, type, format } : { name, type, format, flags });
}

export const i16 = plain('INT16', 'dec');
export const i32 = plain('INT32', 'dec');
export const i64 = plain('INT64', 'dec');
export const u8 = plain('UINT8', 'dec');
export const u16 = plain('UINT16', 'dec');
export const u32 = plain('UINT32', 'dec');
export const u64 = plain('UINT64', 'dec');
export const text = plain('CHARBUF', 'none');
export const bytes = plain('BYTEBUF', 'none');
export const errno = plain('ERRNO', 'dec');
export const fd = plain('FD', 'dec');
export const fd32 = plain('FD32', 'dec');
export const pid = plain('PID', 'dec');
export const pid32 = plain('PID32', 'dec');
export const uid = plain('UID', 'dec');
export const gid = plain('GID', 'dec');
export const syscallId = plain('SYSCALLID', 'dec');
export const signal = plain('SIGTYPE', 'dec');
export const signalSet = plain('SIGSET', 'dec');
export const duration = plain('RELTIME', 'dec');
export const time = plain('ABSTIME', 'dec');
export const port = plain('PORT', 'hex');
export const ipv4 = plain('IPV4ADDR', 'hex');
export const ipv6 = plain('IPV6ADDR', 'hex');
export const socketAddress = plain('SOCKADDR', 'none');
export const socketTuple = plain('SOCKTUPLE', 'none');
export const fdList = plain('FDLIST', 'dec');
export const path = plain('FSPATH', 'none');
export const textArray = plain('CHARBUFARRAY', 'none');
export const textPairs = plain('CHARBUF_PAIR_ARRAY', 'none');
export const flags8 = flagged('FLAGS8', 'dec');
export const flags16 = flagged('FLAGS16', 'hex');
export const flags32 = flagged('FLAGS32', 'hex');
export const enum8 = flagged('ENUMFLAGS8', 'dec');
export const enum16 = flagged('ENUMFLAGS16', 'dec');
export const enum32 = flagged('ENUMFLAGS32', 'dec');
export const mode = flagged('MODE', 'oct');

/** A path that is relative to the directory which another parameter of the event names. */
export function relativePath(name: string, dirfdParamIndex: number): ParamDeclaration {
  return Object.freeze({ name, type: 'FSRELPATH', format: 'none', dirfdParamIndex });
}

/** A value whose first byte chooses its type from a table of variants. */
export function dynamic(name: string, variants: string, format: ParamFormat = 'dec'): ParamDeclaration {
  return Object.freeze({ name, type: 'DYN', format, variants });
}
