/**
 * How long after a system call something is done about it: until the process that made it is gone (`host:kill`), and until the
 * API server is asked to delete a pod (`kubernetes:terminate`). The whole program in one process, the stand-in for a cluster in
 * this one. Root and BTF needed. Watches a cgroup of its own and nothing else.
 */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { clusterObstacle, openCluster } from '../e2e/kube/cluster.ts';
import { Scratch, start, until } from '../e2e/program.ts';
import { podNamed } from '../e2e/response-program.ts';
import { createLiveCgroup, type LiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';

const SAMPLES = Number(process.env.BENCH_ROUNDS ?? 200);
const LIMIT_MS = 60_000;
const NANOSECONDS = 1e6;
/** `performance.now()` on the clock that programs in C read, milliseconds. */
const OFFSET_MS = Number(process.hrtime.bigint()) / NANOSECONDS - performance.now();

const rules = `- rule: Strike
  desc: Of a benchmark.
  condition: evt.type in (open, openat) and fd.name = /etc/shadow
  output: struck (pid=%proc.pid started=%proc.pid.ts exe=%proc.exepath)
  priority: NOTICE
`;

/** Runs the program once; gives the clock just before its call, and when it was gone. */
async function strike(cgroup: LiveCgroup, program: string): Promise<{ callMs: number; goneMs: number }> {
  const child = cgroup.spawn(`exec ${program}`);
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const goneMs = await new Promise<number>((resolve) =>
    child.once('exit', () => resolve(performance.now() + OFFSET_MS)),
  );
  if (child.stdout?.readableEnded === false) await new Promise((resolve) => child.once('close', resolve));
  return { callMs: Number(output) / NANOSECONDS, goneMs };
}

/** `peregrine up` with these responses, until it watches; gives what ends it. */
async function watch(cgroup: LiveCgroup, scratch: Scratch, hub: string): Promise<() => Promise<void>> {
  const running = start('peregrine', [
    ...['up', '-r', scratch.write('rules.yaml', rules), '--no-ui'],
    ...['--hub', scratch.write('hub.yaml', hub), '--scope', `cgroup:${cgroup.path}`],
  ]);
  await until(
    'it watches',
    () => /watching/.test(running.err()) || running.child.exitCode !== null,
    LIMIT_MS,
  );
  if (running.child.exitCode !== null) throw new Error(running.err());
  return async () => {
    running.child.kill('SIGTERM');
    await running.ended;
  };
}

const share = (values: readonly number[], part: number): number =>
  values.toSorted((left, right) => left - right)[
    Math.min(values.length - 1, Math.floor(values.length * part))
  ] ?? Number.NaN;

function report(title: string, values: readonly number[], targetMs: number): void {
  const figures = [0.5, 0.95, 0.99, 1].map((part) => share(values, part).toFixed(2).padStart(7));
  const verdict = share(values, 0.99) < targetMs ? 'met' : 'missed';
  process.stdout.write(`${title.padEnd(40)} ${figures.join(' ')}   p99 below ${targetMs} ms: ${verdict}\n`);
}

const common = 'limits: [], cooldown: 0s, dedupwindow: 0s';

async function measureKills(
  cgroup: LiveCgroup,
  scratch: Scratch,
  program: string,
): Promise<readonly number[]> {
  const response = scratch.write('response.yaml', '- when: rule = Strike\n  do: host:kill\n');
  const hub = `journal: {path: ${scratch.path('kills')}}\nresponse: {rulesfiles: [${response}], ${common}}\n`;
  const stop = await watch(cgroup, scratch, hub);
  try {
    const times: number[] = [];
    for (let i = 0; i < SAMPLES; i++) {
      const { callMs, goneMs } = await strike(cgroup, program);
      times.push(goneMs - callMs);
    }
    return times;
  } finally {
    await stop();
  }
}

async function measureDeletions(
  cgroup: LiveCgroup,
  scratch: Scratch,
  program: string,
): Promise<readonly number[]> {
  const cluster = await openCluster();
  const response = scratch.write('response.yaml', '- when: rule = Strike\n  do: kubernetes:terminate\n');
  const { file } = cluster.kubeconfigFor('admin');
  const stop = await watch(
    cgroup,
    scratch,
    `journal: {path: ${scratch.path('deletions')}}
customfields: {k8s.ns.name: default, k8s.pod.name: struck}
response: {rulesfiles: [${response}], kubeconfig: ${file}, ${common}}
`,
  );
  try {
    const times: number[] = [];
    for (let i = 0; i < SAMPLES; i++) {
      cluster.put(podNamed('struck'));
      cluster.requests.length = 0;
      const { callMs } = await strike(cgroup, `${program} go`);
      const deletion = () => cluster.requests.find(({ verb }) => verb === 'delete');
      await until('it is deleted', () => deletion() !== undefined, LIMIT_MS);
      times.push((deletion()?.atMs ?? Number.NaN) + OFFSET_MS - callMs);
      await until('it is gone', () => cluster.get('pods', 'default', 'struck') === undefined, LIMIT_MS);
    }
    return times;
  } finally {
    await stop();
    await cluster.close();
  }
}

const obstacle = liveObstacle() ?? clusterObstacle();
if (obstacle !== undefined) process.stdout.write(`skipped: ${obstacle}\n`);
else {
  const scratch = new Scratch();
  const cgroup = createLiveCgroup();
  try {
    const program = scratch.path('strike');
    execFileSync('clang', ['-static', '-O2', '-o', program, join(import.meta.dirname, 'live', 'strike.c')]);
    process.stdout.write(`${'milliseconds'.padEnd(40)}  median     p95     p99     max\n`);
    report('process gone after its call', await measureKills(cgroup, scratch, program), 20);
    report('DELETE at the API server after the call', await measureDeletions(cgroup, scratch, program), 50);
  } finally {
    await cgroup.remove();
    scratch.remove();
  }
}
