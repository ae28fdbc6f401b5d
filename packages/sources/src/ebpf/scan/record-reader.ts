/** Whole records out of an iterator's output: each begins with its size. */

import { readSync } from 'node:fs';

/** The kernel hands over up to 32 KiB at a time; no record is larger. */
const BUFFER_BYTES = 1 << 17;
const SIZE_BYTES = 4;

/** All that an iterator has to say. */
export interface IteratorOutput {
  readonly fd: number;
  /** The descriptor is not one of Node's, which would complain if it were asked to close it. */
  close(): void;
}

/** The output is closed at the end. The buffer is good only during the call. Throws what reading throws. */
export function readRecords(
  output: IteratorOutput,
  smallestBytes: number,
  take: (buffer: Buffer, start: number, end: number) => void,
): void {
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  let held = 0;
  try {
    for (;;) {
      const count = readSome(output.fd, buffer, held);
      if (count === 0) return;
      const size = held + count;
      const used = splitRecords(buffer, size, smallestBytes, take);
      buffer.copyWithin(0, used, size);
      held = size - used;
    }
  } finally {
    output.close();
  }
}

/** The kernel gives up a read that passed over a million things without a word: the next one goes on from there. */
function readSome(fd: number, buffer: Buffer, at: number): number {
  for (;;) {
    try {
      return readSync(fd, buffer, at, buffer.length - at, null);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
    }
  }
}

/** Hands on the whole records in the first `size` bytes; returns the number of bytes that they take. */
export function splitRecords(
  buffer: Buffer,
  size: number,
  smallestBytes: number,
  take: (buffer: Buffer, start: number, end: number) => void,
): number {
  let start = 0;
  while (start + SIZE_BYTES <= size) {
    const bytes = buffer.readUInt32LE(start);
    if (bytes < smallestBytes || bytes > buffer.length) throw new Error(`a record of ${bytes} bytes`);
    if (start + bytes > size) break;
    take(buffer, start, start + bytes);
    start += bytes;
  }
  return start;
}
