/**
 * The store on SQLite, or on PostgreSQL: how fast it takes alerts, what one costs on disk and in memory, and how long everything takes that a
 * page of the web interface asks: for the first time, again, and while alerts come in at 10,000 a second. Beside it the same
 * of one plain table with FTS5.
 *
 * Alerts come in twice: with times as all others have them, so that 10,000 are those of most of an hour and every sixth begins
 * an incident (what a hub takes after an outage, and harder for the store); and with times that pass as fast as alerts
 * come, so that most belong to an incident that is there.
 *
 * `ENGINE=postgres` starts a PostgreSQL of this machine and asks that one; `sqlite` unless set.
 * `ALERTS` is how many there are (300,000 unless set; the aim is 10,000,000), `STORE` a folder to fill once and use again,
 * `PLAIN` how many the plain table gets (as many as `ALERTS`; 0: none), `ROUNDS` how often each question is asked.
 */

import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { HubAlert } from '@peregrine/alert';
import { startPostgres } from '@peregrine/outputs/testing';
import { type AlertStore, openPostgresStore, openSqliteStore } from '@peregrine/store';
import { createFleet, FLEET_SECONDS, fleetShareAt } from './store/make-alerts.ts';
import { PlainTable } from './store/plain-table.ts';
import { type Question, questionsOver } from './store/questions.ts';

const ENGINE = process.env.ENGINE ?? 'sqlite';
const COUNT = Number(process.env.ALERTS ?? 300_000);
const PLAIN_COUNT = Number(process.env.PLAIN ?? COUNT);
const ROUNDS = Number(process.env.ROUNDS ?? 20);
/** As many as the hub's feed reads at once. */
const BATCH = 2_000;
const PER_SECOND = 10_000;

const kept = process.env.STORE;
const folder = kept ?? mkdtempSync(join(tmpdir(), 'peregrine-bench-store-'));
mkdirSync(folder, { recursive: true });

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
const perSecond = (count: number, ms: number): string => `${Math.round(count / (ms / 1_000))} a second`;

/** Machines differ, and so does one from hour to hour: how long a checksum over a gigabyte takes. */
function checksumMs(): number {
  const bytes = Buffer.alloc(64 * 1024 * 1024, 'peregrine');
  const startMs = performance.now();
  let sum = 0;
  for (let i = 0; i < 16; i++) sum = crc32(bytes, sum);
  return performance.now() - startMs;
}

function tellMachine(): void {
  console.log(
    `load of the machine: ${loadavg()[0]?.toFixed(1)}; a checksum over a gigabyte takes ${checksumMs().toFixed(0)} ms`,
  );
}

async function fill(count: number, take: (batch: readonly HubAlert[]) => unknown): Promise<void> {
  const fleet = createFleet();
  let busyMs = 0;
  let lastMs = 0;
  let last = 0;
  const cpu = process.cpuUsage();
  let makingMs = 0;
  for (let at = 0; at < count; at += BATCH) {
    const beforeMs = performance.now();
    const batch = batchOf(Math.min(BATCH, count - at), (i) => fleet.alert(at + i, COUNT));
    const startMs = performance.now();
    makingMs += startMs - beforeMs;
    await take(batch);
    busyMs += performance.now() - startMs;
    if (at + BATCH - last < 500_000) continue;
    console.log(`  ${at + BATCH} alerts, the latest at ${perSecond(at + BATCH - last, busyMs - lastMs)}`);
    last = at + BATCH;
    lastMs = busyMs;
  }
  console.log(
    `taken: ${perSecond(count, busyMs)}; CPU time of an alert: ${microseconds(cpu, count)}, and ${((makingMs * 1_000) / count).toFixed(0)} µs to make it`,
  );
}

/** CPU time of all threads since then, for each of so many. */
function microseconds(since: NodeJS.CpuUsage, count: number): string {
  const { user, system } = process.cpuUsage(since);
  return `${((user + system) / count).toFixed(0)} µs`;
}

const batchOf = (length: number, alertAt: (i: number) => HubAlert): readonly HubAlert[] =>
  Array.from({ length }, (_, i) => alertAt(i));

type Times = Map<string, number[]>;

async function timed(times: Times, kind: string, work: () => unknown): Promise<void> {
  const startMs = performance.now();
  await work();
  const all = times.get(kind) ?? [];
  times.set(kind, all);
  all.push(performance.now() - startMs);
}

async function askAll(
  questions: readonly Question[],
  rounds: number,
  ask: (of: Question) => unknown,
): Promise<Times> {
  const times: Times = new Map();
  for (let round = 0; round < rounds; round++)
    for (const question of questions)
      await timed(times, `${question.kind}: ${question.name}`, () => ask(question));
  return times;
}

function quantile(times: readonly number[], share: number): string {
  const sorted = times.toSorted((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(1);
}

function tell(title: string, columns: Readonly<Record<string, Times>>): void {
  const names = Object.keys(columns);
  const heads = names.map((name) => `${name}: p50 | p95 | max`);
  console.log(`\n${title}\n| question | ${heads.join(' | ')} |\n|---|${'---|'.repeat(names.length * 3)}`);
  const kinds = [...new Set(names.flatMap((name) => [...(columns[name]?.keys() ?? [])]))];
  const cells = (times: readonly number[] | undefined): string =>
    times === undefined
      ? '- | - | -'
      : [quantile(times, 0.5), quantile(times, 0.95), quantile(times, 1)].join(' | ');
  for (const kind of kinds)
    console.log(`| ${kind} | ${names.map((name) => cells(columns[name]?.get(kind))).join(' | ')} |`);
  const all = names.map((name) => cells([...(columns[name]?.values() ?? [])].flat()));
  console.log(`| all of these | ${all.join(' | ')} |`);
}

/** `alertAt`: the alert of that number, from 0. */
async function insertSteadily(
  into: AlertStore,
  alertAt: (number: number) => HubAlert,
  signal: AbortSignal,
): Promise<number> {
  const startMs = performance.now();
  let count = 0;
  let last: Promise<void> = Promise.resolve();
  while (!signal.aborted) {
    const due = Math.floor(((performance.now() - startMs) / 1_000) * PER_SECOND);
    if (due - count < 200) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      continue;
    }
    // Made while the store takes the ones before.
    const batch = batchOf(Math.min(BATCH, due - count), (i) => alertAt(count + i));
    await last;
    last = into.append(batch.map((alert) => ({ alert })));
    count += batch.length;
  }
  await last;
  return count;
}

/** What is asked while alerts come in. */
async function askWhileInserting(title: string, alertAt: (number: number) => HubAlert): Promise<Times> {
  const stop = new AbortController();
  const cpu = process.cpuUsage();
  const before = await incidentCount();
  const startMs = performance.now();
  const inserting = insertSteadily(store, alertAt, stop.signal);
  const times = await askAll(questions, ROUNDS, ({ ask }) => ask(store));
  stop.abort();
  const count = await inserting;
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(0);
  const begun = (((await incidentCount()) - before) / count) * 100;
  console.log(
    `${title}: while everything was asked, alerts came in at ${perSecond(count, performance.now() - startMs)} for ${seconds} s; ${begun.toFixed(1)} % began an incident; CPU time with all that was asked, for each: ${microseconds(cpu, count)}`,
  );
  tellMachine();
  return times;
}

async function incidentCount(): Promise<number> {
  return (await store.incidentCounts({})).reduce((sum, { count }) => sum + count, 0);
}

tellMachine();
const path = join(folder, 'alerts.db');
const isFilled = ENGINE === 'sqlite' && existsSync(path);
const postgres = ENGINE === 'postgres' ? await startPostgres({ isDurable: true }) : undefined;
const startMs = performance.now();
const onTrouble = (text: string): void => console.log(text);
const store =
  postgres === undefined
    ? await openSqliteStore({ path, onTrouble })
    : await openPostgresStore({ connection: postgres.connectionTo('postgres'), onTrouble });
console.log(`opened in ${(performance.now() - startMs).toFixed(0)} ms`);
if (!isFilled) {
  let seq = 0;
  await fill(COUNT, (batch) => {
    seq += batch.length;
    return store.append(
      batch.map((alert) => ({ alert })),
      { feed: 'bench', seq },
    );
  });
}
const facts = await store.facts();
console.log(
  `${facts.alertCount} alerts, ${megabytes(facts.sizeBytes)} on disk, ${Math.round(facts.sizeBytes / facts.alertCount)} bytes each; resident ${megabytes(process.memoryUsage().rss)}`,
);
const questions = questionsOver(facts.oldestNs ?? 0n, facts.newestNs ?? 0n);
const first = await askAll(questions, 1, ({ ask }) => ask(store));
const again = await askAll(questions, ROUNDS, ({ ask }) => ask(store));
console.log(`${await incidentCount()} incidents`);
const more = createFleet(2);
const busy = await askWhileInserting('times of an outage', (number) =>
  more.alert(facts.alertCount + number, COUNT),
);
const newestNs = (await store.facts()).newestNs ?? 0n;
const live = await askWhileInserting('times of now', (number) => {
  // Of so many, each comes as long after the one before as alerts come.
  const count = PER_SECOND * FLEET_SECONDS;
  return more.alert(fleetShareAt(newestNs) * count + number, count);
});
console.log(`resident ${megabytes(process.memoryUsage().rss)}`);
tell(`${COUNT} alerts, milliseconds`, {
  'for the first time': first,
  again,
  'while alerts of an outage come in': busy,
  'while alerts of now come in': live,
});
tellMachine();
await store.close();
await postgres?.server.remove();

if (PLAIN_COUNT > 0 && ENGINE === 'sqlite') {
  const plainPath = join(folder, 'plain.db');
  const isPlainFilled = existsSync(plainPath);
  const plain = new PlainTable(plainPath);
  console.log(`\none plain table with FTS5, ${PLAIN_COUNT} alerts`);
  if (!isPlainFilled) await fill(PLAIN_COUNT, (batch) => plain.append(batch));
  const { size } = statSync(plainPath);
  console.log(`${megabytes(size)} on disk, ${Math.round(size / PLAIN_COUNT)} bytes each`);
  const asked = questions.filter(({ sql }) => sql !== undefined);
  const ofPlain = await askAll(asked, Math.min(3, ROUNDS), ({ sql = '' }) => plain.ask(sql));
  tell(`one plain table, milliseconds`, { again: ofPlain });
  plain.close();
}
if (kept === undefined) rmSync(folder, { recursive: true, force: true });
