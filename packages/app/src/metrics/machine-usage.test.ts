import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hostCpuRatio, hostMemory, readMachineUsage } from './machine-usage.ts';

test('the machine’s CPU time is what is neither idle nor waiting', () => {
  expect(hostCpuRatio('cpu  10 0 20 50 10 5 5 0 3 0\ncpu0 1 1 1 1\n')).toBe(0.4);
  expect(hostCpuRatio('cpu  0 0 0 0 0 0 0 0 0 0\n')).toBeUndefined();
  expect(hostCpuRatio('')).toBeUndefined();
});

test('the machine’s memory is what is neither free nor cache', () => {
  const text =
    'MemTotal: 1000 kB\nMemFree: 300 kB\nBuffers: 50 kB\nCached: 200 kB\nShmem: 20 kB\nSReclaimable: 30 kB\n';
  expect(hostMemory(text)).toBe(440 * 1_024);
  expect(hostMemory('MemTotal: 1000 kB\n')).toBeUndefined();
});

test('this process, and the cgroup file that is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'peregrine-usage-'));
  const path = join(folder, 'memory');
  writeFileSync(path, '4096\n');
  const usage = readMachineUsage({ FALCO_CGROUP_MEM_PATH: path });
  rmSync(folder, { recursive: true });
  expect(usage.containerMemoryBytes).toBe(4_096);
  expect(usage.rssBytes).toBeGreaterThan(1 << 20);
  expect(usage.vszBytes).toBeGreaterThan(usage.rssBytes ?? 0);
  expect(usage.hostOpenFileCount).toBeGreaterThan(0);
  expect(readMachineUsage({ FALCO_CGROUP_MEM_PATH: '/nonexistent' }).containerMemoryBytes).toBeUndefined();
});
