/**
 * What processes and containers did of late, for the story around an alert: a ring of records for each process, one for
 * each container, and one for each story whose end is awaited. Of one size from the start: who did nothing for the longest
 * time is forgotten first. HOT: `take` runs for every event that rules may see, and allocates nothing: most events cost it
 * the look at one byte.
 */

import type { EventView } from '@peregrine/events';
import { type EventContext, type Fd, fdKind, type Process, type Thread, threadFlag } from '@peregrine/state';
import { createRecordedEvents, recordKind } from './recorded-events.ts';
import { PATH_BYTES, RECORD_BYTES, type Records, TextBudget } from './records.ts';
import { RingPool } from './ring-pool.ts';

const HOST = 'host';
const LETTER_E = 101;
const LETTER_L = 108;
const LETTER_U = 117;
const PROCESS_RECORDS = 32;
const CONTAINER_RECORDS = 64;
export const WATCH_RECORDS = 64;
/** Of what is not used for texts that records refer to, so much is for processes. */
const PROCESS_SHARE = 0.75;
/** A ticket has the number of a ring in its low bits, and above how often the ring was given. */
const RING_BITS = 13;
const MOST_RINGS = 1 << RING_BITS;
const RING_MASK = MOST_RINGS - 1;
const MOST_GENERATIONS = 1 << 17;
/** Failures that say something of intentions. Others are everyday, such as a search for libraries. */
const EPERM = -1;
const EACCES = -13;
/** Of a connection: nobody listens at a local name, as with daemons that many programs ask for. */
const ENOENT = -2;
/** PPM flag of a clone that makes a thread. */
const CLONE_THREAD = 0x20000;
const AF_UNIX = 1;
const AF_INET = 2;
/** PPM flags of an open that may change the file. */
const WRITING = 0x2;

/** A record among others. */
export interface RecordPlace {
  readonly records: Records;
  readonly at: number;
}

/** What a story waits for: events of the processes and of the container. */
export interface Watch {
  readonly ring: number;
  /** Of its process, and of those that it starts meanwhile. */
  readonly pids: Set<number>;
  /** `host`: of no container. */
  readonly containerId: string;
  /** Events from then on are not part of it, nanoseconds since the epoch. */
  readonly endNs: number;
}

/** Processes that one watch follows. */
const MOST_WATCHED_PIDS = 64;

export interface RecorderLimits {
  readonly maxBytes: number;
  /** Stories whose end may be awaited at once. */
  readonly mostWatches: number;
}

export class FlightRecorder {
  readonly #events = createRecordedEvents();
  readonly #processes: RingPool;
  readonly #containers: RingPool;
  readonly #watches: RingPool;
  /** By ring of a process. */
  readonly #tickets: Int32Array;
  readonly #pids: Int32Array;
  readonly #parentPids: Int32Array;
  readonly #sessions: Int32Array;
  readonly #ringByContainer = new Map<string, number>();
  /** By ring of a container. */
  readonly #containerIds: string[];
  #latestContainerId = '';
  #latestContainerRing = 0;
  readonly #freeWatches: number[];
  readonly #openWatches: Watch[] = [];

  constructor({ maxBytes, mostWatches }: RecorderLimits) {
    const texts = new TextBudget(Math.floor(maxBytes / 2));
    const ringBytes = maxBytes - texts.mostChars - mostWatches * WATCH_RECORDS * RECORD_BYTES;
    const rings = (bytes: number, records: number): number =>
      Math.max(2, Math.min(MOST_RINGS, Math.floor(bytes / (records * RECORD_BYTES))));
    const processRings = rings(ringBytes * PROCESS_SHARE, PROCESS_RECORDS);
    const containerRings = rings(ringBytes * (1 - PROCESS_SHARE), CONTAINER_RECORDS);
    this.#processes = new RingPool(processRings, PROCESS_RECORDS, texts);
    this.#containers = new RingPool(containerRings, CONTAINER_RECORDS, texts);
    this.#watches = new RingPool(Math.max(1, mostWatches), WATCH_RECORDS, texts);
    this.#tickets = new Int32Array(processRings);
    this.#pids = new Int32Array(processRings);
    this.#parentPids = new Int32Array(processRings);
    this.#sessions = new Int32Array(processRings);
    this.#containerIds = new Array<string>(containerRings).fill('');
    this.#freeWatches = Array.from({ length: mostWatches }, (_, i) => i);
  }

  /** Remembers the event if it is of those that stories are made of. */
  take(event: EventContext): void {
    const { view, thread } = event;
    const kind = this.#events.kind[view.code] as number; // One for each code; events of others never come here.
    if (kind === recordKind.none || thread === undefined) return;
    if ((thread.flags & threadFlag.fake) !== 0) return;
    if (this.#openWatches.length > 0) this.#follow(thread);
    const result = view.i32(0);
    if (!this.#isTold(kind, result, event, thread)) return;
    const pool = this.#processes;
    const at = pool.next(this.#ringOf(thread.process, thread));
    this.#write(pool.records, at, kind, result, event, thread);
    const { containerId } = thread;
    if (containerId !== HOST && containerId !== '') {
      const { records } = this.#containers;
      records.copyFrom(this.#containers.next(this.#ringOfContainer(containerId)), pool.records, at);
    }
    if (this.#openWatches.length > 0) this.#watch(event, thread, at);
  }

  #isTold(kind: number, result: number, { view, fd }: EventContext, thread: Thread): boolean {
    switch (kind) {
      case recordKind.clone: {
        const flags = this.#events.first[view.code] as number; // One for each code.
        return result > 0 && (flags < 0 || (view.u32(flags) & CLONE_THREAD) === 0);
      }
      case recordKind.exit:
        return thread.tid === thread.pid;
      case recordKind.connect:
        return result !== ENOENT;
      case recordKind.open:
        return result >= 0 ? fd === undefined || !isEveryday(fd) : isRefusal(result);
      default:
        return result >= 0 || isRefusal(result);
    }
  }

  #ringOf(process: Process, thread: Thread): number {
    const ticket = process.noteTicket;
    const known = ticket & RING_MASK;
    if (this.#owns(process, known, ticket)) return known;
    const ring = this.#processes.claim();
    const generation = (((this.#tickets[ring] as number) >> RING_BITS) + 1) % MOST_GENERATIONS; // A ring of the pool.
    const next = (Math.max(1, generation) << RING_BITS) | ring;
    this.#tickets[ring] = next;
    process.noteTicket = next;
    this.#pids[ring] = process.pid;
    this.#parentPids[ring] = thread.main.parent?.pid ?? 0;
    this.#sessions[ring] = thread.sid;
    return ring;
  }

  /** A ticket may be of a ring that was given to another since, or of another recorder. */
  #owns(process: Process, ring: number, ticket: number): boolean {
    return ticket !== 0 && this.#tickets[ring] === ticket && this.#pids[ring] === process.pid;
  }

  #ringOfContainer(id: string): number {
    if (id === this.#latestContainerId) return this.#latestContainerRing;
    let ring = this.#ringByContainer.get(id);
    if (ring === undefined) {
      ring = this.#containers.claim();
      this.#ringByContainer.delete(this.#containerIds[ring] as string); // A ring of the pool.
      this.#containerIds[ring] = id;
      this.#ringByContainer.set(id, ring);
    }
    this.#latestContainerId = id;
    this.#latestContainerRing = ring;
    return ring;
  }

  #write(
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

  /** A process whose parent is watched is watched as well, when the first is heard of it. */
  #follow(thread: Thread): void {
    const { pid } = thread;
    const parentPid = thread.main.parent?.pid;
    if (parentPid === undefined) return;
    for (let i = 0; i < this.#openWatches.length; i++) {
      const { pids } = this.#openWatches[i] as Watch; // Below the length.
      if (pids.has(parentPid) && !pids.has(pid) && pids.size < MOST_WATCHED_PIDS) pids.add(pid);
    }
  }

  #watch({ view }: EventContext, thread: Thread, at: number): void {
    const nowNs = view.timestampApproxNs();
    const { pid, containerId } = thread;
    const pool = this.#watches;
    for (let i = 0; i < this.#openWatches.length; i++) {
      const watch = this.#openWatches[i] as Watch; // Below the length.
      if (nowNs >= watch.endNs) continue;
      const isOfContainer = containerId === watch.containerId && containerId !== HOST && containerId !== '';
      if (!isOfContainer && !watch.pids.has(pid)) continue;
      // What comes first tells most.
      if (pool.sizeOf(watch.ring) === WATCH_RECORDS) continue;
      pool.records.copyFrom(pool.next(watch.ring), this.#processes.records, at);
    }
  }

  /** `undefined`: too many are open. */
  openWatch(thread: Thread, endNs: number): Watch | undefined {
    const ring = this.#freeWatches.pop();
    if (ring === undefined) return undefined;
    const { containerId } = thread;
    const watch = { ring, pids: new Set([thread.pid]), containerId, endNs };
    this.#openWatches.push(watch);
    return watch;
  }

  /** What `use` makes of what came, oldest first; nothing of it is kept. */
  closeWatch<T>(watch: Watch, use: (places: readonly RecordPlace[]) => T): T {
    const at = this.#openWatches.indexOf(watch);
    if (at >= 0) this.#openWatches.splice(at, 1);
    try {
      return use(placesIn(this.#watches, watch.ring));
    } finally {
      this.#watches.empty(watch.ring);
      this.#freeWatches.push(watch.ring);
    }
  }

  /** Of the process, oldest first. Good until the next event, as what follows. */
  ofProcess(process: Process): readonly RecordPlace[] {
    const ring = process.noteTicket & RING_MASK;
    return this.#owns(process, ring, process.noteTicket) ? placesIn(this.#processes, ring) : [];
  }

  ofContainer(id: string): readonly RecordPlace[] {
    const ring = this.#ringByContainer.get(id);
    return ring === undefined ? [] : placesIn(this.#containers, ring);
  }

  /** Of its parent and of the parent's other children, those that are gone as well, as far as they share its session. */
  ofSession(thread: Thread): readonly RecordPlace[] {
    const parentPid = thread.main.parent?.pid ?? 0;
    if (parentPid <= 1 || thread.sid <= 0) return [];
    const places: RecordPlace[] = [];
    for (let ring = 0; ring < this.#pids.length; ring++) {
      if (this.#sessions[ring] !== thread.sid || this.#pids[ring] === thread.pid) continue;
      if (this.#pids[ring] === parentPid || this.#parentPids[ring] === parentPid)
        places.push(...placesIn(this.#processes, ring));
    }
    return places;
  }
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

function placesIn(pool: RingPool, ring: number): readonly RecordPlace[] {
  return pool.placesOf(ring).map((at) => ({ records: pool.records, at }));
}
