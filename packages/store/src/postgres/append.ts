/**
 * Takes alerts in. One transaction: numbers, incidents, rows, blocks, the reader's place, and word to the other hubs, one after
 * the other over all hubs, so that numbers become seen in their order.
 */

import { encodeJson } from '@peregrine/alert';
import { Fault } from '@peregrine/base';
import type { IncomingAlert, KeptAlert } from '../alert-store.ts';
import { idOf } from '../places.ts';
import { type Asked, ask } from './ask.ts';
import { insertBlocks, planBlocks, readUnblocked } from './blocks.ts';
import { assignIncidents } from './incident-assignment.ts';
import { addParts, firstOfPart, widenParts } from './parts.ts';
import { type AlertRow, rowOf, toSearched } from './stored-alert-row.ts';

/** Channel on which hubs tell each other the number of the latest alert. */
export const CHANNEL = 'peregrine_alerts';

export interface AppendOptions {
  readonly batch: readonly IncomingAlert[];
  readonly place: { readonly feed: string; readonly seq: number } | undefined;
  /** Where the feed must be; `undefined`: anywhere. */
  readonly expectedPlace: number | undefined;
  readonly incidentGapNs: bigint;
  /** Alerts of a part, and of a block. */
  readonly partRows: number;
  readonly blockRows: number;
}

export interface Appended {
  readonly kept: readonly KeptAlert[];
  readonly firstSeq: number;
}

/** To be called in a transaction. Rejects with a `Fault` when the feed is elsewhere: part of the batch may be here already. */
export async function appendIn(client: Asked, options: AppendOptions): Promise<Appended> {
  const { batch, place, incidentGapNs, partRows, blockRows } = options;
  const state = await ask(
    client,
    'UPDATE store_state SET last_seq = last_seq + $1 RETURNING last_seq, indexed_seq',
    [batch.length],
  );
  const lastSeq = Number(state.rows[0]?.last_seq ?? 0);
  const firstSeq = lastSeq - batch.length + 1;
  if (place !== undefined) await putPlace(client, place, options.expectedPlace);
  if (batch.length === 0) return { kept: [], firstSeq };
  await addParts(client, lastSeq, partRows);
  const incidents = await assignIncidents(
    client,
    batch.map(({ alert }, i) => ({ alert, id: idOf(firstSeq + i) })),
    incidentGapNs,
  );
  const numbered = batch.map(({ alert, mark }, i) => {
    const incident = incidents[i];
    return { alert, mark, seq: firstSeq + i, incident: incident?.id ?? '', triage: incident };
  });
  const rows = numbered.map(({ alert, ...of }) => rowOf(alert, of));
  const waiting = [
    ...(await readUnblocked(client, Number(state.rows[0]?.indexed_seq ?? 0), firstSeq)),
    ...numbered,
  ];
  // Made ready while PostgreSQL works.
  const [blocks] = await Promise.all([
    Promise.resolve().then(() => planBlocks(waiting, blockRows)),
    insertAlerts(client, rows),
  ]);
  await insertBodies(client, rows);
  if (blocks !== undefined) await insertBlocks(client, blocks);
  await widenParts(
    client,
    batch.map(({ alert }, i) => ({ seq: firstSeq + i, timeNs: alert.timeNs })),
    partRows,
  );
  await countFields(client, rows, partRows);
  await insertStories(client, batch, firstSeq);
  await ask(client, 'SELECT pg_notify($1, $2)', [CHANNEL, String(lastSeq)]);
  const kept = numbered.map(({ alert, mark, seq, incident, triage }) => ({
    ...{ id: idOf(seq), alert, mark, incidentId: incident },
    ...{ state: triage?.state ?? ('new' as const), assignee: triage?.assignee },
  }));
  return { kept, firstSeq };
}

async function putPlace(
  client: Asked,
  { feed, seq }: { readonly feed: string; readonly seq: number },
  expected: number | undefined,
): Promise<void> {
  const name = toSearched(feed);
  if (expected !== undefined) {
    const { rows } = await ask(client, 'SELECT seq FROM feeds WHERE name = $1', [name]);
    if (Number(rows[0]?.seq ?? expected) !== expected)
      throw new Fault(
        'store-place',
        `the store has more of the journal than was thought: it goes on from there`,
      );
  }
  await ask(client, 'INSERT INTO feeds VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq', [
    name,
    seq,
  ]);
}

async function insertAlerts(client: Asked, rows: readonly AlertRow[]): Promise<void> {
  // Numbers keep their digits.
  const ofAlerts = rows.map(({ output: _, searched: __, body: ___, ...row }) => encodeJson(row));
  await ask(
    client,
    `INSERT INTO alerts (seq, time_ns, urgency, rule, source, hostname, incident, mark, uuid, tags, fields)
     SELECT * FROM json_to_recordset($1) AS r(seq bigint, time_ns bigint, urgency smallint, rule text, source text,
       hostname text, incident text, mark text, uuid uuid, tags jsonb, fields jsonb)`,
    [`[${ofAlerts.join(',')}]`],
  );
}

async function insertBodies(client: Asked, rows: readonly AlertRow[]): Promise<void> {
  const ofBodies = rows.map(({ seq, output, searched, body }) => ({ seq, output, searched, body }));
  await ask(
    client,
    `INSERT INTO bodies (seq, output, searched, body)
     SELECT * FROM json_to_recordset($1) AS r(seq bigint, output text, searched text, body text)`,
    [JSON.stringify(ofBodies)],
  );
}

/** What is longer than an index takes is no name to choose from, and no key to find a story by. */
const MOST_NAME_CHARS = 500;

/** Alerts that have a field, for each part. */
async function countFields(client: Asked, rows: readonly AlertRow[], partRows: number): Promise<void> {
  const counts = new Map<string, { readonly first_seq: number; readonly name: string; count: number }>();
  for (const { seq, fields } of rows) {
    const first = firstOfPart(seq, partRows);
    for (const member of Object.keys(fields)) {
      if (!member.startsWith('=') || member.length > MOST_NAME_CHARS) continue;
      const key = `${first}${member}`;
      const known = counts.get(key);
      if (known === undefined) counts.set(key, { first_seq: first, name: member.slice(1), count: 1 });
      else known.count++;
    }
  }
  if (counts.size === 0) return;
  await ask(
    client,
    `INSERT INTO field_counts SELECT * FROM json_to_recordset($1) AS r(first_seq bigint, name text, count bigint)
     ON CONFLICT (first_seq, name) DO UPDATE SET count = field_counts.count + excluded.count`,
    [JSON.stringify([...counts.values()])],
  );
}

/** Stories have no NUL as they are: JSON escapes it. */
async function insertStories(
  client: Asked,
  batch: readonly IncomingAlert[],
  firstSeq: number,
): Promise<void> {
  const rows = batch.flatMap(({ story }, i) =>
    story === undefined || story.key.length > MOST_NAME_CHARS
      ? []
      : [{ key: toSearched(story.key), seq: firstSeq + i, body: JSON.stringify(story).toWellFormed() }],
  );
  if (rows.length === 0) return;
  await ask(
    client,
    `INSERT INTO stories SELECT * FROM json_to_recordset($1) AS r(key text, seq bigint, body text) ON CONFLICT DO NOTHING`,
    [JSON.stringify(rows)],
  );
}
