/**
 * What people think of incidents and of single alerts, in memory: every triage that is not `new`, since people made them one
 * by one.
 */

import type { DatabaseSync } from 'node:sqlite';
import type { TriageChange, TriageState } from '../alert-store.ts';
import { idOf } from '../places.ts';
import type { TriageLookup } from '../segments/match-rows.ts';
import type { Segment } from '../segments/segment.ts';
import { checksumOf, type IncidentRows } from './incident-rows.ts';

export interface OwnTriage {
  readonly state: TriageState;
  readonly assignee: string | undefined;
}

export class TriageBook implements TriageLookup {
  readonly #database: DatabaseSync;
  readonly #rows: IncidentRows;
  readonly #onDamage: (what: string) => void;
  /** Of incidents that are not as new ones are. */
  readonly #triaged = new Map<string, OwnTriage>();
  readonly #overrides = new Map<number, OwnTriage>();

  /** `onDamage`: told what is damaged, and left out. */
  constructor(database: DatabaseSync, rows: IncidentRows, onDamage: (what: string) => void) {
    this.#database = database;
    this.#rows = rows;
    this.#onDamage = onDamage;
    this.read();
  }

  /** As the database has it now. */
  read(): void {
    this.#triaged.clear();
    this.#overrides.clear();
    for (const { id, state, assignee } of this.#rows.triaged()) this.#triaged.set(id, { state, assignee });
    for (const { seq, state, assignee, sum } of this.#database.prepare('SELECT * FROM overrides').iterate()) {
      if (checksumOf([seq, state, assignee]) !== sum) {
        this.#onDamage(`the triage of alert ${idOf(Number(seq))}`);
        continue;
      }
      this.#overrides.set(Number(seq), {
        state: state as TriageState, // Only such are written.
        assignee: typeof assignee === 'string' ? assignee : undefined,
      });
    }
  }

  stateOf(incidentId: string): TriageState {
    return this.#triaged.get(incidentId)?.state ?? 'new';
  }

  assigneeOf(incidentId: string): string | undefined {
    return this.#triaged.get(incidentId)?.assignee;
  }

  overrides({ firstSeq, rowCount }: Segment): ReadonlyMap<number, OwnTriage> {
    const found = new Map<number, OwnTriage>();
    if (this.#overrides.size === 0) return found;
    for (const [seq, own] of this.#overrides)
      if (seq >= firstSeq && seq < firstSeq + rowCount) found.set(seq - firstSeq, own);
    return found;
  }

  of(seq: number, incidentId: string): OwnTriage {
    return (
      this.#overrides.get(seq) ?? { state: this.stateOf(incidentId), assignee: this.assigneeOf(incidentId) }
    );
  }

  /** Of an incident, whose row says the same. */
  set(incidentId: string, { state, assignee }: OwnTriage): void {
    if (state === 'new' && assignee === undefined) this.#triaged.delete(incidentId);
    else this.#triaged.set(incidentId, { state, assignee });
  }

  /** To be called in a transaction; `read` if it does not come to its end. */
  setAlert(seq: number, incidentId: string, change: TriageChange): void {
    const after = changedTriage(this.of(seq, incidentId), change);
    this.#database
      .prepare('INSERT OR REPLACE INTO overrides VALUES (?, ?, ?, ?)')
      .run(seq, after.state, after.assignee ?? null, checksumOf([seq, after.state, after.assignee ?? null]));
    this.#overrides.set(seq, after);
  }

  /** Of alerts that are no longer there. To be called in a transaction; `read` if it does not come to its end. */
  removeBefore(seq: number, oldestNs: bigint): void {
    this.#database.prepare('DELETE FROM overrides WHERE seq < ?').run(seq);
    for (const known of this.#overrides.keys()) if (known < seq) this.#overrides.delete(known);
    for (const { id, lastNs } of this.#rows.triaged()) if (lastNs < oldestNs) this.#triaged.delete(id);
  }
}

export function changedTriage(before: OwnTriage, { state, assignee }: TriageChange): OwnTriage {
  return {
    state: state ?? before.state,
    assignee: assignee === undefined ? before.assignee : (assignee ?? undefined),
  };
}
