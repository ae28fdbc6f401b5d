import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findSockets } from './find-sockets.ts';

const folder = mkdtempSync(join(tmpdir(), 'peregrine-sockets-'));
const servers = [createServer(), createServer()];

beforeAll(async () => {
  for (const name of ['run/user/1', 'run/user/2', 'run/user/3', 'var'])
    mkdirSync(join(folder, name), { recursive: true });
  symlinkSync('../run', join(folder, 'var/run'));
  symlinkSync('loop', join(folder, 'loop'));
  writeFileSync(join(folder, 'run/user/3/a.sock'), '');
  for (const [i, server] of servers.entries())
    await new Promise<void>((resolve) => server.listen(join(folder, `run/user/${i + 1}/a.sock`), resolve));
});
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

const sock = (user: number): string => join(folder, `run/user/${user}/a.sock`);

test.each<[string, readonly string[], readonly string[]]>([
  ['one', ['/run/user/1/a.sock'], [sock(1)]],
  ['by two names', ['/run/user/1/a.sock', '/var/run/user/1/a.sock'], [sock(1)]],
  ['of every user; files are none', ['/run/user/*/a.sock'], [sock(1), sock(2)]],
  ['a folder that is not there', ['/none/*/a.sock', '/none/a.sock'], []],
  ['a path through a file, and one without end', ['/run/user/3/a.sock/b', '/loop'], []],
])('%s', (_title, paths, found) => {
  expect(findSockets(paths, folder)).toEqual(found);
});

test('without a place of its own, the host is here', () => {
  expect(findSockets([sock(1)], '')).toEqual([sock(1)]);
});
