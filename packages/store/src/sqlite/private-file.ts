/** Files of the store are for its user alone, whatever folder they are in. */

import { closeSync, openSync } from 'node:fs';

/** Makes the file where there is none yet; SQLite gives what it puts beside it the same access. One that is there stays as it is. */
export function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, 'ax', 0o600));
  } catch {
    // It is there, or cannot be made: then SQLite says why.
  }
}
