/** The launchers: from any folder, through links, with whatever Node the machine has, and when nothing is installed. */

import { chmodSync, cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root, run, Scratch } from './program.ts';

let scratch: Scratch;
beforeAll(() => {
  scratch = new Scratch();
});
afterAll(() => scratch.remove());

test.each(['peregrine', 'falco'])('%s through links, from any folder', async (program) => {
  mkdirSync(scratch.path(`${program} of mine`), { recursive: true });
  const second = join(scratch.path(`${program} of mine`), 'second');
  const first = scratch.path(`${program}-first`);
  symlinkSync(join(root, 'bin', program), second);
  symlinkSync(join(`${program} of mine`, 'second'), first);
  for (const path of [second, first]) {
    const { status, out } = await run(path, ['--version'], { folder: '/' });
    expect(status).toBe(0);
    expect(out).toMatch(/^(Peregrine|Falco version:) /);
  }
});

test('arguments arrive as they are', async () => {
  const { err } = await run('peregrine', ['rules check', 'a  b', '$HOME', '*', "'"]);
  expect(err).toContain('unknown command `rules check`');
  const quoted = await run('peregrine', ['rules', 'check', '$HOME "x" *.yaml']);
  expect(quoted.err).toContain('`$HOME "x" *.yaml`');
});

/** A checkout in which nothing is installed, or something else. */
function bareCheckout(name: string): string {
  const folder = scratch.path(name);
  mkdirSync(folder);
  cpSync(join(root, 'bin'), join(folder, 'bin'), { recursive: true });
  return folder;
}

function fakeNode(name: string, version: string): string {
  const folder = scratch.path(name);
  mkdirSync(folder);
  const script = `#!/bin/sh\nif [ "$1" = --version ]; then echo ${version}; else echo "ran $*"; fi\n`;
  scratch.write(join(name, 'node'), script);
  chmodSync(join(folder, 'node'), 0o755);
  return folder;
}

test('with nothing installed it says what to do', async () => {
  const folder = bareCheckout('bare');
  const { status, out, err } = await run(join(folder, 'bin', 'peregrine'), ['version']);
  expect([status, out]).toEqual([1, '']);
  expect(err).toContain('nothing is installed');
  expect(err).toContain('npm ci');
});

test.each([
  ['v22.3.0', 1],
  ['v18.0.0', 1],
  ['v24.0.0', 0],
  ['v30.1.2', 0],
])("without a Node of its own, the machine's %s ends with %i", async (version, expected) => {
  const folder = bareCheckout(`checkout-${version}`);
  mkdirSync(join(folder, 'node_modules', '@peregrine'), { recursive: true });
  const path = `${fakeNode(`node-${version}`, version)}:/usr/bin:/bin`;
  const { status, out, err } = await run(join(folder, 'bin', 'falco'), ['--version'], {
    environment: { PATH: path },
  });
  expect(status).toBe(expected);
  if (expected === 0) expect(out).toMatch(/^ran (--\S+ )*\S+\/packages\/cli\/src\/falco\.ts --version\n$/);
  else expect(err).toContain('needs Node 24 or newer');
});
