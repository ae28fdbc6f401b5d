/** Writes to a file descriptor until all is written, whether the descriptor blocks or not. */

import { writeSync } from 'node:fs';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { delivered, type Outcome } from '@peregrine/base';

/** A reader that is a little behind is asked again at once; then pauses grow to this, milliseconds. */
const LONGEST_PAUSE_MS = 8;

export async function writeAll(fd: number, text: string, signal: AbortSignal): Promise<Outcome> {
  const bytes = Buffer.from(text, 'utf8');
  let written = 0;
  let pauseMs = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(fd, bytes, written);
      pauseMs = 0;
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'EAGAIN' && code !== 'EINTR') return { kind: 'rejected', reason: reasonOf(error) };
      if (signal.aborted) return { kind: 'rejected', reason: 'the reader is too slow' };
      await (pauseMs === 0 ? nextTurn() : sleep(pauseMs));
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs + 1);
    }
  }
  return delivered;
}

export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
