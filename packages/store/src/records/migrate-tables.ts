/** How tables of one kind come to the schema that this version of the program has. */

import { Fault } from '@peregrine/base';
import type { SqlDatabase } from '../sql/sql-database.ts';

export interface TableMigrations {
  /** Table with the number of the schema: how many of the steps were applied. */
  readonly table: string;
  /** What the tables keep, for people. */
  readonly title: string;
  readonly steps: readonly { readonly up: readonly string[]; readonly down: readonly string[] }[];
}

/**
 * Brings the tables to `version`, up or down, all of it or nothing. Others that do the same at once wait, and find it done.
 * Throws a `Fault` for what a newer version made.
 */
export async function migrateTables(
  database: SqlDatabase,
  { table, title, steps }: TableMigrations,
  version: number = steps.length,
): Promise<void> {
  await database.transaction(async (session) => {
    await session.run(`CREATE TABLE IF NOT EXISTS ${table} (version INTEGER NOT NULL)`);
    const [row] = await session.all(`SELECT max(version) AS version FROM ${table}`);
    const present = Number(row?.version ?? 0);
    if (present > steps.length) {
      throw new Fault(
        'store-schema',
        `${title} made by a newer version: its schema is ${present}, this one knows up to ${steps.length}`,
        { hint: 'start the newer version' },
      );
    }
    if (present === version) return;
    for (let at = present; at !== version; at += at < version ? 1 : -1) {
      const isUp = at < version;
      const step = steps[isUp ? at : at - 1];
      if (step === undefined) throw new Error(`there is no schema ${version}`);
      for (const sql of isUp ? step.up : step.down) await session.run(sql);
    }
    await session.run(`DELETE FROM ${table}`);
    await session.run(`INSERT INTO ${table} VALUES ($1)`, [version]);
  });
}
