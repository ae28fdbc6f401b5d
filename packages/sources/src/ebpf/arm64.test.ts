/** The probe on arm64: its table of calls, and that it compiles. Nothing of it runs here. */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { syscallRoster } from '@peregrine/events';
import { describe, expect, test } from 'vitest';
import { arm64Numbers } from './arm64-numbers.ts';
import { compilerArguments } from './build.ts';
import { FIRST_COMMON_NUMBER, numberOn } from './syscall-numbers.ts';

const readC = (name: string): string =>
  readFileSync(new URL(`../../../../bpf/${name}`, import.meta.url), 'utf8');

/** Names of calls in a table of the probe, with their numbers; none where the architecture lacks the call. */
function callsIn(header: string): ReadonlyMap<string, number | undefined> {
  const rows = readC(header).matchAll(/^\t(?:NR|GENERIC)_(\w+) = (?:(\d+)|ABSENT_CALL \+ \d+),/gm);
  return new Map(
    [...rows].map(([, name = '', number]) => [name, number === undefined ? undefined : Number(number)]),
  );
}

describe('arm64', () => {
  const calls = callsIn('arch-arm64.h');

  test('its table has the calls that the one of x86_64 has', () => {
    expect([...calls.keys()].sort()).toEqual([...callsIn('arch-x86.h').keys()].sort());
  });

  test('the probe and user space have the same numbers', () => {
    for (const [name, number] of calls) expect([name, numberOn('arm64', name)]).toEqual([name, number]);
  });

  test('numbers are left out that are the same everywhere, and calls that nobody knows', () => {
    const names = new Set(syscallRoster.map(({ name }) => name));
    const rows = Object.entries(arm64Numbers);
    expect(rows.filter(([name, number]) => number >= FIRST_COMMON_NUMBER || !names.has(name))).toEqual([]);
  });

  const header = '/usr/include/asm-generic/unistd.h';
  test.skipIf(!existsSync(header))('the numbers are those of the C headers', () => {
    const text = readFileSync(header, 'utf8');
    /* Where the width of numbers differs between machines, the header has the call under a common name. */
    const common: Readonly<Record<string, string>> = { fstatat: 'newfstatat' };
    const numbers = new Map(
      [...text.matchAll(/^#define __NR(?:3264)?_(\w+)\s+(\d+)$/gm)].map(([, name = '', number]) => [
        common[name] ?? name,
        Number(number),
      ]),
    );
    const wrong = Object.entries(arm64Numbers).filter(([name, number]) => numbers.get(name) !== number);
    expect(wrong).toEqual([]);
    const missing = syscallRoster
      .map(({ name }) => name)
      .filter((name) => numbers.has(name) && numberOn('arm64', name) === undefined);
    expect(missing).toEqual([]);
  });

  test.skipIf(!existsSync('/usr/bin/clang'))(
    'the probe compiles without a warning (needs clang)',
    () => {
      const given = compilerArguments('arm64', '/dev/null') ?? [];
      const run = spawnSync('clang', [...given, '-Werror'], { encoding: 'utf8' });
      expect(run.stderr).toBe('');
      expect(run.status).toBe(0);
    },
    180_000,
  );
});
