/** The probe under load and at the end: losses are counted exactly, and nothing stays in the kernel. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EventView } from '@peregrine/events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isInKernel, kernelObjectsOf } from '../../testing/kernel-objects.ts';
import {
  createLiveCgroup,
  followProcess,
  type LiveCgroup,
  liveObstacle,
  noState,
  pauseMs,
} from '../../testing/live-probe.ts';
import { splitCgroupKey } from './cgroup-key.ts';
import { type EbpfSource, openEbpf } from './ebpf-source.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'load' : `load (skipped: ${obstacle})`;
const ROUNDS = 20_000;

/** `cpu0`, `cpu1`... */
const cpuNames = (): readonly string[] =>
  readdirSync('/sys/devices/system/cpu').filter((name) => /^cpu\d+$/.test(name));

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

describe.skipIf(obstacle !== undefined)(title, () => {
  let cgroup: LiveCgroup;
  let folder: string;
  let flood: string;

  beforeAll(() => {
    cgroup = createLiveCgroup();
    folder = mkdtempSync(join(tmpdir(), 'peregrine-stress-'));
    flood = join(folder, 'flood');
    const code = fileURLToPath(new URL('../../testing/flood.c', import.meta.url));
    execFileSync('clang', ['-static', '-O1', '-o', flood, code]);
  });
  afterAll(async () => {
    await cgroup?.remove();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  /** Two floods at once; how many events of each kind came, and how many out of order. */
  async function measure(source: EbpfSource, handler: (view: EventView) => void): Promise<void> {
    await followProcess(source, cgroup.spawn(`${flood} ${ROUNDS} & ${flood} ${ROUNDS}; wait`), handler);
  }

  test('with room enough nothing is lost, and several rings are read in the order of their threads', async () => {
    const source = openEbpf({ scope: `cgroup:${cgroup.path}`, cpusPerRing: 1 });
    let received = 0;
    let opens = 0;
    let disordered = 0;
    const latest = new Map<number, number>();
    const cpus = new Set<number>();
    await measure(source, (view) => {
      received++;
      cpus.add(view.cpu);
      if (view.code === 307) opens++;
      const at = view.timestampApproxNs();
      if (at < (latest.get(view.tid()) ?? 0)) disordered++;
      latest.set(view.tid(), at);
    });
    const { recordCount, gapCount, droppedByCode } = source.counters();
    const losses = source.losses();
    source.close();
    expect(losses).toEqual({ ring_full: 0, cgroup_limit: 0, buffer_busy: 0 });
    expect(droppedByCode.size).toBe(0);
    expect(gapCount).toBe(0);
    expect(received).toBe(recordCount);
    expect(opens).toBeGreaterThanOrEqual(2 * ROUNDS);
    expect(cpus.size).toBeLessThanOrEqual(cpuNames().length);
    expect(disordered).toBe(0);
  }, 60_000);

  /** A CPU's last losses leave no gap until it writes another record, which may be lost again. */
  async function closeGaps(source: EbpfSource, handler: () => void): Promise<void> {
    const onEachCpu = cpuNames().map((name) => `taskset -c ${name.slice(3)} /bin/true`);
    const isOpen = (): boolean => {
      const { gapCount, droppedByCode, limitedByCode } = source.counters();
      return gapCount !== sum(droppedByCode.values()) + sum(limitedByCode.values());
    };
    for (let attempt = 0; attempt < 20 && (attempt === 0 || isOpen()); attempt++)
      await followProcess(source, cgroup.spawn(onEachCpu.join('; ')), handler);
  }

  test.each([4_096, 64 * 1024])(
    'a full ring of %i bytes loses events, each one accounted for',
    async (ringBytes) => {
      const source = openEbpf({ scope: `cgroup:${cgroup.path}`, ringBytes });
      let received = 0;
      await measure(source, () => {
        received++;
        /* Slower than the flood. */
        if (received % 16 === 0) pauseMs(0.5);
      });
      await closeGaps(source, () => {
        received++;
      });
      const { recordCount, emittedCount, gapCount, droppedByCode, limitedByCode, byCpu, unattributedCount } =
        source.counters();
      const [dropped, limited] = [sum(droppedByCode.values()), sum(limitedByCode.values())];
      const losses = source.losses();
      const ofCgroups = source.takeCgroupLosses();
      const again = source.takeCgroupLosses();
      source.close();
      expect(limited).toBeGreaterThan(0);
      expect(received).toBe(emittedCount);
      expect(emittedCount + dropped + limited).toBe(recordCount);
      expect(losses).toMatchObject({ ring_full: dropped, cgroup_limit: limited });
      expect(gapCount).toBe(dropped + limited);
      expect(sum(byCpu.map(({ lost }) => lost))).toBe(dropped + limited);
      expect([...limitedByCode.keys()]).toContain(307);

      expect(unattributedCount).toBe(0);
      expect(sum(ofCgroups.map((loss) => loss.dropped))).toBe(dropped);
      expect(sum(ofCgroups.map((loss) => loss.limited))).toBe(limited);
      const inode = statSync(cgroup.path, { bigint: true }).ino;
      expect(new Set(ofCgroups.map((loss) => splitCgroupKey(loss.cgroup).inode))).toEqual(new Set([inode]));
      expect(again).toEqual([]);
    },
    60_000,
  );

  test('a noisy cgroup is limited alone: the quiet one beside it loses nothing', async () => {
    const [noisy, quiet] = [join(cgroup.path, 'noisy'), join(cgroup.path, 'quiet')];
    for (const path of [noisy, quiet]) mkdirSync(path);
    const source = openEbpf({ scope: `cgroup:${cgroup.path}`, ringBytes: 256 * 1024 });
    const opened = new Map<string, number>();
    let received = 0;
    const work = `
      (echo 0 > ${noisy}/cgroup.procs; ${flood} ${5 * ROUNDS} & ${flood} ${5 * ROUNDS}; wait) &
      (echo 0 > ${quiet}/cgroup.procs; for i in 1 2 3 4 5 6 7 8 9 10; do cat ${folder}/file > ${folder}/copy; done)
      wait`;
    writeFileSync(join(folder, 'file'), 'quiet');
    await followProcess(source, cgroup.spawn(work), (view) => {
      received++;
      if (received % 16 === 0) pauseMs(0.2);
      if (view.code !== 307) return;
      const name = view.wholeText(2).replace(/\0$/, '');
      opened.set(name, (opened.get(name) ?? 0) + 1);
    });
    const losers = new Set(source.takeCgroupLosses().map((loss) => splitCgroupKey(loss.cgroup).inode));
    source.close();
    expect(losers).toEqual(new Set([statSync(noisy, { bigint: true }).ino]));
    expect(opened.get(`${folder}/copy`)).toBe(10);
    expect(opened.get(`${folder}/file`)).toBe(10);
    for (const path of [noisy, quiet]) rmdirSync(path);
  }, 60_000);

  test.each([1, 2])(
    'a reader that waits is woken by the first event, %i CPUs to a ring',
    async (cpusPerRing) => {
      const source = openEbpf({ scope: `cgroup:${cgroup.path}`, cpusPerRing });
      const long = 60_000;
      cgroup.spawn('exec /bin/true');
      source.idle(long, 'event');
      let count = 0;
      for (let turn = 0; turn < 50 && count === 0; turn++) {
        count += Number(source.poll(noState, () => {}, 1_000));
        if (count === 0) pauseMs(1);
      }
      source.close();
      expect(count).toBeGreaterThan(0);
    },
    30_000,
  );

  test('a reader that waits for a ring to fill is woken before it is full', async () => {
    const source = openEbpf({ scope: `cgroup:${cgroup.path}`, ringBytes: 64 * 1024 });
    // It begins when the reader waits: one that finds events does not wait at all, and a signal would end the wait.
    const child = cgroup.spawn(`sleep 1; exec ${flood} ${ROUNDS}`);
    const closed = new Promise((resolve) => child.once('close', resolve));
    pauseMs(300);
    while (Number(source.poll(noState, () => {}, 100_000)) > 0) pauseMs(1);
    // The first events do not wake it, those that fill a quarter do.
    source.idle(60_000, 'filling');
    const count = Number(source.poll(noState, () => {}, 100_000));
    source.close();
    await closed;
    expect(count).toBeGreaterThan(50);
  }, 30_000);

  test('nothing stays in the kernel after SIGKILL', async () => {
    const module = new URL('./ebpf-source.ts', import.meta.url).href;
    const script = `
      const { openEbpf } = await import(${JSON.stringify(module)});
      openEbpf({ scope: ${JSON.stringify(`cgroup:${cgroup.path}`)} });
      process.stdout.write('ready');
      setInterval(() => {}, 1000);`;
    const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    const owned = kernelObjectsOf(child.pid ?? 0);
    expect(owned.filter((object) => object.kind === 'prog').length).toBeGreaterThanOrEqual(4);
    expect(owned.filter(isInKernel)).toEqual(owned);
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await closed;
    let left = owned;
    for (let attempt = 0; attempt < 50 && left.length > 0; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      left = owned.filter(isInKernel);
    }
    expect(left).toEqual([]);
  }, 60_000);
});
