/** MQTT, with a real broker. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Certificates, certificateObstacle, createCertificates } from '../../testing/certificates.ts';
import { numbered, openSink, sendUntilDelivered } from '../../testing/open-sink.ts';
import { isListening, programObstacle, type RunningServer, startServer } from '../../testing/run-server.ts';
import { sampleAlert, sampleAlerts } from '../../testing/sample-alerts.ts';
import { freePort, openTcpProxy } from '../../testing/tcp-proxy.ts';
import { mqtt } from './mqtt.ts';

const obstacle = programObstacle('mosquitto', 'mosquitto_passwd') ?? certificateObstacle();
const title = obstacle === undefined ? 'MQTT' : `MQTT (skipped: ${obstacle})`;
const corpora = join(import.meta.dirname, '../../../../corpora/sinks/mqtt');

describe.skipIf(obstacle !== undefined)(title, () => {
  let certificates: Certificates;
  let server: RunningServer;
  const ports = { open: 0, users: 0, tls: 0, web: 0 };

  beforeAll(async () => {
    certificates = createCertificates();
    for (const name of ['open', 'users', 'tls', 'web'] as const) ports[name] = await freePort();
    const { authority, server: own } = certificates;
    server = await startServer({
      program: 'mosquitto',
      args: (folder) => ['-c', join(folder, 'mosquitto.conf')],
      prepare: (folder) => {
        // `hub` with the password `s3cret`, as the broker's own tool writes it.
        const salt = 'AAAAAAAAAAAAAAAA';
        const { pbkdf2Sync } = process.getBuiltinModule('node:crypto');
        const hash = pbkdf2Sync('s3cret', Buffer.from(salt, 'base64'), 101, 64, 'sha512').toString('base64');
        writeFileSync(join(folder, 'users'), `hub:$7$101$${salt}$${hash}\n`, { mode: 0o644 });
        writeFileSync(
          join(folder, 'mosquitto.conf'),
          [
            'per_listener_settings true',
            `user ${process.getuid?.() === 0 ? 'root' : ''}`,
            `listener ${ports.open} 127.0.0.1\nallow_anonymous true`,
            `listener ${ports.users} 127.0.0.1\nallow_anonymous false\npassword_file ${join(folder, 'users')}`,
            `listener ${ports.tls} 127.0.0.1\nallow_anonymous true\nrequire_certificate true`,
            `cafile ${authority}\ncertfile ${own.cert}\nkeyfile ${own.key}`,
            `listener ${ports.web} 127.0.0.1\nprotocol websockets\nallow_anonymous true`,
            '',
          ].join('\n'),
        );
      },
      isReady: async () => (await isListening(ports.open)) && isListening(ports.web),
    });
  });
  afterAll(async () => {
    await server?.remove();
    certificates?.remove();
  });

  async function subscribed(topic: string) {
    const client = await connectAsync(`mqtt://127.0.0.1:${ports.open}`);
    const texts: string[] = [];
    client.on('message', (name, payload, { qos, retain }) => {
      texts.push(`topic: ${name}\nqos: ${qos}\nretained: ${retain}\n\n${payload.toString('utf8')}\n`);
    });
    await client.subscribeAsync(topic, { qos: 2 });
    return { texts, end: () => client.endAsync(true) };
  }

  test.each(sampleAlerts)('publishes the alert %s', async (name, alert) => {
    const topic = `golden/${name}`;
    const { texts, end } = await subscribed(topic);
    const sink = await openSink(mqtt, { broker: `tcp://127.0.0.1:${ports.open}`, topic });
    expect(await sink.send(alert)).toEqual([{ kind: 'delivered' }]);
    await vi.waitFor(() => expect(texts).toHaveLength(1), { timeout: 20_000 });
    await expect(texts.join('')).toMatchFileSnapshot(join(corpora, `${name}.txt`));
    await sink.close();
    await end();
  });

  test.each(['0', '1', '2'])('quality of service %s, in order', async (qos) => {
    const topic = `quality/${qos}`;
    const { texts, end } = await subscribed(topic);
    const sink = await openSink(mqtt, { broker: `127.0.0.1:${ports.open}`, topic, qos, retained: 'true' });
    const alerts = numbered(sampleAlert('whole'), 30);
    expect((await sink.send(...alerts))[29]).toEqual({ kind: 'delivered' });
    await vi.waitFor(() => expect(texts).toHaveLength(30), { timeout: 20_000 });
    expect(texts.map((text) => JSON.parse(text.split('\n\n')[1] ?? '').rule)).toEqual(
      alerts.map(({ rule }) => rule),
    );
    expect(texts[0]).toContain(`qos: ${qos}\n`);
    const late = await subscribed(topic);
    await vi.waitFor(() => expect(late.texts[0]).toContain('retained: true'), { timeout: 20_000 });
    for (const done of [sink.close, end, late.end]) await done();
  });

  test.each(['0', '1'])('with quality %s, a broker that is away or silent delivers nothing', async (qos) => {
    const proxy = await openTcpProxy(ports.open);
    const options = { timeoutMs: 1_500 };
    const sink = await openSink(mqtt, { broker: `127.0.0.1:${proxy.port}`, qos }, options);
    await sendUntilDelivered(sink, sampleAlert('test'));
    proxy.hang();
    expect(await sink.send(sampleAlert('test'))).toEqual([
      { kind: 'retry', reason: 'no answer within 1500 ms', afterMs: undefined },
    ]);
    proxy.resume();
    await sendUntilDelivered(sink, sampleAlert('test'));
    proxy.cut();
    expect(await sink.send(sampleAlert('test'))).toMatchObject([{ kind: 'retry' }]);
    proxy.resume();
    await sendUntilDelivered(sink, sampleAlert('test'));
    await sink.close();
    await proxy.close();
  });

  test('users', async () => {
    const settings = { broker: `tcp://127.0.0.1:${ports.users}`, user: 'hub' };
    const hub = await openSink(mqtt, { ...settings, password: 's3cret' });
    expect(await hub.send(sampleAlert('test'))).toEqual([{ kind: 'delivered' }]);
    const stranger = await openSink(mqtt, { ...settings, password: 'wr0ng-guess' });
    const [outcome] = await stranger.send(sampleAlert('test'));
    expect(outcome).toMatchObject({ kind: 'retry', reason: expect.stringMatching(/not authorized/i) });
    expect(JSON.stringify(outcome)).not.toContain('wr0ng-guess');
    for (const sink of [hub, stranger]) await sink.close();
  });

  test.each([
    ['who shows the certificate', true, 'delivered'],
    ['who shows none', false, 'retry'],
  ] as const)('over TLS: %s', async (_who, hasIdentity, kind) => {
    const tls = certificates.trust({ hasIdentity });
    const sink = await openSink(mqtt, { broker: `ssl://localhost:${ports.tls}` }, { tls });
    expect((await sink.send(sampleAlert('test')))[0]?.kind).toBe(kind);
    await sink.close();
  });

  test('through a web socket', async () => {
    const sink = await openSink(mqtt, { broker: `ws://127.0.0.1:${ports.web}` });
    expect(await sink.send(sampleAlert('test'))).toEqual([{ kind: 'delivered' }]);
    await sink.close();
  });
});

test('a topic with a wildcard is refused', async () => {
  await expect(openSink(mqtt, { topic: 'falco/#' })).rejects.toThrow(
    '`mqtt.topic` is no topic to publish on',
  );
});
