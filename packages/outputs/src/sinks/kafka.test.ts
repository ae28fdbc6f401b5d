/** Kafka, with the broker of librdkafka, which reads back what it was given. */

import { join } from 'node:path';
import { KafkaBroker, kafkaObstacle } from '@peregrine/sources/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Certificates, certificateObstacle, createCertificates } from '../../testing/certificates.ts';
import { openKafkaGate } from '../../testing/kafka-gate.ts';
import { numbered, openSink } from '../../testing/open-sink.ts';
import { sampleAlert, sampleAlerts } from '../../testing/sample-alerts.ts';
import { kafka } from './kafka.ts';

const obstacle = kafkaObstacle();
const title = obstacle === undefined ? 'Kafka' : `Kafka (skipped: ${obstacle})`;
const corpora = join(import.meta.dirname, '../../../../corpora/sinks/kafka');
/** Errors of the protocol. */
const NOT_LEADER = 6;
const MESSAGE_TOO_LARGE = 10;
const TOPIC_AUTHORIZATION_FAILED = 29;

describe.skipIf(obstacle !== undefined)(title, { timeout: 60_000 }, () => {
  let broker: KafkaBroker;
  beforeAll(() => {
    broker = new KafkaBroker();
  });
  afterAll(() => broker?.remove());

  const open = (topic: string, more: Readonly<Record<string, string>> = {}) =>
    openSink(kafka, { hostport: broker.address, topic, ...more });

  test.each(sampleAlerts)('produces the alert %s', async (name, alert) => {
    const topic = `golden-${name}`;
    broker.createTopic(topic, 1);
    const sink = await open(topic);
    expect(await sink.send(alert)).toEqual([{ kind: 'delivered' }]);
    const texts = broker.read(topic, 0, 1);
    await expect(`topic: ${topic}\n\n${texts.join('\n')}\n`).toMatchFileSnapshot(
      join(corpora, `${name}.txt`),
    );
    await sink.close();
  });

  test.each(['NONE', 'GZIP', 'SNAPPY', 'LZ4', 'ZSTD'])('packed with %s, in order', async (compression) => {
    const topic = `packed-${compression}`;
    broker.createTopic(topic, 1);
    const sink = await open(topic, { compression, requiredacks: 'all' });
    const alerts = numbered(sampleAlert('whole'), 40);
    expect((await sink.send(...alerts))[39]).toEqual({ kind: 'delivered' });
    expect(broker.read(topic, 0, 40)).toEqual(alerts.map(({ json }) => json));
    await sink.close();
  });

  test.each([
    ['round_robin', [2, 2, 2]],
    ['least_bytes', [2, 2, 2]],
    ['crc32', [6, 0, 0]],
    ['murmur2', [6, 0, 0]],
    ['crc32_random', [2, 2, 2]],
  ])('partitions by %s', async (balancer, counts) => {
    const topic = `spread-${balancer}`;
    broker.createTopic(topic, 3);
    const sink = await open(topic, { balancer });
    const alerts = numbered(sampleAlert('whole'), 6);
    for (const alert of alerts) expect(await sink.send(alert)).toEqual([{ kind: 'delivered' }]);
    expect(counts.map((count, i) => (count === 0 ? 0 : broker.read(topic, i, count).length))).toEqual(counts);
    await sink.close();
  });

  test('a broker that goes away and comes back, in order', async () => {
    broker.createTopic('away', 1);
    const sink = await open('away');
    const alerts = numbered(sampleAlert('shell'), 20);
    expect((await sink.send(...alerts.slice(0, 10)))[9]).toEqual({ kind: 'delivered' });
    broker.down();
    expect((await sink.send(...alerts.slice(10)))[0]).toMatchObject({ kind: 'retry' });
    broker.up();
    await vi.waitFor(async () => expect((await sink.send(...alerts.slice(10)))[9]?.kind).toBe('delivered'), {
      timeout: 30_000,
    });
    expect(broker.read('away', 0, 20)).toEqual(alerts.map(({ json }) => json));
    await sink.close();
  });

  test.each([
    ['what is too large is refused', MESSAGE_TOO_LARGE, 'rejected', /MESSAGE_TOO_LARGE/],
    ['what is forbidden waits', TOPIC_AUTHORIZATION_FAILED, 'retry', /./],
  ] as const)('%s', async (_what, error, kind, reason) => {
    const topic = `refused-${error}`;
    broker.createTopic(topic, 1);
    const sink = await open(topic);
    broker.refuse(error);
    expect(await sink.send(sampleAlert('test'))).toMatchObject([
      { kind, reason: expect.stringMatching(reason) },
    ]);
    expect(await sink.send(sampleAlert('test'))).toEqual([{ kind: 'delivered' }]);
    await sink.close();
  });

  test('a partition that has moved is found again', async () => {
    broker.createTopic('moved', 1);
    const sink = await open('moved');
    expect(await sink.send(sampleAlert('test'))).toEqual([{ kind: 'delivered' }]);
    broker.refuse(NOT_LEADER);
    expect(await sink.send(sampleAlert('whole'))).toEqual([{ kind: 'delivered' }]);
    expect(broker.read('moved', 0, 2)).toEqual([sampleAlert('test').json, sampleAlert('whole').json]);
    await sink.close();
  });
});

const tlsObstacle = obstacle ?? certificateObstacle();
const tlsTitle = `Kafka behind a gate${tlsObstacle === undefined ? '' : ` (skipped: ${tlsObstacle})`}`;
describe.skipIf(tlsObstacle !== undefined)(tlsTitle, { timeout: 60_000 }, () => {
  let broker: KafkaBroker;
  let certificates: Certificates;
  beforeAll(() => {
    broker = new KafkaBroker();
    broker.createTopic('gated', 1);
    certificates = createCertificates();
  });
  afterAll(() => {
    broker?.remove();
    certificates?.remove();
  });

  test.each([
    ['PLAIN', 'PLAIN hub'],
    ['SCRAM_SHA256', 'SCRAM-SHA-256 hub'],
    ['scram_sha512', 'SCRAM-SHA-512 hub'],
  ])('lets in who knows the password: %s', async (sasl, shown) => {
    const user = { name: 'hub', password: 's3cret' };
    const gate = await openKafkaGate({ broker: broker.address, user });
    const settings = { hostport: `127.0.0.1:${gate.port}`, topic: 'gated', sasl, username: 'hub' };
    const hub = await openSink(kafka, { ...settings, password: 's3cret' });
    expect(await hub.send(sampleAlert('test'))).toEqual([{ kind: 'delivered' }]);
    expect(new Set(gate.letIn)).toEqual(new Set([shown]));
    const count = gate.letIn.length;
    const stranger = await openSink(kafka, { ...settings, password: 'wr0ng-guess' });
    const outcomes = await stranger.send(sampleAlert('test'));
    expect(outcomes).toMatchObject([{ kind: 'retry', reason: expect.stringMatching(/authentication/i) }]);
    expect(JSON.stringify(outcomes)).not.toContain('wr0ng-guess');
    expect(gate.letIn).toHaveLength(count);
    for (const sink of [hub, stranger]) await sink.close();
    gate.close();
  });

  test('over TLS, with certificates of both sides', async () => {
    const gate = await openKafkaGate({ broker: broker.address, certificates });
    const settings = { hostport: `127.0.0.1:${gate.port}`, topic: 'gated', tls: 'true' };
    const known = await openSink(kafka, settings, { tls: certificates.trust({ hasIdentity: true }) });
    expect(await known.send(sampleAlert('whole'))).toEqual([{ kind: 'delivered' }]);
    const stranger = await openSink(kafka, settings, { tls: certificates.trust(), timeoutMs: 5_000 });
    expect(await stranger.send(sampleAlert('test'))).toMatchObject([{ kind: 'retry' }]);
    const careful = await openSink(kafka, settings);
    expect(await careful.send(sampleAlert('test'))).toMatchObject([
      { kind: 'retry', reason: expect.stringMatching(/certificate/) },
    ]);
    for (const sink of [known, stranger, careful]) await sink.close();
    gate.close();
  });
});

test('a mechanism without a user is refused', async () => {
  await expect(openSink(kafka, { sasl: 'SCRAM_SHA512' })).rejects.toThrow(
    '`kafka.username` is not set, and `kafka.sasl` needs it',
  );
});
