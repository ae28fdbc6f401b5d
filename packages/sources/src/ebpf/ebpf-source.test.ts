/** The probe in this machine's kernel: root and BTF needed. Watches nothing but a cgroup of its own. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  calledAmongRare,
  hideKernelAddresses,
  type LiveEvent,
  liveObstacle,
  namesIn,
  renderParams,
} from '../../testing/live-probe.ts';
import { compileProgram, compileText, useLiveProbe } from '../../testing/use-live-probe.ts';
import { usualSyscalls } from './syscall-coverage.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'probe' : `probe (skipped: ${obstacle})`;

/** All parameters in the words of a line of `calls.c`; of an exec those that the line names. */
function renderWhole(line: string, event: LiveEvent): string {
  const shown = line.includes('exe=') ? namesIn(line) : Object.keys(event.params);
  return renderParams(hideKernelAddresses(event), shown);
}

describe.skipIf(obstacle !== undefined)(title, () => {
  const probe = useLiveProbe();

  test('reports every covered call with exact parameters', async () => {
    const program = compileProgram('calls', probe.folder);
    const work = join(probe.folder, 'work');
    mkdirSync(work);
    const here = usualSyscalls.filter((name) => !calledAmongRare.includes(name));
    probe.source.select(here);
    const { events, output } = await probe.run(`cd ${work}; exec ${program}`);
    probe.source.select(usualSyscalls);
    const lines = output.trim().split('\n');
    /* One call gives an address that cannot be read. */
    expect(probe.source.counters().failedReadCount).toBe(1);
    const start = events.findIndex((event) => event.name === 'execve' && event.params.comm === 'calls');
    const tid = events[start]?.tid;
    const own = events.slice(start).filter((event) => event.tid === tid);
    /* What a static C library does of its own accord before and after main. */
    const first = own.findIndex((event) => event.name === 'mkdir');
    const last = own.findIndex((event) => event.name === 'chroot');
    const called = own.slice(first, last + 1);
    expect(called.map((event, index) => renderWhole(lines[index] ?? '', event))).toEqual(lines);
    const seen = new Set(called.map(({ name }) => name));
    const renamed: Readonly<Record<string, string>> = { prlimit64: 'prlimit' };
    const unseen = here.filter((name) => !seen.has(renamed[name] ?? name));
    /* Children have tests of their own; a file system may have no handles. */
    expect(unseen.filter((name) => name !== 'open_by_handle_at')).toEqual([
      'clone',
      'clone3',
      'fork',
      'vfork',
    ]);
    expect(own.at(-1)?.name).toBe('procexit');
    expect(own.at(-1)?.params).toEqual({ status: '1792', ret: '7', sig: '0', core: '0', reaper_tid: '0' });
  }, 60_000);

  test('a successful execve carries the new program', async () => {
    const { events } = await probe.run(`cd ${probe.folder}; A=b exec /bin/cat /dev/null 'two words'`);
    const exec = events.find((event) => event.name === 'execve');
    const file = statSync('/bin/cat', { bigint: true });
    expect(exec?.params).toMatchObject({
      res: '0',
      exe: '/bin/cat',
      args: '/dev/null|two words|',
      tid: String(exec?.tid),
      pid: String(exec?.tid),
      ptid: String(process.pid),
      cwd: '<none>',
      vm_swap: '0',
      comm: 'cat',
      tty: '0',
      loginuid: readFileSync('/proc/self/loginuid', 'latin1').trim(),
      flags: '1',
      cap_inheritable: '0',
      exe_ino: String(file.ino),
      exe_ino_ctime: String(file.ctimeNs),
      exe_ino_mtime: String(file.mtimeNs),
      uid: '0',
      gid: '0',
      trusted_exepath: realpathSync('/bin/cat'),
      filename: '/bin/cat',
    });
    expect(exec?.params.env?.split('|')).toContain('A=b');
    expect(exec?.params.cgroups).toMatch(/^cpuset=\/[^|]*\|cpu=\/[^|]*\|/);
    expect(Object.keys(exec?.params ?? {})).toHaveLength(31);
  });

  test('the child of a fork is reported before anything that it does', async () => {
    const { events } = await probe.run('(exec /bin/true); /bin/false & wait');
    const children = events.filter((event) => /clone|fork/.test(event.name) && event.params.res === '0');
    expect(children).toHaveLength(2);
    for (const child of children) {
      const own = events.filter((event) => event.tid === child.tid);
      expect(own[0]).toBe(child);
      expect(child.params.tid).toBe(String(child.tid));
      expect(child.params.vtid).toBe(String(child.tid));
      expect(own.map((event) => event.name)).toContain('execve');
      expect(own.at(-1)?.name).toBe('procexit');
      const caller = events.find(
        (event) => /clone|fork/.test(event.name) && event.params.res === String(child.tid),
      );
      expect(caller?.params.tid).toBe(child.params.ptid);
      expect(caller?.params.pidns_init_start_ts).toBe('0');
    }
  });

  test('a thread is reported as one, with its process', async () => {
    const code = `#include <pthread.h>
      static void *nothing(void *unused) { return 0; }
      int main(void) { pthread_t thread; pthread_create(&thread, 0, nothing, 0); pthread_join(thread, 0); }`;
    const program = compileText('thread', code, probe.folder);
    const { events } = await probe.run(`exec ${program}`);
    const child = events.find((event) => /clone/.test(event.name) && event.params.res === '0');
    const CLONE_THREAD = 1 << 13;
    const CLONE_FILES = 1;
    expect(Number(child?.params.flags) & (CLONE_THREAD | CLONE_FILES)).toBe(CLONE_THREAD | CLONE_FILES);
    expect(child?.params.pid).not.toBe(child?.params.tid);
    expect(child?.params.vtid).toBe(child?.params.tid);
    expect(child?.params.vpid).toBe(child?.params.pid);
    expect(child?.params.ptid).toBe(String(process.pid));
    expect(events.filter((event) => event.name === 'procexit').map((event) => event.tid)).toContain(
      child?.tid,
    );
  });

  test('timestamps are the time of day, in order within a thread', async () => {
    const before = BigInt(Date.now() - 5) * 1_000_000n;
    const { events } = await probe.run('/bin/true');
    const after = BigInt(Date.now() + 5) * 1_000_000n;
    expect(events.length).toBeGreaterThan(5);
    const latest = new Map<number, bigint>();
    for (const { tid, timestampNs } of events) {
      expect(timestampNs).toBeGreaterThan(before);
      expect(timestampNs).toBeLessThan(after);
      expect(timestampNs).toBeGreaterThanOrEqual(latest.get(tid) ?? 0n);
      latest.set(tid, timestampNs);
    }
  });

  test('nothing outside the scope is reported', async () => {
    const { events } = await probe.run('/bin/true');
    const ours = new Set(
      events.filter((event) => event.params.ptid === String(process.pid)).map((event) => event.tid),
    );
    expect(ours.size).toBe(1);
    /* A process of the same parent, in no scope, at the same time. */
    const [inside] = await Promise.all([
      probe.run('sleep 0.2'),
      new Promise((resolve) => setTimeout(() => resolve(execFileSync('/bin/echo', ['outside'])), 50)),
    ]);
    expect(inside.events.some((event) => event.params.comm === 'echo')).toBe(false);
  });

  test('only the chosen calls and open flags are reported', async () => {
    probe.source.select(['openat'], 1 | 2 | 0o100);
    const { events } = await probe.run(`cat /etc/hostname > ${probe.folder}/copy`);
    probe.source.select(['unlink', 'unlinkat']);
    const second = await probe.run(`rm ${probe.folder}/copy`);
    const calls = (list: readonly LiveEvent[]) =>
      list.filter((event) => !/execve|fork|clone|procexit/.test(event.name));
    expect(calls(events).map((event) => event.params.name)).toEqual([`${probe.folder}/copy`]);
    expect(calls(second.events).map((event) => event.params.name)).toEqual([`${probe.folder}/copy`]);
  });

  test('nothing was lost or unreadable', () => {
    expect(probe.source.losses()).toEqual({ ring_full: 0, cgroup_limit: 0, buffer_busy: 0 });
    expect(probe.source.counters().gapCount).toBe(0);
  });
});
