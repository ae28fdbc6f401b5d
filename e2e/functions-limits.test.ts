/** Limits of the server of functions, whatever the functions do. */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { descendantsOf, endAfterTest, serve, stillThere } from './functions-program.ts';
import { hasPython, javascript, python } from './functions-wild.ts';
import { Scratch, until } from './program.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

test('more than may wait are turned away', async () => {
  const scratch = new Scratch();
  const served = await serve(scratch, [javascript], { options: ['--concurrency', '1', '--queue', '2'] });
  endAfterTest(served, scratch);
  const responses = await Promise.all(
    Array.from({ length: 30 }, () => served.call('wild', { do: 'overlap' })),
  );
  const statuses = responses.map(({ status }) => status);
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(3);
  const refused = responses.filter(({ status }) => status !== 200);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual(
    refused.map(() => [429, '1']),
  );
  await served.stop();
});

test('a body that is too large is not taken in', async () => {
  const scratch = new Scratch();
  const served = await serve(scratch, [javascript]);
  endAfterTest(served, scratch);
  const url = `${served.url}/function/default/wild/`;
  const said = await fetch(url, { method: 'POST', body: Buffer.alloc(7 << 20) }).catch(() => undefined);
  // The connection may end before all of the body is sent.
  expect([413, undefined]).toContain(said?.status);
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 8; i++) yield Buffer.alloc(1 << 20);
  };
  const unsaid = await fetch(url, {
    method: 'POST',
    body: ReadableStream.from(pieces()),
    duplex: 'half',
  } as RequestInit).catch(() => undefined);
  expect([413, undefined]).toContain(unsaid?.status);
  expect((await served.call('wild')).status).toBe(200);
  const ended = await served.stop();
  expect(ended.out.match(/" 413 /g)?.length).toBe(2);
});

test('health tells of a function that cannot be started any more', async () => {
  const scratch = new Scratch();
  spawnSync('chmod', ['755', scratch.folder]);
  const file = scratch.write('once.js', `exports.handler = () => process.exit(1);\n`);
  const served = await serve(scratch, file);
  endAfterTest(served, scratch);
  expect(await (await fetch(`${served.url}/healthz`)).text()).toBe('OK');
  scratch.write('once.js', 'this is no JavaScript\n');
  expect((await fetch(served.url, { method: 'POST' })).status).toBe(500);
  const health = (): Promise<Response> => fetch(`${served.url}/healthz`);
  let last = await health();
  const endMs = Date.now() + 60_000;
  while (last.status === 200 && Date.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    last = await health();
  }
  expect([last.status, await last.text()]).toEqual([503, expect.stringContaining('once: SyntaxError')]);
  const refused = await fetch(served.url, { method: 'POST' });
  expect([refused.status, refused.headers.has('retry-after')]).toEqual([503, true]);
  // Mended, it comes back by itself.
  scratch.write('once.js', `exports.handler = () => 'again';\n`);
  const mendedBy = Date.now() + 60_000;
  while (last.status !== 200 && Date.now() < mendedBy) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    last = await health();
  }
  expect(await (await fetch(served.url, { method: 'POST' })).text()).toBe('again');
  await served.stop();
  expect(existsSync(file)).toBe(true);
});

test.skipIf(process.getuid?.() !== 0)(
  'functions with users of their own cannot read each other (needs root)',
  async () => {
    const scratch = new Scratch();
    const code = `
const { readdirSync, readFileSync } = require('node:fs');
exports.handler = () => {
  const folders = readdirSync('/tmp').filter((name) => name.startsWith('peregrine-function-'));
  const texts = folders.flatMap((name) => ['one', 'two'].flatMap((file) => {
    try { return [readFileSync('/tmp/' + name + '/code/' + file + '.js', 'utf8')]; } catch (error) { return []; }
  }));
  return { uid: process.getuid(), own: texts.filter((text) => text.includes('OWN')).length, texts: texts.length };
};
// OWN
`;
    const served = await serve(
      scratch,
      ['one', 'two'].map((name) => ({ name, runtime: 'nodejs', code })),
      { options: ['--first-user', '1900000000'], environment: { TMPDIR: '/tmp' } },
    );
    endAfterTest(served, scratch);
    const answers = await Promise.all(['one', 'two'].map(async (name) => (await served.call(name)).json()));
    expect(answers).toEqual([
      { uid: 1_900_000_000, own: 1, texts: 1 },
      { uid: 1_900_000_001, own: 1, texts: 1 },
    ]);
    await served.stop();
    scratch.remove();
  },
);

test('whatever of it is killed, each call has an answer, and it recovers', async () => {
  const scratch = new Scratch();
  const names = hasPython ? ['python', 'javascript'] : ['javascript'];
  const served = await serve(
    scratch,
    names.map((name) => ({ ...(name === 'python' ? python : javascript), name })),
  );
  endAfterTest(served, scratch);
  const ours = (): ReturnType<typeof descendantsOf> => descendantsOf(served.program.child.pid ?? 0);
  const statuses: number[] = [];
  let isOver = false;
  const callers = names.flatMap((name) =>
    Array.from({ length: 4 }, async () => {
      while (!isOver) statuses.push((await served.call(name, { do: 'overlap' })).status);
    }),
  );
  await until('a call has its answer', () => statuses.includes(200), 60_000);
  const killed = new Set<string>();
  for (let i = 0; i < 12; i++) {
    // Shells, enclosures, interpreters and calls, whichever there are.
    const all = ours();
    const victim = all[(i * 7) % Math.max(1, all.length)];
    if (victim !== undefined) {
      killed.add(victim.command.split(' ')[0] ?? '');
      try {
        process.kill(victim.pid, 'SIGKILL');
      } catch {
        // It ended by itself.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  isOver = true;
  await Promise.all(callers);
  expect(killed.size).toBeGreaterThan(1);
  expect(statuses.filter((status) => ![200, 500, 503].includes(status))).toEqual([]);
  for (const name of names) {
    let last = '';
    const endMs = Date.now() + 60_000;
    while (last !== 'well' && Date.now() < endMs) last = await (await served.call(name)).text();
    expect([name, last]).toEqual([name, 'well']);
  }
  const processes = ours();
  await served.stop();
  await until('all are gone', () => stillThere(processes).length === 0);
});
