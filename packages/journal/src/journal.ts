/**
 * A log of records on disk: whoever appends is told when the record is safe, whoever consumes reads in order and says how
 * far it is. Knows only bytes.
 *
 * Appends that come while the disk works go to it together (group commit), so that a slow disk makes groups larger and not
 * the queue longer. `sync: always` acknowledges a record when it is on the disk (`fdatasync`); `sync: interval`, when it
 * is in the system's memory: it then survives the process, but not always the machine.
 *
 * INVARIANT: consumers see only records that were acknowledged, or will be. A record that could not be written leaves no
 * trace: the file is cut to where it was good before anything else is written.
 */

import { JournalConsumer } from './consumer.ts';
import { saveCursors } from './cursors.ts';
import type { JournalDisk, JournalFile } from './disk.ts';
import { encodeRecord, type JournalRecord, MOST_PAYLOAD_BYTES, sizeOf } from './record.ts';
import { newSegmentName, type Recovered, recover } from './recover.ts';
import type { SegmentName } from './segment-name.ts';
import { Tail } from './tail.ts';

export interface JournalOptions {
  readonly disk: JournalDisk;
  /** A segment is closed when it is this large. */
  readonly segmentBytes: number;
  /** All segments together. */
  readonly mostBytes: number;
  /** Segments whose youngest record is older go, read or not; `undefined`: only what is read goes. */
  readonly mostAgeMs?: number | undefined;
  /** What gives way when all is full of records that somebody has not read: the oldest ones, or what comes. */
  readonly whenFull: 'drop_oldest' | 'refuse';
  readonly sync: { readonly kind: 'always' } | { readonly kind: 'interval'; readonly intervalMs: number };
  /** Records kept in memory for those who keep up. */
  readonly tailBytes: number;
  /** Records that may wait for the disk. */
  readonly mostWaitingBytes: number;
  /** How often cursors are written while they move. */
  readonly cursorIntervalMs: number;
  /** Milliseconds from any start, never backwards. */
  readonly monotonicMs: () => number;
  readonly onReport: (report: JournalReport) => void;
}

export type JournalReport =
  /** The end of the last segment was no whole record: the process or the machine stopped while it was written. */
  | { readonly kind: 'torn'; readonly segment: string; readonly bytes: number }
  /** Bytes that were records once. */
  | { readonly kind: 'damaged'; readonly segment: string; readonly bytes: number }
  /** Records that a consumer will not see. */
  | { readonly kind: 'lost'; readonly consumer: string; readonly count: number }
  /** The oldest segment made room. */
  | { readonly kind: 'dropped'; readonly segment: string; readonly why: 'full' | 'age' }
  /** The disk refused; what was appended is refused, too. */
  | { readonly kind: 'disk'; readonly what: string; readonly reason: string };

export type Appended =
  | { readonly kind: 'stored'; readonly firstSeq: number; readonly lastSeq: number }
  | {
      readonly kind: 'refused';
      readonly why: 'full' | 'busy' | 'disk' | 'closed' | 'too-large';
      readonly reason: string;
    };

export interface Segment {
  readonly name: SegmentName;
  /** Of what is good in it. */
  sizeBytes: number;
  /** Clock of its youngest record. */
  lastClockMs: number;
}

interface Waiting {
  readonly payloads: readonly Uint8Array[];
  readonly sizeBytes: number;
  readonly resolve: (appended: Appended) => void;
}

/** More than this goes to the disk in several groups. */
const MOST_GROUP_BYTES = 4 * 1024 * 1024;

export class Journal {
  readonly #options: JournalOptions;
  readonly #tail: Tail;
  readonly #consumers = new Map<string, JournalConsumer>();
  /** What is on disk of the cursors: only what they passed may be removed. */
  #saved: Map<string, number>;
  /** Oldest first; the last one is written to. Never empty. */
  #segments: Segment[];
  #active: JournalFile;
  #nextSeq: number;
  #totalBytes: number;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #isCutDue = false;
  #isClosed = false;
  #isSyncDue = false;
  #areCursorsDue = false;
  /** Whether there are consumers that the disk does not know of. */
  #hasNewcomers = false;
  #savingCursors: Promise<void> | undefined;
  readonly #clockStartMs: number;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #wakers = new Set<() => void>();
  /** Where consumers begin that are not known. */
  readonly #newcomersAt: number | undefined;

  /** Records acknowledged since it was opened. */
  appendedCount = 0;
  refusedCount = 0;
  /** Groups that went to the disk. */
  groupCount = 0;

  /** Use `openJournal`. */
  constructor(options: JournalOptions, found: Recovered) {
    this.#options = options;
    this.#tail = new Tail(options.tailBytes);
    this.#saved = new Map(found.cursors);
    this.#segments = [...found.segments];
    this.#active = found.active;
    this.#nextSeq = found.nextSeq;
    this.#newcomersAt = found.newcomersAt;
    this.#totalBytes = found.segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    this.#clockStartMs = found.clockMs - options.monotonicMs();
    for (const [name, seq] of found.cursors) this.#consumers.set(name, this.#createConsumer(name, seq));
    this.#timers.push(setInterval(() => void this.saveCursors(), options.cursorIntervalMs));
    if (options.sync.kind === 'interval') {
      this.#timers.push(setInterval(() => void this.#syncNow(), options.sync.intervalMs));
    }
    for (const timer of this.#timers) timer.unref();
  }

  /** How long it has been open, in all its life, milliseconds: a clock that nobody sets, for the age of records. */
  get clockMs(): number {
    return Math.max(0, Math.floor(this.#clockStartMs + this.#options.monotonicMs()));
  }

  /** Number of the next record. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** Number of the oldest record that there may be. */
  get firstSeq(): number {
    return this.#segments[0]?.name.firstSeq ?? this.#nextSeq;
  }

  get sizeBytes(): number {
    return this.#totalBytes;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  get consumers(): readonly JournalConsumer[] {
    return [...this.#consumers.values()];
  }

  /** The consumer of that name; a new one sees what comes from now on. */
  consumer(name: string): JournalConsumer {
    const known = this.#consumers.get(name);
    if (known !== undefined) return known;
    const created = this.#createConsumer(name, this.#newcomersAt ?? this.#nextSeq);
    this.#consumers.set(name, created);
    this.#areCursorsDue = true;
    this.#hasNewcomers = true;
    return created;
  }

  /** Forgets a consumer, so that nothing is kept for it. */
  forget(name: string): void {
    this.#consumers.delete(name);
    this.#areCursorsDue = true;
  }

  /**
   * Appends all or none; resolves when they are safe, or with why they are not. Never rejects. The payloads are copied
   * before the disk works, but not at once: they must stay as they are until then.
   */
  append(payloads: readonly Uint8Array[]): Promise<Appended> {
    const sizeBytes = payloads.reduce((sum, payload) => sum + sizeOf(payload), 0);
    const refusal = this.#refusalOf(payloads, sizeBytes);
    if (refusal !== undefined) {
      this.refusedCount += payloads.length;
      return Promise.resolve(refusal);
    }
    const { promise, resolve } = Promise.withResolvers<Appended>();
    this.#waiting.push({ payloads, sizeBytes, resolve });
    this.#waitingBytes += sizeBytes;
    this.#writing ??= this.#writeAll();
    return promise;
  }

  /** Writes cursors that moved, and removes segments that everybody is done with. Never rejects. */
  async saveCursors(): Promise<void> {
    if (this.#savingCursors !== undefined) await this.#savingCursors;
    this.#savingCursors ??= this.#saveCursorsNow();
    await this.#savingCursors;
  }

  /** Finishes what waits, and lets go of the files. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#wakeConsumers();
    while (this.#writing !== undefined) await this.#writing;
    await this.#syncNow();
    await Promise.all(this.consumers.map((consumer) => consumer.close()));
    this.#areCursorsDue = true;
    await this.saveCursors();
    await this.#active.close();
  }

  #createConsumer(name: string, seq: number): JournalConsumer {
    return new JournalConsumer(name, seq, {
      disk: this.#options.disk,
      tail: this.#tail,
      segments: () => this.#segments,
      nextSeq: () => this.#nextSeq,
      isClosed: () => this.#isClosed,
      onMoved: () => {
        this.#areCursorsDue = true;
      },
      changed: (signal) => this.#changed(signal),
      onReport: this.#options.onReport,
    });
  }

  #refusalOf(payloads: readonly Uint8Array[], sizeBytes: number): Appended | undefined {
    if (this.#isClosed) return { kind: 'refused', why: 'closed', reason: 'the journal is closed' };
    if (
      payloads.some((payload) => payload.length > MOST_PAYLOAD_BYTES) ||
      sizeBytes > this.#options.mostBytes
    ) {
      return {
        kind: 'refused',
        why: 'too-large',
        reason: `${sizeBytes} bytes are more than the journal takes`,
      };
    }
    if (this.#waitingBytes > 0 && this.#waitingBytes + sizeBytes > this.#options.mostWaitingBytes) {
      return { kind: 'refused', why: 'busy', reason: 'too much is waiting for the disk' };
    }
    return undefined;
  }

  async #writeAll(): Promise<void> {
    // The first group waits for the current turn to end, so that what comes together goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      let sizeBytes = 0;
      let count = 0;
      for (const { sizeBytes: own } of this.#waiting) {
        if (count > 0 && sizeBytes + own > MOST_GROUP_BYTES) break;
        sizeBytes += own;
        count++;
      }
      const group = this.#waiting.splice(0, count);
      await this.#writeGroup(group, sizeBytes);
      this.#waitingBytes -= sizeBytes;
    }
    this.#writing = undefined;
  }

  async #writeGroup(group: readonly Waiting[], sizeBytes: number): Promise<void> {
    const recordCount = group.reduce((sum, { payloads }) => sum + payloads.length, 0);
    try {
      await this.#rememberNewcomers();
      await this.#cutIfDue();
      if (!(await this.#makeRoom(sizeBytes))) {
        this.#refuse(
          group,
          recordCount,
          'full',
          'the journal is full of alerts that some output has not taken',
        );
        return;
      }
      await this.#rollIfDue(sizeBytes);
      const segment = this.#activeSegment();
      const { bytes, records } = this.#encode(group, sizeBytes, segment.name.salt);
      this.#isCutDue = true;
      await this.#active.write(bytes, segment.sizeBytes);
      if (this.#options.sync.kind === 'always') await this.#active.sync();
      else this.#isSyncDue = true;
      this.#isCutDue = false;
      this.#publish(group, records, bytes.length, segment);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.onReport({ kind: 'disk', what: 'append', reason });
      this.#refuse(group, recordCount, 'disk', reason);
    }
  }

  #encode(
    group: readonly Waiting[],
    sizeBytes: number,
    salt: number,
  ): { readonly bytes: Buffer; readonly records: readonly JournalRecord[] } {
    // Of its own: the tail keeps it, and the pool that small buffers share would be kept with it.
    const bytes = Buffer.allocUnsafeSlow(sizeBytes);
    const records: JournalRecord[] = [];
    const { clockMs } = this;
    let at = 0;
    let seq = this.#nextSeq;
    for (const { payloads } of group) {
      for (const payload of payloads) {
        const end = encodeRecord(bytes, at, { seq, clockMs, payload }, salt);
        records.push({ seq, clockMs, payload: bytes.subarray(end - payload.length, end) });
        at = end;
        seq++;
      }
    }
    return { bytes, records };
  }

  #publish(
    group: readonly Waiting[],
    records: readonly JournalRecord[],
    sizeBytes: number,
    segment: Segment,
  ): void {
    segment.sizeBytes += sizeBytes;
    segment.lastClockMs = records.at(-1)?.clockMs ?? segment.lastClockMs;
    this.#totalBytes += sizeBytes;
    this.#nextSeq += records.length;
    this.appendedCount += records.length;
    this.groupCount++;
    this.#tail.push(records, sizeBytes);
    let seq = this.#nextSeq - records.length;
    for (const { payloads, resolve } of group) {
      resolve({ kind: 'stored', firstSeq: seq, lastSeq: seq + payloads.length - 1 });
      seq += payloads.length;
    }
    this.#wakeConsumers();
  }

  #refuse(group: readonly Waiting[], recordCount: number, why: 'full' | 'disk', reason: string): void {
    this.refusedCount += recordCount;
    for (const { resolve } of group) resolve({ kind: 'refused', why, reason });
  }

  /** A consumer that a crash makes forget would not see what was acknowledged after it came. */
  async #rememberNewcomers(): Promise<void> {
    if (!this.#hasNewcomers) return;
    this.#hasNewcomers = false;
    await this.saveCursors();
    if ([...this.#consumers.keys()].every((name) => this.#saved.has(name))) return;
    this.#hasNewcomers = true;
    throw new Error('the cursors cannot be written');
  }

  /** Takes away what an append that failed may have left. */
  async #cutIfDue(): Promise<void> {
    if (!this.#isCutDue) return;
    await this.#active.truncate(this.#activeSegment().sizeBytes);
    this.#isCutDue = false;
  }

  async #rollIfDue(sizeBytes: number): Promise<void> {
    const segment = this.#activeSegment();
    if (segment.sizeBytes === 0 || segment.sizeBytes + sizeBytes <= this.#options.segmentBytes) return;
    await this.#roll();
  }

  async #roll(): Promise<void> {
    await this.#active.sync();
    const name = newSegmentName(this.#nextSeq);
    const file = await this.#options.disk.create(name.text);
    const full = this.#active;
    this.#active = file;
    this.#segments.push({ name, sizeBytes: 0, lastClockMs: this.clockMs });
    await full.close();
  }

  /** Whether there is room now. */
  async #makeRoom(sizeBytes: number): Promise<boolean> {
    await this.#removeAged();
    while (this.#totalBytes + sizeBytes > this.#options.mostBytes) {
      await this.#removeRead();
      if (this.#totalBytes + sizeBytes <= this.#options.mostBytes) return true;
      if (this.#options.whenFull === 'refuse') return false;
      if (this.#activeSegment().sizeBytes > 0 && this.#segments.length === 1) await this.#roll();
      await this.#removeOldest('full');
    }
    return true;
  }

  async #removeAged(): Promise<void> {
    const { mostAgeMs } = this.#options;
    if (mostAgeMs === undefined) return;
    for (;;) {
      const [oldest, next] = this.#segments;
      if (oldest === undefined || next === undefined || this.clockMs - oldest.lastClockMs <= mostAgeMs)
        return;
      await this.#removeOldest('age');
    }
  }

  /** Segments that every consumer has passed, as far as the disk knows. */
  async #removeRead(): Promise<void> {
    const passed = Math.min(
      this.#nextSeq,
      ...[...this.#consumers.keys()].map((name) => this.#saved.get(name) ?? 0),
    );
    for (;;) {
      const [oldest, next] = this.#segments;
      if (oldest === undefined || next === undefined || next.name.firstSeq > passed) return;
      await this.#removeOldest(undefined);
    }
  }

  async #removeOldest(why: 'full' | 'age' | undefined): Promise<void> {
    const oldest = this.#segments[0];
    if (oldest === undefined || this.#segments.length === 1) return;
    // First, so that nobody else takes it for the oldest while it goes.
    this.#segments.shift();
    this.#totalBytes -= oldest.sizeBytes;
    await this.#options.disk.remove(oldest.name.text);
    if (why !== undefined) this.#options.onReport({ kind: 'dropped', segment: oldest.name.text, why });
  }

  async #saveCursorsNow(): Promise<void> {
    try {
      if (this.#areCursorsDue) {
        this.#areCursorsDue = false;
        const cursors = new Map(this.consumers.map(({ name, committedSeq }) => [name, committedSeq]));
        await saveCursors(this.#options.disk, { clockMs: this.clockMs, cursors });
        this.#saved = cursors;
      }
      await this.#removeRead();
    } catch (error) {
      this.#areCursorsDue = true;
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.onReport({ kind: 'disk', what: 'cursors', reason });
    } finally {
      this.#savingCursors = undefined;
    }
  }

  async #syncNow(): Promise<void> {
    if (!this.#isSyncDue) return;
    this.#isSyncDue = false;
    try {
      await this.#active.sync();
    } catch (error) {
      this.#isSyncDue = true;
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.onReport({ kind: 'disk', what: 'sync', reason });
    }
  }

  #activeSegment(): Segment {
    const segment = this.#segments.at(-1);
    if (segment === undefined) throw new Error('a journal has a segment');
    return segment;
  }

  /** Resolves when there is more to read, when it is closed, or when the signal says so. */
  async #changed(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true || this.#isClosed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    this.#wakers.add(wake);
    signal?.addEventListener('abort', wake);
    await promise;
    this.#wakers.delete(wake);
    signal?.removeEventListener('abort', wake);
  }

  #wakeConsumers(): void {
    for (const wake of this.#wakers) wake();
  }
}

/** Goes on where the last run ended, whatever ended it. Rejects when the disk cannot be read or written. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  return new Journal(options, await recover(options));
}
