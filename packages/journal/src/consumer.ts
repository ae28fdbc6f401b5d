/** Reads a journal in order, from memory while it keeps up and from disk when it is behind, and remembers how far it is. */

import type { JournalDisk, JournalFile } from './disk.ts';
import type { JournalReport, Segment } from './journal.ts';
import type { JournalRecord } from './record.ts';
import { SegmentReader } from './segment-reader.ts';
import type { Tail } from './tail.ts';

/** What a consumer may see of its journal. */
export interface JournalView {
  readonly disk: JournalDisk;
  readonly tail: Tail;
  readonly segments: () => readonly Segment[];
  readonly nextSeq: () => number;
  readonly isClosed: () => boolean;
  readonly onMoved: () => void;
  readonly changed: (signal: AbortSignal | undefined) => Promise<void>;
  readonly onReport: (report: JournalReport) => void;
}

export interface ReadLimits {
  readonly mostRecords: number;
  /** Of payloads; one record is always given. */
  readonly mostBytes: number;
}

interface OpenSegment {
  readonly segment: Segment;
  readonly file: JournalFile;
  readonly reader: SegmentReader;
}

export class JournalConsumer {
  readonly name: string;
  readonly #view: JournalView;
  #readSeq: number;
  #committedSeq: number;
  #open: OpenSegment | undefined;
  #isReading = false;

  /** Records that it will never see: damaged, or given up to make room. */
  lostCount = 0;

  constructor(name: string, seq: number, view: JournalView) {
    this.name = name;
    this.#view = view;
    this.#readSeq = seq;
    this.#committedSeq = seq;
  }

  /** The first record that it is not done with. */
  get committedSeq(): number {
    return this.#committedSeq;
  }

  /** Records that it is not done with. */
  get lagCount(): number {
    return this.#view.nextSeq() - this.#committedSeq;
  }

  /** Whether there is something to read without waiting. */
  get hasMore(): boolean {
    return this.#readSeq < this.#view.nextSeq();
  }

  /**
   * The next records; waits for one. Empty when the signal says so or the journal is closed. One call at a time. Rejects
   * when the disk cannot be read.
   */
  async read(limits: ReadLimits, signal?: AbortSignal): Promise<readonly JournalRecord[]> {
    if (this.#isReading) throw new Error('a consumer reads once at a time');
    this.#isReading = true;
    try {
      for (;;) {
        if (signal?.aborted === true || this.#view.isClosed()) return [];
        if (!this.hasMore) {
          await this.#view.changed(signal);
          continue;
        }
        const records = this.#isInTail() ? this.#readTail(limits) : await this.#readDisk(limits);
        if (records.length > 0) return records;
      }
    } finally {
      this.#isReading = false;
    }
  }

  /** Everything before `seq` is done with. */
  commit(seq: number): void {
    if (seq <= this.#committedSeq) return;
    this.#committedSeq = Math.min(seq, this.#readSeq);
    this.#view.onMoved();
  }

  /** Goes back to what is not done with. */
  async rewind(seq = this.#committedSeq): Promise<void> {
    await this.close();
    this.#readSeq = seq;
    this.#committedSeq = Math.min(seq, this.#committedSeq);
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.file.close();
  }

  #isInTail(): boolean {
    const { firstSeq } = this.#view.tail;
    return firstSeq !== undefined && firstSeq <= this.#readSeq;
  }

  #readTail({ mostRecords, mostBytes }: ReadLimits): readonly JournalRecord[] {
    if (this.#open !== undefined) {
      const { file } = this.#open;
      this.#open = undefined;
      file.close().catch(() => {}); // Only read: there is nothing to lose.
    }
    const records = this.#view.tail.read(this.#readSeq, mostRecords, mostBytes);
    for (const record of records) this.#pass(record.seq);
    return records;
  }

  async #readDisk({ mostRecords, mostBytes }: ReadLimits): Promise<readonly JournalRecord[]> {
    const records: JournalRecord[] = [];
    let sizeBytes = 0;
    while (records.length < mostRecords && sizeBytes < mostBytes && this.hasMore) {
      const open = this.#open ?? (await this.#openSegment());
      if (open === undefined) continue;
      const { segment, reader } = open;
      const damagedBefore = reader.damagedBytes;
      const record = await reader.next(segment.sizeBytes);
      if (reader.damagedBytes > damagedBefore) this.#tellDamage(segment, reader.damagedBytes - damagedBefore);
      if (record === undefined) {
        if (!(await this.#leave(open))) break;
        continue;
      }
      if (record.seq < this.#readSeq) continue;
      this.#pass(record.seq);
      // A copy: what was read ahead is large, and would be kept as long as one record of it.
      records.push({ seq: record.seq, clockMs: record.clockMs, payload: Buffer.from(record.payload) });
      sizeBytes += record.payload.length;
    }
    return records;
  }

  /** The segment that has the next record, or comes nearest after it; `undefined` when it went meanwhile. */
  async #openSegment(): Promise<OpenSegment | undefined> {
    const segments = this.#view.segments();
    const segment = segments.findLast(({ name }) => name.firstSeq <= this.#readSeq) ?? segments[0];
    if (segment === undefined) throw new Error('a journal has a segment');
    const { name } = segment;
    let file: JournalFile;
    try {
      file = await this.#view.disk.open(name.text);
    } catch (error) {
      if (!this.#view.segments().includes(segment)) return undefined;
      throw error;
    }
    const reader = new SegmentReader(file, { salt: name.salt, leastSeq: name.firstSeq, offset: 0 });
    this.#open = { segment, file, reader };
    return this.#open;
  }

  /** Goes on to the next segment; false when this is the one that is written to. */
  async #leave({ segment, reader, file }: OpenSegment): Promise<boolean> {
    const segments = this.#view.segments();
    const next = segments.find(({ name }) => name.firstSeq > segment.name.firstSeq);
    if (next === undefined) {
      // Nothing can be read up to what is known to be there: it is damaged.
      const missing = this.#view.nextSeq() - this.#readSeq;
      this.#readSeq += missing;
      this.#lose(missing);
      return false;
    }
    const restBytes = segment.sizeBytes - reader.offset;
    if (restBytes > 0) this.#tellDamage(segment, restBytes);
    this.#open = undefined;
    await file.close();
    if (this.#readSeq < next.name.firstSeq) {
      this.#lose(next.name.firstSeq - this.#readSeq);
      this.#readSeq = next.name.firstSeq;
    }
    return true;
  }

  /** `seq` was read; what should have come before it is lost. */
  #pass(seq: number): void {
    this.#lose(seq - this.#readSeq);
    this.#readSeq = seq + 1;
  }

  #lose(count: number): void {
    if (count <= 0) return;
    this.lostCount += count;
    this.#view.onReport({ kind: 'lost', consumer: this.name, count });
  }

  #tellDamage({ name }: Segment, bytes: number): void {
    this.#view.onReport({ kind: 'damaged', segment: name.text, bytes });
  }
}
