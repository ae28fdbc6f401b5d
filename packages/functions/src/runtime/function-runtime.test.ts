/** Functions as callers in the same process use them, with processes that run. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { defaultLimits, type FunctionSpec } from '../function-spec.ts';
import { unenclosed } from '../process/supervision.ts';
import type { FunctionCall } from './call.ts';
import { FunctionRuntime, type RuntimeOptions } from './function-runtime.ts';

vi.setConfig({ testTimeout: 120_000 });

const patience = { timeout: 60_000 };
const isRoot = process.getuid?.() === 0;
const nobody = { uid: 65_534, gid: 65_534, groups: [65_534] };

function spec(name: string, text: string, more: Partial<FunctionSpec> = {}): FunctionSpec {
  return {
    name,
    namespace: 'default',
    language: 'javascript',
    runtime: 'nodejs',
    handler: `${name}.handler`,
    moduleName: name,
    exportName: 'handler',
    code: { kind: 'text', text },
    dependencies: '',
    environment: {},
    ...defaultLimits,
    serviceAccount: undefined,
    runAsUser: undefined,
    file: 'test',
    ...more,
  };
}

let runtime: FunctionRuntime | undefined;
const lines: string[] = [];
afterEach(async () => {
  await runtime?.close();
  runtime = undefined;
  lines.length = 0;
});

async function open(
  functions: readonly FunctionSpec[],
  more: Partial<RuntimeOptions> = {},
): Promise<FunctionRuntime> {
  runtime = await FunctionRuntime.open({
    functions,
    accountOf: () => (isRoot ? nobody : undefined),
    environment: process.env,
    log: (_, message) => lines.push(message),
    ...more,
  });
  return runtime;
}

const json = (value: unknown, more: Partial<FunctionCall> = {}): FunctionCall => ({
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify(value)),
  ...more,
});

function textOf(result: Awaited<ReturnType<FunctionRuntime['invoke']>>): string {
  return result.kind === 'answered' ? Buffer.from(result.body).toString() : JSON.stringify(result);
}

const wild = `
exports.handler = async (event) => {
  if (event.data === 'wait') await new Promise((resolve) => setTimeout(resolve, 1e6));
  if (event.data === 'spin') console.log('spins');
  if (event.data === 'spin') for (;;);
  console.log('said', event.data);
  return process.env.GIVEN + ' ' + event.data;
};`;

// Without a namespace as well, which is how it is in most containers.
describe.each<[string, Partial<RuntimeOptions>]>([
  ['as well enclosed as can be', {}],
  ['not enclosed', { enclosure: unenclosed }],
])('%s', (_, options) => {
  test('calls, by either name, and what is printed', async () => {
    const functions = await open([spec('f', wild, { environment: { GIVEN: 'given' } })], options);
    expect(textOf(await functions.invoke('f', json('a')))).toBe('given a');
    expect(textOf(await functions.invoke('default/f', json('b')))).toBe('given b');
    expect(await functions.invoke('g', json('c'))).toEqual({ kind: 'unknown' });
    await vi.waitFor(() => expect(lines).toEqual(['f: said a', 'f: said b']), patience);
  });

  test('a call that is given up ends, whether it waits or runs', async () => {
    const functions = await open([spec('f', wild)], { ...options, limits: { calls: 1 } });
    const stop = new AbortController();
    const running = functions.invoke('f', json('spin', { signal: stop.signal }));
    const waiting = functions.invoke('f', json('wait', { signal: stop.signal }));
    await vi.waitFor(
      () => expect(functions.functions()).toMatchObject([{ running: 1, waiting: 1 }]),
      patience,
    );
    stop.abort();
    expect(await Promise.all([running, waiting])).toEqual([{ kind: 'given_up' }, { kind: 'given_up' }]);
    expect(textOf(await functions.invoke('f', json('well')))).toBe('undefined well');
  });

  test('a call that takes too long ends, and the next one works', async () => {
    const functions = await open([spec('f', wild, { timeoutMs: 300 })], options);
    for (const how of ['wait', 'spin'])
      expect(await functions.invoke('f', json(how))).toEqual({ kind: 'timed_out', limitMs: 300 });
    expect(textOf(await functions.invoke('f', json('well')))).toBe('undefined well');
  });

  test('who waits too long for a call to begin is turned away', async () => {
    const functions = await open([spec('f', wild)], { ...options, limits: { calls: 1, waitMs: 200 } });
    const running = functions.invoke('f', json('wait'));
    expect((await functions.invoke('f', json('x'))).kind).toBe('busy');
    await functions.close();
    expect((await running).kind).toBe('failed');
  });

  test('closing ends what runs', async () => {
    const functions = await open([spec('f', wild)], options);
    const running = functions.invoke('f', json('spin'));
    await vi.waitFor(() => expect(lines).toContain('f: spins'), patience);
    await functions.close();
    expect(await running).toMatchObject({ kind: 'failed' });
    expect(await functions.invoke('f', json('late'))).toMatchObject({ kind: 'unavailable' });
  });
});

test('names that are in two namespaces need theirs', async () => {
  const text = 'exports.handler = () => "x"';
  const functions = await open([spec('f', text), spec('f', text, { namespace: 'other' })]);
  expect(await functions.invoke('f', json(1))).toEqual({ kind: 'unknown' });
  expect(textOf(await functions.invoke('other/f', json(1)))).toBe('x');
});

test('everything that cannot be started is said at once', async () => {
  const opening = open([
    spec('f', 'this is nothing'),
    spec('g', 'import "not-there"'),
    spec('h', 'exports.other = 1'),
    spec('i', '', { code: { kind: 'file', path: '/nonexistent/i.js' } }),
  ]);
  await expect(opening).rejects.toThrow(
    /`default\/f` cannot be started: SyntaxError[\s\S]*`default\/g` cannot be started: `not-there` is not installed[\s\S]*`default\/h` cannot be started: it exports no function `handler`[\s\S]*`default\/i`/,
  );
});

test('a python that is not there', async () => {
  const opening = open([spec('f', 'pass', { language: 'python' })], { python: '/nonexistent/python3' });
  await expect(opening).rejects.toThrow('its process ended with status 127 while it was loaded');
});

test('no folder for a new process is no call, and no end', async () => {
  const functions = await open([spec('f', 'exports.handler = () => process.exit(1)')]);
  const { TMPDIR } = process.env;
  // Below a file there are no folders.
  process.env.TMPDIR = import.meta.filename;
  try {
    expect((await functions.invoke('f', json(1))).kind).toBe('failed');
    await vi.waitFor(
      async () => expect(await functions.invoke('f', json(1))).toMatchObject({ kind: 'unavailable' }),
      patience,
    );
    expect(functions.functions()).toMatchObject([{ trouble: expect.stringContaining('ENOTDIR') }]);
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
  await vi.waitFor(
    async () => expect(await functions.invoke('f', json(1))).toMatchObject({ kind: 'failed' }),
    patience,
  );
});

test('the temporary folder of a caller does not matter', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'peregrine-cwd-'));
  const functions = await open([spec('f', 'exports.handler = () => process.cwd()')]);
  expect(textOf(await functions.invoke('f', json(1)))).toMatch(/\/peregrine-function-\w+\/home$/);
  rmSync(folder, { recursive: true });
});
