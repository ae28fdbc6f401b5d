/** A file as a byte input. Reads block; a capture may also come through a pipe. */

import { closeSync, openSync, readSync } from 'node:fs';
import { Fault } from '@peregrine/base';
import type { ByteInput } from '@peregrine/events';

export function fileInput(path: string): ByteInput {
  const fd = openOrFail(path);
  let isOpen = true;
  return {
    read: (target, offset, size) => (isOpen ? readOrFail(path, fd, target, offset, size) : 0),
    close() {
      if (isOpen) closeSync(fd);
      isOpen = false;
    },
  };
}

function openOrFail(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw new Fault('capture-open', `cannot open the capture \`${path}\`: ${reasonOf(cause)}`, { cause });
  }
}

function readOrFail(path: string, fd: number, target: Uint8Array, offset: number, size: number): number {
  try {
    return readSync(fd, target, offset, size, null);
  } catch (cause) {
    throw new Fault('capture-read', `cannot read the capture \`${path}\`: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** An input whose first bytes were looked at: they come first, then the rest. */
export function withHead(head: Uint8Array, rest: ByteInput): ByteInput {
  let position = 0;
  return {
    read(target, offset, size) {
      if (position === head.length) return rest.read(target, offset, size);
      const count = Math.min(size, head.length - position);
      target.set(head.subarray(position, position + count), offset);
      position += count;
      return count;
    },
    close: () => rest.close(),
  };
}
