/** The folder that files are moved to, and what is written down beside each: where it was, whose, with which rights. */

import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseObject, textIn } from '@peregrine/base';

export interface FileRights {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

export interface QuarantineNote extends FileRights {
  /** Where it was. */
  readonly path: string;
}

const BLOCK_BYTES = 1 << 20;
const OF_OTHERS = 0o077;

/** Its descriptor, which the caller closes. `isNew`: it is made where it is not there. */
export function openFolder(path: string, isNew: boolean): { readonly fd: number } | { readonly why: string } {
  if (!path.startsWith('/') || path.includes('\0')) return { why: `\`${path}\` is no path from \`/\` on` };
  let fd: number;
  try {
    if (isNew) mkdirSync(path, { recursive: true, mode: 0o700 });
    fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    return { why: `\`${path}\` cannot be used: ${error instanceof Error ? error.message : String(error)}` };
  }
  const { uid, mode } = fstatSync(fd);
  if (uid === process.getuid?.() && (mode & OF_OTHERS) === 0) return { fd };
  closeSync(fd);
  return { why: `\`${path}\` is open to others; its owner must be who Peregrine runs as, its mode 0700` };
}

export function writeNote(path: string, note: Readonly<Record<string, unknown>>): void {
  writeFileSync(path, `${JSON.stringify(note, undefined, 2)}\n`, { flag: 'wx', mode: 0o600 });
}

/** `undefined` where there is none, or none of ours. */
export function readNote(path: string): QuarantineNote | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const note = parseObject(text) ?? {};
  const { uid, gid, mode } = note;
  const isOne = [uid, gid, mode].every(Number.isInteger) && textIn(note.path).startsWith('/');
  return isOne
    ? { path: textIn(note.path), uid: Number(uid), gid: Number(gid), mode: Number(mode) & 0o7777 }
    : undefined;
}

/** SHA-256 in hexadecimal digits. Others get their turn in between. */
export async function hashOf(file: number): Promise<string> {
  const hash = createHash('sha256');
  await eachBlock(file, (block) => hash.update(block));
  return hash.digest('hex');
}

/** A new file there. Throws where something is there already. */
export async function copyBytes(from: number, path: string, { uid, gid, mode }: FileRights): Promise<void> {
  const copy = openSync(path, 'wx', 0o600);
  try {
    await eachBlock(from, (block) => {
      for (let done = 0; done < block.length; ) done += writeSync(copy, block, done);
    });
    fchownSync(copy, uid, gid);
    fchmodSync(copy, mode);
    fsyncSync(copy);
  } finally {
    closeSync(copy);
  }
}

async function eachBlock(file: number, take: (block: Buffer) => void): Promise<void> {
  const block = Buffer.alloc(BLOCK_BYTES);
  for (let at = 0; ; ) {
    const count = readSync(file, block, 0, block.length, at);
    if (count === 0) return;
    take(block.subarray(0, count));
    at += count;
    await nextTurn();
  }
}
