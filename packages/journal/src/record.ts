/**
 * One record on disk: a header of 24 bytes, then the payload. All numbers are little-endian.
 *
 *     0  checksum of everything that follows, CRC-32, started with the salt of the segment
 *     4  length of the payload, bytes
 *     8  sequence number, low then high 32 bits
 *     16 clock of the journal when it was appended, milliseconds, low then high
 *
 * INVARIANT: what a payload holds cannot look like a record, since nobody outside knows the salt. Damage can therefore be
 * stepped over: the next place where a checksum fits is the next record.
 */

import { crc32 } from 'node:zlib';

export const HEADER_BYTES = 24;
/** Longer payloads are refused; a longer length on disk is damage. */
export const MOST_PAYLOAD_BYTES = 64 * 1024 * 1024;
const HIGH = 2 ** 32;

export interface JournalRecord {
  /** Counts from 1, without gaps but those of damage. */
  readonly seq: number;
  /** How long the journal had been open when it was appended, milliseconds: see `Journal.clockMs`. */
  readonly clockMs: number;
  /** Owned by the journal: read, not written. */
  readonly payload: Uint8Array;
}

/** A record in a buffer, with where it ends there. */
export interface FoundRecord extends JournalRecord {
  readonly end: number;
}

export function sizeOf(payload: Uint8Array): number {
  return HEADER_BYTES + payload.length;
}

/** Writes the record at `at`, which has room, and gives where it ends. */
export function encodeRecord(into: Buffer, at: number, record: JournalRecord, salt: number): number {
  const { seq, clockMs, payload } = record;
  into.writeUInt32LE(payload.length, at + 4);
  into.writeUInt32LE(seq % HIGH, at + 8);
  into.writeUInt32LE(Math.floor(seq / HIGH), at + 12);
  into.writeUInt32LE(clockMs % HIGH, at + 16);
  into.writeUInt32LE(Math.floor(clockMs / HIGH), at + 20);
  into.set(payload, at + HEADER_BYTES);
  const end = at + HEADER_BYTES + payload.length;
  into.writeUInt32LE(crc32(into.subarray(at + 4, end), salt), at);
  return end;
}

/** More records than a segment has: a sequence number this far ahead is damage. */
const MOST_AHEAD = 2 ** 28;

/**
 * The record at `at`, whose number is `leastSeq` or, after damage, a little more. `partial`: the buffer ends before the record may do, `needs` bytes from `at` on would tell.
 * `damaged`: whatever may follow, this is no record.
 */
export function decodeRecord(
  bytes: Buffer,
  at: number,
  { salt, leastSeq }: { readonly salt: number; readonly leastSeq: number },
): FoundRecord | { readonly kind: 'partial'; readonly needs: number } | { readonly kind: 'damaged' } {
  if (at + HEADER_BYTES > bytes.length) return { kind: 'partial', needs: HEADER_BYTES };
  const length = bytes.readUInt32LE(at + 4);
  const seq = bytes.readUInt32LE(at + 8) + bytes.readUInt32LE(at + 12) * HIGH;
  // Looked at before the length is believed: a wrong length would have megabytes read in vain.
  if (length > MOST_PAYLOAD_BYTES || seq < leastSeq || seq > leastSeq + MOST_AHEAD) return damaged;
  const end = at + HEADER_BYTES + length;
  if (end > bytes.length) return { kind: 'partial', needs: HEADER_BYTES + length };
  if (bytes.readUInt32LE(at) !== crc32(bytes.subarray(at + 4, end), salt)) return damaged;
  return {
    seq,
    clockMs: bytes.readUInt32LE(at + 16) + bytes.readUInt32LE(at + 20) * HIGH,
    payload: bytes.subarray(at + HEADER_BYTES, end),
    end,
  };
}

const damaged = Object.freeze({ kind: 'damaged' });

export function isRecord(found: ReturnType<typeof decodeRecord>): found is FoundRecord {
  return 'seq' in found;
}
