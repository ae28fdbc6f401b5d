/** The file of the store, opened to write, with the tables of this version; and what its errors mean. */

import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { Fault } from '@peregrine/base';
import { isDamage } from './damage.ts';
import { makePrivate } from './private-file.ts';
import { migrate, refuseNewer } from './schema.ts';

const PAGE_BYTES = 8_192;
/** Of a database: its smallest page. */
const SMALLEST_BYTES = 512;

/** Throws a `Fault`. */
export function openDatabase(path: string, onStep: (text: string) => void): DatabaseSync {
  const sizeBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  // SQLite would begin anew in it.
  if (sizeBytes > 0 && sizeBytes < SMALLEST_BYTES)
    throw damagedStore(path, new Error(`it has ${sizeBytes} bytes`));
  let database: DatabaseSync | undefined;
  try {
    makePrivate(path);
    database = new DatabaseSync(path, { timeout: 5_000 });
    // Before anything in the file changes.
    refuseNewer(database, path);
    database.exec(
      `PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;
       PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16384`,
    );
    migrate(database, path, onStep);
    return database;
  } catch (error) {
    database?.close();
    throw openingFaultOf(error, path);
  }
}

/** As `faultOf`, while the store is opened: tables that are not as its schema says are damage, too. */
export function openingFaultOf(error: unknown, path: string): unknown {
  const isOdd = error instanceof Error && 'errcode' in error && error.errcode === SQLITE_ERROR;
  return isOdd ? damagedStore(path, error) : faultOf(error, path);
}

function damagedStore(path: string, cause: unknown): Fault {
  return new Fault('store-damaged', `the store \`${path}\` is damaged: ${reasonOf(cause)}`, {
    cause,
    hint: '`peregrine alerts export` saves what can still be read; then move the file away to start with an empty one, and `peregrine alerts import` brings it back',
  });
}

/** A `Fault` for what SQLite says of disks, locks and damage; anything else as it is. */
export function faultOf(error: unknown, path: string): unknown {
  const extended = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
  const reason = reasonOf(error);
  if (isDamage(error)) return damagedStore(path, error);
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
    default:
      return error;
  }
}

const SQLITE_ERROR = 1;
/** Of a file beside it that cannot be made larger: `SQLITE_IOERR_SHMSIZE`. */
const NO_ROOM = 10 | (19 << 8);

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
