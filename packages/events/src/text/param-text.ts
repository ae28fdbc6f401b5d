/**
 * Parameters as people read them: the raw form, and what it stands for (the file behind a descriptor, the name behind
 * a number). What only tables know is asked of `ParamNames`.
 *
 * All text is byte text.
 */

import type { ParamDeclaration } from '../event-type.ts';
import { flagTable } from '../flags/roster.ts';
import { eventTypeOf } from '../types/roster.ts';
import { syscallById } from '../types/syscalls.ts';
import { variantsOf } from '../types/variants.ts';
import type { EventView } from '../wire/event-view.ts';
import { type AddressValue, socketFamily } from '../wire/param-value.ts';
import { errnoName } from './errno-names.ts';
import { FlagNames } from './flag-names.ts';
import { durationText, numberText, timeText } from './number-text.ts';
import { printable } from './printable.ts';
import { signalName } from './signal-names.ts';

/** What the tables know about the numbers in the event at hand. `undefined` where they know nothing. */
export interface ParamNames {
  /** `<f>/etc/passwd`: the kind's character in angle brackets, then the name. */
  fdText(fd: number): string | undefined;
  /** One character for the descriptor's kind. */
  fdTypeChar(fd: number): string | undefined;
  /** Name of the thread's program. */
  commOf(tid: number): string | undefined;
  userName(uid: number): string | undefined;
  groupName(gid: number): string | undefined;
  /** A relative path joined with the working directory. */
  pathFromCwd(path: string): string;
  /** A relative path joined with the directory that a descriptor stands for. */
  pathFrom(dirfd: number, path: string): string;
  ipText(address: AddressValue): string;
}

const AT_FDCWD = -100;
const NOBODY = 0xffff_ffff;
const MISSING = '<NA>';
const MISSING_BYTES = 'NULL';
const UNIX_PATH_OFFSET = 17;

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
        this.raw = numberText(data.getBigInt64(start, true), declaration.format, 64);
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
        this.raw = numberText(data.getBigUint64(start, true), declaration.format, 64);
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
        this.#errno(data.getBigInt64(start, true), declaration);
        return;
      case 'FD':
        this.#fd(Number(data.getBigInt64(start, true)));
        return;
      case 'FD32':
        this.#fd(data.getInt32(start, true));
        return;
      case 'PID':
        this.#pid(Number(data.getBigInt64(start, true)));
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
        this.raw = this.#socketAddress(view, start, end);
        return;
      case 'SOCKTUPLE':
        this.raw = this.#socketTuple(view, start, end);
        return;
      case 'FDLIST':
        this.raw = this.#fdList(view.data, start, end);
        return;
      case 'IPV4ADDR':
      case 'IPV6ADDR':
      case 'IPADDR':
        this.raw = this.#names.ipText(addressAt(view, start, end - start));
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

  #errno(value: bigint, declaration: ParamDeclaration): void {
    if (value >= 0n) this.raw = numberText(value, declaration.format, 64);
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

  #socketAddress(view: EventView, start: number, end: number): string {
    const family = view.bytes[start] as number;
    const size = addressSize(family);
    if (family === socketFamily.unix) return textUpToNul(view.bytes, start + 1, end);
    if (size === 0) return `family ${family}`;
    if (end - start < 1 + size + 2) return MISSING;
    const ip = this.#names.ipText(addressAt(view, start + 1, size));
    return `${ip}:${view.data.getUint16(start + 1 + size, true)}`;
  }

  #socketTuple(view: EventView, start: number, end: number): string {
    const { data } = view;
    const family = view.bytes[start] as number;
    if (family === socketFamily.unix) {
      if (end - start < UNIX_PATH_OFFSET) return MISSING_BYTES;
      const source = data.getBigUint64(start + 1, true).toString(16);
      const destination = data.getBigUint64(start + 9, true).toString(16);
      return `${source}->${destination} ${textUpToNul(view.bytes, start + UNIX_PATH_OFFSET, end)}`;
    }
    const size = addressSize(family);
    if (size === 0) return `family ${family}`;
    const half = size + 2;
    if (end - start < 1 + 2 * half) return MISSING_BYTES;
    const source = this.#names.ipText(addressAt(view, start + 1, size));
    const destination = this.#names.ipText(addressAt(view, start + 1 + half, size));
    const sourcePort = data.getUint16(start + 1 + size, true);
    const destinationPort = data.getUint16(start + 1 + half + size, true);
    return `${source}:${sourcePort}->${destination}:${destinationPort}`;
  }

  /** `3:f1 4:p5`: descriptor, kind, poll flags in hexadecimal. */
  #fdList(data: DataView, start: number, end: number): string {
    const entries: string[] = [];
    const count = Math.min(data.getUint16(start, true), Math.floor((end - start - 2) / 10));
    for (let i = 0, at = start + 2; i < count; i++, at += 10) {
      const fd = Number(data.getBigInt64(at, true));
      const kind = this.#names.fdTypeChar(fd) ?? '?';
      entries.push(`${fd}:${kind}${data.getUint16(at + 8, true).toString(16)}`);
    }
    return entries.join(' ');
  }
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

function addressSize(family: number): number {
  if (family === socketFamily.inet) return 4;
  return family === socketFamily.inet6 ? 16 : 0;
}

function addressAt(view: EventView, start: number, size: number): AddressValue {
  return size === 4 ? view.data.getUint32(start, false) : latin1(view.bytes, start, start + size);
}

function textUpToNul(bytes: Uint8Array, start: number, end: number): string {
  const nul = bytes.indexOf(0, start);
  return latin1(bytes, start, nul < 0 || nul > end ? end : nul);
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}

function signalSetText(set: number): string {
  const names: string[] = [];
  for (let bit = 0; bit < 32; bit++) {
    const name = signalName(bit + 1);
    if (set & (1 << bit) && name !== undefined) names.push(name);
  }
  return names.join(' ');
}
