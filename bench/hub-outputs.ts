/**
 * Fifty destinations, of which one never answers, one answers 500, and one sends its answer byte by byte for ever: what the
 * other 47 notice of that. Alerts go out a few at a time; what counts is how long each takes from its post to its arrival. All
 * 47 wait for the same pauses of a process, so that short runs say little of the slowest: `SECONDS` is the length of each.
 */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { alertOf, metricIn, quantile, startHub } from './hub/program.ts';

const DESTINATIONS = 50;
const BAD = 3;
const PER_SECOND = 20;
const SECONDS = Number(process.env.SECONDS ?? 15);
const ROUNDS = 3;

let sentMs: number[] = [];
let latenciesMs: number[] = [];
const receiver = createServer((request, response) => {
  const destination = Number(/^\/(\d+)\//.exec(request.url ?? '')?.[1]);
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    if (destination < BAD && isBad) {
      if (destination === 1) response.writeHead(500).end();
      if (destination === 2)
        dribble(
          () => response.write('x'),
          () => response.destroyed,
        );
      return;
    }
    if (destination >= BAD) {
      const id = Number(/"bench_id":"(\d+)"/.exec(Buffer.concat(chunks).toString('latin1'))?.[1]);
      const sent = sentMs[id];
      if (sent !== undefined) latenciesMs.push(performance.now() - sent);
    }
    response.end();
  });
});
let isBad = false;

function dribble(write: () => void, isOver: () => boolean): void {
  const timer = setInterval(() => (isOver() ? clearInterval(timer) : write()), 100);
}

await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
const { port } = receiver.address() as AddressInfo; // It listens on an address, not on a path.
const hosts = Array.from({ length: DESTINATIONS }, (_, i) => `"http://127.0.0.1:${port}/${i}/"`).join(', ');

console.log(`load of the machine: ${loadavg()[0]?.toFixed(1)}`);
for (let round = 0; round < ROUNDS; round++) {
  for (const bad of [false, true]) {
    isBad = bad;
    sentMs = [];
    latenciesMs = [];
    const hub = await startHub(`alertmanager: { hostport: [${hosts}], timeout: 2s }\n`);
    await pause(1_000);
    const cpuBefore = hub.cpu();
    for (let i = 0; i < SECONDS * PER_SECOND; i++) {
      sentMs[i] = performance.now();
      await (await fetch(`http://127.0.0.1:${hub.port}/`, { method: 'POST', body: alertOf(i) })).text();
      await pause(1_000 / PER_SECOND);
    }
    await pause(2_000);
    const expected = SECONDS * PER_SECOND * (DESTINATIONS - BAD);
    const waiting = metricIn(await hub.metrics(), 'peregrine_hub_output_queue_alerts');
    console.log(
      `${bad ? 'three bad' : 'all good'}: ${latenciesMs.length} of ${expected} arrived at the 47, p50 ${quantile(latenciesMs, 0.5).toFixed(0)} ms p99 ${quantile(latenciesMs, 0.99).toFixed(0)} ms; CPU ${((hub.cpu() - cpuBefore) / latenciesMs.length).toFixed(0)} µs for each; ${waiting} wait; ${hub.memoryMb().toFixed(0)} MB`,
    );
    hub.child.kill('SIGKILL');
    await hub.stop();
  }
}
receiver.closeAllConnections();
receiver.close();
