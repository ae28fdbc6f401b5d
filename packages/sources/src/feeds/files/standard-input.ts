/**
 * Standard input, read from whatever thread: what Node has for it in threads of its own is always empty. A descriptor of
 * one's own is used where the system gives one, so that reading can end and begin again.
 */

import { constants, createReadStream, fstatSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';

const STDIN = 0;

export async function* readStandardInput(signal: AbortSignal): AsyncGenerator<Buffer> {
  const stream = openStream();
  const stop = (): void => void stream.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const piece of stream) yield piece as Buffer; // No encoding is set.
  } catch (error) {
    // An end that was asked for is none too early.
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    stream.destroy();
  }
}

function openStream(): Readable {
  const fd = ownDescriptor();
  const stat = fstatSync(fd);
  // Waiting for a pipe must not take one of the few threads that files are read by.
  if (stat.isFIFO() || stat.isSocket()) {
    const { Socket } = process.getBuiltinModule('node:net');
    return new Socket({ fd, readable: true, writable: false });
  }
  const { isatty, ReadStream } = process.getBuiltinModule('node:tty');
  if (isatty(fd)) return new ReadStream(fd);
  return createReadStream('', { fd, autoClose: fd !== STDIN });
}

function ownDescriptor(): number {
  try {
    return openSync(`/proc/self/fd/${STDIN}`, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return STDIN;
  }
}
