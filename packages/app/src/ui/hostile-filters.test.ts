/** Whatever is asked of the store in conditions, fields, sort keys and cursors is data: it finds what it says, or is refused. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiError } from '@peregrine/api';
import { type PostgresServer, postgresObstacle, startPostgres } from '@peregrine/outputs/testing';
import {
  type AlertStore,
  Notes,
  openPostgresStore,
  openSqliteStore,
  prepareRecords,
  Views,
} from '@peregrine/store';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alertOf, asked, BASE_NS } from '../../testing/rules-interface.ts';
import { createAlertHandlers } from './handlers/alert-handlers.ts';
import { createIncidentHandlers } from './handlers/incident-handlers.ts';

const HOSTILE = [
  `'`,
  `"`,
  '`',
  `' OR '1'='1`,
  `'; DROP TABLE alerts; --`,
  `") UNION SELECT password_hash FROM users --`,
  '$1',
  '%',
  '_',
  '\\',
  'NEAR(a b)',
  'a* OR b',
  '\u0000',
  '\u202e',
  '__proto__',
  'rule)',
  '../../etc/passwd',
  '{{.}}',
  '${7*7}',
];
const COUNT = 20;

const obstacle = postgresObstacle();
let folder: string;
let postgres: PostgresServer | undefined;
let store: AlertStore;
let alerts: ReturnType<typeof createAlertHandlers>;
let incidents: ReturnType<typeof createIncidentHandlers>;

async function openStore(engine: string): Promise<AlertStore> {
  if (engine === 'SQLite') return openSqliteStore({ path: join(folder, 'alerts.db') });
  postgres = await startPostgres();
  return openPostgresStore({ connection: postgres.connectionTo('postgres') });
}

async function fill(): Promise<void> {
  await prepareRecords(store.records);
  await store.append(
    [...HOSTILE, ...Array<string>(COUNT - HOSTILE.length).fill('plain')].map((value, i) => ({
      alert: alertOf({
        timeNs: BASE_NS + BigInt(i),
        rule: `Rule ${value}`,
        fields: { value, [`name ${value}`]: i },
      }),
    })),
  );
  const nowMs = Date.now;
  const notes = new Notes(store.records);
  alerts = createAlertHandlers({
    store,
    notes,
    nowMs,
    fieldDoc: () => ({ type: 'text', doc: '' }),
    operators: [],
  });
  incidents = createIncidentHandlers({ store, notes, views: new Views(store.records), nowMs });
}

/** What it gives; `refused` for an answer that says what is wrong with the request. */
async function answerTo<T>(work: () => Promise<T>): Promise<T | 'refused'> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiError && error.status < 500) return 'refused';
    throw error;
  }
}
const countOf = (query: object) => answerTo(async () => (await alerts.countAlerts(asked({ query }))).count);

describe.each(['SQLite', ...(obstacle === undefined ? ['PostgreSQL'] : [])])('on %s', (engine) => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'peregrine-filters-'));
    store = await openStore(engine);
    await fill();
  }, 120_000);
  afterAll(async () => {
    await store.close();
    await postgres?.server.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(HOSTILE)('`%s` as a value is found where it is, and nowhere else', async (value) => {
    expect(await countOf({ where: [`value=${value}`] })).toBe(1);
    expect(await countOf({ where: [`value!=${value}`] })).toBe(COUNT - 1);
    expect(await countOf({ where: [`rule=Rule ${value}`] })).toBe(1);
    expect(await countOf({ q: `value = "${value.replaceAll(/(["\\])/g, '\\$1')}"` })).toSatisfy(
      (count) => count === 1 || count === 'refused',
    );
  });

  test('any text as a condition, a field, a value, a key or a cursor finds no more than there is, or is refused', async () => {
    const text = fc.oneof(
      fc.constantFrom(...HOSTILE),
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.tuple(fc.constantFrom(...HOSTILE), fc.string()).map((parts) => parts.join('')),
    );
    await fc.assert(
      fc.asyncProperty(text, text, async (one, other) => {
        const some = async (query: object): Promise<void> => {
          const count = await countOf(query);
          if (count !== 'refused') expect(count).toBeLessThanOrEqual(COUNT);
        };
        await some({ q: one });
        await some({ q: `rule = "${one}" or ${other}` });
        await some({ text: one });
        await some({ where: [`${one}=${other}`, `${other}!=${one}`] });
        await some({ since: one, from: other });
        await answerTo(() => alerts.groupAlerts(asked({ query: { by: one, limit: 10 } })));
        await answerTo(() => alerts.alertTimeline(asked({ query: { by: one } })));
        const page = await answerTo(() => alerts.listAlerts(asked({ query: { cursor: one, limit: 5 } })));
        if (page !== 'refused') expect(page.alerts.length).toBeLessThanOrEqual(5);
        await answerTo(() => alerts.getAlert(asked({ params: { id: one } })));
        const found = await answerTo(() =>
          incidents.listIncidents(asked({ query: { rule: one, assignee: other, text: one, cursor: other } })),
        );
        if (found !== 'refused') expect(found.incidents.length).toBeLessThanOrEqual(COUNT);
        await answerTo(() => incidents.getIncident(asked({ params: { id: one } })));
      }),
      { numRuns: 50 },
    );
    // All of it is still there.
    expect(await countOf({})).toBe(COUNT);
  });

  test('a condition with a pattern that takes forever elsewhere does not here', async () => {
    const q = `value regex "^(a+)+$" or rule regex "(.*)*x"`;
    expect(await countOf({ q })).toSatisfy((count) => count === 0 || count === 'refused');
  });
});
