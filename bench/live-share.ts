/**
 * What real work costs the sensor: a compile, a package installation, a web server under load. How many of the events
 * that the rules ask for the kernel leaves out, what CPU time the program takes with its filters and without, and how
 * long the work takes; in turns, medians. Root and BTF needed. Watches a cgroup of its own and nothing else.
 */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { liveObstacle, unifiedMount } from '../packages/sources/testing/live-probe.ts';
import { outputOf, type RunningSensor, sleep, startSensor } from './live/running-sensor.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const root = join(import.meta.dirname, '..');
const sources = ['calls.c', 'rare-calls.c', 'random-calls.c', 'ring-calls.c', 'flood.c'];

/** Where this process is, which nobody watches. */
const outside = (() => {
  const path = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';
  return join(unifiedMount() ?? '', path, 'cgroup.procs');
})();

/** Shell commands, run in a scratch folder. */
const loads: readonly { readonly title: string; readonly command: string }[] = [
  {
    title: 'compile, 60 C files with gcc',
    command: `for i in 1 2 3 4 5 6 7 8 9 10 11 12; do for file in ${sources.join(' ')}; do gcc -w -O1 -c -o $i-$file.o ${root}/packages/sources/testing/$file; done; done`,
  },
  {
    title: 'npm ci of this project, from the cache',
    command: `rm -rf clone; mkdir clone; cd ${root}; cp --parents package.json package-lock.json packages/*/package.json $OLDPWD/clone; cd $OLDPWD/clone; npm ci --ignore-scripts --prefer-offline --no-audit --no-fund --cache ${process.env.npm_config_cache ?? '~/.npm'}`,
  },
  {
    title: 'web server, 5,000 connections from outside',
    command: `${process.execPath} ${root}/bench/live/web-load.ts 5000 close ${outside}`,
  },
  {
    title: 'web server and its client, 5,000 connections',
    command: `${process.execPath} ${root}/bench/live/web-load.ts 5000 close`,
  },
  {
    title: 'web server, 20,000 requests, 8 connections',
    command: `${process.execPath} ${root}/bench/live/web-load.ts 20000 keep`,
  },
];

const variants = [
  { name: 'filtered', options: [] },
  { name: 'all', options: ['engine.modern_ebpf.kernel_filters=false'] },
] as const;

interface Cost {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly emitted: number;
  readonly filtered: number;
}

async function cost(sensor: RunningSensor, command: string): Promise<Cost> {
  const read = async (): Promise<{ cpu: number; emitted: number; filtered: number }> => {
    const samples = await sensor.metrics();
    return {
      cpu: sensor.cpuSeconds(),
      emitted: samples.get('peregrine_probe_events_total{result="emitted"}') ?? 0,
      filtered: samples.get('peregrine_filtered_events_total') ?? 0,
    };
  };
  const before = await read();
  const startMs = performance.now();
  await outputOf(sensor.cgroup.spawn(`cd ${sensor.folder}; export HOME=/root; ${command}`));
  const seconds = (performance.now() - startMs) / 1_000;
  await sleep(500);
  const after = await read();
  return {
    seconds,
    cpuSeconds: after.cpu - before.cpu,
    emitted: after.emitted - before.emitted,
    filtered: after.filtered - before.filtered,
  };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

async function main(): Promise<void> {
  const obstacle = liveObstacle();
  if (obstacle !== undefined) {
    process.stdout.write(`skipped: ${obstacle}\n`);
    return;
  }
  const rules = process.env.BENCH_RULES === undefined ? [] : [`rules_files=${process.env.BENCH_RULES}`];
  for (const { title, command } of loads) {
    if (spawnSync('sh', ['-c', `command -v ${/gcc|npm/.exec(title)?.[0] ?? 'sh'}`]).status !== 0) {
      process.stdout.write(`${title}: skipped, a program for it is not installed\n`);
      continue;
    }
    const costs = new Map<string, Cost[]>(variants.map(({ name }) => [name, []]));
    for (let round = 0; round < ROUNDS; round++)
      for (const { name, options } of variants) {
        const sensor = await startSensor([...options, ...rules]);
        try {
          costs.get(name)?.push(await cost(sensor, command));
        } finally {
          await sensor.stop();
        }
      }
    process.stdout.write(`${title}\n`);
    for (const { name } of variants) {
      const of = (read: (cost: Cost) => number): number => median((costs.get(name) ?? []).map(read));
      const [emitted, filtered] = [of((cost) => cost.emitted), of((cost) => cost.filtered)];
      const share = (100 * filtered) / (emitted + filtered);
      process.stdout.write(
        `  ${name.padEnd(10)} ${of((cost) => cost.seconds).toFixed(2)} s, CPU of the program ${of((cost) => cost.cpuSeconds).toFixed(2)} s, ${emitted.toFixed(0)} events, ${share.toFixed(1)} % left out\n`,
      );
    }
  }
}

await main();
