/** Two hubs with one store on PostgreSQL, driven as senders and people do. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type PostgresServer,
  postgresObstacle,
  startPostgres,
} from '../packages/outputs/testing/postgres-server.ts';
import { bugIn, run } from './program.ts';
import { alertLine, HubWithUi, LIMIT_MS } from './ui-program.ts';
import { WebClient } from './web-client.ts';

vi.setConfig({ testTimeout: 4 * LIMIT_MS, hookTimeout: 2 * LIMIT_MS });

const PASSWORD = 'correct horse battery';
const obstacle = postgresObstacle();
const wait = { timeout: LIMIT_MS };

describe.skipIf(obstacle !== undefined)(`hubs that share a store ${obstacle ?? ''}`, () => {
  let postgres: PostgresServer;
  let count = 0;
  let database: string;
  let hubs: readonly [HubWithUi, HubWithUi];
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.server.remove());
  beforeEach(async () => {
    database = `hubs_${count++}`;
    await postgres.ask(`CREATE DATABASE ${database}`);
    hubs = [new HubWithUi(), new HubWithUi()];
  });
  afterEach(async () => {
    for (const hub of hubs) await hub.end();
  });

  const storeOf = (hub: HubWithUi, more = ''): string => {
    const file = hub.scratch.write('password', 'hush\n');
    const address = `postgres://postgres@127.0.0.1:${postgres.port}/${database}`;
    return `store: "${address}", storepasswordfile: ${file}${more}`;
  };
  async function startBoth(more = ''): Promise<void> {
    for (const hub of hubs) await hub.start('', storeOf(hub, more));
  }
  const lines = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, i) => alertLine(from + i)).join('\n');
  const numbers = (from: number, to: number): readonly number[] =>
    Array.from({ length: to - from }, (_, i) => from + i);

  test('what is posted to one is listed, streamed and triaged at both', async () => {
    await startBoth();
    const [a, b] = hubs;
    const live = b.streamed(3, {});
    // A stream without a place begins with what comes next: until it hears something, it may not have begun.
    let posted = 0;
    let heard: Awaited<typeof live> | undefined;
    void live.then((alerts) => {
      heard = alerts;
    });
    await expect
      .poll(async () => {
        expect(await a.post(alertLine(posted++))).toBe(200);
        return heard?.length ?? 0;
      }, wait)
      .toBeGreaterThanOrEqual(3);
    await b.kept(posted);
    const ofA = await a.streamed(posted, { 'last-event-id': '0' });
    expect(ofA.map(({ fields }) => fields.i)).toEqual(numbers(0, posted));
    // Who was with one hub goes on with the other.
    const rest = await b.streamed(posted - 2, { 'last-event-id': ofA[1]?.id ?? '' });
    expect(rest).toEqual(ofA.slice(2));
    const [first] = ofA;
    const before = await new WebClient(a.uiUrl).get(`/alerts/${first?.id}`);
    const { status } = await new WebClient(a.uiUrl).send('POST', '/triage', {
      alerts: [first?.id],
      state: 'investigating',
      assignee: 'ann',
    });
    expect(status).toBe(200);
    const after = await new WebClient(b.uiUrl).get(`/alerts/${first?.id}`);
    expect(after.body).not.toEqual(before.body);
    expect(JSON.stringify(after.body)).toContain('"state":"investigating","assignee":"ann"');
    expect(await b.count('?where=state%3Dinvestigating')).toBe(1);

    const config = ['-c', b.configOf('', storeOf(b))];
    const exported = await run('peregrine', ['alerts', 'export', ...config, '-q', 'assignee = ann']);
    expect([exported.status, bugIn(exported), exported.out.trim().split('\n').length]).toEqual([0, '', 1]);
    const events = b.scratch.write('events.jsonl', `${exported.out.trim()}\n${lines(posted, posted + 1)}`);
    const imported = await run('peregrine', ['alerts', 'import', events, ...config]);
    expect(imported.out).toBe('imported: 1\nthere already: 1\n');
    await a.kept(posted + 1);
  });

  test('who signs in at one is signed in at both, and signed out at both', async () => {
    await startBoth(`, users: [ "ann:${PASSWORD}:admin" ]`);
    const [a, b] = hubs;
    const response = await fetch(`${a.uiUrl}/api/v2/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'ann', password: PASSWORD }),
    });
    const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect(await b.get('/session', { headers: { cookie } })).toMatchObject({ user: { name: 'ann' } });
    expect((await fetch(`${b.uiUrl}/api/v2/alerts`)).status).toBe(401);
    const { csrfToken } = (await b.get('/session', { headers: { cookie } })) as {
      readonly csrfToken: string;
    }; // As documented.
    const left = await fetch(`${b.uiUrl}/api/v2/session`, {
      method: 'DELETE',
      headers: { cookie, 'x-csrf-token': csrfToken },
    });
    expect(left.status).toBe(200);
    expect(await a.get('/session', { headers: { cookie } })).toMatchObject({ user: null });
    const listed = await run('peregrine', ['users', 'list', '-c', a.configOf('', storeOf(a)), '--json']);
    expect([listed.status, bugIn(listed)]).toEqual([0, '']);
    expect(listed.out).toContain('"ann"');
    for (const { running } of hubs) expect(running?.err()).not.toContain('hush');
  });

  test('hubs that are killed and a server that stops at once lose nothing and keep nothing twice', async () => {
    await startBoth();
    const [a, b] = hubs;
    const acknowledged: number[] = [];
    let next = 0;
    async function send(hub: HubWithUi, batches: number): Promise<void> {
      for (let i = 0; i < batches; i++) {
        const from = next;
        next += 25;
        const status = await hub.post(lines(from, from + 25)).catch(() => 0);
        if (status === 200) acknowledged.push(...numbers(from, from + 25));
      }
    }
    for (let round = 0; round < 4; round++) {
      const sending = Promise.all([send(a, 12), send(b, 12)]);
      await new Promise((resolve) => setTimeout(resolve, 40 + round * 31));
      if (round === 2) {
        await postgres.stop();
        await postgres.start();
      } else await a.kill('SIGKILL');
      await sending;
      if (round !== 2) await a.start('', storeOf(a));
    }
    const isThere = new Set<number>();
    await expect
      .poll(async () => {
        for (const number of await b.numbersKept().catch(() => [])) isThere.add(number);
        return acknowledged.filter((number) => !isThere.has(number));
      }, wait)
      .toEqual([]);
    // What was not acknowledged may be there, too, but once.
    const kept = await b.numbersKept();
    expect(new Set(kept).size).toBe(kept.length);
    expect(await a.count()).toBe(kept.length);
    expect(acknowledged.length).toBeGreaterThan(300);
  });

  test('a hub whose server is away takes alerts, and has them in the store when it is there', async () => {
    const [a] = hubs;
    await postgres.stop();
    try {
      await a.startTaking('', storeOf(a));
      expect(await a.post(lines(0, 50))).toBe(200);
      await expect
        .poll(() => a.running?.err() ?? '', wait)
        .toMatch(
          /the store at `postgres:\/\/127\.0\.0\.1:\d+\/hubs_\d+` does not answer: .*alerts wait in the journal/,
        );
    } finally {
      await postgres.start();
    }
    await a.openedWeb();
    await a.kept(50);
    await postgres.stop();
    try {
      expect(await a.post(lines(50, 60))).toBe(200);
      const answer = await fetch(`${a.uiUrl}/api/v2/alerts`);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    } finally {
      await postgres.start();
    }
    await expect.poll(() => a.count().catch(() => 0), wait).toBe(60);
    const ended = await a.kill('SIGTERM');
    expect(ended).not.toMatch(/^\s+at .*\(/m);
  });
});
