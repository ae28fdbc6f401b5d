/** Which programs are attached as the wanted calls change. */

import { expect, test } from 'vitest';
import { entryOf, SyscallHooks } from './hook-mode.ts';

function recorder(calls: readonly string[]): { hooks: SyscallHooks; done: string[] } {
  const done: string[] = [];
  const several = { program: 'several', hook: 'sys_exit', calls: ['mprotect', 'read'] };
  const single = calls.map((call) => ({ program: `fexit_${call}`, hook: entryOf(call), calls: [call] }));
  const loaded = new Set<string>();
  const hooks = new SyscallHooks([...single, several], {
    load: (programs) => {
      for (const program of programs) loaded.add(program);
    },
    attach: (program) => {
      expect(loaded).toContain(program);
      if (program === 'fexit_close') throw new Error('no room');
      done.push(`+${program}`);
      return () => done.push(`-${program}`);
    },
  });
  return { hooks, done };
}

test('only what changed is attached or taken off', () => {
  const { hooks, done } = recorder(['openat', 'dup', 'chdir']);
  hooks.watch(['openat', 'dup', 'getpid']);
  hooks.watch(['chdir', 'dup']);
  hooks.close();
  expect(done).toEqual([
    '+fexit_openat',
    '+fexit_dup',
    '+fexit_chdir',
    '-fexit_openat',
    '-fexit_dup',
    '-fexit_chdir',
  ]);
});

test('a program of several calls stays while one of them is wanted', () => {
  const { hooks, done } = recorder([]);
  hooks.watch(['read', 'mprotect']);
  hooks.watch(['mprotect']);
  hooks.watch(['openat']);
  expect(done).toEqual(['+several', '-several']);
});

test('when a program cannot be attached, what was watched stays', () => {
  const { hooks, done } = recorder(['openat', 'close']);
  hooks.watch(['openat']);
  expect(() => hooks.watch(['close'])).toThrow('no room');
  expect(done).toEqual(['+fexit_openat']);
  hooks.close();
  expect(done).toEqual(['+fexit_openat', '-fexit_openat']);
});

test('the kernel names some calls otherwise', () => {
  expect([entryOf('openat'), entryOf('umount2')]).toEqual(['__x64_sys_openat', '__x64_sys_umount']);
});
