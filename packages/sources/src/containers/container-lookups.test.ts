/** Runtimes that hang, lie, are slow, restart or are not there: who gets told what. Time runs fifty times as fast. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from '@peregrine/state';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { startCriServer } from '../../testing/cri-server.ts';
import { type DockerServerOptions, type StopServer, startDockerServer } from '../../testing/docker-server.ts';
import { ContainerLookups, type RuntimeSettings } from './container-lookups.ts';

const HASTE = 50;
const folder = mkdtempSync(join(tmpdir(), 'peregrine-lookups-'));
const dockerSocket = join(folder, 'docker.sock');
const criSocket = join(folder, 'cri.sock');

const fullIdOf = (i: number): string => i.toString(16).padStart(64, '0');
const containerOf = (i: number, type = 'docker'): Container => ({
  id: fullIdOf(i).slice(52),
  fullId: fullIdOf(i),
  type,
  startNs: 0,
  metadata: undefined,
});
const answersFor = (...numbers: number[]): Record<string, unknown> =>
  Object.fromEntries(
    numbers.map((i) => [`/containers/${fullIdOf(i)}/json`, { Id: fullIdOf(i), Name: `/c${i}` }]),
  );

interface Told {
  readonly lookups: ContainerLookups;
  readonly known: string[];
  readonly unknown: string[];
  readonly troubles: string[];
  readonly pauses: number[];
}

const opened: { close(): void }[] = [];
const servers: StopServer[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) each.close();
  for (const stop of servers.splice(0)) await stop();
});
afterAll(() => rmSync(folder, { recursive: true }));

function open(settings: Partial<RuntimeSettings> = {}): Told {
  const told: Omit<Told, 'lookups'> = { known: [], unknown: [], troubles: [], pauses: [] };
  const lookups = new ContainerLookups({
    settings: {
      sockets: { docker: [dockerSocket], cri: [criSocket] },
      hostRoot: '',
      bounds: { labelBytes: 100 },
      retryMs: 120_000,
      ...settings,
    },
    onKnown: ({ id, type, metadata }) => told.known.push(`${type} ${id} ${metadata?.name}`),
    onUnknown: (id) => told.unknown.push(id),
    onTrouble: (message) => told.troubles.push(message),
    onRecovery: (message) => told.troubles.push(message),
    now: () => performance.now() * HASTE,
    pause: async (ms, signal) => {
      told.pauses.push(ms);
      await sleep(ms / HASTE, undefined, { signal });
    },
  });
  opened.push(lookups);
  return { ...told, lookups };
}

async function docker(options: Omit<DockerServerOptions, 'socket'>): Promise<StopServer> {
  const stop = await startDockerServer({ socket: dockerSocket, ...options });
  let isStopped = false;
  const once = async (): Promise<void> => {
    if (!isStopped) await stop();
    isStopped = true;
  };
  servers.push(once);
  return once;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(2);
}

test('a container that is known is told of at once, and remembered until it is gone', async () => {
  let questions = 0;
  const stop = await docker({ answers: answersFor(1), onQuestion: () => questions++ });
  const { lookups, known, unknown } = open();
  lookups.ask(containerOf(1));
  lookups.ask(containerOf(1));
  await until(() => known.length > 0);
  expect(known).toEqual([`docker ${containerOf(1).id} c1`]);
  lookups.ask(containerOf(1));
  expect(known).toHaveLength(2);
  expect(questions).toBe(1);
  lookups.forget(containerOf(1).id, fullIdOf(1));
  await stop();
  lookups.ask(containerOf(1));
  await until(() => unknown.length > 0);
  expect(known).toHaveLength(2);
});

test('no runtime is there: said at once, and found when one comes', async () => {
  const { lookups, known, unknown } = open();
  lookups.ask(containerOf(1));
  await until(() => unknown.length > 0);
  await docker({ answers: answersFor(1) });
  await until(() => known.length > 0);
  expect([known, unknown, lookups.pendingCount]).toEqual([
    [`docker ${containerOf(1).id} c1`],
    [containerOf(1).id],
    0,
  ]);
});

test('a runtime that learns of the container late is asked again', async () => {
  const answers: Record<string, unknown> = {};
  await docker({ answers, onQuestion: () => setTimeout(() => Object.assign(answers, answersFor(1)), 3) });
  const { lookups, known, unknown } = open();
  lookups.ask(containerOf(1));
  await until(() => known.length > 0);
  expect(unknown).toEqual([]);
});

test('what every runtime denies is said to be unknown, and asked for with longer and longer pauses', async () => {
  await docker({});
  const { lookups, unknown, known, pauses } = open({ retryMs: 60_000 });
  lookups.ask(containerOf(1));
  await until(() => lookups.pendingCount === 0);
  const between = pauses.filter((ms) => ms !== 1_000);
  expect(between).toEqual(between.toSorted((a, b) => a - b));
  expect(between.slice(0, 5)).toEqual([50, 100, 200, 400, 800]);
  expect(between.length).toBeGreaterThan(6);
  expect([known, unknown, lookups.counters.givenUp]).toEqual([[], [containerOf(1).id], 1]);
});

describe('a runtime that is no help holds up nobody', () => {
  const others = { id: fullIdOf(2), sandboxId: '', status: { metadata: { name: 'c2' } } };

  test.each([
    ['hangs', { manner: 'hangs' as const }],
    ['answers with garbage', { answers: { [`/containers/${fullIdOf(2)}/json`]: '}{' } }],
    ['breaks off', { manner: 'breaks off' as const }],
    ['knows nothing', {}],
  ])('it %s', async (_title, options) => {
    await docker(options);
    servers.push(await startCriServer({ socket: criSocket, containers: [others] }));
    const { lookups, known } = open();
    lookups.ask(containerOf(2));
    await until(() => known.length > 0);
    expect(known).toEqual([`containerd ${containerOf(2).id} c2`]);
  });

  test('many containers while it hangs', async () => {
    await docker({ manner: 'hangs' });
    const containers = Array.from({ length: 40 }, (_, i) => ({ ...others, id: fullIdOf(i) }));
    servers.push(await startCriServer({ socket: criSocket, containers }));
    const { lookups, known } = open();
    for (let i = 0; i < 40; i++) lookups.ask(containerOf(i));
    await until(() => known.length === 40);
    expect(lookups.pendingCount).toBe(0);
  });
});

test('trouble and its end are told once each', async () => {
  const stop = await docker({ answers: { [`/containers/${fullIdOf(1)}/json`]: 'nonsense' } });
  const { lookups, known, troubles } = open();
  lookups.ask(containerOf(1));
  await until(() => troubles.length > 0);
  await stop();
  await docker({ answers: answersFor(1) });
  await until(() => known.length > 0);
  expect(troubles).toEqual([
    `the container runtime at \`${dockerSocket}\` cannot be asked about containers: its answer is no JSON object`,
    `the container runtime at \`${dockerSocket}\` answers again`,
  ]);
});

test('a container that is gone is not asked for any more', async () => {
  const { lookups, unknown } = open();
  lookups.ask(containerOf(1));
  await until(() => unknown.length > 0);
  lookups.forget(containerOf(1).id, fullIdOf(1));
  expect(lookups.pendingCount).toBe(0);
});

test('containers that have no runtime are known by their type at once', () => {
  const { lookups, known } = open();
  lookups.ask(containerOf(1, 'lxc'));
  expect(known).toEqual([`lxc ${containerOf(1).id} `]);
});

test('paths are those of the host, and one part may be anything', async () => {
  await docker({ answers: answersFor(1) });
  const { lookups, known } = open({ sockets: { docker: ['/*/docker.sock'] }, hostRoot: join(folder, '..') });
  lookups.ask(containerOf(1));
  await until(() => known.length > 0);
});

test('10,000 containers come and go while nobody answers: no more than so many are asked for', async () => {
  const { lookups, unknown, troubles } = open();
  let most = 0;
  for (let i = 0; i < 10_000; i++) {
    lookups.ask(containerOf(i));
    most = Math.max(most, lookups.pendingCount);
    if (i >= 5_000) lookups.forget(containerOf(i - 5_000).id, fullIdOf(i - 5_000));
  }
  for (let i = 5_000; i < 10_000; i++) lookups.forget(containerOf(i).id, fullIdOf(i));
  expect([most, lookups.pendingCount]).toEqual([4_096, 0]);
  expect(lookups.counters.refused).toBeGreaterThan(0);
  expect(unknown.length).toBe(lookups.counters.refused);
  expect(troubles).toEqual([expect.stringMatching(/^more than 4096 containers are asked for/)]);
});

test('containers that come one after the other are each told of; only the latest are remembered', async () => {
  const count = 1_100;
  let questions = 0;
  await docker({
    answers: answersFor(...Array.from({ length: count }, (_, i) => i)),
    onQuestion: () => questions++,
  });
  const { lookups, known } = open();
  for (let i = 0; i < count; i++) {
    lookups.ask(containerOf(i));
    if (i % 100 === 99) await until(() => lookups.pendingCount === 0);
  }
  expect(new Set(known).size).toBe(count);
  expect(lookups.counters).toMatchObject({ asked: count, known: count, refused: 0 });
  lookups.ask(containerOf(count - 1));
  lookups.ask(containerOf(0));
  await until(() => known.length === count + 2);
  expect(questions).toBe(count + 1);
});
