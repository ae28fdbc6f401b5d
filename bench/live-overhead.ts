/**
 * What the probe costs the calls of watched processes: nobody asks for the call, its event is filtered out, its event
 * is emitted and read. CPU time of one turn on a CPU of its own; rounds with and without the probe take turns, and
 * medians are shown, and the least: what else runs on the machine only adds. Root and BTF needed. Watches a cgroup of
 * its own and nothing else.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRuleset, deriveKernelFilters, encodeKernelFilters } from '../packages/engine/src/index.ts';
import { createSyscallSource } from '../packages/fields/src/index.ts';
import { loadRules } from '../packages/lang/src/index.ts';
import { type EbpfSource, openEbpf } from '../packages/sources/src/ebpf/ebpf-source.ts';
import { usualSyscalls } from '../packages/sources/src/ebpf/syscall-coverage.ts';
import { createLiveCgroup, followProcess, liveObstacle } from '../packages/sources/testing/live-probe.ts';

const ROUNDS = 7;
/** What the rules that come along let the kernel leave out. */
function defaultFilter(): Uint8Array {
  const file = 'rules/peregrine_rules.yaml';
  const text = readFileSync(join(import.meta.dirname, '..', file), 'utf8');
  const source = createSyscallSource();
  const { rules } = loadRules([{ name: file, text }], {
    sources: [source],
    engineVersion: '0.63.0',
    plugins: [{ name: 'container', version: '0.7.1' }],
  });
  const { needs } = createRuleset(rules, source, {
    matching: 'first',
    isTimeIso8601: false,
    isBufferBase64: false,
  });
  return encodeKernelFilters(deriveKernelFilters({ rules, source, needs }));
}

const WRITING = 0o1 | 0o2 | 0o100;
const turns = { getppid: 1_000_000, open: 100_000, exec: 300 };
type Kind = keyof typeof turns;

const modes: readonly { title: string; kind: Kind; configure?: (source: EbpfSource) => void }[] = [
  { title: 'getppid, no probe', kind: 'getppid' },
  {
    title: 'getppid, nobody asks for it',
    kind: 'getppid',
    configure: (source) => source.select(usualSyscalls),
  },
  { title: 'open+close, no probe', kind: 'open' },
  { title: 'open+close, nobody asks', kind: 'open', configure: (source) => source.select(['setns']) },
  {
    title: 'open+close, flags filter',
    kind: 'open',
    configure: (source) =>
      source.select(
        usualSyscalls.filter((name) => name !== 'close'),
        WRITING,
      ),
  },
  {
    title: 'open+close, default rules',
    kind: 'open',
    configure: (source) => {
      source.select(usualSyscalls);
      source.filter(defaultFilter());
    },
  },
  { title: 'open+close, both emitted', kind: 'open', configure: (source) => source.select(usualSyscalls) },
  { title: 'fork+exec, no probe', kind: 'exec' },
  { title: 'fork+exec, all emitted', kind: 'exec', configure: (source) => source.select(usualSyscalls) },
];

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

const least = (values: readonly number[]): number => Math.min(...values);

const bareTitles: Readonly<Record<Kind, string>> = {
  getppid: 'getppid, no probe',
  open: 'open+close, no probe',
  exec: 'fork+exec, no probe',
};

async function main(): Promise<void> {
  const obstacle = liveObstacle();
  if (obstacle !== undefined) {
    process.stdout.write(`skipped: ${obstacle}\n`);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'peregrine-bench-'));
  const cgroup = createLiveCgroup();
  const program = join(folder, 'work');
  execFileSync('clang', ['-static', '-O2', '-o', program, join(import.meta.dirname, 'live/work.c')]);
  const results = new Map<string, number[]>();
  let events = 0;
  let lost = 0;
  const run = async (title: string, kind: Kind, source: EbpfSource | undefined): Promise<void> => {
    const command = `exec ${program} ${kind} ${turns[kind]} ${availableParallelism() - 1}`;
    const output =
      source === undefined
        ? execFileSync('/bin/sh', ['-c', `echo $$ > ${cgroup.path}/cgroup.procs; ${command}`], {
            encoding: 'utf8',
          })
        : await followProcess(source, cgroup.spawn(command), () => {
            events++;
          });
    results.set(title, [...(results.get(title) ?? []), Number(output)]);
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const { title, kind, configure } of modes)
      if (configure === undefined) await run(title, kind, undefined);
    const source = openEbpf({ scope: `cgroup:${cgroup.path}` });
    for (const { title, kind, configure } of modes) {
      if (configure === undefined) continue;
      configure(source);
      await run(title, kind, source);
      source.filter(undefined);
    }
    lost += Object.values(source.losses()).reduce((sum, count) => sum + count, 0);
    source.close();
  }
  for (const { title, kind } of modes) {
    const values = results.get(title) ?? [];
    const bare = results.get(bareTitles[kind]) ?? [];
    const show = (pick: (list: readonly number[]) => number): string =>
      `${pick(values).toFixed(0).padStart(7)} ns (+${(pick(values) - pick(bare)).toFixed(0)})`.padEnd(22);
    process.stdout.write(`${title.padEnd(28)} median ${show(median)} least ${show(least)}\n`);
  }
  process.stdout.write(`${events} events read, ${lost} lost\n`);
  await cgroup.remove();
  rmSync(folder, { recursive: true });
}

await main();
