/** Redis, with a real server. */

import { join } from 'node:path';
import { createClient } from '@redis/client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Certificates, certificateObstacle, createCertificates } from '../../testing/certificates.ts';
import { numbered, openSink, sendUntilDelivered } from '../../testing/open-sink.ts';
import { isListening, programObstacle, type RunningServer, startServer } from '../../testing/run-server.ts';
import { sampleAlert, sampleAlerts } from '../../testing/sample-alerts.ts';
import { freePort, openTcpProxy } from '../../testing/tcp-proxy.ts';
import { redis } from './redis.ts';

const obstacle = programObstacle('redis-server');
const title = obstacle === undefined ? 'Redis' : `Redis (skipped: ${obstacle})`;
const corpora = join(import.meta.dirname, '../../../../corpora/sinks/redis');

async function startRedis(more: readonly string[], ports?: { readonly plain: number; readonly tls: number }) {
  const port = ports?.plain ?? (await freePort());
  const server = await startServer({
    program: 'redis-server',
    args: (folder) => [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'],
      ...more,
    ],
    isReady: () => isListening(port),
  });
  return { port, server };
}

describe.skipIf(obstacle !== undefined)(title, () => {
  let server: RunningServer;
  let port = 0;
  beforeAll(async () => {
    ({ server, port } = await startRedis(['--requirepass', 'hush']));
    await asked((client) => client.aclSetUser('hub', ['on', '>s3cret', '~alerts*', '+@all']));
  });
  afterAll(() => server?.remove());

  const settings = (more: Readonly<Record<string, string>> = {}) => ({
    ...{ address: `127.0.0.1:${port}`, password: 'hush' },
    ...more,
  });
  async function asked<T>(ask: (client: ReturnType<typeof clientOf>) => Promise<T>): Promise<T> {
    const client = clientOf();
    await client.connect();
    const answer = await ask(client);
    client.destroy();
    return answer;
  }
  const clientOf = () => createClient({ socket: { host: '127.0.0.1', port }, password: 'hush' });

  test.each(sampleAlerts)('keeps the alert %s', async (name, alert) => {
    const list = await openSink(redis, settings({ key: `list-${name}` }));
    const hash = await openSink(redis, settings({ key: `hash-${name}`, storagetype: 'hashmap' }));
    for (const sink of [list, hash]) expect(await sink.send(alert)).toEqual([{ kind: 'delivered' }]);
    expect(await hash.send(alert)).toEqual([{ kind: 'delivered' }]);
    const inList = await asked((client) => client.lRange(`list-${name}`, 0, -1));
    const inHash = await asked((client) => client.hGetAll(`hash-${name}`));
    await expect(
      `RPUSH\n${inList.join('\n')}\n\nHSET\n${Object.entries(inHash)
        .map(([key, value]) => `${key} ${value}`)
        .join('\n')}\n`,
    ).toMatchFileSnapshot(join(corpora, `${name}.txt`));
    for (const sink of [list, hash]) await sink.close();
  });

  test('order is kept, also when the connection breaks in between', async () => {
    const proxy = await openTcpProxy(port);
    const sink = await openSink(redis, settings({ address: `127.0.0.1:${proxy.port}`, key: 'order' }));
    const alerts = numbered(sampleAlert('whole'), 40);
    expect((await sink.send(...alerts.slice(0, 20)))[19]).toEqual({ kind: 'delivered' });
    proxy.cut();
    expect((await sink.send(...alerts.slice(20)))[0]).toMatchObject({ kind: 'retry' });
    proxy.resume();
    await vi.waitFor(async () => expect((await sink.send(...alerts.slice(20)))[0]?.kind).toBe('delivered'), {
      timeout: 20_000,
    });
    const texts = await asked((client) => client.lRange('order', 0, -1));
    expect(texts).toEqual(alerts.map(({ json }) => json));
    await sink.close();
    await proxy.close();
  });

  test('a server that says nothing is given up after the timeout', async () => {
    const proxy = await openTcpProxy(port);
    const options = { timeoutMs: 1_000 };
    const sink = await openSink(redis, settings({ address: `127.0.0.1:${proxy.port}` }), options);
    proxy.hang();
    expect(await sink.send(sampleAlert('test'))).toMatchObject([
      { kind: 'retry', reason: expect.stringMatching(/1000 ms|timeout/i) },
    ]);
    proxy.resume();
    await sendUntilDelivered(sink, sampleAlert('test'));
    await sink.close();
    await proxy.close();
  });

  test('a database, a user, and what the user may not', async () => {
    const elsewhere = await openSink(redis, settings({ database: '3', key: 'alerts' }));
    expect(await elsewhere.send(sampleAlert('test'))).toEqual([{ kind: 'delivered' }]);
    expect(await asked((client) => client.lLen('alerts'))).toBe(0);
    const user = settings({ username: 'hub', password: 's3cret', key: 'alerts' });
    const allowed = await openSink(redis, user);
    expect(await allowed.send(sampleAlert('test'))).toEqual([{ kind: 'delivered' }]);
    const forbidden = await openSink(redis, { ...user, key: 'other' });
    expect(await forbidden.send(sampleAlert('test'))).toMatchObject([
      { kind: 'retry', reason: expect.stringContaining('NOPERM') },
    ]);
    const stranger = await openSink(redis, { ...user, password: 'wr0ng-guess' });
    const [outcome] = await stranger.send(sampleAlert('test'));
    expect(outcome).toMatchObject({ kind: 'retry', reason: expect.stringContaining('WRONGPASS') });
    expect(JSON.stringify(outcome)).not.toContain('wr0ng-guess');
    for (const sink of [elsewhere, allowed, forbidden, stranger]) await sink.close();
  });

  test('a key that is something else', async () => {
    await asked((client) => client.set('taken', 'x'));
    const sink = await openSink(redis, settings({ key: 'taken' }));
    expect(await sink.send(sampleAlert('test'))).toMatchObject([
      { kind: 'retry', reason: expect.stringContaining('WRONGTYPE') },
    ]);
    await sink.close();
  });
});

const tlsObstacle = obstacle ?? certificateObstacle();
describe.skipIf(tlsObstacle !== undefined)(`${title} with TLS`, () => {
  let certificates: Certificates;
  let server: RunningServer;
  let port = 0;
  beforeAll(async () => {
    certificates = createCertificates();
    const { server: own, authority } = certificates;
    const tls = await freePort();
    ({ server } = await startRedis([
      ...['--tls-port', String(tls), '--tls-cert-file', own.cert, '--tls-key-file', own.key],
      ...['--tls-ca-cert-file', authority, '--tls-auth-clients', 'yes'],
    ]));
    port = tls;
  });
  afterAll(async () => {
    await server?.remove();
    certificates?.remove();
  });

  test('files of its own, those of all outputs, and no certificate', async () => {
    const { client, authority } = certificates;
    const files = { tls: 'true', certfile: client.cert, keyfile: client.key, cacertfile: authority };
    const own = await openSink(redis, { address: `localhost:${port}`, ...files });
    expect(await own.send(sampleAlert('test'))).toEqual([{ kind: 'delivered' }]);
    const tls = certificates.trust({ hasIdentity: true });
    const shared = await openSink(redis, { address: `localhost:${port}` }, { tls });
    expect(await shared.send(sampleAlert('test'))).toEqual([{ kind: 'delivered' }]);
    const none = await openSink(
      redis,
      { address: `rediss://localhost:${port}` },
      { tls: certificates.trust() },
    );
    expect(await none.send(sampleAlert('test'))).toMatchObject([{ kind: 'retry' }]);
    const stranger = await openSink(redis, { address: `rediss://localhost:${port}` });
    expect(await stranger.send(sampleAlert('test'))).toMatchObject([
      { kind: 'retry', reason: expect.stringContaining('certificate') },
    ]);
    for (const sink of [own, shared, none, stranger]) await sink.close();
  });
});

test('a file that is not there, and a certificate without key', async () => {
  const files = { tls: 'true', certfile: '/nowhere/a.pem', keyfile: '/nowhere/b.pem' };
  await expect(openSink(redis, files)).rejects.toThrow('cannot read `redis.certfile`: ENOENT');
  await expect(openSink(redis, { certfile: '/nowhere/a.pem' })).rejects.toThrow(
    '`redis.keyfile` is not set: a certificate needs its key',
  );
});
