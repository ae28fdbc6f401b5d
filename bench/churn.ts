/**
 * A day of processes and containers that come and go, compressed: made-up events through everything that the sensor
 * keeps, at full speed. Prints what the tables hold and what memory the program takes, now and then: neither grows.
 */

import { createChurnedDetector } from '../packages/app/testing/churned-detector.ts';

const EVENTS = Number(process.env.BENCH_EVENTS ?? 20_000_000);
const LINES = 10;
const EVENTS_PER_LIFE = 15;
const MEGABYTE = 1 << 20;

const { engine, state, churn, bugs, alertCount, live, finish } = await createChurnedDetector();
const lives = Math.ceil(EVENTS / EVENTS_PER_LIFE / LINES);

function tell(): void {
  const { rss, heapUsed } = process.memoryUsage();
  const columns = {
    events: churn.eventCount,
    processes: churn.lifeCount,
    containers: churn.containerCount,
    'threads kept': state.tables.threadCount,
    'fds kept': state.fdCount(),
    'containers kept': [...state.tables.containers()].length,
    waiting: engine.waitingCount,
    'heap MB': Math.round(heapUsed / MEGABYTE),
    'RSS MB': Math.round(rss / MEGABYTE),
  };
  const text = Object.entries(columns).map(([name, value]) => `${name} ${value}`);
  process.stdout.write(`  ${text.join(', ')}\n`);
}

const startMs = performance.now();
for (let line = 0; line < LINES; line++) {
  live(lives);
  tell();
}
const seconds = (performance.now() - startMs) / 1_000;
finish();
tell();
process.stdout.write(
  `  ${(churn.eventCount / seconds / 1e6).toFixed(2)} million events a second with their making, ${alertCount()} alerts, ${bugs.length} bugs\n`,
);
