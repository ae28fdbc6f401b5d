/**
 * The store on SQLite: how fast it takes alerts, what one costs on disk and in memory, and how long pages, counts and
 * timelines take, by themselves and while alerts come in at 10,000 a second. `ALERTS` is how many there are (1,000,000 unless
 * set; the aim is 10,000,000), `STORE` a folder to fill once and use again.
 */

import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AlertFilter, type AlertStore, openSqliteStore } from '@peregrine/store';
import { createFleet } from './store/make-alerts.ts';

const COUNT = Number(process.env.ALERTS ?? 1_000_000);
const BATCH = 1_000;
const ROUNDS = Number(process.env.ROUNDS ?? 20);
const DAY_NS = 86_400_000_000_000n;
const DAY_ALERTS = COUNT / 30;

const kept = process.env.STORE;
const folder = kept ?? mkdtempSync(join(tmpdir(), 'peregrine-bench-store-'));
mkdirSync(folder, { recursive: true });
const path = join(folder, 'alerts.db');
const isFilled = existsSync(path);
const store = await openSqliteStore({ path, onTrouble: (text) => console.log(text) });
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
console.log(`load of the machine: ${loadavg()[0]?.toFixed(1)}`);

if (!isFilled) {
  const fleet = createFleet();
  let busyMs = 0;
  for (let at = 0; at < COUNT; at += BATCH) {
    const batch = Array.from({ length: BATCH }, (_, i) => ({ alert: fleet.alert(at + i, COUNT) }));
    const startMs = performance.now();
    await store.append(batch, { feed: 'bench', seq: at + BATCH });
    busyMs += performance.now() - startMs;
    if ((at / BATCH) % 500 === 499)
      console.log(`  ${at + BATCH} alerts, ${Math.round((at + BATCH) / (busyMs / 1000))} a second`);
  }
  console.log(`taken: ${Math.round(COUNT / (busyMs / 1000))} alerts a second`);
}
const facts = await store.facts();
console.log(
  `${facts.alertCount} alerts, ${megabytes(facts.sizeBytes)} on disk, ${Math.round(facts.sizeBytes / facts.alertCount)} bytes each; resident ${megabytes(process.memoryUsage().rss)}`,
);

const newest = facts.newestNs ?? 0n;
const oldest = facts.oldestNs ?? 0n;
const lastDay: AlertFilter = { fromNs: newest - DAY_NS };
const filters: Readonly<Record<string, AlertFilter>> = {
  everything: {},
  'last day': lastDay,
  'one rule': { where: [{ field: 'rule', values: ['Rule 7 of the set'], isNegated: false }] },
  'rule and namespace': {
    where: [
      { field: 'rule', values: ['Rule 3 of the set'], isNegated: false },
      { field: 'k8s.ns.name', values: ['team-7'], isNegated: false },
    ],
  },
  'priority >= error': { condition: 'priority >= error' },
  'condition on three fields': {
    condition: 'proc.name in (curl, nc) and k8s.ns.name startswith team-1 and user.name != root',
  },
  'tag and host': { condition: 'tags in (T107, T1012) and hostname = node-42' },
  'command line contains': { condition: 'proc.cmdline contains "--job 77 "' },
  'common word': { text: 'discovery' },
  'rare word': { text: 'service-77-' },
  'word that is nowhere': { text: 'quicksilver' },
  'words with a blank, last day': { ...lastDay, text: 'something unusual' },
};

async function measure(title: string): Promise<void> {
  const all: Record<string, number[]> = {};
  const timed = async (kind: string, work: () => Promise<unknown>): Promise<void> => {
    const startMs = performance.now();
    await work();
    const times = all[kind] ?? [];
    all[kind] = times;
    times.push(performance.now() - startMs);
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, filter] of Object.entries(filters)) {
      await timed(`page, ${name}`, () => store.search(filter, { limit: 50 }));
      const request = {
        fromNs: filter.fromNs ?? oldest,
        toNs: newest + 1n,
        bucketCount: 120,
        by: 'priority',
      };
      await timed(`timeline, ${name}`, () => store.timeline(filter, request));
    }
    await timed('counts by rule', () => store.countBy({}, 'rule', 20));
    await timed('counts by namespace, last day', () => store.countBy(lastDay, 'k8s.ns.name', 20));
  }
  console.log(`\n${title}\n| what | median ms | p95 ms |\n|---|---|---|`);
  for (const [kind, times] of Object.entries(all))
    console.log(`| ${kind} | ${quantile(times, 0.5)} | ${quantile(times, 0.95)} |`);
  const every = Object.values(all).flat();
  console.log(`| all of these | ${quantile(every, 0.5)} | ${quantile(every, 0.95)} |`);
}

function quantile(times: readonly number[], share: number): string {
  const sorted = times.toSorted((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
}

async function insertSteadily(into: AlertStore, perSecond: number, signal: AbortSignal): Promise<number> {
  const fleet = createFleet(2);
  const startMs = performance.now();
  let count = 0;
  while (!signal.aborted) {
    const due = Math.floor(((performance.now() - startMs) / 1000) * perSecond);
    if (due - count >= 200) {
      const length = Math.min(2_000, due - count);
      const batch = Array.from({ length }, (_, i) => ({ alert: fleet.alert(COUNT + count + i, COUNT) }));
      await into.append(batch);
      count += length;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return count / ((performance.now() - startMs) / 1000);
}

await measure('by themselves');
const stop = new AbortController();
const inserting = insertSteadily(store, 10_000, stop.signal);
await measure('while alerts come in');
stop.abort();
console.log(
  `\nmeanwhile, alerts came in at ${Math.round(await inserting)} a second; resident ${megabytes(process.memoryUsage().rss)}`,
);
console.log(`a day is ${Math.round(DAY_ALERTS)} alerts`);
await store.close();
if (kept === undefined) rmSync(folder, { recursive: true, force: true });
