/** Counters over UDP, taken by a socket. */

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mapNode, readTree, scalarNode } from '@peregrine/base';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type CounterReading, StatsdReporter, statsdConfig } from './statsd.ts';

let daemon: Socket;
let datagrams: string[] = [];
beforeEach(async () => {
  datagrams = [];
  daemon = createSocket('udp4');
  daemon.on('message', (bytes) => datagrams.push(bytes.toString('utf8')));
  daemon.bind(0, '127.0.0.1');
  await once(daemon, 'listening');
});
afterEach(() => daemon.close());

function reporter(
  style: 'statsd' | 'dogstatsd',
  read: () => readonly CounterReading[],
  tags: readonly string[] = [],
) {
  const node = mapNode([
    ['forwarder', scalarNode(`127.0.0.1:${daemon.address().port}`)],
    ['tags', { kind: 'list', items: tags.map((tag) => scalarNode(tag)), span: undefined }],
  ]);
  const settings = readTree(statsdConfig, node).value;
  if (settings?.forwarder === undefined) throw new Error('the settings can be read');
  const { forwarder } = settings;
  const troubles: string[] = [];
  return new StatsdReporter({
    style,
    settings: { ...settings, forwarder },
    read,
    intervalMs: 20,
    onTrouble: (reason) => troubles.push(reason),
  });
}

const counts = (ok: number): readonly CounterReading[] => [
  { name: 'total', tags: [], count: ok },
  { name: 'outputs', tags: ['output:slack', 'status:ok'], count: ok },
  { name: 'falco.accepted', tags: ['priority:Error'], count: 0 },
];

test.each([
  ['statsd', [], ['falcosidekick.total:3|c', 'falcosidekick.outputs.slack.ok:3|c']],
  [
    'statsd',
    ['env:prod'],
    ['falcosidekick.total:3|c|#env:prod', 'falcosidekick.outputs.slack.ok:3|c|#env:prod'],
  ],
  [
    'dogstatsd',
    ['env:a,b|c'],
    ['falcosidekick.total:3|c|#env:a_b_c', 'falcosidekick.outputs:3|c|#output:slack,status:ok,env:a_b_c'],
  ],
] as const)('%s with the tags %o', async (style, tags, lines) => {
  let ok = 3;
  const statsd = reporter(style, () => counts(ok), tags);
  await vi.waitFor(() => expect(datagrams.join('\n').split('\n')).toEqual(lines), { timeout: 20_000 });
  ok = 5;
  await statsd.stop();
  await vi.waitFor(() => expect(datagrams.at(-1)?.split('\n')[0]).toContain('total:2|c'), {
    timeout: 20_000,
  });
  expect(datagrams).toHaveLength(2);
});

test('many counters go in datagrams that every network takes, and nothing in a tag is a line of its own', async () => {
  const readings = Array.from({ length: 200 }, (_, i) => ({
    name: 'outputs',
    tags: [`output:destination-${i}\nevil:1|c`, 'status:ok'],
    count: 1,
  }));
  const statsd = reporter('dogstatsd', () => readings);
  await statsd.stop();
  await vi.waitFor(() => expect(datagrams.join('\n').split('\n')).toHaveLength(200), { timeout: 20_000 });
  expect(Math.max(...datagrams.map((text) => Buffer.byteLength(text)))).toBeLessThanOrEqual(1_432);
  expect(datagrams.join('\n')).not.toMatch(/^evil/m);
});
