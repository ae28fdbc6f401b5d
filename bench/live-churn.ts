/**
 * The whole program while a million short processes run in ten thousand containers that come and go, two after the other
 * at any time. Prints what the tables hold and what memory the program takes, now and then: neither grows. Root and BTF
 * needed. Watches a cgroup of its own and nothing else.
 */

import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createContainerCgroup } from '../packages/sources/testing/live-cgroup.ts';
import { liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { outputOf, type RunningSensor, sleep, startSensor } from './live/running-sensor.ts';

const CONTAINERS = Number(process.env.BENCH_CONTAINERS ?? 10_000);
const PROCESSES_PER_CONTAINER = 100;
const AT_A_TIME = 2;
const SAMPLE_MS = 10_000;
/** For which containers that ended without a word are looked for, twice. */
const SWEEP_MS = 70_000;
const MEGABYTE = 1_048_576;

const columns: Readonly<Record<string, string>> = {
  events: 'falcosecurity_scap_n_evts_total',
  lost: 'falcosecurity_scap_n_drops_total',
  threads: 'falcosecurity_scap_n_threads_total',
  fds: 'falcosecurity_scap_n_fds_total',
  containers: 'falcosecurity_plugins_container_n_containers_total',
};

async function tell(sensor: RunningSensor, seconds: number): Promise<void> {
  const samples = await sensor.metrics();
  const values = Object.entries(columns).map(([name, metric]) => `${name} ${samples.get(metric) ?? '?'}`);
  const rss = `RSS ${(sensor.rssBytes() / MEGABYTE).toFixed(0)} MB`;
  process.stdout.write(`  ${seconds.toFixed(0).padStart(4)} s: ${values.join(', ')}, ${rss}\n`);
}

async function measure(sensor: RunningSensor): Promise<void> {
  const churn = join(sensor.folder, 'churn');
  execFileSync('clang', ['-static', '-O1', '-o', churn, join(import.meta.dirname, 'live/churn.c')]);
  // Where containers are made, in each hierarchy; the first one goes at once.
  const folders = createContainerCgroup(sensor.cgroup, 'first').map((file) => dirname(dirname(file)));
  const startMs = performance.now();
  const seconds = (): number => (performance.now() - startMs) / 1_000;
  const before = sensor.cpuSeconds();
  await tell(sensor, 0);
  const command = `${churn} ${CONTAINERS / AT_A_TIME} ${PROCESSES_PER_CONTAINER} ${folders.join(' ')}`;
  let isRunning = true;
  const running = outputOf(sensor.cgroup.spawn(`${command} & ${command}; wait`)).then((output) => {
    isRunning = false;
    return output;
  });
  while (isRunning) {
    await sleep(SAMPLE_MS);
    await tell(sensor, seconds());
  }
  const text = await running;
  if (text !== '') process.stdout.write(text);
  await sleep(SWEEP_MS);
  await tell(sensor, seconds());
  const count = CONTAINERS * PROCESSES_PER_CONTAINER;
  const cpu = ((sensor.cpuSeconds() - before) / count) * 1e6;
  process.stdout.write(
    `  ${count} processes, ${CONTAINERS} containers; ${cpu.toFixed(1)} µs of the sensor each\n`,
  );
}

const obstacle = liveObstacle();
if (obstacle !== undefined) process.stdout.write(`skipped: ${obstacle}\n`);
else {
  const sensor = await startSensor([]);
  try {
    await measure(sensor);
  } finally {
    await sensor.stop();
  }
}
