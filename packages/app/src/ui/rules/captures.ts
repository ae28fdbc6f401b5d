/**
 * Recordings that rules can be tried on, and trying them: in a thread of its own, with a limit of time and of memory, since a
 * recording is what anybody may have made. Recordings have names; what is asked for is looked up among them.
 */

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ApiError } from '@peregrine/api';
import { withCompiledCode } from '../../detection/compiled-code.ts';
import type { CaptureStart, FromCapture, TriedCapture } from './capture-messages.ts';

export interface Capture {
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/** Recordings that come along where the program runs from its sources. */
const shippedFolder = join(import.meta.dirname, '../../../../../corpora/captures');
const MOST_CAPTURES = 1_000;
const LIMIT_MS = 20_000;
/** For what a turn takes longer, and for the start of the thread. */
const GRACE_MS = 10_000;
const MOST_HEAP_MB = 512;

/** `folder`: of the configuration; empty, those that come along. Folders in it are looked into once. */
export function listCaptures(folder: string): readonly Capture[] {
  const root = folder === '' ? shippedFolder : folder;
  const found: Capture[] = [];
  for (const entry of entriesOf(root)) {
    if (entry.isFile()) add(found, entry.name, join(root, entry.name));
    if (!entry.isDirectory()) continue;
    for (const inner of entriesOf(join(root, entry.name)))
      if (inner.isFile()) add(found, `${entry.name}/${inner.name}`, join(root, entry.name, inner.name));
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, MOST_CAPTURES);
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function add(found: Capture[], name: string, path: string): void {
  if (!/\.scap(?:\.gz)?$/.test(name)) return;
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts !== undefined) found.push({ name, path, sizeBytes: facts.size, modifiedMs: facts.mtimeMs });
}

/** Throws an `ApiError` when it cannot be done. */
export async function tryOnCapture(
  start: Omit<CaptureStart, 'limitMs'>,
  signal: AbortSignal,
): Promise<TriedCapture> {
  const data: CaptureStart = { ...start, limitMs: LIMIT_MS };
  const worker = new Worker(new URL('./capture-worker.ts', import.meta.url), {
    workerData: data,
    env: withCompiledCode(process.env),
    resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MB },
  });
  const { promise, resolve, reject } = Promise.withResolvers<FromCapture>();
  const fail = (message: string): void =>
    reject(new ApiError(422, 'capture-failed', `the recording cannot be tried: ${message}`));
  worker.once('message', resolve);
  worker.once('error', (error: unknown) => fail(error instanceof Error ? error.message : String(error)));
  worker.once('exit', () => fail('it took more memory than there is for it'));
  const stop = (): void => fail('it took too long');
  const timer = setTimeout(stop, LIMIT_MS + GRACE_MS);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const told = await promise;
    if (told.kind === 'problem') throw new ApiError(422, 'capture-failed', told.message);
    return told.tried;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    await worker.terminate();
  }
}
