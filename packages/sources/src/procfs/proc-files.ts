/**
 * Reads the small files of /proc with one reused buffer. Whatever cannot be read is `undefined`: processes end while
 * they are looked at, and some files are not for everyone.
 */

import { closeSync, openSync, readdirSync, readlinkSync, readSync, type Stats, statSync } from 'node:fs';

const FIRST_BYTES = 1 << 16;
/** No file of interest is larger, but for socket tables of hosts with several hundred thousand sockets. */
const MOST_BYTES = 1 << 26;

export class ProcFiles {
  #buffer: Buffer = Buffer.allocUnsafe(FIRST_BYTES);

  /** A file's bytes as byte text. */
  text(path: string): string | undefined {
    const size = this.#read(path, false);
    return size < 0 ? undefined : this.#buffer.toString('latin1', 0, size);
  }

  /** As `text`, for files that come whole with the first read unless the buffer is full: those of one task. */
  taskText(path: string): string | undefined {
    const size = this.#read(path, true);
    return size < 0 ? undefined : this.#buffer.toString('latin1', 0, size);
  }

  #read(path: string, isWholeAtOnce: boolean): number {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch {
      return -1;
    }
    try {
      let size = 0;
      for (;;) {
        if (size === this.#buffer.length && !this.#grow()) return size;
        const count = readSync(fd, this.#buffer, size, this.#buffer.length - size, null);
        size += count;
        if (count === 0 || (isWholeAtOnce && size < this.#buffer.length)) return size;
      }
    } catch {
      return -1;
    } finally {
      closeSync(fd);
    }
  }

  #grow(): boolean {
    if (this.#buffer.length >= MOST_BYTES) return false;
    const larger = Buffer.allocUnsafe(this.#buffer.length * 2);
    this.#buffer.copy(larger);
    this.#buffer = larger;
    return true;
  }
}

/** Target of a link as byte text. */
export function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

/** What is not there costs no exception: that takes longer than the call itself. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Entries of a directory that are numbers, ascending; none when it is gone. */
export function numbersIn(path: string): number[] {
  try {
    return readdirSync(path)
      .map(Number)
      .filter(Number.isInteger)
      .sort((left, right) => left - right);
  } catch {
    return [];
  }
}
