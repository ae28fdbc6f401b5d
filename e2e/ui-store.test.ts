/** The store of a hub, from one end to the other: what goes when there is too much, and what is saved when it is damaged. */

import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bugIn, run } from './program.ts';
import { alertLine, HubWithUi, LIMIT_MS } from './ui-program.ts';

let hub: HubWithUi;
beforeEach(() => {
  hub = new HubWithUi();
});
afterEach(() => hub.end());

const exported = async () => run('peregrine', ['alerts', 'export', '-c', hub.configOf()]);

test('a store that is damaged is refused with what to do, and that saves its alerts for a new one', {
  timeout: 4 * LIMIT_MS,
}, async () => {
  await hub.start();
  expect(await hub.post(Array.from({ length: 300 }, (_, i) => alertLine(i)).join('\n'))).toBe(200);
  await hub.kept(300);
  await hub.kill('SIGTERM');
  const store = hub.scratch.path('state/alerts.db');
  const whole = await exported();
  expect(whole.out.trim().split('\n')).toHaveLength(300);

  const database = new DatabaseSync(store);
  database.exec('DROP TABLE segments');
  database.close();
  await hub.start();
  const refused = await hub.running?.ended;
  expect(refused?.status).not.toBe(0);
  expect(refused?.err).toMatch(/the store `.*alerts\.db` is damaged: no such table: segments/);
  expect(refused?.err).toContain('peregrine alerts export');
  expect(bugIn(refused ?? whole)).toBe('');

  const saved = await exported();
  expect([saved.status, bugIn(saved)]).toEqual([0, '']);
  expect(saved.err).toMatch(/is damaged.*alerts that can be read follow/);
  const sorted = (text: string): readonly string[] => text.trim().split('\n').toSorted();
  expect(sorted(saved.out)).toEqual(sorted(whole.out));

  const file = hub.scratch.write('saved.jsonl', saved.out);
  const elsewhere = hub.configOf('', `store: ${hub.scratch.path('new.db')}`);
  const imported = await run('peregrine', ['alerts', 'import', file, '-c', elsewhere]);
  expect([imported.status, imported.out]).toEqual([0, 'imported: 300\n']);
});

test('the oldest alerts go by age, by count and by bytes, as many as must', {
  timeout: 4 * LIMIT_MS,
}, async () => {
  const day = 24 * 3_600_000;
  // What lies so far apart is kept apart, and goes apart.
  const times = [-500, -400, -300, -200, -100, 0].map((days) =>
    new Date(Date.now() + days * day).toISOString(),
  );
  await hub.start('', 'maxage: 0s, maxcount: 0, maxbytes: 0');
  for (const [i, time] of times.entries()) {
    const alerts = Array.from({ length: 50 }, (_, j) =>
      // Nothing that packs well.
      alertLine(i * 50 + j, { time, output_fields: { noise: randomBytes(9_000).toString('base64') } }),
    );
    expect(await hub.post(alerts.join('\n'))).toBe(200);
  }
  await hub.kept(300);
  await hub.kill('SIGTERM');

  const leftWith = async (limits: string, wanted: number): Promise<void> => {
    await hub.start('', limits);
    let answer = { store: { alertCount: Number.NaN, sizeBytes: 0 } };
    for (const endMs = Date.now() + LIMIT_MS; answer.store.alertCount !== wanted && Date.now() < endMs; ) {
      answer = (await hub.get('/overview')) as typeof answer; // As documented.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(answer.store.alertCount, `${answer.store.sizeBytes} bytes, ${hub.running?.err()}`).toBe(wanted);
    expect(await hub.count()).toBe(wanted);
    const metrics = await (await fetch(`${hub.hubUrl}/metrics`)).text();
    expect(metrics).toContain(`peregrine_hub_store_alerts ${wanted}\n`);
    await hub.kill('SIGTERM');
  };
  await leftWith('maxage: 450d, maxcount: 0, maxbytes: 0', 250);
  await leftWith('maxage: 0s, maxcount: 190, maxbytes: 0', 200);
  // Long values are kept in part: 200 have some 460 kB, and fifty some 80.
  await leftWith('maxage: 0s, maxcount: 0, maxbytes: 420000', 150);
});
