/** What each part of an audit event's way through its thread costs by itself, in CPU time. */

import { createRuleset, JsonEngine } from '@peregrine/engine';
import { JsonNode } from '@peregrine/events';
import { createAuditSource } from '@peregrine/fields';
import { loadRules } from '@peregrine/lang';
import {
  Complaints,
  FeedCounters,
  type FeedSettings,
  nameOfAudit,
  openFeed,
  Unpacker,
  unpackAudit,
} from '@peregrine/sources/feeds';
import { batchOf, EVENTS } from './events.ts';
import { sendBatches } from './send-batches.ts';

const REPEATS = 10;
const RECEIVED_BATCHES = 60;

export type Parts = Readonly<Record<string, number>>;

const settings: FeedSettings = {
  ...{ certificate: '', clientAuthority: '', bearerToken: '' },
  ...{ answerWithinMs: 60_000, requestWithinMs: 60_000 },
  ...{ mostEventBytes: 262_144, mostBodyBytes: 12_582_912, mostWaitingBytes: 67_108_864 },
};

/** Microseconds of CPU time for each event, of work that is done on a batch. */
function microseconds(work: () => void): number {
  const before = process.cpuUsage();
  for (let i = 0; i < REPEATS; i++) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (REPEATS * EVENTS);
}

interface RulesFile {
  readonly name: string;
  readonly text: string;
}

function engineWith(rulesFile: RulesFile): JsonEngine {
  const source = createAuditSource();
  const plugins = [
    { name: 'k8saudit', version: '0.18.0' },
    { name: 'json', version: '0.7.0' },
  ];
  const { rules } = loadRules([rulesFile], { sources: [source], engineVersion: '0.63.0', plugins });
  return new JsonEngine({
    ruleset: createRuleset(rules, source, { matching: 'first', isTimeIso8601: false, isBufferBase64: false }),
    hostname: 'bench',
    onAlert: () => {},
    onBug: (error) => {
      throw error;
    },
  });
}

export function measureParts(rulesFile: RulesFile): Parts {
  const bytes = Buffer.from(batchOf(0, EVENTS));
  const unpacker = new Unpacker({
    ...{ unpack: unpackAudit, nameOf: nameOfAudit, mostEventBytes: settings.mostEventBytes },
    ...{ counters: new FeedCounters(), complaints: new Complaints(() => {}) },
  });
  const document = JsonNode.parse(bytes);
  if (!(document instanceof JsonNode)) throw new Error(document.failure);
  const events = unpacker.document(document).events.map((event, i) => ({ ...event, num: i + 1 }));
  const engine = engineWith(rulesFile);
  const once = (): void => {
    for (const event of events) engine.process(event);
  };
  // The second time nothing is decoded any more: what remains are the conditions.
  const twice = (): void => {
    for (const event of events) {
      engine.process(event);
      engine.process(event);
    }
  };
  // Compiled code is what counts.
  for (const work of [once, twice, once, twice]) microseconds(work);
  const all = microseconds(once);
  const conditions = Math.max(0, microseconds(twice) - all);
  return {
    'text: checked, values found (report parse)': microseconds(() => JsonNode.parse(bytes)),
    'events: out of the list, sizes, times': microseconds(() => unpacker.document(document)),
    'fields: found and decoded': all - conditions,
    'rules: conditions and alerts': conditions,
    'for comparison, JSON.parse of the text': microseconds(() => JSON.parse(bytes.toString('utf8'))),
  };
}

/** Requests that are received and answered, and not looked at. */
export async function measureServer(): Promise<Parts> {
  const kind = {
    ...{ unpack: unpackAudit, nameOf: nameOfAudit, port: 0, path: '/k8s-audit' },
    unpackBody: () => ({ events: [], rejections: new Map() }),
  };
  const feed = await openFeed('http://127.0.0.1:0', kind, settings, () => {});
  await sendBatches(feed.title, RECEIVED_BATCHES);
  const before = process.cpuUsage();
  await sendBatches(feed.title, RECEIVED_BATCHES);
  const { user, system } = process.cpuUsage(before);
  await feed.close();
  return { 'web server: received, answered': (user + system) / (RECEIVED_BATCHES * EVENTS) };
}
