/**
 * What processes and containers did of late, for the story around an alert: a ring of records for each process, one for
 * each container, and one for each story whose end is awaited. Of one size from the start: who did nothing for the longest
 * time is forgotten first. HOT: `take` runs for every event that rules may see, and allocates nothing: most events cost it
 * the look at one byte.
 */

import { type EventContext, type Process, type Thread, threadFlag } from '@peregrine/state';
import { RecordWriter } from './record-writer.ts';
import { recordKind } from './recorded-events.ts';
import { RECORD_BYTES, type Records, TextBudget } from './records.ts';
import { RingPool } from './ring-pool.ts';

const HOST = 'host';
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
  readonly #writer = new RecordWriter();
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
    const kind = this.#writer.kindOf(view.code);
    if (kind === recordKind.none || thread === undefined) return;
    if ((thread.flags & threadFlag.fake) !== 0) return;
    if (this.#openWatches.length > 0) this.#follow(thread);
    const result = view.i32(0);
    if (!this.#writer.isTold(kind, result, event, thread)) return;
    const pool = this.#processes;
    const at = pool.next(this.#ringOf(thread.process, thread));
    this.#writer.write(pool.records, at, kind, result, event, thread);
    const { containerId } = thread;
    if (containerId !== HOST && containerId !== '') {
      const { records } = this.#containers;
      records.copyFrom(this.#containers.next(this.#ringOfContainer(containerId)), pool.records, at);
    }
    if (this.#openWatches.length > 0) this.#watch(event, thread, at);
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

  /**
   * Of its parent, if they share a session, and of the parent's other children that began in it, those that are gone as
   * well: what a script did step by step.
   */
  ofSession(thread: Thread): readonly RecordPlace[] {
    const parent = thread.main.parent?.main;
    if (parent === undefined || parent.pid <= 1 || parent.sid !== thread.sid || thread.sid <= 0) return [];
    const places = [...this.ofProcess(parent.process)];
    for (let ring = 0; ring < this.#pids.length; ring++) {
      const isSibling = this.#parentPids[ring] === parent.pid && this.#sessions[ring] === thread.sid;
      if (isSibling && this.#pids[ring] !== thread.pid) places.push(...placesIn(this.#processes, ring));
    }
    return places;
  }
}

function placesIn(pool: RingPool, ring: number): readonly RecordPlace[] {
  return pool.placesOf(ring).map((at) => ({ records: pool.records, at }));
}
