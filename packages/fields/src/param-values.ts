/** Parameters of events as values that conditions compare. */

import type { EventView, ParamType } from '@peregrine/events';
import type { Value, ValueType } from '@peregrine/lang';
import { asUnsigned, normalise } from './wide.ts';

/** Types of the wire that the rule language calls otherwise. */
export function valueTypeOf(type: ParamType): ValueType {
  if (type === 'FD32') return 'FD';
  return type === 'PID32' ? 'PID' : type;
}

/** `undefined` when the event has no bytes for it, or too few. */
export function paramValue(view: EventView, index: number, type: ParamType): Value | undefined {
  const size = view.size(index);
  if (size === 0) return undefined;
  switch (type) {
    case 'INT8':
      return (view.u8(index) << 24) >> 24;
    case 'INT16':
      return size < 2 ? undefined : (view.u16(index) << 16) >> 16;
    case 'INT32':
    case 'FD32':
    case 'PID32':
      return size < 4 ? undefined : view.i32(index);
    case 'INT64':
    case 'ERRNO':
    case 'FD':
    case 'PID':
      return size < 8 ? undefined : signed64(view, index);
    case 'UINT8':
    case 'FLAGS8':
    case 'ENUMFLAGS8':
    case 'SIGTYPE':
    case 'L4PROTO':
    case 'SOCKFAMILY':
      return view.u8(index);
    case 'UINT16':
    case 'FLAGS16':
    case 'ENUMFLAGS16':
    case 'SYSCALLID':
    case 'PORT':
      return size < 2 ? undefined : view.u16(index);
    case 'UINT32':
    case 'FLAGS32':
    case 'ENUMFLAGS32':
    case 'UID':
    case 'GID':
    case 'MODE':
    case 'SIGSET':
      return size < 4 ? undefined : view.u32(index);
    case 'BOOL':
      return size < 4 ? undefined : view.u32(index) !== 0;
    case 'UINT64':
    case 'RELTIME':
    case 'ABSTIME':
      return size < 8 ? undefined : unsigned64(view, index);
    case 'DOUBLE':
      return size < 8 ? undefined : view.data.getFloat64(view.offset(index), true);
    case 'CHARBUF':
    case 'FSPATH':
    case 'FSRELPATH':
      return view.text(index);
    case 'IPV4ADDR':
      return size < 4 ? undefined : view.data.getUint32(view.offset(index), false);
    case 'IPADDR':
    case 'IPV6ADDR':
      return address(view, index, size);
    default:
      return view.view(index);
  }
}

function signed64(view: EventView, index: number): number | bigint {
  const value = view.i64(index);
  return Number.isSafeInteger(value) ? value : normalise(view.bigI64(index));
}

function unsigned64(view: EventView, index: number): number | bigint {
  const value = view.u64(index);
  return Number.isSafeInteger(value) ? value : asUnsigned(view.bigU64(index));
}

function address(view: EventView, index: number, size: number): number | string | undefined {
  if (size === 4) return view.data.getUint32(view.offset(index), false);
  return size === 16 ? view.wholeText(index) : undefined;
}
