/** One process at a time has the store. The lock is the kernel's, on a file beside it: it goes with its process. */

import { DatabaseSync } from 'node:sqlite';
import { makePrivate } from './private-file.ts';

/** What it returns gives the store back. Throws what SQLite says when another process has it. */
export function lockStore(path: string): () => void {
  // Whoever may read it could hold it.
  makePrivate(`${path}-lock`);
  const lock = new DatabaseSync(`${path}-lock`, { timeout: 5_000 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw error;
  }
  return () => lock.close();
}
