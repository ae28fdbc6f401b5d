/**
 * A destination that is down while alerts come as fast as they go: whether the memory grows, what is on disk, and whether
 * everything arrives in order when it is back. `ALERTS` is how many there are.
 */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { alertOf, metricIn, startHub } from './hub/program.ts';

const ALERTS = Number(process.env.ALERTS ?? 60_000);
const BATCH = 50;

let isDown = true;
const arrived: number[] = [];
const receiver = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    if (!isDown)
      arrived.push(Number(/"bench\.id":(\d+)/.exec(Buffer.concat(chunks).toString('latin1'))?.[1]));
    response.writeHead(isDown ? 503 : 200).end();
  });
});
await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
const { port } = receiver.address() as AddressInfo; // It listens on an address, not on a path.

console.log(`load of the machine: ${loadavg()[0]?.toFixed(1)}`);
const hub = await startHub(`webhook: { address: "http://127.0.0.1:${port}/" }\ndelivery: { retrymax: 1s }\n`);
const memory: number[] = [];
const startMs = performance.now();
for (let i = 0; i < ALERTS; i += BATCH) {
  const body = `[${Array.from({ length: BATCH }, (_, j) => alertOf(i + j)).join(',')}]`;
  const response = await fetch(`http://127.0.0.1:${hub.port}/`, { method: 'POST', body });
  await response.text();
  if (response.status !== 200) throw new Error(`status ${response.status}`);
  if (i % (ALERTS / 10) === 0) memory.push(Math.round(hub.memoryMb()));
}
const tookSeconds = (performance.now() - startMs) / 1_000;
const text = await hub.metrics();
console.log(
  `down: ${ALERTS} alerts in ${tookSeconds.toFixed(0)} s, ${metricIn(text, 'peregrine_hub_output_queue_alerts')} wait, journal ${(metricIn(text, 'peregrine_hub_journal_bytes') / 1e6).toFixed(0)} MB, memory while they came ${memory.join(' ')} MB`,
);
isDown = false;
const backMs = performance.now();
while (arrived.length < ALERTS) await pause(50);
const inOrder = arrived.every((id, i) => id === i);
console.log(
  `back: all ${arrived.length} arrived within ${((performance.now() - backMs) / 1_000).toFixed(0)} s, ${inOrder ? 'in order' : 'NOT in order'}; memory ${hub.memoryMb().toFixed(0)} MB`,
);
await hub.stop();
receiver.closeAllConnections();
receiver.close();
