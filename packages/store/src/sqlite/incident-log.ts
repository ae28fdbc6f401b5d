/**
 * What became of incidents with each segment: all that its alerts changed, in a few blobs that are written together with it.
 * That is much less to write than their rows, which lie all over several indexes; rows are made when nothing has changed
 * an incident for long (`incident-book.ts`), and what they say is no longer needed here.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { DamagedBlob, packBlob, unpackBlob } from './blob.ts';
import type { StoredIncident } from './incident-rows.ts';

const MOST_PER_BLOB = 2_048;

export class IncidentLog {
  readonly #insert: StatementSync;
  readonly #all: StatementSync;
  readonly #removeThrough: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare('INSERT INTO incident_log VALUES (?, ?, ?)');
    this.#all = database.prepare('SELECT segment, part, data FROM incident_log ORDER BY segment, part');
    this.#removeThrough = database.prepare('DELETE FROM incident_log WHERE segment <= ?');
  }

  /** To be called in a transaction. `blobs`: what `encodeIncidents` gave for that segment. */
  insert(segment: number, blobs: readonly Buffer[]): void {
    for (const [part, data] of blobs.entries()) this.#insert.run(segment, part, data);
  }

  /** In the order in which they were written: of an incident that is there several times, the last one counts. */
  *all(
    onDamage: (segment: number) => void,
  ): Generator<{ readonly segment: number; readonly incident: StoredIncident }> {
    for (const row of this.#all.iterate()) {
      const segment = Number(row.segment);
      try {
        const text = unpackBlob(identityOf(segment, Number(row.part)), row.data).toString('utf8');
        for (const line of text.split('\n')) yield { segment, incident: decodeIncident(line) };
      } catch (error) {
        if (!(error instanceof DamagedBlob)) throw error;
        onDamage(segment);
      }
    }
  }

  /** To be called in a transaction. */
  removeThrough(segment: number): void {
    this.#removeThrough.run(segment);
  }
}

/** `turn`: waits until others have had their turn; what an incident says is as it is when its part is made. */
export async function encodeIncidents(
  segment: number,
  incidents: readonly StoredIncident[],
  turn: () => Promise<void>,
): Promise<readonly Buffer[]> {
  const blobs: Buffer[] = [];
  for (let at = 0; at < incidents.length; at += MOST_PER_BLOB) {
    await turn();
    const text = incidents
      .slice(at, at + MOST_PER_BLOB)
      .map(encodeIncident)
      .join('\n');
    blobs.push(packBlob(identityOf(segment, blobs.length), Buffer.from(text, 'utf8')));
  }
  return blobs;
}

const identityOf = (segment: number, part: number): string => `incidents ${segment} ${part}`;

type Line = readonly [
  ...[id: string, key: string, rule: string, source: string, workload: string, hostname: string],
  ...[urgency: number, firstNs: string, lastNs: string, count: number, state: StoredIncident['state']],
  ...[assignee: string | null, output: string, throughSeq: number],
];

function encodeIncident(of: StoredIncident): string {
  const line: Line = [
    ...([of.id, of.key, of.rule, of.source, of.workload, of.hostname] as const),
    ...([of.urgency, String(of.firstNs), String(of.lastNs), of.count, of.state] as const),
    ...([of.assignee ?? null, of.output, of.throughSeq] as const),
  ];
  return JSON.stringify(line);
}

function decodeIncident(text: string): StoredIncident {
  const line = JSON.parse(text) as Line; // As `encodeIncident` made it: the checksum fits.
  const [id, key, rule, source, workload, hostname, urgency, firstNs, lastNs, count] = line;
  const [, , , , , , , , , , state, assignee, output, throughSeq] = line;
  return {
    ...{ id, key, rule, source, workload, hostname, urgency, count, state, output, throughSeq },
    ...{ firstNs: BigInt(firstNs), lastNs: BigInt(lastNs), assignee: assignee ?? undefined },
  };
}
