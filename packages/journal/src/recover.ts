/** Finds where the last run of a journal ended: whole records, their numbers, and how far everybody was. */

import { randomBytes } from 'node:crypto';
import { loadCursors } from './cursors.ts';
import type { JournalDisk, JournalFile } from './disk.ts';
import type { JournalOptions, JournalReport, Segment } from './journal.ts';
import { parseSegmentName, type SegmentName, segmentName } from './segment-name.ts';
import { SegmentReader } from './segment-reader.ts';

export interface Recovered {
  /** Oldest first; the last one is written to. */
  readonly segments: readonly Segment[];
  readonly active: JournalFile;
  readonly nextSeq: number;
  readonly clockMs: number;
  readonly cursors: ReadonlyMap<string, number>;
  /** Where consumers begin that are not known: nobody is, and so everything is done once more. */
  readonly newcomersAt: number | undefined;
}

export async function recover(options: JournalOptions): Promise<Recovered> {
  const { disk, onReport } = options;
  const saved = await loadCursors(disk);
  const names = (await disk.list())
    .map(parseSegmentName)
    .filter((name) => name !== undefined)
    .sort((a, b) => a.firstSeq - b.firstSeq);
  if (saved === 'damaged') onReport({ kind: 'damaged', segment: 'cursors', bytes: 0 });
  const { clockMs, cursors } = saved === 'damaged' || saved === undefined ? nothingSaved : saved;
  const isLost = saved === 'damaged' || saved === undefined;
  const leastNextSeq = Math.max(1, ...cursors.values());
  const segments: Segment[] = [];
  for (const name of names.slice(0, -1)) {
    const file = await disk.open(name.text);
    segments.push({ name, sizeBytes: await file.sizeBytes(), lastClockMs: Number.POSITIVE_INFINITY });
    await file.close();
  }
  const [first] = names;
  const last = names.at(-1);
  if (first === undefined || last === undefined) {
    const name = newSegmentName(leastNextSeq);
    const active = await disk.create(name.text);
    const only: Segment = { name, sizeBytes: 0, lastClockMs: 0 };
    return { segments: [only], active, nextSeq: leastNextSeq, clockMs, cursors, newcomersAt: undefined };
  }
  const active = await disk.open(last.text);
  const end = await findEnd(active, last, onReport);
  const nowMs = Math.max(clockMs, end.clockMs);
  segments.push({ name: last, sizeBytes: end.offset, lastClockMs: nowMs });
  if (options.mostAgeMs !== undefined) await setClocks(disk, segments);
  return {
    segments,
    active,
    nextSeq: Math.max(leastNextSeq, end.nextSeq),
    clockMs: nowMs,
    cursors,
    newcomersAt: isLost ? first.firstSeq : undefined,
  };
}

const nothingSaved = { clockMs: 0, cursors: new Map<string, number>() };

/** Reads the last segment to its end, and cuts off what is no whole record there. */
async function findEnd(
  file: JournalFile,
  name: SegmentName,
  onReport: (report: JournalReport) => void,
): Promise<{ readonly offset: number; readonly nextSeq: number; readonly clockMs: number }> {
  const fileBytes = await file.sizeBytes();
  const reader = new SegmentReader(file, { salt: name.salt, leastSeq: name.firstSeq, offset: 0 });
  let nextSeq = name.firstSeq;
  let clockMs = 0;
  let offset = 0;
  for (;;) {
    const record = await reader.next(fileBytes);
    if (record === undefined) break;
    nextSeq = record.seq + 1;
    clockMs = Math.max(clockMs, record.clockMs);
    offset = record.endOffset;
  }
  if (reader.damagedBytes > 0) {
    onReport({ kind: 'damaged', segment: name.text, bytes: reader.damagedBytes });
  }
  if (offset < fileBytes) {
    onReport({ kind: 'torn', segment: name.text, bytes: fileBytes - offset });
    await file.truncate(offset);
  }
  // What the process before wrote may still be in the system's memory only.
  await file.sync();
  return { offset, nextSeq, clockMs };
}

/** A segment's youngest record is no younger than the first one of the next. */
async function setClocks(disk: JournalDisk, segments: readonly Segment[]): Promise<void> {
  for (const [i, { name, sizeBytes }] of segments.entries()) {
    const before = segments[i - 1];
    if (before === undefined) continue;
    const file = await disk.open(name.text);
    const reader = new SegmentReader(file, { salt: name.salt, leastSeq: name.firstSeq, offset: 0 });
    const first = await reader.next(sizeBytes);
    await file.close();
    if (first !== undefined) before.lastClockMs = first.clockMs;
  }
}

export function newSegmentName(firstSeq: number): SegmentName {
  return segmentName(firstSeq, randomBytes(4).readUInt32LE());
}
