/**
 * The whole program, idle and then under a flood: two processes open and close a file as fast as they can, and the
 * machine has no CPU left for the sensor. What it costs when nothing happens; whether every event is accounted for
 * and every loss put down to the cgroup; what CPU time an emitted event costs. Root and BTF needed. Watches a cgroup
 * of its own and nothing else.
 */

import { execFileSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { outputOf, type RunningSensor, sleep, startSensor } from './live/running-sensor.ts';

const IDLE_SECONDS = 20;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 500_000);
const WARM_UP_ROUNDS = 100_000;
const MEGABYTE = 1_048_576;

const unfiltered = 'engine.modern_ebpf.kernel_filters=false';
const settings: readonly { readonly title: string; readonly options: readonly string[] }[] = [
  { title: 'with the filters of the default rules', options: [] },
  { title: 'no filters, buffers of 8 MB', options: [unfiltered] },
  { title: 'no filters, buffers of 1 MB', options: [unfiltered, 'engine.modern_ebpf.buf_size_preset=1'] },
  {
    title: 'no filters, buffers of one page',
    options: [unfiltered, 'engine.modern_ebpf.buf_size_bytes=4096'],
  },
];

function print(title: string, value: string): void {
  process.stdout.write(`  ${title.padEnd(44)} ${value}\n`);
}

async function measureIdle(sensor: RunningSensor): Promise<void> {
  await sleep(5_000);
  const before = sensor.cpuSeconds();
  await sleep(IDLE_SECONDS * 1_000);
  const share = ((sensor.cpuSeconds() - before) / IDLE_SECONDS) * 100;
  print('idle', `${share.toFixed(2)} % of a CPU, RSS ${(sensor.rssBytes() / MEGABYTE).toFixed(0)} MB`);
}

/** Sum of the samples whose name begins so. */
function sumOf(samples: ReadonlyMap<string, number>, start: string): number {
  let sum = 0;
  for (const [name, value] of samples) if (name.startsWith(start)) sum += value;
  return sum;
}

interface Counts {
  readonly tried: number;
  readonly emitted: number;
  readonly dropped: number;
  readonly limited: number;
  readonly filtered: number;
}

function countsOf(samples: ReadonlyMap<string, number>): Counts {
  const result = (name: string): number => samples.get(`peregrine_probe_events_total{result="${name}"}`) ?? 0;
  return {
    tried: samples.get('falcosecurity_scap_n_evts_total') ?? 0,
    emitted: result('emitted'),
    dropped: result('dropped'),
    limited: result('limited'),
    filtered: samples.get('peregrine_filtered_events_total') ?? 0,
  };
}

async function measureFlood(sensor: RunningSensor, flood: string): Promise<void> {
  // Rules are compiled when their first events come, and V8 learns which code is worth more work.
  await outputOf(sensor.cgroup.spawn(`${flood} ${WARM_UP_ROUNDS}`));
  await sleep(2_500);
  const earlier = countsOf(await sensor.metrics());
  const before = sensor.cpuSeconds();
  const startMs = performance.now();
  await outputOf(sensor.cgroup.spawn(`${flood} ${ROUNDS} & ${flood} ${ROUNDS}; wait`));
  const seconds = (performance.now() - startMs) / 1_000;
  // The last events are read, and losses are looked at once a second.
  await sleep(2_500);
  const cpuSeconds = sensor.cpuSeconds() - before;
  const samples = await sensor.metrics();
  const now = countsOf(samples);
  const [tried, emitted] = [now.tried - earlier.tried, now.emitted - earlier.emitted];
  const [dropped, limited] = [now.dropped - earlier.dropped, now.limited - earlier.limited];
  const cgroup = `peregrine_cgroup_lost_events_total{cgroup="/${basename(sensor.cgroup.path)}"`;
  print(
    'events made',
    `${tried} in ${seconds.toFixed(1)} s, ${(tried / seconds / 1e6).toFixed(2)} million a second`,
  );
  const share = (count: number): string => `${count} (${((count / tried) * 100).toFixed(1)} %)`;
  print('emitted, dropped, limited', `${share(emitted)}, ${share(dropped)}, ${share(limited)}`);
  print('left out by the filters', String(now.filtered - earlier.filtered));
  print('unaccounted for', String(now.tried - now.emitted - now.dropped - now.limited));
  print('losses not put down to the cgroup', String(now.dropped + now.limited - sumOf(samples, cgroup)));
  print('CPU of the sensor', `${cpuSeconds.toFixed(2)} s`);
  if (emitted >= ROUNDS)
    print('of it for each emitted event', `${((cpuSeconds / emitted) * 1e6).toFixed(2)} µs`);
  print('RSS', `${(sensor.rssBytes() / MEGABYTE).toFixed(0)} MB`);
}

const obstacle = liveObstacle();
if (obstacle !== undefined) process.stdout.write(`skipped: ${obstacle}\n`);
else {
  for (const { title, options } of settings) {
    process.stdout.write(`${title}\n`);
    const sensor = await startSensor(options);
    try {
      const flood = join(sensor.folder, 'flood');
      const code = join(import.meta.dirname, '../packages/sources/testing/flood.c');
      execFileSync('clang', ['-static', '-O1', '-o', flood, code]);
      if (options.length === 0) await measureIdle(sensor);
      await measureFlood(sensor, flood);
    } finally {
      await sensor.stop();
    }
  }
}
