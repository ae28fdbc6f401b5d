/**
 * What is remembered of an event, and whether anything is. HOT: runs for every event of a kind that stories are made of, and
 * allocates nothing: texts are those that the tables have.
 */

import type { EventView } from '@peregrine/events';
import { type EventContext, type Fd, fdKind, type Thread } from '@peregrine/state';
import { createRecordedEvents, recordKind } from './recorded-events.ts';
import { PATH_BYTES, type Records } from './records.ts';

/** Failures that say something of intentions. Others are everyday, such as a search for libraries. */
const EPERM = -1;
const EACCES = -13;
/** Of a connection: nobody listens at a local name, as with daemons that many programs ask for. */
const ENOENT = -2;
/** PPM flag of a clone that makes a thread. */
const CLONE_THREAD = 0x2000;
/** PPM numbers of requests. */
const PTRACE_POKETEXT = 5;
const PTRACE_POKEDATA = 6;
const PTRACE_ATTACH = 11;
const PTRACE_SEIZE = 20;
const AF_UNIX = 1;
const AF_INET = 2;
/** PPM flags of an open that may change the file. */
const WRITING = 0x2;

const LETTER_E = 101;
const LETTER_L = 108;
const LETTER_U = 117;

export class RecordWriter {
  readonly #events = createRecordedEvents();

  /** One of `recordKind`. */
  kindOf(code: number): number {
    return this.#events.kind[code] as number; // One for each code; events of others never come here.
  }

  /** Whether it tells something: most failures do not, nor what every program does. */
  isTold(kind: number, result: number, { view, fd }: EventContext, thread: Thread): boolean {
    switch (kind) {
      case recordKind.clone: {
        const flags = this.#events.first[view.code] as number; // One for each code.
        return result > 0 && (flags < 0 || (view.u32(flags) & CLONE_THREAD) === 0);
      }
      case recordKind.exit:
        return thread.tid === thread.pid;
      case recordKind.connect:
        return result !== ENOENT;
      case recordKind.trace: {
        // Others come with every step of a process that is being traced.
        const request = this.#events.second[view.code] as number; // One for each code.
        return result >= 0 && request >= 0 && isTaking(view.u16(request));
      }
      case recordKind.open:
        return result >= 0 ? fd === undefined || !isEveryday(fd) : isRefusal(result);
      default:
        return result >= 0 || isRefusal(result);
    }
  }

  write(
    records: Records,
    at: number,
    kind: number,
    result: number,
    event: EventContext,
    thread: Thread,
  ): void {
    const { view, fd } = event;
    const { code } = view;
    const events = this.#events;
    const path = events.firstPath[code] as number; // Columns of all codes.
    records.setHead(at, view.timestampLow(), view.timestampHigh(), code, thread.pid, result);
    let first = this.#number(events.first[code] as number, view);
    const second = this.#number(events.second[code] as number, view);
    let subject = '';
    let detail = '';
    switch (kind) {
      case recordKind.exec:
        if (result >= 0) {
          subject = thread.exepath;
          detail = thread.args;
        }
        break;
      case recordKind.open:
        if (fd !== undefined && isNamed(fd.kind)) {
          subject = fd.name;
          first = fd.openFlags;
        }
        break;
      case recordKind.path:
        // Where there is a path, the fd is of the directory that it starts from.
        if (path < 0 && fd !== undefined && isNamed(fd.kind)) subject = fd.name;
        break;
      case recordKind.clone:
        // In a namespace of their own, processes have other ids than elsewhere in the story.
        first = thread.isInPidNamespace ? 0 : result;
        break;
      case recordKind.connect:
      case recordKind.accept:
      case recordKind.bind:
      case recordKind.listen:
        subject = this.#writeAddress(records, at, kind, result, event);
        break;
    }
    if (kind < recordKind.connect || kind > recordKind.listen) records.setNumbers(at, first, second);
    if (records.setTexts(at, thread.comm, subject, detail) && subject !== '') return;
    if (path < 0 || view.size(path) === 0) return;
    const other = events.secondPath[code] as number;
    const most = other < 0 ? PATH_BYTES : PATH_BYTES / 2;
    records.setFirstPath(at, view.bytes, view.offset(path), view.size(path), most);
    if (other >= 0 && view.size(other) > 0)
      records.setSecondPath(at, view.bytes, view.offset(other), view.size(other));
  }

  #number(param: number, view: EventView): number {
    if (param < 0) return 0;
    return view.size(param) === 1 ? view.u8(param) : view.i32(param);
  }

  /** Gives the address where it is a text. */
  #writeAddress(records: Records, at: number, kind: number, result: number, event: EventContext): string {
    const { fd, view } = event;
    records.setNumbers(at, 0, 0);
    if (fd === undefined) return '';
    if (kind === recordKind.connect && result < 0 && fd.destinationIp === undefined) {
      const address = view.paramCount - 1;
      const size = view.size(address);
      const family = view.u8(address);
      const offset = view.offset(address);
      if (family === AF_UNIX) records.setFirstPath(at, view.bytes, offset + 1, size - 1, PATH_BYTES);
      if (size < 7 || family !== AF_INET) return '';
      records.setNumbers(at, view.data.getUint32(offset + 1, false), view.data.getUint16(offset + 5, true));
      return '';
    }
    if (fd.kind === fdKind.unix) return fd.name;
    const ip = kind === recordKind.accept ? fd.sourceIp : fd.destinationIp;
    const port = kind === recordKind.accept ? fd.sourcePort : fd.destinationPort;
    records.setNumbers(at, typeof ip === 'number' ? ip : 0, port);
    return typeof ip === 'string' ? ip : '';
  }
}

function isWriting(request: number): boolean {
  return request === PTRACE_POKETEXT || request === PTRACE_POKEDATA;
}

/** Takes hold of a process, or writes into its memory. */
function isTaking(request: number): boolean {
  return request === PTRACE_ATTACH || request === PTRACE_SEIZE || isWriting(request);
}

function isRefusal(result: number): boolean {
  return result === EPERM || result === EACCES;
}

/** What every program reads when it starts, which would take the place of what tells something. */
function isEveryday(fd: Fd): boolean {
  if (fd.kind !== fdKind.file || (fd.openFlags & WRITING) !== 0) return false;
  const { name } = fd;
  // The second character tells most of them apart: `startsWith` costs as much as all the rest.
  switch (name.charCodeAt(1)) {
    case LETTER_L:
      return name.startsWith('/lib');
    case LETTER_U:
      return (
        name.startsWith('/usr/lib') ||
        name.startsWith('/usr/share/locale/') ||
        name.startsWith('/usr/local/lib')
      );
    case LETTER_E:
      return name.startsWith('/etc/ld.so.');
    default:
      return false;
  }
}

function isNamed(kind: number): boolean {
  return kind === fdKind.file || kind === fdKind.directory || kind === fdKind.fileOld;
}
