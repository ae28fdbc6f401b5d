/**
 * How long after an event its alert can be read: the whole program with the rules that come along, its standard
 * output a pipe, and a small program that opens /etc/shadow again and again. The event's time is the kernel's; how far
 * it lies behind the clock just before the call tells whether it can be trusted. Root and BTF needed. Watches a cgroup
 * of its own and nothing else.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createLiveCgroup, type LiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';

const SAMPLES = Number(process.env.BENCH_ROUNDS ?? 300);
const TARGET_MS = 10;
const START_LIMIT_MS = 60_000;
const NANOSECONDS = 1e6;

/** One alert of interest: both times in milliseconds since the epoch. */
interface Arrival {
  readonly eventMs: number;
  readonly arrivalMs: number;
}

/** The wall clock to the microsecond: `Date` shows when a millisecond begins, the other clock what came after. */
function wallClock(): () => number {
  const start = Date.now();
  let tick = start;
  while (tick === start) tick = Date.now();
  const offsetMs = tick - performance.now();
  return () => offsetMs + performance.now();
}

/** `2026-01-02T03:04:05.678901234Z` as milliseconds. */
function parseTime(text: string): number {
  const [seconds = '', fraction = '0'] = text.replace(/Z$/, '').split('.');
  return Date.parse(`${seconds}Z`) + Number(`0.${fraction}`) * 1_000;
}

function collectArrivals(program: ChildProcess): Arrival[] {
  const arrivals: Arrival[] = [];
  let clock = wallClock();
  let rest = '';
  program.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const arrivalMs = clock();
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const alert: unknown = JSON.parse(line);
      if (typeof alert !== 'object' || alert === null || !('time' in alert)) continue;
      if (line.includes('/etc/shadow')) arrivals.push({ eventMs: parseTime(String(alert.time)), arrivalMs });
    }
    // Clocks drift apart while they are set; what follows comes much later than this takes.
    clock = wallClock();
  });
  return arrivals;
}

async function watching(program: ChildProcess): Promise<void> {
  let told = '';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (): void => reject(new Error(`the program does not watch: ${told}`));
  const timer = setTimeout(fail, START_LIMIT_MS);
  program.once('exit', fail);
  program.stderr?.setEncoding('utf8').on('data', (text: string) => {
    told += text;
    if (told.includes('watching this machine')) resolve();
  });
  await promise.finally(() => clearTimeout(timer));
  program.off('exit', fail);
}

/** Wall clock before each open. Pauses differ, so that no phase of a polling loop is favoured. */
async function open(cgroup: LiveCgroup, opener: string, count: number): Promise<readonly number[]> {
  const pause = 'sleep 0.0$((20 + (i * 7) % 17))';
  const script = `i=0; while [ $i -lt ${count} ]; do ${opener} /etc/shadow; ${pause}; i=$((i + 1)); done`;
  // The inner shell is born in the cgroup, so that all of its life is seen.
  const child = cgroup.spawn(`/bin/sh -c '${script}'; true`);
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await new Promise((resolve) => child.once('close', resolve));
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Number(line) / NANOSECONDS);
}

const share = (values: readonly number[], part: number): number =>
  values.toSorted((left, right) => left - right)[
    Math.min(values.length - 1, Math.floor(values.length * part))
  ] ?? 0;

function report(title: string, values: readonly number[]): void {
  const figures = [0.5, 0.95, 0.99, 1].map((part) => share(values, part).toFixed(2).padStart(7));
  process.stdout.write(`${title.padEnd(36)} ${figures.join(' ')}\n`);
}

async function measure(cgroup: LiveCgroup, folder: string): Promise<void> {
  const opener = join(folder, 'open');
  execFileSync('clang', ['-static', '-O2', '-o', opener, join(import.meta.dirname, 'live', 'open.c')]);
  const program = spawn(
    join(import.meta.dirname, '..', 'bin', 'peregrine'),
    ['up', '--scope', `cgroup:${cgroup.path}`, '--json'],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const ended = new Promise((resolve) => program.once('close', resolve));
  try {
    const arrivals = collectArrivals(program);
    await watching(program);
    const before = await open(cgroup, opener, SAMPLES);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const latencies = arrivals.map(({ eventMs, arrivalMs }) => arrivalMs - eventMs);
    process.stdout.write(`${before.length} opens, ${arrivals.length} alerts\n`);
    process.stdout.write(`${'milliseconds'.padEnd(36)}  median     p95     p99     max\n`);
    report('alert read after the event', latencies);
    report(
      'event after the clock before the call',
      before.map((ms, index) => (arrivals[index]?.eventMs ?? Number.NaN) - ms),
    );
    const verdict = share(latencies, 0.99) < TARGET_MS ? 'met' : 'missed';
    process.stdout.write(`target: p99 below ${TARGET_MS} ms: ${verdict}\n`);
    if (arrivals.length !== before.length) process.exitCode = 1;
  } finally {
    program.kill('SIGINT');
    await ended;
  }
}

const obstacle = liveObstacle();
if (obstacle !== undefined) process.stdout.write(`skipped: ${obstacle}\n`);
else {
  const folder = mkdtempSync(join(tmpdir(), 'peregrine-bench-'));
  const cgroup = createLiveCgroup();
  try {
    await measure(cgroup, folder);
  } finally {
    await cgroup.remove();
    rmSync(folder, { recursive: true });
  }
}
