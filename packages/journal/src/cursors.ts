/**
 * How far each consumer is, on disk. Written whole, now and then: what is lost of it in a crash is done once more, which
 * consumers must bear anyway.
 */

import { crc32 } from 'node:zlib';
import type { JournalDisk } from './disk.ts';

const FILE = 'cursors';

export interface SavedCursors {
  readonly clockMs: number;
  /** Sequence number of the first record that the consumer is not done with. */
  readonly cursors: ReadonlyMap<string, number>;
}

/** `undefined`: there is no file. `damaged`: there is one, and it cannot be used. */
export async function loadCursors(disk: JournalDisk): Promise<SavedCursors | 'damaged' | undefined> {
  const bytes = await disk.readWhole(FILE);
  if (bytes === undefined) return undefined;
  const text = bytes.toString('utf8');
  const at = text.indexOf('\n');
  if (at < 0 || text.slice(0, at) !== checksumOf(text.slice(at + 1))) return 'damaged';
  // The checksum says that we wrote it.
  const saved: { clockMs: number; cursors: Record<string, number> } = JSON.parse(text.slice(at + 1));
  return { clockMs: saved.clockMs, cursors: new Map(Object.entries(saved.cursors)) };
}

export function saveCursors(disk: JournalDisk, { clockMs, cursors }: SavedCursors): Promise<void> {
  const text = JSON.stringify({ clockMs: Math.ceil(clockMs), cursors: Object.fromEntries(cursors) });
  return disk.replace(FILE, Buffer.from(`${checksumOf(text)}\n${text}`, 'utf8'));
}

function checksumOf(text: string): string {
  return crc32(Buffer.from(text, 'utf8')).toString(16).padStart(8, '0');
}
