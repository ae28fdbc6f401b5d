/**
 * A destination that is down while alerts come as fast as they go: whether the memory grows, what is on disk, and whether
 * everything arrives in order when it is back. `ALERTS` is how many there are, for at most `SECONDS`; an hour at a
 * thousand a second is 3600000.
 */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { alertOf, metricIn, startHub } from './hub/program.ts';

const ALERTS = Number(process.env.ALERTS ?? 60_000);
const SECONDS = Number(process.env.SECONDS ?? 300);
const BATCH = 200;
const LOOKS = 20;

let isDown = true;
/** The alert that should come next. */
let nextId = 0;
let gapCount = 0;
let repeatCount = 0;

/** Takes documents as Elasticsearch takes them together. */
const receiver = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    if (isDown) {
      response.writeHead(503).end();
      return;
    }
    const items: unknown[] = [];
    for (const [, written] of Buffer.concat(chunks)
      .toString('latin1')
      .matchAll(/"bench[._]id":"?(\d+)/g)) {
      take(Number(written));
      items.push({ create: { status: 201 } });
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ errors: false, items }));
  });
});

function take(id: number): void {
  if (id < nextId) {
    repeatCount++;
    return;
  }
  if (id > nextId) gapCount++;
  nextId = id + 1;
}

await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
const { port } = receiver.address() as AddressInfo; // It listens on an address, not on a path.

console.log(`load of the machine: ${loadavg()[0]?.toFixed(1)}`);
const hub = await startHub(
  `elasticsearch: { hostport: "http://127.0.0.1:${port}/", batching: { enabled: true } }\ndelivery: { retrymax: 1s }\n`,
);
const memory: number[] = [];
let sentCount = 0;
const startMs = performance.now();
while (sentCount < ALERTS && performance.now() - startMs < SECONDS * 1_000) {
  const body = `[${Array.from({ length: BATCH }, (_, j) => alertOf(sentCount + j)).join(',')}]`;
  const response = await fetch(`http://127.0.0.1:${hub.port}/`, { method: 'POST', body });
  await response.text();
  if (response.status !== 200) throw new Error(`status ${response.status}`);
  if (sentCount % (Math.ceil(ALERTS / LOOKS / BATCH) * BATCH) === 0) memory.push(Math.round(hub.memoryMb()));
  sentCount += BATCH;
}
const tookSeconds = (performance.now() - startMs) / 1_000;
const text = await hub.metrics();
console.log(
  `down: ${sentCount} alerts in ${tookSeconds.toFixed(0)} s, ${(hub.cpu() / sentCount).toFixed(1)} µs CPU each, ${metricIn(text, 'peregrine_hub_output_queue_alerts')} wait, ${metricIn(text, 'peregrine_hub_output_lost_alerts_total')} lost, journal ${(metricIn(text, 'peregrine_hub_journal_bytes') / 1e6).toFixed(0)} MB, memory while they came ${memory.join(' ')} MB`,
);
isDown = false;
const backMs = performance.now();
let mostMb = 0;
while (nextId < sentCount) {
  await pause(50);
  mostMb = Math.max(mostMb, hub.memoryMb());
}
console.log(
  `back: all ${nextId} arrived within ${((performance.now() - backMs) / 1_000).toFixed(0)} s, ${gapCount} gaps, ${repeatCount} repeats; memory at most ${mostMb.toFixed(0)} MB`,
);
await hub.stop();
receiver.closeAllConnections();
receiver.close();
