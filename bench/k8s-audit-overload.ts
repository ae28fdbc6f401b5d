/**
 * The webhook under several times what it can take: how many requests are turned away, what memory that costs, and
 * whether anything that was acknowledged is lost when the program is killed in the middle of it. `BENCH_SECONDS` in the
 * environment says for how long; a minute unless it does.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { auditEvent } from './audit/events.ts';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 60);
const EVENTS = 50;
const CONNECTIONS = 96;
const WAITING_BYTES = 1024 * 1024;
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
const answers = new Map<number, number>();
let isOver = false;
async function sender(name: number): Promise<void> {
  let body: Buffer | undefined;
  let ids: readonly string[] = [];
  for (let i = 0; !isOver; ) {
    // What is turned away is sent again, as API servers do, only sooner.
    if (body === undefined) {
      ids = Array.from({ length: EVENTS }, (_, n) => `${name}-${i}-${n}`);
      body = bodyOf(ids);
    }
    const status = await send(body);
    answers.set(status, (answers.get(status) ?? 0) + 1);
    if (status === 429) continue;
    if (status === 200) acknowledged.push(...ids);
    body = undefined;
    i++;
  }
}

const before = rssMb(program);
let most = before;
const senders = Array.from({ length: CONNECTIONS }, (_, name) => sender(name));
const endMs = performance.now() + SECONDS * 1_000;
while (performance.now() < endMs) {
  most = Math.max(most, rssMb(program));
  await pause(200);
}
process.kill(program.pid ?? 0, 'SIGKILL');
await new Promise((resolve) => program.once('close', resolve));
isOver = true;
await Promise.all(senders);
agent.destroy();

const written = new Set(readFileSync(alerts, 'utf8').match(/(?<=seen )[^;]+/g));
const lost = acknowledged.filter((id) => !written.has(id)).length;
const [taken = 0, refused = 0] = [answers.get(200), answers.get(429)];
process.stdout.write(
  [
    `${SECONDS} s, ${CONNECTIONS} connections, batches of ${EVENTS} events of 5 KB, ${WAITING_BYTES / 1_048_576} MB may wait`,
    `answers: ${[...answers].map(([status, count]) => `${status === 0 ? 'none' : status}: ${count}`).join(', ')}; offered ${((taken + refused) / taken).toFixed(1)} times what was taken`,
    `taken: ${Math.round((taken * EVENTS) / SECONDS).toLocaleString('en')} events/s`,
    `memory: ${before.toFixed(0)} MB before, ${most.toFixed(0)} MB at most`,
    `acknowledged: ${acknowledged.length} events; lost of those when it was killed: ${lost}`,
    '',
  ].join('\n'),
);
rmSync(folder, { recursive: true });
if (lost > 0) process.exitCode = 1;
