/** Which incidents the alerts of a batch belong to. To be used in the transaction that appends them. */

import { createHash } from 'node:crypto';
import type { HubAlert } from '@peregrine/alert';
import { urgencyOf } from '@peregrine/query';
import type { TriageState } from '../alert-store.ts';
import { incidentKeyOf, workloadOf } from '../incidents/workload.ts';
import { withoutPrefix } from '../segments/segment.ts';
import { type Asked, ask, bigOf } from './ask.ts';
import { fromSearched, toSearched } from './stored-alert-row.ts';

export interface AssignedIncident {
  readonly id: string;
  readonly key: string;
  readonly rule: string;
  readonly source: string;
  readonly workload: string;
  hostname: string;
  urgency: number;
  firstNs: bigint;
  lastNs: bigint;
  count: number;
  readonly state: TriageState;
  readonly assignee: string | undefined;
  output: string;
}

const MOST_OUTPUT_CHARS = 300;

export interface Arriving {
  readonly alert: HubAlert;
  /** Of the alert, and of the incident, should it be a new one. */
  readonly id: string;
}

/** The incident of each, as it is after all of them; rows are written. */
export async function assignIncidents(
  client: Asked,
  arriving: readonly Arriving[],
  gapNs: bigint,
): Promise<readonly AssignedIncident[]> {
  const found = arriving.map(({ alert, id }) => {
    const workload = workloadOf(alert);
    const key = createHash('sha256').update(incidentKeyOf(alert, workload)).digest('base64').slice(0, 16);
    return { alert, id, workload, key };
  });
  const known = await readCandidates(client, found, gapNs);
  const changed = new Set<AssignedIncident>();
  const assigned = found.map(({ alert, id, workload, key }) => {
    const candidates = known.get(key) ?? [];
    known.set(key, candidates);
    let incident = candidates.find(
      ({ firstNs, lastNs }) => alert.timeNs <= lastNs + gapNs && alert.timeNs >= firstNs - gapNs,
    );
    if (incident === undefined) {
      incident = newIncident(id, key, workload, alert);
      candidates.unshift(incident);
    }
    count(incident, alert);
    changed.add(incident);
    return incident;
  });
  await write(client, [...changed]);
  return assigned;
}

/** Those that may take one of the alerts, by key, latest first. */
async function readCandidates(
  client: Asked,
  found: readonly { readonly alert: HubAlert; readonly key: string }[],
  gapNs: bigint,
): Promise<Map<string, AssignedIncident[]>> {
  const candidates = new Map<string, AssignedIncident[]>();
  const [first] = found;
  if (first === undefined) return candidates;
  let fromNs = first.alert.timeNs;
  let toNs = fromNs;
  for (const { alert } of found) {
    if (alert.timeNs < fromNs) fromNs = alert.timeNs;
    if (alert.timeNs > toNs) toNs = alert.timeNs;
  }
  const { rows } = await ask(
    client,
    `SELECT * FROM incidents WHERE key = ANY($1::text[]) AND last_ns >= $2 AND first_ns <= $3 AND state <> 'closed'
     ORDER BY last_ns DESC`,
    [[...new Set(found.map(({ key }) => key))], fromNs - gapNs, toNs + gapNs],
  );
  for (const row of rows) {
    const incident: AssignedIncident = {
      ...{ id: String(row.id), key: String(row.key), rule: String(row.rule), source: String(row.source) },
      ...{ workload: String(row.workload), hostname: String(row.hostname), urgency: Number(row.urgency) },
      ...{ firstNs: bigOf(row.first_ns), lastNs: bigOf(row.last_ns), count: Number(row.count) },
      state: row.state as TriageState, // Only such are written.
      assignee: typeof row.assignee === 'string' ? fromSearched(row.assignee) : undefined,
      output: String(row.output),
    };
    const ofKey = candidates.get(incident.key);
    if (ofKey === undefined) candidates.set(incident.key, [incident]);
    else ofKey.push(incident);
  }
  return candidates;
}

function newIncident(id: string, key: string, workload: string, alert: HubAlert): AssignedIncident {
  return {
    ...{
      id,
      key,
      workload: toSearched(workload),
      rule: toSearched(alert.rule),
      source: toSearched(alert.source),
    },
    ...{ hostname: '', urgency: 0, firstNs: alert.timeNs, lastNs: alert.timeNs, count: 0 },
    ...{ state: 'new', assignee: undefined, output: '' },
  };
}

function count(incident: AssignedIncident, alert: HubAlert): void {
  const { timeNs } = alert;
  if (incident.count === 0 || timeNs >= incident.lastNs) {
    incident.output = toSearched(withoutPrefix(alert.output).slice(0, MOST_OUTPUT_CHARS));
    incident.hostname = toSearched(alert.hostname);
  }
  if (timeNs < incident.firstNs) incident.firstNs = timeNs;
  if (timeNs > incident.lastNs) incident.lastNs = timeNs;
  incident.count++;
  incident.urgency = Math.max(incident.urgency, urgencyOf(alert.priority));
}

/** What people think of them is not touched. */
async function write(client: Asked, incidents: readonly AssignedIncident[]): Promise<void> {
  if (incidents.length === 0) return;
  const rows = incidents.map(({ firstNs, lastNs, ...others }) => ({
    ...others,
    first_ns: String(firstNs),
    last_ns: String(lastNs),
  }));
  await ask(
    client,
    `INSERT INTO incidents (id, key, rule, source, workload, hostname, urgency, first_ns, last_ns, count, state, output)
     SELECT id, key, rule, source, workload, hostname, urgency, first_ns, last_ns, count, state, output
     FROM json_to_recordset($1) AS r(id text, key text, rule text, source text, workload text, hostname text,
       urgency smallint, first_ns bigint, last_ns bigint, count bigint, state text, output text)
     ON CONFLICT (id) DO UPDATE SET hostname = excluded.hostname, urgency = excluded.urgency,
       first_ns = excluded.first_ns, last_ns = excluded.last_ns, count = excluded.count, output = excluded.output`,
    [JSON.stringify(rows)],
  );
}
