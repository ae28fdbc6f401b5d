/** RabbitMQ, with a real broker, started once since that takes its time. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ChannelModel, connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Certificates, certificateObstacle, createCertificates } from '../../testing/certificates.ts';
import { numbered, openSink, sendUntilDelivered } from '../../testing/open-sink.ts';
import { RABBITMQ, type RabbitServer, startRabbit } from '../../testing/rabbitmq-server.ts';
import { sampleAlert, sampleAlerts } from '../../testing/sample-alerts.ts';
import { openTcpProxy } from '../../testing/tcp-proxy.ts';
import { rabbitmq } from './rabbitmq.ts';

const obstacle = existsSync(RABBITMQ) ? certificateObstacle() : `there is no program \`${RABBITMQ}\``;
const title = obstacle === undefined ? 'RabbitMQ' : `RabbitMQ (skipped: ${obstacle})`;
const corpora = join(import.meta.dirname, '../../../../corpora/sinks/rabbitmq');

describe.skipIf(obstacle !== undefined)(title, () => {
  let certificates: Certificates;
  let server: RabbitServer;
  let reader: ChannelModel;
  beforeAll(async () => {
    certificates = createCertificates();
    server = await startRabbit(certificates, 'max_message_size = 100000');
    reader = await connect(`amqp://guest:guest@127.0.0.1:${server.port}`);
  }, 180_000);
  afterAll(async () => {
    await reader?.close();
    await server?.remove();
    certificates?.remove();
  }, 60_000);

  const addressOf = (port = server.port): string => `amqp://guest:guest@127.0.0.1:${port}/`;

  async function withQueue(
    name: string,
    options: Parameters<Awaited<ReturnType<ChannelModel['createChannel']>>['assertQueue']>[1] = {},
  ) {
    const channel = await reader.createChannel();
    await channel.assertQueue(name, options);
    return {
      /** All that is there now. */
      take: async () => {
        const found = [];
        for (
          let got = await channel.get(name, { noAck: true });
          got;
          got = await channel.get(name, { noAck: true })
        )
          found.push(got);
        return found;
      },
    };
  }

  test.each(sampleAlerts)('publishes the alert %s', async (name, alert) => {
    const queue = await withQueue(`golden-${name}`);
    const sink = await openSink(rabbitmq, { url: addressOf(), queue: `golden-${name}` });
    expect(await sink.send(alert)).toEqual([{ kind: 'delivered' }]);
    const [message] = await queue.take();
    const { exchange, routingKey } = message?.fields ?? {};
    const { contentType, messageId, deliveryMode } = message?.properties ?? {};
    await expect(
      [
        `exchange: "${exchange}"`,
        `routing key: ${routingKey}`,
        `content type: ${contentType}`,
        `message id: ${messageId}`,
        `delivery mode: ${deliveryMode}`,
        '',
        `${message?.content.toString('utf8')}\n`,
      ].join('\n'),
    ).toMatchFileSnapshot(join(corpora, `${name}.txt`));
    await sink.close();
  });

  test('order is kept, also when the connection breaks in between', async () => {
    const queue = await withQueue('order');
    const proxy = await openTcpProxy(server.port);
    const sink = await openSink(rabbitmq, { url: addressOf(proxy.port), queue: 'order' });
    const alerts = numbered(sampleAlert('whole'), 60);
    expect((await sink.send(...alerts.slice(0, 30)))[29]).toEqual({ kind: 'delivered' });
    proxy.cut();
    expect((await sink.send(...alerts.slice(30)))[0]).toMatchObject({ kind: 'retry' });
    proxy.resume();
    await vi.waitFor(async () => expect((await sink.send(...alerts.slice(30)))[29]?.kind).toBe('delivered'), {
      timeout: 20_000,
      interval: 100,
    });
    const rules = (await queue.take()).map(({ content }) => JSON.parse(content.toString('utf8')).rule);
    expect(rules).toEqual(alerts.map(({ rule }) => rule));
    await sink.close();
    await proxy.close();
  });

  test('a broker that says nothing is given up after the timeout', async () => {
    await withQueue('patience');
    const proxy = await openTcpProxy(server.port);
    const sink = await openSink(
      rabbitmq,
      { url: addressOf(proxy.port), queue: 'patience' },
      { timeoutMs: 1_500 },
    );
    proxy.hang();
    expect(await sink.send(sampleAlert('test'))).toMatchObject([
      { kind: 'retry', reason: expect.stringMatching(/^no (?:answer|connection) within 1500 ms$/) },
    ]);
    proxy.resume();
    await sendUntilDelivered(sink, sampleAlert('test'));
    await sink.close();
    await proxy.close();
  });

  test('a queue that is not there, one that is full, and a message that is too large', async () => {
    const absent = await openSink(rabbitmq, { url: addressOf(), queue: 'absent' });
    expect(await absent.send(sampleAlert('test'))).toEqual([
      { kind: 'retry', reason: 'there is no queue `absent`', afterMs: undefined },
    ]);
    const queue = await withQueue('full', {
      arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' },
    });
    const full = await openSink(rabbitmq, { url: addressOf(), queue: 'full' });
    expect(await full.send(sampleAlert('test'))).toEqual([{ kind: 'delivered' }]);
    const [refused] = await full.send(sampleAlert('whole'));
    expect(refused).toMatchObject({
      kind: 'retry',
      reason: expect.stringMatching(/^the broker did not take it/),
    });
    await queue.take();
    expect(await full.send(sampleAlert('whole'))).toEqual([{ kind: 'delivered' }]);
    await queue.take();
    const large = { ...sampleAlert('test'), json: JSON.stringify({ pad: 'x'.repeat(200_000) }) };
    const big = await withQueue('big');
    const sink = await openSink(rabbitmq, { url: addressOf(), queue: 'big' });
    expect(await sink.send(sampleAlert('test'), large, sampleAlert('whole'))).toMatchObject([
      { kind: 'delivered' },
      { kind: 'rejected', reason: expect.stringMatching(/message size .* is larger than/) },
      { kind: 'delivered' },
    ]);
    // What came before it in the batch may be there twice, with one id.
    const ids = (await big.take()).map(({ properties }): unknown => properties.messageId);
    expect(new Set(ids).size).toBe(2);
    await sink.close();
    for (const sink of [absent, full]) await sink.close();
  });

  test('a wrong password is told of without it', async () => {
    const url = `amqp://guest:s3cret-guess@127.0.0.1:${server.port}`;
    const sink = await openSink(rabbitmq, { url, queue: 'x' });
    const [outcome] = await sink.send(sampleAlert('test'));
    expect(outcome).toMatchObject({ kind: 'retry', reason: expect.stringMatching(/ACCESS.REFUSED/) });
    expect(JSON.stringify(outcome)).not.toContain('s3cret-guess');
    await sink.close();
  });

  test.each([
    ['who shows the certificate', true, 'delivered'],
    ['who shows none', false, 'retry'],
  ] as const)('over TLS: %s', async (_who, hasIdentity, kind) => {
    await withQueue('secure');
    const url = `amqps://guest:guest@localhost:${server.tlsPort}`;
    const sink = await openSink(
      rabbitmq,
      { url, queue: 'secure' },
      { tls: certificates.trust({ hasIdentity }) },
    );
    expect((await sink.send(sampleAlert('test')))[0]?.kind).toBe(kind);
    await sink.close();
  });
});

test('what is no address of a broker is refused without repeating it', async () => {
  await expect(openSink(rabbitmq, { url: 'http://u:hush@a', queue: 'x' })).rejects.toThrow(
    /^(?!.*hush).*`rabbitmq.url` is not an address that begins with `amqp:\/\/`/,
  );
});
