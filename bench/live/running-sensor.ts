/** The whole program, watching a cgroup of its own, and what it says of itself: for benchmarks of the live sensor. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLiveCgroup, type LiveCgroup } from '../../packages/sources/testing/live-probe.ts';

const START_LIMIT_MS = 120_000;
const TICKS_PER_SECOND = 100;

export interface RunningSensor {
  readonly cgroup: LiveCgroup;
  /** Removed at the end. */
  readonly folder: string;
  /** CPU time of the program so far, seconds. */
  cpuSeconds(): number;
  rssBytes(): number;
  /** Samples of `/metrics`, by name and labels. */
  metrics(): Promise<ReadonlyMap<string, number>>;
  /** Standard error so far. */
  told(): string;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return address === null || typeof address === 'string' ? 0 : address.port;
}

/** Resolves when events are watched. `options`: `key=value` of the configuration. */
export async function startSensor(options: readonly string[]): Promise<RunningSensor> {
  const folder = mkdtempSync(join(tmpdir(), 'peregrine-bench-'));
  const cgroup = createLiveCgroup();
  const port = await freePort();
  const all = [
    'webserver.enabled=true',
    `webserver.listen_port=${port}`,
    'webserver.prometheus_metrics_enabled=true',
    'metrics.enabled=true',
    'coverage_ledger.alert=false',
    'coverage_ledger.log=false',
    ...options,
  ];
  const program = spawn(
    join(import.meta.dirname, '../../bin/peregrine'),
    ['up', '--scope', `cgroup:${cgroup.path}`, ...all.flatMap((option) => ['-o', option])],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let told = '';
  program.stderr.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  const ended = new Promise((resolve) => program.once('close', resolve));
  const stop = async (): Promise<void> => {
    program.kill('SIGINT');
    await ended;
    await cgroup.remove();
    rmSync(folder, { recursive: true });
  };
  for (const endMs = Date.now() + START_LIMIT_MS; !told.includes('watching this machine'); ) {
    if (Date.now() > endMs || program.exitCode !== null) {
      await stop();
      throw new Error(`the program does not watch: ${told}`);
    }
    await sleep(50);
  }
  const read = (name: string): string => readFileSync(`/proc/${program.pid}/${name}`, 'latin1');
  return {
    cgroup,
    folder,
    cpuSeconds: () => {
      const words = read('stat').split(') ')[1]?.split(' ') ?? [];
      return (Number(words[11]) + Number(words[12])) / TICKS_PER_SECOND;
    },
    rssBytes: () => Number(/^VmRSS:\s+(\d+)/m.exec(read('status'))?.[1]) * 1_024,
    metrics: async () => parseSamples(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()),
    told: () => told,
    stop,
  };
}

function parseSamples(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Resolves with what the process printed when it has ended. */
export async function outputOf(child: ChildProcess, onText?: (text: string) => void): Promise<string> {
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    onText?.(text);
  });
  child.stderr?.resume();
  await new Promise((resolve) => child.once('close', resolve));
  return output;
}
