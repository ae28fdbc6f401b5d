/** Writes to a file descriptor until all is written, whether the descriptor blocks or not. */

import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { delivered, type Outcome } from '@peregrine/base';

const RETRY_MS = 5;

export async function writeAll(fd: number, text: string, signal: AbortSignal): Promise<Outcome> {
  const bytes = Buffer.from(text, 'utf8');
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'EAGAIN' && code !== 'EINTR') return { kind: 'rejected', reason: reasonOf(error) };
      if (signal.aborted) return { kind: 'rejected', reason: 'the reader is too slow' };
      await sleep(RETRY_MS);
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
