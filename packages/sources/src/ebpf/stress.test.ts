/** The probe under load and at the end: losses are counted exactly, and nothing stays in the kernel. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EventView } from '@peregrine/events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLiveCgroup, followProcess, type LiveCgroup, liveObstacle } from '../../testing/live-probe.ts';
import { type EbpfSource, openEbpf } from './ebpf-source.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'load' : `load (skipped: ${obstacle})`;
const hasBpftool = existsSync('/usr/sbin/bpftool');
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

  test('with room enough nothing is lost, and several rings are read in order', async () => {
    const source = openEbpf({ scope: `cgroup:${cgroup.path}`, cpusPerRing: 1 });
    let received = 0;
    let opens = 0;
    let disordered = 0;
    let latest = 0;
    const cpus = new Set<number>();
    await measure(source, (view) => {
      received++;
      cpus.add(view.cpu);
      if (view.code === 307) opens++;
      const at = view.timestampApproxNs();
      if (at < latest) disordered++;
      latest = at;
    });
    const { recordCount, gapCount, droppedByCode } = source.counters();
    const losses = source.losses();
    source.close();
    expect(losses).toEqual({ ring_full: 0, buffer_busy: 0, compat_call: 0 });
    expect(droppedByCode.size).toBe(0);
    expect(gapCount).toBe(0);
    expect(received).toBe(recordCount);
    expect(opens).toBeGreaterThanOrEqual(2 * ROUNDS);
    expect(cpus.size).toBeLessThanOrEqual(cpuNames().length);
    expect(disordered).toBe(0);
  }, 60_000);

  test('a full ring loses events, each one counted by code and seen as a gap', async () => {
    const source = openEbpf({ scope: `cgroup:${cgroup.path}`, ringBytes: 64 * 1024 });
    let received = 0;
    await measure(source, () => {
      received++;
      /* Slower than the flood. */
      if (received % 16 === 0) source.idle(0.5);
    });
    /* Losses after a CPU's last record leave no gap until it writes another. */
    const onEachCpu = cpuNames().map((name) => `taskset -c ${name.slice(3)} /bin/true`);
    await followProcess(source, cgroup.spawn(onEachCpu.join('; ')), () => {
      received++;
    });
    const { recordCount, gapCount, droppedByCode } = source.counters();
    const dropped = sum(droppedByCode.values());
    const losses = source.losses();
    source.close();
    expect(dropped).toBeGreaterThan(0);
    expect(received + dropped).toBe(recordCount);
    expect(losses.ring_full).toBe(dropped);
    expect(gapCount).toBe(dropped);
    expect([...droppedByCode.keys()]).toContain(307);
  }, 60_000);

  test.skipIf(!hasBpftool)(
    hasBpftool ? 'nothing stays in the kernel after SIGKILL' : 'nothing stays (skipped: no bpftool)',
    async () => {
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
      const owned = objectIdsOf(child.pid ?? 0);
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
    },
    60_000,
  );
});

interface KernelObject {
  readonly kind: string;
  readonly id: string;
}

/** BPF programs, maps and links that a process holds open. */
function objectIdsOf(pid: number): readonly KernelObject[] {
  const folder = `/proc/${pid}/fdinfo`;
  const objects = readdirSync(folder).flatMap((fd) => {
    const text = readFileSync(join(folder, fd), 'latin1');
    return [...text.matchAll(/^(prog|map|link)_id:\s*(\d+)$/gm)].map(([, kind = '', id = '']) => ({
      kind,
      id,
    }));
  });
  return [...new Map(objects.map((object) => [`${object.kind} ${object.id}`, object])).values()];
}

function isInKernel({ kind, id }: KernelObject): boolean {
  try {
    execFileSync('/usr/sbin/bpftool', [kind, 'show', 'id', id], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
