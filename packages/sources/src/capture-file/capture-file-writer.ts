/**
 * A capture that is being written: tables first, then events as they come, plain or gzip. What is on disk is whole up
 * to the latest flush: a gzip file is a row of members, each of which can be unpacked although the next one is missing.
 */

import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { gzipSync, constants as zlib } from 'node:zlib';
import { Fault } from '@peregrine/base';
import { BlockBuffer, CaptureWriter, type EventView, eventBlockBytes } from '@peregrine/events';
import { containerEvent, type Snapshot } from '@peregrine/state';
import { writeSection } from './record-encoder.ts';

export interface CaptureFileOptions {
  /** `-` is standard output. */
  readonly path: string;
  readonly isCompressed: boolean;
  /** The file never grows beyond it; 0 is any size. */
  readonly maxBytes: number;
  /** Refuse a file that is there already, and a link in its place: for files that no user named. */
  readonly isNew: boolean;
}

/** Bytes that are packed and written at once. */
const PIECE_BYTES = 256 * 1_024;
const STDOUT_FD = 1;
/** What is recorded is nobody else's business. */
const OWNER_ONLY = 0o600;
const RETRY_MS = 5;
const USER_ADDED = 354;

export class CaptureFile {
  readonly path: string;
  readonly #options: CaptureFileOptions;
  readonly #fd: number;
  readonly #pending = new BlockBuffer(PIECE_BYTES);
  readonly #sleeper = new Int32Array(new SharedArrayBuffer(4));
  #writtenBytes = 0;
  #eventCount = 0;
  #isFull = false;
  #isClosed = false;

  /** Throws a `Fault` when the file cannot be made. */
  constructor(options: CaptureFileOptions) {
    this.path = options.path;
    this.#options = options;
    this.#fd = options.path === '-' ? STDOUT_FD : openFile(options);
  }

  /** Bytes of the file so far; some of the latest events may still be waiting. */
  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  /** Events taken, waiting ones included. */
  get eventCount(): number {
    return this.#eventCount;
  }

  /** Something did not fit any more: nothing is written from then on. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Bytes of whole blocks, as `encodeHead` and `BlockBuffer` make them. */
  blocks(bytes: Uint8Array, eventCount = 0): void {
    this.flush();
    this.#put(bytes);
    if (!this.#isFull) this.#eventCount += eventCount;
  }

  /** `flags`: bits of `viewFlag`. Gives whether the event was taken. */
  event(view: EventView, flags = 0): boolean {
    if (this.#isFull) return false;
    const { maxBytes, isCompressed } = this.#options;
    const size = eventBlockBytes(view, flags);
    if (maxBytes > 0 && !isCompressed && this.#writtenBytes + this.#pending.size + size > maxBytes) {
      this.flush();
      this.#isFull = true;
      return false;
    }
    if (!this.#pending.append(view, flags)) {
      this.flush();
      if (this.#isFull) return false;
      if (!this.#pending.append(view, flags)) this.#putLarge(view, flags, size);
    }
    if (!this.#isFull) this.#eventCount++;
    return !this.#isFull;
  }

  #putLarge(view: EventView, flags: number, size: number): void {
    const buffer = new BlockBuffer(size);
    buffer.append(view, flags);
    this.#put(buffer.filled());
  }

  /** Writes what is waiting. Throws a `Fault` when that fails; the file stays good up to what was written before. */
  flush(): void {
    const { size, eventCount } = this.#pending;
    if (size === 0) return;
    const bytes = this.#pending.filled();
    if (!this.#put(bytes)) this.#eventCount -= eventCount;
    this.#pending.clear();
  }

  #put(bytes: Uint8Array): boolean {
    if (this.#isFull) return false;
    const { isCompressed, maxBytes } = this.#options;
    const packed = isCompressed ? gzipSync(bytes, { level: zlib.Z_BEST_SPEED }) : bytes;
    if (maxBytes > 0 && this.#writtenBytes + packed.length > maxBytes) {
      this.#isFull = true;
      return false;
    }
    this.#write(packed);
    return true;
  }

  #write(bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) {
      try {
        done += writeSync(this.#fd, bytes, done);
      } catch (cause) {
        const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
        if (code !== 'EAGAIN' && code !== 'EINTR') throw writeFault(this.path, cause);
        Atomics.wait(this.#sleeper, 0, 0, RETRY_MS);
      }
    }
    this.#writtenBytes += done;
  }

  /** Writes what is waiting, then lets go of the file, whether or not that worked. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      this.flush();
    } finally {
      if (this.#fd !== STDOUT_FD) closeSync(this.#fd);
    }
  }
}

/**
 * The section and the tables of a capture that begins now. COMPAT: users come as events besides, as recorders of the
 * family write them; a file without any event is none to readers.
 */
export function encodeHead(snapshot: Snapshot, timestampNs: bigint): Uint8Array {
  const users = [...snapshot.users];
  const writer = writeSection(new CaptureWriter(), { ...snapshot, users });
  for (const { uid, gid, name, home, shell } of users)
    writer.event({ code: USER_ADDED, timestampNs, params: [uid, gid, name, home, shell, ''] });
  for (const container of snapshot.containers) writer.event(containerEvent(container, 'added', timestampNs));
  return writer.toBytes();
}

function openFile({ path, isNew }: CaptureFileOptions): number {
  const how = isNew ? constants.O_EXCL | constants.O_NOFOLLOW : constants.O_TRUNC;
  try {
    return openSync(path, constants.O_WRONLY | constants.O_CREAT | how, OWNER_ONLY);
  } catch (cause) {
    throw writeFault(path, cause);
  }
}

function writeFault(path: string, cause: unknown): Fault {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const isFull = cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC';
  return new Fault('capture-write', `cannot write the capture \`${path}\`: ${reason}`, {
    cause,
    hint: isFull
      ? 'the file system is full: free space, or limit the size'
      : 'name a path that can be written to',
  });
}
