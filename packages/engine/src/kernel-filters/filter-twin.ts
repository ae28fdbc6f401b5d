/**
 * What the probe decides with a filter, decided over recorded events from the same bytes: for tests, and to show what a
 * filter would leave out. The other half is `bpf/rule-filter.h` and `bpf/known.h`; change both together.
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

const CLOSE = 5;
const DUP = 367;
const EXIT = codeOfWireName('PPME_PROCEXIT_1_E');
const copies: ReadonlySet<number> = new Set([151, 363, 365, DUP]);
const clones: ReadonlySet<number> = new Set([223, 225, 227, 335]);
const pairs: ReadonlySet<string> = new Set(['pipe', 'pipe2', 'socketpair']);

export class FilterTwin {
  readonly #bytes: DataView;
  readonly #options: TwinOptions;
  /** By process; without an entry all are known. */
  readonly #known = new Map<number, Uint8Array>();
  /** Children of which only the caller has told. */
  readonly #told = new Set<number>();

  constructor(filter: Uint8Array, options: TwinOptions) {
    this.#bytes = new DataView(filter.buffer, filter.byteOffset, filter.byteLength);
    this.#options = options;
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
    if (action !== filterAction.knownFd) return true;
    const pid = this.#options.pidOf(view.tid());
    return this.#isKnown(pid, view.i32(1)) || (copies.has(code) && this.#isKnown(pid, view.i32(0)));
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
    return this.#isKnown(this.#options.pidOf(view.tid()), result) || this.#options.isDirectory(view);
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
    const known = pid === undefined ? undefined : this.#known.get(pid);
    return known === undefined || fd >= KNOWN_FDS || known[fd] === 1;
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
    const known = this.#known.get(pid) ?? new Uint8Array(KNOWN_FDS).fill(1);
    this.#known.set(pid, known);
    known[view.i32(1)] = 0;
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
