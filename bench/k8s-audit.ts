/**
 * Audit events through the whole of their thread: a web server, JSON, 48 rules. A process of its own sends batches of 400
 * events of 2 to 8 KB; this one receives and evaluates them, in one thread. Beside it, what each part costs by itself, in CPU time: other work on the machine counts less that way.
 */

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRuleset, JsonEngine } from '@peregrine/engine';
import { JsonNode } from '@peregrine/events';
import { createAuditSource, type JsonEvent } from '@peregrine/fields';
import { type CheckedRule, loadRules } from '@peregrine/lang';
import {
  Complaints,
  FeedCounters,
  nameOfAudit,
  openFeed,
  Unpacker,
  unpackAudit,
} from '@peregrine/sources/feeds';
import { batchOf } from './audit/events.ts';

const BATCHES = 100;
const EVENTS = 400;
const ROUNDS = 5;
const root = join(import.meta.dirname, '..');

const source = createAuditSource();
const catalogue = {
  sources: [source],
  engineVersion: '0.63.0',
  plugins: [
    { name: 'k8saudit', version: '0.18.0' },
    { name: 'json', version: '0.7.0' },
  ],
};
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

let alertCount = 0;
function engineFor(rules: readonly CheckedRule<JsonEvent>[]): JsonEngine {
  return new JsonEngine({
    ruleset: createRuleset(rules, source, { matching: 'first', isTimeIso8601: false, isBufferBase64: false }),
    hostname: 'bench',
    onAlert: () => {
      alertCount++;
    },
    onBug: (error) => {
      throw error;
    },
  });
}

const settings = {
  ...{
    certificate: '',
    clientAuthority: '',
    bearerToken: '',
    answerWithinMs: 60_000,
    requestWithinMs: 60_000,
  },
  ...{ mostEventBytes: 262_144, mostBodyBytes: 12_582_912, mostWaitingBytes: 67_108_864 },
};

async function endToEnd(
  engine: JsonEngine,
): Promise<{ readonly perSecond: number; readonly cpuShare: number }> {
  const kind = { unpack: unpackAudit, nameOf: nameOfAudit, port: 0, path: '/k8s-audit' };
  const feed = await openFeed('http://127.0.0.1:0', kind, settings, () => {});
  const sender = spawn(
    process.execPath,
    [join(import.meta.dirname, 'audit/sender.ts'), feed.title, String(BATCHES), '4'],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  const stop = new AbortController();
  let startMs = 0;
  let usage = process.cpuUsage();
  let count = 0;
  while (count < BATCHES * EVENTS) {
    const batch = await feed.next(stop.signal);
    if (batch === undefined) break;
    // Starting the sender is none of ours.
    if (startMs === 0) {
      startMs = performance.now();
      usage = process.cpuUsage();
    } else count += batch.events.length;
    let num = 0;
    for (const { document, timeNs } of batch.events) engine.process({ document, timeNs, num: ++num });
    batch.done();
    if (count >= (BATCHES - 1) * EVENTS) break;
  }
  const elapsedMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(usage);
  await new Promise((resolve) => sender.once('close', resolve));
  await feed.close();
  return { perSecond: (count / elapsedMs) * 1_000, cpuShare: (user + system) / 1_000 / elapsedMs };
}

function parts(engine: JsonEngine): Readonly<Record<string, number>> {
  const bytes = Buffer.from(batchOf(0, EVENTS));
  const counters = new FeedCounters();
  const unpacker = new Unpacker({
    unpack: unpackAudit,
    mostEventBytes: 262_144,
    counters,
    complaints: new Complaints(() => {}),
    nameOf: nameOfAudit,
  });
  const { events } = unpacker.bytes(bytes);
  const document = JsonNode.parse(bytes);
  if (!(document instanceof JsonNode)) throw new Error(document.failure);
  const microseconds = (work: () => void): number => {
    const before = process.cpuUsage();
    for (let i = 0; i < 10; i++) work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / (10 * EVENTS);
  };
  return {
    'checking the text, finding its values': microseconds(() => JsonNode.parse(bytes)),
    'events out of the list, sizes, times': microseconds(() => unpacker.document(document)),
    'rules and their fields': microseconds(() => {
      for (const { document, timeNs } of events) engine.process({ document, timeNs, num: 1 });
    }),
    'for comparison: JSON.parse of the same': microseconds(() => JSON.parse(bytes.toString('utf8'))),
  };
}

const files = [
  join(root, 'rules/k8s-audit.yaml'),
  join(process.env.FALCO_RULES ?? '/nonexistent', 'k8s_audit_rules.yaml'),
].filter((path) => existsSync(path));
const size = Buffer.byteLength(batchOf(0, EVENTS)) / EVENTS;
process.stdout.write(
  `${BATCHES} batches of ${EVENTS} events of ${(size / 1_024).toFixed(1)} KB in the mean, ${ROUNDS} rounds\n`,
);
for (const path of files) {
  const { rules } = loadRules([{ name: path, text: readFileSync(path, 'utf8') }], catalogue);
  const engine = engineFor(rules);
  const rates: number[] = [];
  const shares: number[] = [];
  const costs = new Map<string, number[]>();
  for (let round = 0; round < ROUNDS; round++) {
    const { perSecond, cpuShare } = await endToEnd(engine);
    rates.push(perSecond);
    shares.push(cpuShare);
    for (const [name, cost] of Object.entries(parts(engine)))
      costs.set(name, [...(costs.get(name) ?? []), cost]);
  }
  const rate = median(rates);
  const share = median(shares);
  process.stdout.write(
    `${path.slice(path.lastIndexOf('/') + 1)}, ${rules.length} rules: ${Math.round(rate).toLocaleString('en')} events/s over HTTP, ${((1e6 * share) / rate).toFixed(1)} µs of CPU for each\n`,
  );
  for (const [name, values] of costs)
    process.stdout.write(`  ${name.padEnd(40)} ${median(values).toFixed(2)} µs an event\n`);
}
process.stdout.write(`${alertCount} alerts in all\n`);
