/** The store on PostgreSQL, which several hubs share. */

import type { Pool } from 'pg';
import type { AlertFilter, AlertStore, IncomingAlert, KeptAlert, Retention } from '../alert-store.ts';
import { idOf, seqOf } from '../places.ts';
import type { SqlDatabase } from '../sql/sql-database.ts';
import { titleOf } from './address.ts';
import { appendIn } from './append.ts';
import { ask, inTransaction, type SearchPools } from './ask.ts';
import { type ConnectionFacts, openPool, openPools } from './connect.ts';
import { countAlerts, countByValue, timelineOf } from './counts.ts';
import { alertsAt, findPage } from './find-page.ts';
import { AlertFollower } from './follow-alerts.ts';
import { countIncidents, listIncidents, readIncident, triage } from './incidents.ts';
import { createPostgresRecords } from './records-database.ts';
import { factsOf, removeOldParts } from './retention.ts';
import { prepareAlertTables } from './schema.ts';
import { fromSearched, isUuid, KEPT_COLUMNS, KEPT_JOINS, keptFrom, toSearched } from './stored-alert-row.ts';
import { extendStory, readStory } from './stories.ts';

export interface PostgresStoreOptions {
  /** Where the database is, and who asks. */
  readonly connection: ConnectionFacts;
  /** A pause so long begins a new incident, milliseconds. */
  readonly incidentGapMs?: number;
  /** For tests, which have few alerts. */
  readonly arrangement?: Arrangement;
  /** Something that users should know, such as a server that is away. */
  readonly onTrouble?: (text: string) => void;
}

export interface Arrangement {
  /** Alerts that are removed together. INVARIANT: the same for all who use the database. */
  readonly partRows: number;
  /** Alerts whose words are looked up together. */
  readonly blockRows: number;
  /** Alerts that a page looks at before it asks for blocks. */
  readonly firstLook: number;
}

const INCIDENT_GAP_MS = 24 * 60 * 60_000;
const ARRANGEMENT: Arrangement = { partRows: 250_000, blockRows: 64, firstLook: 1_000 };

/**
 * Resolves when it can be used. Rejects with a `Fault`: `store-away` when the server does not answer, `store-schema` for tables
 * of a newer version.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<AlertStore> {
  const { connection, onTrouble = () => {} } = options;
  const { config, ...pools } = await openPools(connection);
  const { steady: pool } = pools;
  try {
    const { default: pg } = await import('pg');
    const records = createPostgresRecords(pool);
    await prepareAlertTables(records);
    const { rows } = await ask(pool, 'SELECT last_seq FROM store_state');
    const follower = new AlertFollower({
      connect: () => new pg.Client(config),
      since: (seq, limit) => readSince(pool, seq, limit),
      lastSeq: Number(rows[0]?.last_seq ?? 0),
      title: titleOf(connection.address),
      onTrouble,
    });
    return new PostgresStore(options, { pools, records, follower });
  } catch (error) {
    await Promise.all([pools.searching.end(), pool.end()]);
    throw error;
  }
}

/** The records without the alerts. Rejects as `openPostgresStore` does. */
export async function openPostgresRecords(
  connection: ConnectionFacts,
): Promise<{ readonly records: SqlDatabase; close(): Promise<void> }> {
  const { pool } = await openPool(connection);
  return { records: createPostgresRecords(pool), close: () => pool.end() };
}

interface Parts {
  readonly pools: SearchPools;
  readonly records: SqlDatabase;
  readonly follower: AlertFollower;
}

class PostgresStore implements AlertStore {
  readonly #pools: SearchPools;
  readonly #pool: Pool;
  readonly #follower: AlertFollower;
  readonly #incidentGapNs: bigint;
  readonly #arrangement: Arrangement;
  readonly records: SqlDatabase;
  /** Places of journals as they were read or written last. */
  readonly #places = new Map<string, number>();
  #lastAppend: Promise<unknown> = Promise.resolve();
  /** What is older is as good as removed. */
  #floorNs: bigint | undefined;

  constructor(options: PostgresStoreOptions, { pools, records, follower }: Parts) {
    this.#pools = pools;
    this.#pool = pools.steady;
    this.#follower = follower;
    this.records = records;
    this.#incidentGapNs = BigInt(options.incidentGapMs ?? INCIDENT_GAP_MS) * 1_000_000n;
    this.#arrangement = options.arrangement ?? ARRANGEMENT;
  }

  append(
    batch: readonly IncomingAlert[],
    place?: { readonly feed: string; readonly seq: number },
  ): Promise<void> {
    const appended = this.#lastAppend.then(() => this.#append(batch, place));
    this.#lastAppend = appended.catch(() => {});
    return appended;
  }

  async #append(
    batch: readonly IncomingAlert[],
    place: { readonly feed: string; readonly seq: number } | undefined,
  ): Promise<void> {
    const expectedPlace = place && this.#places.get(place.feed);
    // Until it is known to have come to its end, nobody knows.
    if (place !== undefined) this.#places.delete(place.feed);
    const { kept, firstSeq } = await inTransaction(this.#pool, (client) =>
      appendIn(client, {
        ...{ batch, place, expectedPlace },
        ...{ incidentGapNs: this.#incidentGapNs, ...this.#arrangement },
      }),
    );
    if (place !== undefined) this.#places.set(place.feed, place.seq);
    if (kept.length > 0) await this.#follower.tell(firstSeq + kept.length - 1, { firstSeq, kept });
  }

  async placeIn(feed: string): Promise<number | undefined> {
    const { rows } = await ask(this.#pool, 'SELECT seq FROM feeds WHERE name = $1', [toSearched(feed)]);
    const place = rows[0] === undefined ? undefined : Number(rows[0].seq);
    if (place !== undefined) this.#places.set(feed, place);
    return place;
  }

  onAppend(listener: (alerts: readonly KeptAlert[]) => void): () => void {
    return this.#follower.listen(listener);
  }

  search: AlertStore['search'] = async (filter, page, signal) =>
    findPage(this.#pools, this.#within(filter), page, { signal, firstLook: this.#arrangement.firstLook });

  #within(filter: AlertFilter): AlertFilter {
    const floorNs = this.#floorNs;
    const { fromNs } = filter;
    return floorNs === undefined || (fromNs !== undefined && fromNs >= floorNs)
      ? filter
      : { ...filter, fromNs: floorNs };
  }

  since: AlertStore['since'] = (id, limit) =>
    readSince(this.#pool, id === undefined ? 0 : (seqOf(id) ?? 0), limit);

  async latestId(): Promise<string | undefined> {
    const { rows } = await ask(
      this.#pool,
      'SELECT last_seq FROM store_state WHERE last_seq >= (SELECT min(first_seq) FROM parts)',
    );
    return rows[0] === undefined ? undefined : idOf(Number(rows[0].last_seq));
  }

  count: AlertStore['count'] = async (filter, signal) =>
    countAlerts(this.#pools, this.#within(filter), signal);
  countBy: AlertStore['countBy'] = async (filter, by, limit, signal) =>
    countByValue(this.#pools, this.#within(filter), { by, limit }, signal);
  timeline: AlertStore['timeline'] = async (filter, request, signal) =>
    timelineOf(this.#pools, this.#within(filter), request, signal);

  async get(idOrUuid: string): Promise<KeptAlert | undefined> {
    const seq = seqOf(idOrUuid);
    if (seq !== undefined) return (await alertsAt(this.#pool, [seq]))[0];
    if (!isUuid(idOrUuid)) return undefined;
    const { rows } = await ask(
      this.#pool,
      `SELECT ${KEPT_COLUMNS} FROM alerts a ${KEPT_JOINS} WHERE a.uuid = $1 ORDER BY a.seq DESC LIMIT 1`,
      [idOrUuid],
    );
    return rows.flatMap(keptFrom)[0]?.kept;
  }

  story: AlertStore['story'] = (id) => readStory(this.#pool, seqOf(id) ?? -1);
  continueStory: AlertStore['continueStory'] = (key, after) => extendStory(this.#pool, key, after);

  async fieldNames(limit: number): Promise<readonly { readonly name: string; readonly count: number }[]> {
    const { rows } = await ask(
      this.#pool,
      'SELECT name, sum(count)::bigint AS count FROM field_counts GROUP BY name ORDER BY count DESC, name LIMIT $1',
      [limit],
    );
    return rows.map(({ name, count }) => ({ name: fromSearched(String(name)), count: Number(count) }));
  }

  incidents: AlertStore['incidents'] = (filter, page) => listIncidents(this.#pool, filter, page);
  incidentCounts: AlertStore['incidentCounts'] = (filter) => countIncidents(this.#pool, filter);
  incident: AlertStore['incident'] = (id) => readIncident(this.#pool, id);
  triage: AlertStore['triage'] = (target, change) =>
    triage(
      this.#pools,
      target.kind === 'filter' ? { ...target, filter: this.#within(target.filter) } : target,
      change,
    );

  retain(retention: Retention, nowMs: number): Promise<number> {
    const { maxAgeMs } = retention;
    this.#floorNs = maxAgeMs > 0 ? BigInt(Math.floor(nowMs - maxAgeMs)) * 1_000_000n : undefined;
    return removeOldParts(this.#pool, retention, this.#floorNs);
  }

  facts: AlertStore['facts'] = () => factsOf(this.#pool);

  async close(): Promise<void> {
    await this.#lastAppend;
    await this.#follower.close();
    await Promise.all([this.#pools.searching.end(), this.#pool.end()]);
  }
}

async function readSince(pool: Pool, seq: number, limit: number): Promise<readonly KeptAlert[]> {
  const { rows } = await ask(
    pool,
    `SELECT ${KEPT_COLUMNS} FROM alerts a ${KEPT_JOINS} WHERE a.seq > $1 ORDER BY a.seq LIMIT $2`,
    [seq, limit],
  );
  return rows.flatMap(keptFrom).map(({ kept }) => kept);
}
