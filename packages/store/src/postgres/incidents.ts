/** Incidents, and what people think of them and of single alerts. */

import { urgencyOf } from '@peregrine/query';
import type { Pool } from 'pg';
import type {
  AlertFilter,
  Incident,
  IncidentCount,
  IncidentFilter,
  IncidentPage,
  PageRequest,
  TriageChange,
  TriageState,
  TriageTarget,
} from '../alert-store.ts';
import { seqOf } from '../places.ts';
import type { SqlRow } from '../sql/sql-database.ts';
import { type Asked, ask, bigOf, inTransaction, type SearchPools } from './ask.ts';
import { priorityOf } from './dimension-sql.ts';
import { fromWhere, matchingAlerts, startMatching } from './matching.ts';
import { Parameters } from './sql-text.ts';
import { fromSearched, toSearched } from './stored-alert-row.ts';

const orders = {
  urgent: 'urgency DESC, last_ns DESC, id',
  latest: 'last_ns DESC, id',
  count: 'count DESC, last_ns DESC, id',
} as const;

const MOST_ALERTS_PER_TRIAGE = 10_000;

export async function listIncidents(
  pool: Pool,
  filter: IncidentFilter,
  { limit, cursor }: PageRequest,
): Promise<IncidentPage> {
  const asked = cursor === undefined ? 0 : Number.parseInt(cursor, 36);
  const start = Number.isSafeInteger(asked) ? Math.max(0, asked) : 0;
  const parameters = new Parameters();
  const where = conditionsOf(filter, parameters);
  const { rows } = await ask(
    pool,
    `SELECT * FROM incidents ${where} ORDER BY ${orders[filter.order ?? 'latest']}
     LIMIT ${parameters.add(limit + 1)}::bigint OFFSET ${parameters.add(start)}::bigint`,
    parameters.values,
  );
  return {
    incidents: rows.slice(0, limit).map(incidentFrom),
    next: rows.length > limit ? (start + limit).toString(36) : undefined,
  };
}

function conditionsOf(filter: IncidentFilter, parameters: Parameters): string {
  const { states, assignee, rule, minimumPriority, priority, fromNs, text } = filter;
  const terms: string[] = [];
  if (states !== undefined) terms.push(`state = ANY(${parameters.add(states)}::text[])`);
  if (assignee !== undefined) terms.push(`coalesce(assignee, '') = ${parameters.add(toSearched(assignee))}`);
  if (rule !== undefined) terms.push(`rule = ${parameters.add(toSearched(rule))}`);
  if (minimumPriority !== undefined) terms.push(`urgency >= ${parameters.add(urgencyOf(minimumPriority))}`);
  if (priority !== undefined) terms.push(`urgency = ${parameters.add(urgencyOf(priority))}`);
  if (fromNs !== undefined) terms.push(`last_ns >= ${parameters.add(fromNs)}`);
  if (text !== undefined && text !== '') {
    const wanted = parameters.add(toSearched(text).replace(/[A-Z]+/g, (letters) => letters.toLowerCase()));
    const columns = ['rule', 'workload', 'hostname', 'output'];
    terms.push(`(${columns.map((name) => `strpos(lower(${name}), ${wanted}) > 0`).join(' OR ')})`);
  }
  return terms.length === 0 ? '' : `WHERE ${terms.join(' AND ')}`;
}

export async function countIncidents(pool: Pool, filter: IncidentFilter): Promise<readonly IncidentCount[]> {
  const parameters = new Parameters();
  const where = conditionsOf(filter, parameters);
  const { rows } = await ask(
    pool,
    `SELECT urgency, count(*) AS count, count(*) FILTER (WHERE assignee IS NULL) AS unassigned_count
     FROM incidents ${where} GROUP BY urgency ORDER BY urgency DESC`,
    parameters.values,
  );
  const counts = await Promise.all(
    rows.map(async (row): Promise<readonly IncidentCount[]> => {
      const priority = priorityOf(Number(row.urgency));
      const page = await listIncidents(pool, { ...filter, priority, order: 'urgent' }, { limit: 1 });
      const [latest] = page.incidents;
      const unassignedCount = Number(row.unassigned_count);
      return latest === undefined ? [] : [{ priority, count: Number(row.count), unassignedCount, latest }];
    }),
  );
  return counts.flat();
}

export async function readIncident(pool: Pool, id: string): Promise<Incident | undefined> {
  if (seqOf(id) === undefined) return undefined;
  const { rows } = await ask(pool, 'SELECT * FROM incidents WHERE id = $1', [id]);
  return rows.map(incidentFrom)[0];
}

function incidentFrom(row: SqlRow): Incident {
  const text = (name: string): string => fromSearched(String(row[name] ?? ''));
  return {
    ...{ id: String(row.id), rule: text('rule'), source: text('source'), workload: text('workload') },
    ...{
      priority: priorityOf(Number(row.urgency)),
      firstNs: bigOf(row.first_ns),
      lastNs: bigOf(row.last_ns),
    },
    count: Number(row.count),
    state: row.state as TriageState, // Only such are written.
    assignee: row.assignee === null ? undefined : text('assignee'),
    ...{ output: text('output'), hostname: text('hostname') },
  };
}

/** Gives the number of alerts or incidents that were changed. */
export async function triage(
  pools: SearchPools,
  target: TriageTarget,
  change: TriageChange,
): Promise<number> {
  const ids = target.kind === 'filter' ? await incidentsOf(pools, target.filter) : target.ids;
  return inTransaction(pools.steady, async (client) => {
    // Those who append change incidents, too: one after the other.
    await ask(client, 'SELECT 1 FROM store_state FOR UPDATE');
    return target.kind === 'alerts'
      ? triageAlerts(client, ids, change)
      : triageIncidents(client, ids, change);
  });
}

async function incidentsOf(pools: SearchPools, filter: AlertFilter): Promise<readonly string[]> {
  const matching = startMatching(filter);
  if (matching.filter.isExact) {
    const { rows } = await ask(
      pools.searching,
      `SELECT DISTINCT a.incident ${fromWhere(matching)}`,
      matching.parameters.values,
    );
    return rows.map(({ incident }) => String(incident));
  }
  const ids = new Set<string>();
  for await (const alerts of matchingAlerts(pools, filter))
    for (const { incidentId } of alerts) ids.add(incidentId);
  return [...ids];
}

async function triageIncidents(client: Asked, ids: readonly string[], change: TriageChange): Promise<number> {
  const parameters = new Parameters();
  const sets = setsOf(change, parameters, { state: 'state', assignee: 'assignee' });
  const wanted = parameters.add(ids.filter((id) => seqOf(id) !== undefined));
  const { rowCount } = await ask(
    client,
    `UPDATE incidents SET state = ${sets.state}, assignee = ${sets.assignee} WHERE id = ANY(${wanted}::text[])`,
    parameters.values,
  );
  return rowCount ?? 0;
}

async function triageAlerts(client: Asked, ids: readonly string[], change: TriageChange): Promise<number> {
  const parameters = new Parameters();
  const before = {
    state: "coalesce(o.state, i.state, 'new')",
    assignee: 'CASE WHEN o.seq IS NULL THEN i.assignee ELSE o.assignee END',
  };
  const sets = setsOf(change, parameters, before);
  const seqs = ids.slice(0, MOST_ALERTS_PER_TRIAGE).flatMap((id) => seqOf(id) ?? []);
  const { rowCount } = await ask(
    client,
    `INSERT INTO overrides SELECT a.seq, ${sets.state}, ${sets.assignee}
     FROM alerts a LEFT JOIN incidents i ON i.id = a.incident LEFT JOIN overrides o ON o.seq = a.seq
     WHERE a.seq = ANY(${parameters.add(seqs)}::bigint[])
     ON CONFLICT (seq) DO UPDATE SET state = excluded.state, assignee = excluded.assignee`,
    parameters.values,
  );
  return rowCount ?? 0;
}

function setsOf(
  { state, assignee }: TriageChange,
  parameters: Parameters,
  before: { readonly state: string; readonly assignee: string },
): { readonly state: string; readonly assignee: string } {
  return {
    state: state === undefined ? before.state : `${parameters.add(state)}::text`,
    assignee:
      assignee === undefined
        ? before.assignee
        : `${parameters.add(assignee === null ? null : toSearched(assignee))}::text`,
  };
}
