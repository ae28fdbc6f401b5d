/** What the kernel's iterators tell, beside what /proc tells of the same processes. Root and BTF needed. */

import { once } from 'node:events';
import { fdKind } from '@peregrine/state';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fdDifferences, listen, processDifferences, type Told } from '../../../testing/compare-scans.ts';
import { kernelObjectsOf } from '../../../testing/kernel-objects.ts';
import {
  createLiveCgroup,
  type LiveCgroup,
  liveObstacle,
  noState,
  printed,
} from '../../../testing/live-probe.ts';
import { createRuncContainer, runcObstacle } from '../../../testing/runc-container.ts';
import { compileProgram, useFolder } from '../../../testing/use-live-probe.ts';
import { scanProc } from '../../procfs/scan-proc.ts';
import { type EbpfSource, openEbpf } from '../ebpf-source.ts';
import { resolveScope, scopeInProc } from '../scope.ts';

const obstacle = liveObstacle();
const title = (name: string, why: string | undefined): string =>
  why === undefined ? name : `${name} (skipped: ${why})`;

/** Both ways, limited to a cgroup. Those above it are left out: they may do what they want. */
function scanBoth(source: EbpfSource, cgroup: LiveCgroup): { kernel: Told; proc: Told } {
  const scope = scopeInProc(resolveScope(`cgroup:${cgroup.path}`));
  const within = (told: Told): Told => ({
    ...told,
    processes: new Map([...told.processes].filter(([, { pid }]) => scope?.(pid))),
  });
  const kernel = listen((sink) => {
    expect(source.scan(sink).procReason).toBeUndefined();
  });
  const proc = listen((sink) => void scanProc(sink, { scope }));
  return { kernel: within(kernel), proc: within(proc) };
}

describe.skipIf(obstacle !== undefined)(title('processes that stand still', obstacle), () => {
  const folder = useFolder();
  let cgroup: LiveCgroup;
  let source: EbpfSource;
  let kernel: Told;
  let proc: Told;

  beforeAll(async () => {
    cgroup = createLiveCgroup();
    const program = compileProgram('standing', folder);
    const child = cgroup.spawn(`exec sleep 60 | ${program} ${folder} ${program}`);
    await printed(child, 'ready');
    source = openEbpf({ scope: `cgroup:${cgroup.path}` });
    ({ kernel, proc } = scanBoth(source, cgroup));
  }, 60_000);
  afterAll(async () => {
    source?.close();
    await cgroup.remove();
  });

  test('each process and each thread is the same', () => {
    expect(proc.processes.size).toBeGreaterThan(15);
    expect(processDifferences(kernel, proc)).toEqual([]);
    expect(kernel.order).toEqual(['reset', 'settle']);
  });

  test('a thread that outlives the main one of its process is there, too', () => {
    const more = [...kernel.processes.values()].filter(({ tid }) => !proc.processes.has(tid));
    expect(more).toMatchObject([
      { comm: 'standing', exepath: `${folder}/standing`, cwd: folder, cloneFlags: 0x2001 },
    ]);
    expect(more[0]?.tid).not.toBe(more[0]?.pid);
    expect(more[0]?.args.split('\0')[0]).toBe(folder);
  });

  test('each descriptor is the same', () => {
    expect(fdDifferences(kernel, proc)).toEqual([]);
    const unknown = [...kernel.fds.values()].filter(({ kind }) => kind === fdKind.unknown);
    // The one of AF_PACKET.
    expect(unknown).toHaveLength(1);
    const kinds = new Set([...kernel.fds.values()].map(({ kind }) => kind));
    for (const name of [
      ...(['file', 'directory', 'fifo', 'unix', 'eventfd', 'signalfd', 'eventpoll', 'inotify'] as const),
      ...(['timerfd', 'netlink', 'memfd', 'pidfd', 'unsupported', 'unknown'] as const),
      ...(['ipv4', 'ipv6', 'ipv4Server', 'ipv6Server'] as const),
    ])
      expect(kinds, name).toContain(fdKind[name]);
  });

  test('sockets have the addresses that events have', () => {
    const names = [...kernel.fds.values()].filter(({ kind }) => kind === fdKind.unix).map(({ name }) => name);
    const ends = names.map((name) => /^([0-9a-f]+)->([0-9a-f]+) /.exec(name)?.slice(1) ?? []);
    const addresses = new Set(ends.map(([own]) => own));
    const pairs = ends.filter(([, peer]) => peer !== '0' && addresses.has(peer));
    expect(pairs.length).toBeGreaterThan(1);
  });

  test('the programs leave the kernel afterwards', () => {
    const programs = kernelObjectsOf(process.pid).filter(({ kind }) => kind === 'prog').length;
    source.scan(noState);
    expect(kernelObjectsOf(process.pid).filter(({ kind }) => kind === 'prog')).toHaveLength(programs);
  });
});

const noContainer = obstacle ?? runcObstacle();

describe.skipIf(noContainer !== undefined)(title('a container', noContainer), () => {
  const id = 'c0ffee'.repeat(10).slice(0, 60).padEnd(64, '0');

  test('is the same either way; of what is above it, the processes are known', async () => {
    const cgroup = createLiveCgroup();
    const container = createRuncContainer(cgroup, id, `docker-${id}.scope`);
    const child = container.run('/bin/busybox sleep 61 & cd /proc && echo ready && /bin/busybox sleep 62');
    const ended = once(child, 'close');
    try {
      await printed(child, 'ready');
      const source = openEbpf({ scope: `cgroup:${cgroup.path}` });
      const { kernel, proc } = scanBoth(source, cgroup);
      const everyone = listen((sink) => source.scan(sink)).processes;
      source.close();
      expect(processDifferences(kernel, proc)).toEqual([]);
      const inner = [...kernel.processes.values()].filter(({ vpid, pid }) => vpid !== pid);
      expect(inner.map(({ vpid, exepath, root }) => ({ vpid, exepath, root }))).toEqual(
        expect.arrayContaining([{ vpid: 1, exepath: '/bin/busybox', root: '/' }]),
      );
      for (const { cgroups } of inner) expect(cgroups).toContain(id);
      // The scope's first process was made by this one, whose name is known for that.
      expect(everyone.get(process.pid)).toMatchObject({ pid: process.pid, exepath: process.execPath });
    } finally {
      container.kill();
      await ended;
      await cgroup.remove();
      container.remove();
    }
  }, 60_000);
});
