/** A hub as a process of its own, with what it costs. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Of `/proc/PID/stat`, on every Linux. */
const TICK_MICROSECONDS = 10_000;
const root = join(import.meta.dirname, '..', '..');

export interface RunningHub {
  readonly port: number;
  readonly child: ChildProcess;
  /** Milliseconds from the start of the process to the first answer. */
  readonly startMs: number;
  /** CPU time of all its threads so far, microseconds. */
  cpu(): number;
  memoryMb(): number;
  metrics(): Promise<string>;
  stop(): Promise<void>;
}

/** `config` is added to what is needed; the journal is in a folder of its own, which is removed at the end. */
export async function startHub(
  config: string,
  folder = mkdtempSync(join(tmpdir(), 'peregrine-hub-')),
): Promise<RunningHub> {
  const file = join(folder, 'config.yaml');
  writeFileSync(
    file,
    `listenaddress: 127.0.0.1\nlistenport: 0\njournal: { path: ${folder}/state }\n${config}`,
  );
  const startedMs = performance.now();
  const child = spawn(join(root, 'bin/peregrine'), ['hub', '-c', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (text: Buffer) => {
    log = (log + text.toString()).slice(-100_000);
  });
  let port: number | undefined;
  while (port === undefined) {
    if (child.exitCode !== null) throw new Error(log);
    await pause(5);
    const found = /listening on 127\.0\.0\.1:(\d+)/.exec(log)?.[1];
    port = found === undefined ? undefined : Number(found);
  }
  const url = `http://127.0.0.1:${port}`;
  await (await fetch(`${url}/healthz`)).text();
  const startMs = performance.now() - startedMs;
  const pid = child.pid ?? 0;
  return {
    port,
    child,
    startMs,
    cpu: () => {
      const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
      const fields = rest.split(' ');
      return (Number(fields[11]) + Number(fields[12])) * TICK_MICROSECONDS;
    },
    memoryMb: () => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024,
    metrics: async () => (await fetch(`${url}/metrics`)).text(),
    stop: async () => {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** An alert of a kilobyte, as Falco sends it. */
export function alertOf(id: number, sizeBytes = 1_024): string {
  const head = `{"hostname":"node-7","output":"23:39:44.834631763: Notice A shell was spawned in a container with an attached terminal (user=root user_loginuid=-1 k8s.ns=default k8s.pod=alpine container=6ad4dc3a8b2f shell=sh parent=runc cmdline=sh terminal=34816)","output_fields":{"bench.id":${id},"container.id":"6ad4dc3a8b2f","container.image.repository":"docker.io/library/alpine","evt.time":1610667584834631763,"k8s.ns.name":"default","k8s.pod.name":"alpine","proc.cmdline":"sh","proc.name":"sh","proc.pname":"runc","proc.tty":34816,"user.loginuid":-1,"user.name":"root"`;
  const tail = `},"priority":"Notice","rule":"Terminal shell in container","source":"syscall","tags":["container","mitre_execution","shell"],"time":"2021-01-14T23:39:44.834631763Z"}`;
  const missing = sizeBytes - head.length - tail.length - 20;
  return `${head},"bench.padding":"${'x'.repeat(Math.max(0, missing))}"${tail}`;
}

/** A value of the metrics, summed over its labels. */
export function metricIn(text: string, name: string): number {
  let sum = 0;
  for (const [, value] of text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm')))
    sum += Number(value);
  return sum;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
