/**
 * How long it takes to have a process of this machine ended by the process that acts on it: from asking to the answer, and
 * to the end of the process. Besides, how long that process takes to start, and its memory. Needs root.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { startHands } from '../packages/app/src/response/hands/start-hands.ts';

const count = Number(process.env.KILLS ?? 500);
const patience = AbortSignal.timeout(600_000);
// The connection alone keeps no program running.
const running = setInterval(() => {}, 60_000);

function figuresOf(valuesMs: readonly number[]): string {
  const sorted = valuesMs.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN).toFixed(2);
  return `median ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`;
}

const startMs = performance.now();
const { pid, connect } = startHands({
  capabilities: ['CAP_KILL', 'CAP_SYS_PTRACE'],
  protections: {},
  hostname: 'bench',
});
const { port, close } = connect();
await port.ask({ deed: 'greet', data: {}, isDryRun: true }, patience);
console.log(`ready after ${(performance.now() - startMs).toFixed(0)} ms`);

const answers: number[] = [];
const ends: number[] = [];
for (let index = 0; index < count; index++) {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  const ended = once(child, 'exit').then(() => performance.now());
  const askedMs = performance.now();
  const data = { pid: child.pid, seen_ms: Date.now() };
  const outcome = await port.ask({ deed: 'kill', data, isDryRun: false }, patience);
  answers.push(performance.now() - askedMs);
  if (outcome.kind !== 'done') {
    child.kill('SIGKILL');
    throw new Error(JSON.stringify(outcome));
  }
  ends.push((await ended) - askedMs);
}
console.log(`${count} processes, asked to answered: ${figuresOf(answers)}`);
console.log(`${count} processes, asked to ended: ${figuresOf(ends)}`);
const [, memory = '?'] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
console.log(`memory of the process that acts: ${Math.round(Number(memory) / 1024)} MB`);
close();
clearInterval(running);
