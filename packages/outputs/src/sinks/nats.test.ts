/** NATS, with a real server: plain subjects, streams, what is refused, and what becomes of a server that goes away. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { nkeys } from '@nats-io/transport-node';
import { NatsServer, natsObstacle } from '@peregrine/sources/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Certificates, certificateObstacle, createCertificates } from '../../testing/certificates.ts';
import { numbered, openSink } from '../../testing/open-sink.ts';
import { sampleAlert, sampleAlerts } from '../../testing/sample-alerts.ts';
import { nats } from './nats.ts';

const obstacle = natsObstacle();
const title = obstacle === undefined ? 'NATS' : `NATS (skipped: ${obstacle})`;
const corpora = join(import.meta.dirname, '../../../../corpora/sinks/nats');
const { stringify } = JSON;

describe.skipIf(obstacle !== undefined)(title, () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await NatsServer.start();
  });
  afterAll(() => server.remove());

  async function received(count: number): Promise<{ readonly next: Promise<readonly string[]> }> {
    const client = await server.client();
    const texts: string[] = [];
    const subscription = client.subscribe('>', { max: count });
    await client.flush();
    const next = (async () => {
      for await (const message of subscription) texts.push(`${message.subject}\n\n${message.string()}\n`);
      await client.close();
      return texts;
    })();
    return { next };
  }

  test.each(sampleAlerts)('publishes the alert %s', async (name, alert) => {
    const { next } = await received(1);
    const sink = await openSink(nats, { hostport: `nats://${server.address}` });
    expect(await sink.send(alert)).toEqual([{ kind: 'delivered' }]);
    await expect((await next).join('')).toMatchFileSnapshot(join(corpora, `${name}.txt`));
    await sink.close();
  });

  test('keeps the order of many, and connects again to a server that was away', async () => {
    const sink = await openSink(nats, { hostport: server.address, subjecttemplate: 'alerts.<rule>' });
    const alerts = numbered(sampleAlert('whole'), 50);
    expect(await sink.send(...alerts.slice(0, 1))).toEqual([{ kind: 'delivered' }]);
    await server.stop();
    expect(await sink.send(...alerts)).toEqual(
      alerts.map(() => ({ kind: 'retry', reason: expect.any(String), afterMs: undefined })),
    );
    await server.restart();
    const { next } = await received(50);
    await vi.waitFor(async () => expect((await sink.send(...alerts))[49]?.kind).toBe('delivered'), {
      timeout: 20_000,
      interval: 100,
    });
    expect((await next).map((text) => text.split('\n')[0])).toEqual(alerts.map((_, n) => `alerts.rule_${n}`));
    await sink.close();
  });

  test('a stream keeps each alert once, however often it comes', async () => {
    const client = await server.client();
    const manager = await jetstreamManager(client);
    await manager.streams.add({ name: 'ALERTS', subjects: ['kept.>'] });
    const settings = { hostport: server.address, subjecttemplate: 'kept.<rule>', jetstream: 'true' };
    const sink = await openSink(nats, settings);
    const alerts = numbered(sampleAlert('shell'), 5);
    for (let again = 0; again < 2; again++)
      expect((await sink.send(...alerts)).map(({ kind }) => kind)).toEqual(alerts.map(() => 'delivered'));
    expect((await manager.streams.info('ALERTS')).state.messages).toBe(5);
    const consumer = await jetstream(client).consumers.get('ALERTS', { filter_subjects: 'kept.rule_3' });
    expect((await consumer.next())?.string()).toBe(alerts[3]?.json);
    await sink.close();
    await client.close();
  });

  test('without a stream for the subject alerts wait', async () => {
    const sink = await openSink(nats, { hostport: server.address, jetstream: 'true' });
    expect(await sink.send(sampleAlert('test'))).toEqual([
      { kind: 'retry', reason: 'no stream takes the subject `falco.debug.test_rule`', afterMs: undefined },
    ]);
    await sink.close();
  });

  test('one that is too large is refused, and those beside it are not', async () => {
    const sink = await openSink(nats, { hostport: server.address });
    const large = { ...sampleAlert('test'), json: stringify({ pad: 'x'.repeat(2_000_000) }) };
    const outcomes = await sink.send(sampleAlert('test'), large, sampleAlert('test'));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['delivered', 'rejected', 'delivered']);
    await sink.close();
  });
});

describe.skipIf(obstacle !== undefined)(`${title} with users`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'peregrine-nats-users-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('a wrong password is told of without the password, a forbidden subject with its name', async () => {
    const users = { users: [{ user: 'hub', password: 'h%sh/1', permissions: { publish: 'falco.debug.>' } }] };
    const file = join(folder, 'nats.conf');
    writeFileSync(file, stringify({ authorization: users }));
    const server = await NatsServer.start(['--config', file]);
    const at = (password: string) => ({
      hostport: `nats://hub:${encodeURIComponent(password)}@${server.address}`,
    });
    const stranger = await openSink(nats, at('s3cret-guess'));
    const [refused] = await stranger.send(sampleAlert('test'));
    expect(refused).toMatchObject({ kind: 'retry', reason: expect.stringMatching(/authorization/i) });
    expect(stringify([refused, stranger.debugLines])).not.toContain('s3cret-guess');
    const hub = await openSink(nats, at('h%sh/1'));
    expect(await hub.send(sampleAlert('test'), sampleAlert('whole'))).toEqual([
      { kind: 'delivered' },
      {
        kind: 'retry',
        reason: expect.stringContaining('falco.error.write_below_etc'),
        afterMs: undefined,
      },
    ]);
    for (const sink of [stranger, hub]) await sink.close();
    await server.remove();
  });

  test('a key in place of a password', async () => {
    const pair = nkeys.createUser();
    const file = join(folder, 'nkeys.conf');
    writeFileSync(file, stringify({ authorization: { users: [{ nkey: pair.getPublicKey() }] } }));
    const server = await NatsServer.start(['--config', file]);
    const seed = new TextDecoder().decode(pair.getSeed());
    const hub = await openSink(nats, { hostport: server.address, nkeyseed: seed });
    expect(await hub.send(sampleAlert('test'))).toEqual([{ kind: 'delivered' }]);
    const other = new TextDecoder().decode(nkeys.createUser().getSeed());
    const stranger = await openSink(nats, { hostport: server.address, nkeyseed: other });
    const outcomes = await stranger.send(sampleAlert('test'));
    expect(outcomes).toMatchObject([{ kind: 'retry', reason: expect.stringMatching(/authorization/i) }]);
    expect(stringify(outcomes)).not.toContain(other);
    for (const sink of [hub, stranger]) await sink.close();
    await server.remove();
  });
});

const tlsObstacle = obstacle ?? certificateObstacle();
describe.skipIf(tlsObstacle !== undefined)(`${title} with TLS`, () => {
  let certificates: Certificates;
  let server: NatsServer;
  beforeAll(async () => {
    certificates = createCertificates();
    const { server: own, authority } = certificates;
    server = await NatsServer.start([
      ...['--tlsverify', '--tlscert', own.cert, '--tlskey', own.key, '--tlscacert', authority],
    ]);
  });
  afterAll(async () => {
    await server.remove();
    certificates.remove();
  });

  test.each([
    ['who shows the certificate', true, 'delivered'],
    ['who shows none', false, 'retry'],
  ] as const)('%s', async (_who, hasIdentity, kind) => {
    const tls = certificates.trust({ hasIdentity });
    const sink = await openSink(nats, { hostport: `natss://${server.address}` }, { tls });
    expect((await sink.send(sampleAlert('test')))[0]?.kind).toBe(kind);
    await sink.close();
  });

  test('a server that is not trusted gets nothing', async () => {
    const identity = certificates.trust({ hasIdentity: true });
    const sink = await openSink(
      nats,
      { hostport: `natss://${server.address}` },
      { tls: { ...identity, authorities: [] } },
    );
    expect(await sink.send(sampleAlert('test'))).toMatchObject([
      { kind: 'retry', reason: expect.stringMatching(/certificate/) },
    ]);
    await sink.close();
  });
});

test.each([
  ['nats://a:4222,nats://b', undefined],
  ['http://a', '`nats.hostport` is `***`: it begins with none of `nats://`, `natss://`, `tls://`'],
  ['nats://', '`nats.hostport` is `***`: it is no address'],
  ['nats://u:%zz@a', '`nats.hostport` is `***`: a `%` in it is not followed by two digits'],
])('the address %s', async (hostport, why) => {
  const opening = openSink(nats, { hostport });
  if (why === undefined) await (await opening).close();
  else await expect(opening).rejects.toThrow(why);
});
