/** The file of the store, opened for this process alone, with the tables of this version; and what its errors mean. */

import { DatabaseSync } from 'node:sqlite';
import { Fault } from '@peregrine/base';
import { migrate } from './schema.ts';

export const PAGE_BYTES = 16_384;

/** Throws a `Fault`. */
export function openDatabase(path: string): DatabaseSync {
  try {
    const database = new DatabaseSync(path, { timeout: 5_000 });
    database.exec(
      `PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;
       PRAGMA synchronous = FULL; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16384`,
    );
    // The lock is taken by the first who writes.
    database.exec('BEGIN IMMEDIATE; COMMIT');
    migrate(database, path);
    return database;
  } catch (error) {
    throw faultOf(error, path);
  }
}

/** A `Fault` for what SQLite says of disks, locks and damage; anything else as it is. */
export function faultOf(error: unknown, path: string): unknown {
  const extended = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
  const reason = reasonOf(error);
  switch (extended === NO_ROOM ? 13 : extended & 0xff) {
    case 5:
      return new Fault('store-in-use', `another process has the store \`${path}\``, { cause: error });
    case 13:
      return new Fault('store-disk', `the disk of the store \`${path}\` is full`, {
        cause: error,
        hint: 'make room, or set `ui.maxbytes`',
      });
    case 8:
    case 10:
    case 14:
      return new Fault('store-disk', `the store \`${path}\` cannot be written: ${reason}`, { cause: error });
    case 11:
    case 26:
      return new Fault('store-damaged', `the store \`${path}\` is damaged: ${reason}`, {
        cause: error,
        hint: 'move it away to start with an empty one; alerts that were delivered are not affected',
      });
    default:
      return error;
  }
}

/** Of a file beside it that cannot be made larger: `SQLITE_IOERR_SHMSIZE`. */
const NO_ROOM = 10 | (19 << 8);

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
