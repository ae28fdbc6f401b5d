/**
 * The webhook under four times what it can take: what that is comes first, from a few senders that wait for each answer;
 * then so many requests come in each second, answered or not. Told are how many are turned away, what memory that costs,
 * and whether anything that was acknowledged is lost when the program is killed in the middle of it. `BENCH_SECONDS` in
 * the environment says for how long; a minute unless it does.
 *
 * Senders and program share the machine, and sending is not much cheaper than taking. So the program is stopped and let
 * go on in turns, all the time, as on a processor that others have most of: then there is enough left to overload it.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { auditEvent } from './audit/events.ts';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 60);
const MEASURE_SECONDS = Math.min(10, SECONDS);
/** What gets offered falls a little short of this. */
const OVERLOAD = 5;
const EVENTS = 50;
const MEASURE_CONNECTIONS = 4;
const CONNECTIONS = 160;
const WAITING_BYTES = 1024 * 1024;
/** Of each turn the program runs for so long, and is stopped for the rest, milliseconds. */
const RUN_MS = 4;
const TURN_MS = 24;
const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'peregrine-overload-'));
const alerts = join(folder, 'alerts.log');

const rules = join(folder, 'rules.yaml');
writeFileSync(
  rules,
  '- {rule: All, desc: d, source: k8s_audit, condition: ka.verb exists, output: "seen %ka.auditid;", priority: INFO}\n',
);
const config = join(folder, 'falco.yaml');
writeFileSync(
  config,
  `engine: {kind: nodriver}
file_output: {enabled: true, filename: ${alerts}, keep_alive: true}
rules_files: [${rules}]
plugins:
  - name: k8saudit
    open_params: http://127.0.0.1:0/k8s-audit
    init_config: {max_waiting_bytes: ${WAITING_BYTES}}
`,
);

function rssMb({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1_024;
}

const program = spawn(join(root, 'bin/falco'), ['-U', '-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
let log = '';
program.stderr?.on('data', (text: Buffer) => {
  log += text.toString();
});
while (!/reading `k8s_audit` events: (\S+)/.test(log)) {
  if (program.exitCode !== null) throw new Error(log);
  await pause(50);
}
const url = /reading `k8s_audit` events: (\S+)/.exec(log)?.[1] ?? '';

function holdBack({ pid = 0 }: ChildProcess): NodeJS.Timeout {
  return setInterval(() => {
    process.kill(pid, 'SIGCONT');
    setTimeout(() => process.kill(pid, 'SIGSTOP'), RUN_MS);
  }, TURN_MS);
}

// One body is made once and changed in place: the ids have the same length.
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
const template = JSON.stringify({
  kind: 'EventList',
  items: Array.from({ length: EVENTS }, (_, i) => auditEvent(i)),
});
const pieces = template.split(/"auditID":"[^"]*"/);
function bodyOf(ids: readonly string[]): Buffer {
  return Buffer.from(
    pieces.map((piece, i) => (i < ids.length ? `${piece}"auditID":"${ids[i]}"` : piece)).join(''),
  );
}

function send(body: Buffer): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const sending = request(
    url,
    { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
    (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
      response.once('error', () => resolve(0));
    },
  );
  sending.once('error', () => resolve(0));
  sending.end(body);
  return promise;
}

const acknowledged: string[] = [];
let answers = new Map<number, number>();
/** When the next request may be sent; with no pace, at once. */
let paceMs = 0;
let dueMs = 0;
let sent = 0;

async function ownTurn(): Promise<void> {
  if (paceMs === 0) return;
  const nowMs = performance.now();
  dueMs = Math.max(dueMs + paceMs, nowMs - 1_000);
  if (dueMs > nowMs) await pause(dueMs - nowMs);
}

async function sender(name: string, isOver: () => boolean): Promise<void> {
  let body: Buffer | undefined;
  let ids: readonly string[] = [];
  for (let i = 0; !isOver(); ) {
    // What is turned away is sent again, as API servers do, only sooner.
    if (body === undefined) {
      ids = Array.from({ length: EVENTS }, (_, n) => `${name}-${i}-${n}`);
      body = bodyOf(ids);
    }
    await ownTurn();
    if (isOver()) break;
    sent++;
    const status = await send(body);
    answers.set(status, (answers.get(status) ?? 0) + 1);
    if (status === 429) continue;
    if (status === 200) acknowledged.push(...ids);
    body = undefined;
    i++;
  }
}

const sendersOf = (phase: string, count: number, isOver: () => boolean): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, (_, n) => sender(`${phase}${n}`, isOver)));
const rate = (requests: number, seconds: number): number => Math.round((requests * EVENTS) / seconds);

const holding = holdBack(program);
const measuredMs = performance.now() + MEASURE_SECONDS * 1_000;
await sendersOf('m', MEASURE_CONNECTIONS, () => performance.now() >= measuredMs);
const capacity = rate(answers.get(200) ?? 0, MEASURE_SECONDS);

answers = new Map();
sent = 0;
paceMs = (EVENTS * 1_000) / (capacity * OVERLOAD);
dueMs = performance.now();
const before = rssMb(program);
let most = before;
let isOver = false;
const senders = sendersOf('o', CONNECTIONS, () => isOver);
const endMs = performance.now() + SECONDS * 1_000;
while (performance.now() < endMs) {
  most = Math.max(most, rssMb(program));
  await pause(200);
}
const offered = rate(sent, SECONDS);
const counted = new Map(answers);
clearInterval(holding);
process.kill(program.pid ?? 0, 'SIGKILL');
isOver = true;
await new Promise((resolve) => program.once('close', resolve));
await senders;
agent.destroy();

const written = new Set(readFileSync(alerts, 'utf8').match(/(?<=seen )[^;]+/g));
const lost = acknowledged.filter((id) => !written.has(id)).length;
const events = (count: number): string => `${count.toLocaleString('en')} events/s`;
process.stdout.write(
  [
    `batches of ${EVENTS} events of 5 KB, ${WAITING_BYTES / 1_048_576} MB may wait; ${MEASURE_CONNECTIONS} senders that wait for answers: ${events(capacity)}`,
    `${SECONDS} s, ${CONNECTIONS} connections: ${events(offered)} offered, ${(offered / capacity).toFixed(1)} times that; ${events(rate(counted.get(200) ?? 0, SECONDS))} taken`,
    `answers: ${[...counted].map(([status, count]) => `${status === 0 ? 'none' : status}: ${count}`).join(', ')}`,
    `memory: ${before.toFixed(0)} MB before, ${most.toFixed(0)} MB at most`,
    `acknowledged: ${acknowledged.length} events; lost of those when it was killed: ${lost}`,
    '',
  ].join('\n'),
);
rmSync(folder, { recursive: true });
if (lost > 0) process.exitCode = 1;
