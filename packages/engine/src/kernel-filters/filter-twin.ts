/**
 * What the probe decides with a filter, decided over recorded events from the same bytes: for tests, and to show what a
 * filter would leave out. The other half is `bpf/rule-filter.h`, `bpf/known.h` and `bpf/untold.h`; change both together.
 */

import { codeOfWireName, type EventView, eventFlag, eventRoster } from '@peregrine/events';
import { filterAction, filterLayout } from './encode.ts';
import { ALWAYS_FLAG } from './open-needs.ts';

export interface TwinOptions {
  /** The process of a thread, as the tables have it now; `undefined`: any descriptor may be known. */
  readonly pidOf: (tid: number) => number | undefined;
  /** Whether an open that succeeded opened a directory: the kernel sees that, the event does not say. */
  readonly isDirectory: (view: EventView) => boolean;
}

/** Where opening events have what. */
const openParams: ReadonlyMap<number, { readonly path: number; readonly flags: number }> = new Map([
  [3, { path: 1, flags: 2 }],
  [307, { path: 2, flags: 3 }],
  [327, { path: 2, flags: 3 }],
]);
const CREATE = 1 << 2;
const TEMPORARY = 1 << 13;
const WAS_CREATED = 1 << 14;
/** Paths of more bytes pass unread. */
const LONGEST_PATH = 4 * 63 - 1;
const KNOWN_FDS = 512;
const AT_PID = 4;
const AT_PARENT = 5;
const AT_VTID = 18;

const AT_TUPLE = 1;
const INET = 2;
const INET6 = 10;

/** Marks of descriptors: no entry, an entry, a connection that nobody was told of. */
const mark = { unknown: 0, known: 1, untold: 2 } as const;

const CLOSE = 5;
const DUP = 367;
const EXIT = codeOfWireName('PPME_PROCEXIT_1_E');
const copies: ReadonlySet<number> = new Set([151, 363, 365, DUP]);
const clones: ReadonlySet<number> = new Set([223, 225, 227, 335]);
const pairs: ReadonlySet<string> = new Set(['pipe', 'pipe2', 'socketpair']);

export class FilterTwin {
  readonly #bytes: DataView;
  readonly #options: TwinOptions;
  /** Marks by process; without them all are known. */
  readonly #known = new Map<number, Uint8Array>();
  /** Children of which only the caller has told. */
  readonly #told = new Set<number>();

  constructor(filter: Uint8Array, options: TwinOptions) {
    this.#bytes = new DataView(filter.buffer, filter.byteOffset, filter.byteLength);
    this.#options = options;
  }

  /**
   * The descriptor of a connection whose accept the probe would report just before this event, which it reports; to be
   * asked once for each such event.
   */
  tells(view: EventView): number | undefined {
    const type = eventRoster[view.code];
    if (type === undefined || (type.flags & eventFlag.usesFd) === 0) return undefined;
    const param = type.params.findIndex((param, index) => index > 0 && param.type === 'FD');
    const marks = this.#marksOf(this.#options.pidOf(view.tid()));
    if (param < 0 || marks?.[view.i32(param)] !== mark.untold) return undefined;
    marks[view.i32(param)] = mark.known;
    return view.i32(param);
  }

  /** Whether the probe would report the event. Events are to be asked about in their order, each once. */
  wants(view: EventView): boolean {
    const isWanted = this.#isWanted(view);
    if (isWanted) this.#follow(view);
    return isWanted;
  }

  #isWanted(view: EventView): boolean {
    const { code } = view;
    const action = this.#bytes.getUint8(filterLayout.action + (copies.has(code) ? DUP : code));
    if (action === filterAction.open) return this.#isOpenWanted(view);
    const pid = this.#options.pidOf(view.tid());
    if (action === filterAction.untold) return !this.#leavesUntold(view, pid);
    if (action === filterAction.message) return !this.#isUntold(pid, this.#socketOf(view));
    if (action !== filterAction.knownFd) return true;
    if (code === CLOSE && this.#isUntold(pid, view.i32(1))) return false;
    return this.#isKnown(pid, view.i32(1)) || (copies.has(code) && this.#isKnown(pid, view.i32(0)));
  }

  #leavesUntold(view: EventView, pid: number | undefined): boolean {
    const fd = view.i32(0);
    if (fd < 0) return true;
    const family = view.size(AT_TUPLE) > 0 ? view.u8(AT_TUPLE) : 0;
    if (pid === undefined || fd >= KNOWN_FDS || (family !== INET && family !== INET6)) return false;
    this.#beginMarks(pid)[fd] = mark.untold;
    return true;
  }

  #socketOf(view: EventView): number {
    const params = eventRoster[view.code]?.params ?? [];
    return view.i32(params.findIndex((param, index) => index > 0 && param.type === 'FD'));
  }

  #isOpenWanted(view: EventView): boolean {
    const params = openParams.get(view.code);
    if (params === undefined) return true;
    const result = view.i32(0);
    let flags = view.u32(params.flags) | ALWAYS_FLAG;
    if ((flags & (CREATE | TEMPORARY)) !== 0) flags |= WAS_CREATED;
    const groups = this.#groupsOf(flags, result < 0);
    if ((groups & this.#bytes.getUint32(filterLayout.pathless, true)) !== 0) return true;
    const path = view.text(params.path);
    if (groups !== 0 && (path === undefined || (groups & this.#groupsOfPath(path)) !== 0)) return true;
    if (result < 0) return false;
    const pid = this.#options.pidOf(view.tid());
    // User space has no entry for what had the number before.
    if (this.#isUntold(pid, result)) this.#beginMarks(pid ?? 0)[result] = mark.unknown;
    return this.#isKnown(pid, result) || this.#options.isDirectory(view);
  }

  #groupsOf(flags: number, hasFailed: boolean): number {
    let groups = 0;
    for (let byte = 0; byte < 4; byte++) {
      const value = (flags >>> (8 * byte)) & 0xff;
      groups |= this.#bytes.getUint16(filterLayout.byFlags + 2 * (256 * byte + value), true);
    }
    return groups & this.#bytes.getUint16(hasFailed ? filterLayout.onFailure : filterLayout.onSuccess, true);
  }

  #groupsOfPath(path: string): number {
    if (path.length > LONGEST_PATH) return -1;
    const bytes = this.#bytes;
    const classCount = bytes.getUint32(filterLayout.classCount, true);
    const start = path.startsWith('/') ? filterLayout.absoluteStart : filterLayout.relativeStart;
    let state = bytes.getUint32(start, true);
    for (const sign of `${path}\0`) {
      const cell = state * classCount + bytes.getUint8(filterLayout.classOf + sign.charCodeAt(0));
      state = bytes.getUint16(filterLayout.next + 2 * cell, true);
    }
    return bytes.getUint32(filterLayout.outputs + 4 * state, true);
  }

  #isKnown(pid: number | undefined, fd: number): boolean {
    if (fd < 0) return false;
    const known = this.#marksOf(pid);
    return known === undefined || fd >= KNOWN_FDS || known[fd] !== mark.unknown;
  }

  #isUntold(pid: number | undefined, fd: number): boolean {
    return this.#marksOf(pid)?.[fd] === mark.untold;
  }

  #marksOf(pid: number | undefined): Uint8Array | undefined {
    return pid === undefined ? undefined : this.#known.get(pid);
  }

  #beginMarks(pid: number): Uint8Array {
    const marks = this.#known.get(pid) ?? new Uint8Array(KNOWN_FDS).fill(mark.known);
    this.#known.set(pid, marks);
    return marks;
  }

  #follow(view: EventView): void {
    const { code } = view;
    if (clones.has(code)) this.#fork(view);
    else if (code === EXIT) this.#known.delete(view.tid());
    else if (code === CLOSE) this.#close(view);
    else this.#make(view);
  }

  /**
   * The probe sees a fork before either side goes on. In recordings the caller may tell of it first, and then what it
   * had at that time is not known any more.
   */
  #fork(view: EventView): void {
    const result = view.i32(0);
    if (result > 0) {
      this.#told.add(result);
      return;
    }
    const child = view.tid();
    if (result < 0 || view.i32(AT_PID) !== child) return;
    const known = this.#known.get(view.i32(AT_PARENT));
    const isLate = this.#told.delete(child) || this.#told.delete(view.i32(AT_VTID));
    if (known === undefined || isLate) this.#known.delete(child);
    else this.#known.set(child, known.slice());
  }

  #close(view: EventView): void {
    const pid = this.#options.pidOf(view.tid());
    if (pid === undefined || view.i32(0) < 0) return;
    this.#beginMarks(pid)[view.i32(1)] = mark.unknown;
  }

  #make(view: EventView): void {
    const type = eventRoster[view.code];
    const pid = this.#options.pidOf(view.tid());
    const known = pid === undefined ? undefined : this.#known.get(pid);
    if (type === undefined || known === undefined) return;
    if ((type.flags & eventFlag.createsFd) === 0 && !copies.has(type.code)) return;
    if (type.direction === 'enter' || view.i32(0) < 0) return;
    if (pairs.has(type.name)) {
      known[view.i32(1)] = 1;
      known[view.i32(2)] = 1;
    } else known[view.i32(0)] = 1;
  }
}
