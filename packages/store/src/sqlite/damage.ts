/** What damage of the store's file looks like, where it is found. */

import { DamagedBlob } from './blob.ts';

/** SQLite's codes for files that are no database, or a damaged one, or end too early. */
const CORRUPT = 11;
const NOT_A_DATABASE = 26;
const SHORT_READ = 10 | (2 << 8);

export function isDamage(error: unknown): boolean {
  if (error instanceof DamagedBlob) return true;
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
  return code === SHORT_READ || [CORRUPT, NOT_A_DATABASE].includes(code & 0xff);
}
