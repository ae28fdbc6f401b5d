/**
 * From a system call to the end of the process that made it: the whole program with one rule and one response rule, and
 * processes that tell the time, open a file and wait. What is counted is up to when their parent hears of their end. Root
 * and BTF needed. Watches a cgroup of its own and nothing else.
 */

import { once } from 'node:events';
import { Scratch, start, until } from '../e2e/program.ts';
import { createLiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';

const count = Number(process.env.KILLS ?? 200);
const obstacle = liveObstacle();
if (obstacle !== undefined) {
  console.log(`skipped: ${obstacle}`);
  process.exit();
}

/** Milliseconds since the epoch, to the microsecond, as `date` has them. */
const clockMs = (): number => performance.timeOrigin + performance.now();

const scratch = new Scratch();
const cgroup = createLiveCgroup();
const rules = scratch.write(
  'rules.yaml',
  '- rule: Read\n  desc: d\n  condition: evt.type in (open, openat) and fd.name = /etc/hostname\n  output: file by %proc.name %proc.pid %proc.pid.ts %proc.exepath\n  priority: NOTICE\n',
);
const response = scratch.write(
  'response.yaml',
  '- rule: End it\n  match: {rules: [Read]}\n  do: host:kill\n',
);
const hub = scratch.write(
  'hub.yaml',
  `journal: { path: ${scratch.path('state')} }\nresponse: { rulesfiles: [${response}], limits: [] }\n`,
);
const program = start('peregrine', ['up', '-r', rules, '--hub', hub, '--scope', `cgroup:${cgroup.path}`]);
try {
  await until('watching', () => program.err().includes('watching this machine'), 60_000);
  const tookMs: number[] = [];
  for (let index = 0; index < count; index++) {
    const child = cgroup.spawn('date +%s%N; exec 3</etc/hostname; exec sleep 60');
    let said = '';
    child.stdout?.on('data', (piece: Buffer) => {
      said += String(piece);
    });
    const ended = once(child, 'exit').then(() => clockMs());
    const endedMs = await ended;
    if (child.signalCode !== 'SIGKILL') throw new Error(`it was not ended: ${program.err()}`);
    tookMs.push(endedMs - Number(said.trim()) / 1e6);
  }
  const sorted = tookMs.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor((count - 1) * share)] ?? Number.NaN).toFixed(1);
  console.log(`${count} processes, call to end: median ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`);
} finally {
  program.child.kill('SIGTERM');
  await program.ended;
  await cgroup.remove();
  scratch.remove();
}
