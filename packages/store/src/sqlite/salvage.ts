/** What can be read of a store that is too damaged to be opened: its alerts, without what people thought of them. */

import { DatabaseSync } from 'node:sqlite';
import { decodeAlert } from '@peregrine/alert';
import { Fault } from '@peregrine/base';
import type { KeptAlert } from '../alert-store.ts';
import { idOf } from '../places.ts';
import { bodyIn, linesOf, MOST_PER_BLOCK } from './block-store.ts';
import { isDamage } from './damage.ts';
import { reasonOf } from './open-database.ts';

/** After so many places in a row that cannot be read, there is nothing more. */
const MOST_FAILURES = 100_000;

export interface Salvage {
  /** In the order in which they came, some at a time. */
  readonly alerts: Iterable<readonly KeptAlert[]>;
  /** Blocks of alerts that could not be read so far. */
  readonly damagedCount: number;
  close(): void;
}

/** Reads the file only. Throws a `Fault` when nothing can be read of it. */
export function salvageAlerts(path: string): Salvage {
  let database: DatabaseSync;
  let count = 0;
  try {
    database = new DatabaseSync(path, { readOnly: true });
  } catch (error) {
    throw nothingIn(path, error);
  }
  let find: ReturnType<DatabaseSync['prepare']>;
  try {
    find = database.prepare(
      'SELECT first_seq, count, data FROM blocks WHERE first_seq > ? ORDER BY first_seq LIMIT 1',
    );
  } catch (error) {
    database.close();
    throw nothingIn(path, error);
  }

  function* read(): Generator<readonly KeptAlert[]> {
    let place = 0;
    let failures = 0;
    while (failures < MOST_FAILURES) {
      let firstSeq = place;
      try {
        const row = find.get(place);
        if (row === undefined) return;
        firstSeq = Number(row.first_seq);
        place = Math.max(place + 1, firstSeq);
        yield linesOf(row).flatMap((line, i) => alertIn(line, firstSeq + i));
        failures = 0;
      } catch (error) {
        if (!isDamage(error)) throw error;
        // Where the row itself cannot be reached, some further on may be.
        if (firstSeq === place) place += MOST_PER_BLOCK;
        if (failures++ === 0) count++;
      }
    }
  }
  return {
    alerts: read(),
    get damagedCount() {
      return count;
    },
    close: () => database.close(),
  };
}

function alertIn(line: string, seq: number): KeptAlert[] {
  const body = bodyIn(line);
  const alert = body && decodeAlert(body.json);
  if (body === undefined || alert === undefined) return [];
  const { mark, incidentId } = body;
  return [{ id: idOf(seq), alert, mark, state: 'new', assignee: undefined, incidentId }];
}

function nothingIn(path: string, cause: unknown): Fault {
  return new Fault('store-damaged', `nothing of the store \`${path}\` can be read: ${reasonOf(cause)}`, {
    cause,
    hint: 'move the file away to start with an empty one; alerts that were delivered are not affected',
  });
}
