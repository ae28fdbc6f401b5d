import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container } from '@peregrine/state';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ContainerWatch } from './container-watch.ts';

const folder = mkdtempSync(join(tmpdir(), 'peregrine-watch-'));
const socket = join(folder, 'docker.sock');
let server: Server;

/** A Docker that knows every container but those whose id begins with a dead one's. */
beforeAll(async () => {
  server = createServer((request, response) => {
    const id = /^\/containers\/([0-9a-f]+)\/json$/.exec(request.url ?? '')?.[1];
    response.statusCode = id === undefined || id.startsWith('dead') ? 404 : 200;
    response.end(JSON.stringify({ Id: id, Name: `/of-${id?.slice(0, 4)}` }));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

const containerOf = (start: string, type = 'docker'): Container => {
  const fullId = start.padEnd(64, '0');
  return { id: fullId.slice(0, 12), fullId, type, startNs: 7, metadata: undefined };
};
const settings = {
  ...{ sockets: { docker: [socket] }, hostRoot: '', bounds: { labelBytes: 100 }, retryMs: 60_000 },
};

function open(sockets: readonly string[]) {
  const told: string[] = [];
  const watch = new ContainerWatch({
    settings: { ...settings, sockets: { docker: sockets } },
    log: (level, text) => told.push(`${level} ${text}`),
    onAnswers: ({ known, unknown }) => {
      for (const { id, startNs, metadata } of known) told.push(`known ${id} ${startNs} ${metadata?.name}`);
      for (const id of unknown) told.push(`unknown ${id}`);
    },
  });
  const until = async (count: number): Promise<readonly string[]> => {
    while (told.length < count) await sleep(2);
    return told;
  };
  return { watch, until };
}

test('asks for what it is told of, and says what it heard', async () => {
  const { watch, until } = open([socket]);
  watch.prepare();
  watch.ask([containerOf('aaaa'), containerOf('bbbb', 'lxc')]);
  expect([...(await until(2))].sort()).toEqual(['known aaaa00000000 7 of-aaaa', 'known bbbb00000000 7 ']);
  watch.close();
});

test('other settings: what is still asked for is asked for there', async () => {
  const { watch, until } = open([]);
  watch.ask([containerOf('cccc')]);
  expect(await until(1)).toEqual(['unknown cccc00000000']);
  watch.configure({ ...settings, sockets: { docker: [socket] } });
  expect(await until(2)).toEqual(['unknown cccc00000000', 'known cccc00000000 7 of-cccc']);
  watch.close();
});
