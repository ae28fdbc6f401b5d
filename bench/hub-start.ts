/**
 * What a hub costs that has every output in its configuration and none of them on: time to the first answer, memory, and
 * which client libraries it loaded, which should be none.
 */

import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { sinkRoster } from '@peregrine/outputs/hub';
import { outputsThatAreOff } from '../e2e/hub-sections.ts';
import { quantile, startHub } from './hub/program.ts';

const ROUNDS = 7;

console.log(`load of the machine: ${loadavg()[0]?.toFixed(1)}; ${sinkRoster.length} outputs`);
for (const [title, config] of [
  ['nothing configured', ''],
  ['everything, all off', outputsThatAreOff()],
] as const) {
  const starts: number[] = [];
  const cpus: number[] = [];
  const memories: number[] = [];
  let libraries: readonly string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const hub = await startHub(config);
    starts.push(hub.startMs);
    cpus.push(hub.cpu() / 1_000);
    memories.push(hub.memoryMb());
    const maps = readFileSync(`/proc/${hub.child.pid}/maps`, 'utf8');
    libraries = [...new Set(maps.match(/node_modules\/\S+\.node/g) ?? [])];
    await hub.stop();
  }
  console.log(
    `${title}: first answer after ${quantile(starts, 0.5).toFixed(0)} ms, ${quantile(cpus, 0.5).toFixed(0)} ms of CPU time, ${quantile(memories, 0.5).toFixed(0)} MB; native libraries: ${libraries.join(', ') || 'none'}`,
  );
}
