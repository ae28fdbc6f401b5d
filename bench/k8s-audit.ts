/**
 * Audit events through the program: batches of 400 events of 2 to 8 KB over HTTP, 48 rules, their alerts to a file, and the
 * answer when they are there. One thread receives and evaluates; the CPU time is that of the whole process, all of its
 * threads. Beside it, what each part costs by itself. Other work on the machine counts less in CPU time than in events a
 * second, but it counts. Falco's rules are taken, too, where `FALCO_RULES` names their folder.
 */

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { batchOf, EVENTS } from './audit/events.ts';
import { measureParts, measureServer } from './audit/parts.ts';
import { sendBatches } from './audit/send-batches.ts';

const BATCHES = 150;
const WARM_UP_BATCHES = 60;
const ROUNDS = 5;
/** Of `/proc/PID/stat`, on every Linux. */
const TICK_MICROSECONDS = 10_000;
const root = join(import.meta.dirname, '..');
const upstream = process.env.FALCO_RULES ?? join(root, '../shared/upstream');
const files = [join(root, 'rules/k8s-audit.yaml'), join(upstream, 'k8s_audit_rules.yaml')].filter((path) =>
  existsSync(path),
);
const folder = mkdtempSync(join(tmpdir(), 'peregrine-audit-'));

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

function configWith(rules: string): string {
  const path = join(folder, 'falco.yaml');
  writeFileSync(
    path,
    `engine: {kind: nodriver}
stdout_output: {enabled: false}
syslog_output: {enabled: false}
file_output: {enabled: true, filename: ${join(folder, 'alerts.log')}, keep_alive: true}
rules_files: [${rules}]
plugins:
  - {name: k8saudit, open_params: "http://127.0.0.1:0/k8s-audit"}
  - {name: json}
`,
  );
  return path;
}

/** CPU time of all threads of a process since it began, microseconds. */
function cpuOf(pid: number): number {
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const fields = rest.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROSECONDS;
}

function peakMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1_024;
}

interface Run {
  readonly perSecond: number;
  readonly cost: number;
  readonly peakMb: number;
}

async function wholeProgram(rules: string): Promise<Run> {
  const program = spawn(join(root, 'bin/falco'), ['-U', '-c', configWith(rules)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  program.stderr.on('data', (text: Buffer) => {
    log += text.toString();
  });
  let url: string | undefined;
  while (url === undefined) {
    if (program.exitCode !== null) throw new Error(log);
    await pause(50);
    url = /reading `k8s_audit` events: (\S+)/.exec(log)?.[1];
  }
  const pid = program.pid ?? 0;
  await sendBatches(url, WARM_UP_BATCHES);
  const before = cpuOf(pid);
  const elapsedMs = await sendBatches(url, BATCHES);
  const cost = (cpuOf(pid) - before) / (BATCHES * EVENTS);
  const peak = peakMb(pid);
  program.kill('SIGTERM');
  await new Promise((resolve) => program.once('close', resolve));
  return { perSecond: (BATCHES * EVENTS * 1_000) / elapsedMs, cost, peakMb: peak };
}

const size = Buffer.byteLength(batchOf(0, EVENTS)) / EVENTS;
process.stdout.write(
  `${BATCHES} batches of ${EVENTS} events of ${(size / 1_024).toFixed(1)} KB in the mean, medians of ${ROUNDS} rounds, load ${loadavg()[0]?.toFixed(1)}\n`,
);
try {
  for (const path of files) {
    const rates: number[] = [];
    const costs: number[] = [];
    const peaks: number[] = [];
    const parts = new Map<string, number[]>();
    const rules = { name: path, text: readFileSync(path, 'utf8') };
    for (let round = 0; round < ROUNDS; round++) {
      const run = await wholeProgram(path);
      rates.push(run.perSecond);
      costs.push(run.cost);
      peaks.push(run.peakMb);
      const measured = { ...(await measureServer()), ...measureParts(rules) };
      for (const [name, value] of Object.entries(measured))
        parts.set(name, [...(parts.get(name) ?? []), value]);
    }
    const ruleCount = rules.text.match(/^- rule:/gm)?.length;
    process.stdout.write(
      `${path.slice(path.lastIndexOf('/') + 1)}, ${ruleCount} rules: ${Math.round(median(rates)).toLocaleString('en')} events/s over HTTP, ${median(costs).toFixed(1)} µs of CPU for each (least ${Math.min(...costs).toFixed(1)}), ${median(peaks).toFixed(0)} MB at most\n`,
    );
    for (const [name, values] of parts)
      process.stdout.write(`  ${name.padEnd(44)} ${median(values).toFixed(2)} µs\n`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
process.stdout.write(`load at the end ${loadavg()[0]?.toFixed(1)}\n`);
