/**
 * What giving up privileges costs: time from the start to the first watched event, and memory, with and without it in
 * turns. The bundle is used where it is newer than the sources. Root and BTF needed. Watches a cgroup of its own.
 */

import { liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { startSensor } from './live/running-sensor.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7);
const MEGABYTE = 1 << 20;

interface Sample {
  readonly startMs: number;
  readonly cpuSeconds: number;
  readonly rssMegabytes: number;
}

async function measure(isDropped: boolean): Promise<Sample> {
  const beganMs = performance.now();
  const sensor = await startSensor([`privileges.drop=${isDropped}`]);
  const startMs = performance.now() - beganMs;
  const sample = { startMs, cpuSeconds: sensor.cpuSeconds(), rssMegabytes: sensor.rssBytes() / MEGABYTE };
  await sensor.stop();
  return sample;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

function report(name: string, samples: readonly Sample[]): void {
  const of = (read: (sample: Sample) => number): number => median(samples.map(read));
  process.stdout.write(
    `${name.padEnd(22)}${of(({ startMs }) => startMs).toFixed(0)} ms to the start, ${of(({ cpuSeconds }) => cpuSeconds).toFixed(2)} s of CPU, ${of(({ rssMegabytes }) => rssMegabytes).toFixed(0)} MB (medians of ${samples.length})\n`,
  );
}

const obstacle = liveObstacle();
if (obstacle !== undefined) {
  process.stdout.write(`skipped: ${obstacle}\n`);
} else {
  const kept: Sample[] = [];
  const dropped: Sample[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    kept.push(await measure(false));
    dropped.push(await measure(true));
  }
  report('all privileges kept', kept);
  report('privileges given up', dropped);
}
