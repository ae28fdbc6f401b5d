/**
 * Parameters as people read them: the raw form, and what it stands for (the file behind a descriptor, the name behind
 * a number). What only tables know is asked of `ParamNames`.
 *
 * All text is byte text.
 */

import { renderIp } from '@peregrine/base';
import type { ParamDeclaration } from '../event-type.ts';
import { flagTable } from '../flags/roster.ts';
import { eventTypeOf } from '../types/roster.ts';
import { syscallById } from '../types/syscalls.ts';
import { variantsOf } from '../types/variants.ts';
import type { EventView } from '../wire/event-view.ts';
import { errnoName } from './errno-names.ts';
import { FlagNames } from './flag-names.ts';
import { durationText, numberText, timeText } from './number-text.ts';
import { MISSING, MISSING_BYTES, type ParamNames } from './param-names.ts';
import { printable } from './printable.ts';
import { signalName } from './signal-names.ts';
import { addressAt, fdListText, socketAddressText, socketTupleText, textUpToNul } from './socket-text.ts';

const AT_FDCWD = -100;
const WORD = 4_294_967_296;
/** High words below this make numbers that a double holds exactly. */
const SAFE_HIGH_WORD = 2 ** 21;
const NOBODY = 0xffff_ffff;

/** Renders one parameter at a time; holds the result until the next one. */
export class ParamText {
  readonly #flagNames = new FlagNames();
  readonly #names: ParamNames;
  /** The value itself. */
  raw = '';
  /** What it stands for; `''` when there is nothing to add. */
  resolved = '';

  constructor(names: ParamNames) {
    this.#names = names;
  }

  /** False when the event has no such parameter. */
  render(view: EventView, index: number): boolean {
    const declaration = eventTypeOf(view.code)?.params[index];
    if (declaration === undefined || index >= view.paramCount) return false;
    const size = view.size(index);
    const start = view.offset(index);
    this.resolved = '';
    this.#render(view, declaration, start, start + size);
    return true;
  }

  /** `raw(resolved)`, or the raw form alone. */
  get both(): string {
    return this.resolved === '' ? this.raw : `${this.raw}(${this.resolved})`;
  }

  /** What it stands for if that is known, else the raw form. */
  get best(): string {
    return this.resolved === '' ? this.raw : this.resolved;
  }

  /** All parameters: `name=raw(resolved)` joined by blanks. */
  all(view: EventView): string {
    const params = eventTypeOf(view.code)?.params ?? [];
    let text = '';
    for (let i = 0; i < params.length && this.render(view, i); i++) {
      text += `${i === 0 ? '' : ' '}${params[i]?.name}=${this.both}`;
    }
    return text;
  }

  #render(view: EventView, declaration: ParamDeclaration, start: number, end: number): void {
    const { type } = declaration;
    if (start === end || end - start < smallestSize(type)) {
      this.raw = isBytesLike(type) ? MISSING_BYTES : MISSING;
      return;
    }
    const data = view.data;
    switch (type) {
      case 'INT8':
        this.raw = numberText(data.getInt8(start), declaration.format, 32);
        return;
      case 'INT16':
        this.raw = numberText(data.getInt16(start, true), declaration.format, 32);
        return;
      case 'INT32':
        this.raw = numberText(data.getInt32(start, true), declaration.format, 32);
        return;
      case 'INT64':
        this.raw = numberText(int64At(data, start), declaration.format, 64);
        return;
      case 'UINT8':
      case 'L4PROTO':
      case 'SOCKFAMILY':
        this.raw = numberText(data.getUint8(start), declaration.format, 32);
        return;
      case 'UINT16':
      case 'PORT':
        this.raw = numberText(data.getUint16(start, true), declaration.format, 32);
        return;
      case 'UINT32':
        this.raw = numberText(data.getUint32(start, true), declaration.format, 32);
        return;
      case 'UINT64':
        this.raw = numberText(uint64At(data, start), declaration.format, 64);
        return;
      case 'DOUBLE':
        this.raw = data.getFloat64(start, true).toFixed(1);
        return;
      case 'BOOL':
        this.raw = data.getUint32(start, true) === 0 ? 'false' : 'true';
        return;
      case 'RELTIME':
        this.raw = data.getBigUint64(start, true).toString();
        this.resolved = durationText(data.getBigUint64(start, true));
        return;
      case 'ABSTIME':
        this.raw = timeText(data.getBigUint64(start, true));
        return;
      case 'ERRNO':
        this.#errno(int64At(data, start), declaration);
        return;
      case 'FD':
        this.#fd(Number(int64At(data, start)));
        return;
      case 'FD32':
        this.#fd(data.getInt32(start, true));
        return;
      case 'PID':
        this.#pid(Number(int64At(data, start)));
        return;
      case 'PID32':
        this.#pid(data.getInt32(start, true));
        return;
      case 'UID':
        this.#owner(data.getUint32(start, true), true);
        return;
      case 'GID':
        this.#owner(data.getUint32(start, true), false);
        return;
      case 'SYSCALLID':
        this.#named(data.getUint16(start, true), syscallById(data.getUint16(start, true))?.name);
        return;
      case 'SIGTYPE':
        this.#named(data.getUint8(start), signalName(data.getUint8(start)));
        return;
      case 'SIGSET':
        this.raw = signalSetText(data.getUint32(start, true));
        return;
      case 'FLAGS8':
      case 'ENUMFLAGS8':
        this.#flags(data.getUint8(start), declaration);
        return;
      case 'FLAGS16':
      case 'ENUMFLAGS16':
        this.#flags(data.getUint16(start, true), declaration);
        return;
      case 'FLAGS32':
      case 'ENUMFLAGS32':
      case 'MODE':
        this.#flags(data.getUint32(start, true), declaration);
        return;
      default:
        this.#renderVariable(view, declaration, start, end);
    }
  }

  #renderVariable(view: EventView, declaration: ParamDeclaration, start: number, end: number): void {
    const { bytes } = view;
    switch (declaration.type) {
      case 'CHARBUF':
        this.raw = textUpToNul(bytes, start, end);
        return;
      case 'FSPATH':
        this.raw = textUpToNul(bytes, start, end);
        if (isRelative(this.raw)) this.resolved = this.#names.pathFromCwd(this.raw);
        return;
      case 'FSRELPATH':
        this.raw = textUpToNul(bytes, start, end);
        if (isRelative(this.raw)) {
          this.resolved = this.#names.pathFrom(view.i64(declaration.dirfdParamIndex ?? 0), this.raw);
        }
        return;
      case 'SOCKADDR':
        this.raw = socketAddressText(view, start, end);
        return;
      case 'SOCKTUPLE':
        this.raw = socketTupleText(view, start, end);
        return;
      case 'FDLIST':
        this.raw = fdListText(view.data, start, end, this.#names);
        return;
      case 'IPV4ADDR':
      case 'IPV6ADDR':
      case 'IPADDR':
        this.raw = renderIp(addressAt(view, start, end - start));
        return;
      case 'DYN': {
        const variant = variantsOf(declaration.variants ?? '')[bytes[start] as number];
        if (variant === undefined) this.raw = MISSING_BYTES;
        else this.#render(view, { ...variant, format: declaration.format }, start + 1, end);
        return;
      }
      default:
        this.raw = printable(bytes.subarray(start, end));
    }
  }

  #named(value: number, name: string | undefined): void {
    this.raw = value.toString();
    this.resolved = name ?? '';
  }

  #errno(value: number | bigint, declaration: ParamDeclaration): void {
    if (value >= 0) this.raw = numberText(value, declaration.format, 64);
    else this.#named(Number(value), errnoName(Number(value)));
  }

  #fd(fd: number): void {
    if (fd >= 0) this.#named(fd, this.#names.fdText(fd));
    else this.#named(fd, fd === AT_FDCWD ? 'AT_FDCWD' : errnoName(fd));
  }

  #pid(pid: number): void {
    this.#named(pid, this.#names.commOf(pid));
  }

  #owner(id: number, isUser: boolean): void {
    if (id === NOBODY) this.#named(-1, '<NONE>');
    else this.#named(id, isUser ? this.#names.userName(id) : this.#names.groupName(id));
  }

  #flags(value: number, declaration: ParamDeclaration): void {
    this.raw = declaration.type === 'MODE' ? numberText(value, 'oct', 32) : value.toString();
    const table = declaration.flags === undefined ? undefined : flagTable(declaration.flags);
    if (table === undefined) return;
    const isEnumeration = declaration.type.startsWith('ENUM');
    this.resolved = isEnumeration
      ? this.#flagNames.ofValue(table, value)
      : this.#flagNames.ofBits(table, value);
  }
}

/** A number where it is exact, which it nearly always is; a bigint takes memory for each. */
function int64At(data: DataView, at: number): number | bigint {
  const high = data.getInt32(at + 4, true);
  if (high >= SAFE_HIGH_WORD || high < -SAFE_HIGH_WORD) return data.getBigInt64(at, true);
  return high * WORD + data.getUint32(at, true);
}

function uint64At(data: DataView, at: number): number | bigint {
  const high = data.getUint32(at + 4, true);
  return high >= SAFE_HIGH_WORD ? data.getBigUint64(at, true) : high * WORD + data.getUint32(at, true);
}

/** Smallest number of bytes that a value of the type can have; a shorter one counts as missing. */
function smallestSize(type: ParamDeclaration['type']): number {
  switch (type) {
    case 'INT64':
    case 'UINT64':
    case 'ERRNO':
    case 'FD':
    case 'PID':
    case 'RELTIME':
    case 'ABSTIME':
    case 'DOUBLE':
      return 8;
    case 'INT32':
    case 'UINT32':
    case 'FD32':
    case 'PID32':
    case 'UID':
    case 'GID':
    case 'BOOL':
    case 'FLAGS32':
    case 'ENUMFLAGS32':
    case 'MODE':
    case 'SIGSET':
    case 'IPV4ADDR':
      return 4;
    case 'INT16':
    case 'UINT16':
    case 'PORT':
    case 'SYSCALLID':
    case 'FLAGS16':
    case 'ENUMFLAGS16':
    case 'FDLIST':
      return 2;
    case 'IPV6ADDR':
      return 16;
    default:
      return 1;
  }
}

function isBytesLike(type: ParamDeclaration['type']): boolean {
  return type === 'BYTEBUF' || type === 'SOCKTUPLE' || type === 'FDLIST' || type === 'DYN';
}

function isRelative(path: string): boolean {
  return path !== '' && !path.startsWith('/');
}

function signalSetText(set: number): string {
  const names: string[] = [];
  for (let bit = 0; bit < 32; bit++) {
    const name = signalName(bit + 1);
    if (set & (1 << bit) && name !== undefined) names.push(name);
  }
  return names.join(' ');
}
