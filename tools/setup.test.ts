/** The set-up, run as npm runs it, in a folder that only looks like the checkout: nothing is really installed. */

import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const lock = {
  packages: {
    '': {},
    'node_modules/wanted': { version: '1.2.3' },
    'node_modules/elsewhere': { version: '4.5.6', optional: true },
  },
};

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'peregrine-setup-'));
  cpSync(join(import.meta.dirname, 'setup'), join(root, 'tools', 'setup'), { recursive: true });
  write('package-lock.json', JSON.stringify(lock));
  program(
    'fake-npm.cjs',
    "require('fs').appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n');",
  );
  program(`node_modules/node-linux-${process.arch}/bin/node`, '#!/bin/sh\necho "node $*"');
});
afterEach(() => rmSync(root, { recursive: true }));

describe('npm packages', () => {
  test('are installed when there are none', () => {
    setup(['docs']);
    expect(npmCalls()).toBe('ci\n');
  });

  test('are left alone when they are what the lock asks for; other platforms do not count', () => {
    installed({ 'node_modules/wanted': { version: '1.2.3' } });
    expect(setup(['docs']).stdout).toBe('node tools/docs/generate.ts\n');
    expect(npmCalls()).toBe('');
  });

  test.each([
    ['of another version', { 'node_modules/wanted': { version: '1.2.2' } }],
    ['missing', {}],
  ])('are installed anew when one is %s', (_title, packages) => {
    installed(packages);
    expect(setup(['docs']).stderr).toContain('node_modules/wanted');
    expect(npmCalls()).toBe('ci\n');
  });

  test('that cannot be installed end the run with what to type', () => {
    program('fake-npm.cjs', "process.stderr.write('npm error no network\\n'); process.exit(1);");
    const result = setup(['docs']);
    expect(result).toMatchObject({ status: 1, stdout: '' });
    expect(result.stderr).toContain('no network');
    expect(result.stderr).toContain('type: npm ci');
  });
});

describe('commands', () => {
  beforeEach(() => installed({ 'node_modules/wanted': { version: '1.2.3' } }));

  test('arguments are handed on, and so is the exit status', () => {
    program(`node_modules/node-linux-${process.arch}/bin/node`, '#!/bin/sh\necho "$*"; exit 7');
    expect(setup(['docs', 'now'])).toMatchObject({ status: 7, stdout: 'tools/docs/generate.ts now\n' });
  });

  test('what cannot be built does not keep the rest from running', () => {
    const result = setup(['bench', 'replay'], { PATH: '/nowhere' });
    expect(result.stdout).toBe('node bench/run.ts replay\n');
    expect(result.stderr).toContain('kernel programs are not built');
  });

  test('a command that does not exist is refused with those that do', () => {
    const result = setup(['strat']);
    expect(result.status).toBe(2);
    expect(result.stderr).toContain('start');
  });

  test('the last line of a test run counts, and a failed check is a failure', () => {
    program('node_modules/.bin/biome', '#!/bin/sh\nexit 1');
    program('node_modules/.bin/tsc', '#!/bin/sh\nexit 0');
    program(
      'node_modules/.bin/vitest',
      `#!/bin/sh\nfor word in "$@"; do case $word in --outputFile.json=*) echo '${JSON.stringify({
        numPassedTests: 5,
        numFailedTests: 2,
        numPendingTests: 1,
        numTodoTests: 0,
        testResults: [{ status: 'failed', assertionResults: [] }],
      })}' > "\${word#*=}";; esac; done; exit 1`,
    );
    const result = setup(['test'], { PATH: '/nowhere' });
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('missing: clang');
    expect(result.stdout.trimEnd().split('\n').at(-1)).toBe('5 passed, 4 failed, 1 skipped');
  });
});

function write(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

function program(path: string, text: string): void {
  write(path, text);
  chmodSync(join(root, path), 0o755);
}

function installed(packages: Readonly<Record<string, { readonly version: string }>>): void {
  write('node_modules/.package-lock.json', JSON.stringify({ packages }));
}

function npmCalls(): string {
  try {
    return readFileSync(join(root, 'npm-calls'), 'utf8');
  } catch {
    return '';
  }
}

function setup(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'tools', 'setup', 'main.cjs'), ...args],
    {
      cwd: root,
      env: { ...process.env, npm_execpath: join(root, 'fake-npm.cjs'), ...environment },
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
}
