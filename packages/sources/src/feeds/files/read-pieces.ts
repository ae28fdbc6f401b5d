/** Bytes of files: once to the end, or for as long as they grow. */

import type { BigIntStats } from 'node:fs';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';

const PIECE_BYTES = 1 << 18;
const LOOK_EVERY_MS = 250;
const GZIP_MAGIC = 0x1f8b;

/** A compressed file gives what is in it. */
export async function* readFilePieces(path: string): AsyncGenerator<Buffer> {
  const stream = createReadStream(path, { highWaterMark: PIECE_BYTES });
  yield* (await isGzip(path)) ? stream.pipe(createGunzip()) : stream;
}

async function isGzip(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const head = Buffer.alloc(2);
    await handle.read(head, 0, 2, 0);
    return head.readUInt16BE() === GZIP_MAGIC;
  } finally {
    await handle.close();
  }
}

/**
 * What is added to a file from now on. A file that is renamed away is read to its end, then the one that takes its
 * place, from its start; a file that became shorter, from its start. `undefined` stands where one ends and another begins.
 */
export async function* followPieces(path: string, signal: AbortSignal): AsyncGenerator<Buffer | undefined> {
  let followed = await openIfThere(path, 'end');
  try {
    while (!signal.aborted) {
      const piece = await followed?.read();
      if (piece !== undefined) {
        yield piece;
        continue;
      }
      const change = await changeOf(path, followed);
      if (change !== 'none') {
        await followed?.close();
        followed = await openIfThere(path, 'start');
        yield undefined;
        if (followed !== undefined) continue;
      }
      await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
    }
  } finally {
    await followed?.close();
  }
}

class Followed {
  readonly #handle: FileHandle;
  readonly identity: BigIntStats;
  position: number;
  readonly #buffer = Buffer.alloc(PIECE_BYTES);

  constructor(handle: FileHandle, identity: BigIntStats, position: number) {
    this.#handle = handle;
    this.identity = identity;
    this.position = position;
  }

  /** A copy, since pieces are kept until their lines are whole. */
  async read(): Promise<Buffer | undefined> {
    const { bytesRead } = await this.#handle.read(this.#buffer, 0, PIECE_BYTES, this.position);
    this.position += bytesRead;
    return bytesRead === 0 ? undefined : Buffer.from(this.#buffer.subarray(0, bytesRead));
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

async function openIfThere(path: string, at: 'start' | 'end'): Promise<Followed | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path);
  } catch {
    return undefined;
  }
  const identity = await handle.stat({ bigint: true });
  return new Followed(handle, identity, at === 'end' ? Number(identity.size) : 0);
}

async function changeOf(path: string, followed: Followed | undefined): Promise<'none' | 'other' | 'shorter'> {
  const now = await stat(path, { bigint: true }).catch(() => undefined);
  // Renamed away, and nothing in its place yet.
  if (now === undefined) return 'none';
  if (followed === undefined || now.ino !== followed.identity.ino || now.dev !== followed.identity.dev)
    return 'other';
  return Number(now.size) < followed.position ? 'shorter' : 'none';
}
