/** NATS, with a real server: what is acknowledged, what comes again, what becomes of a server that goes away. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NatsServer, natsObstacle } from '../../../testing/nats-server.ts';
import { openTestQueue, takeNumbers } from '../../../testing/test-queue.ts';
import type { Batch, Feed } from '../feed.ts';

const tlsFolder = join(import.meta.dirname, '../../../../../corpora/tls');
const obstacle = natsObstacle();
const title = obstacle === undefined ? 'NATS' : `NATS (skipped: ${obstacle})`;

/** Until the feed has read one: what is published before a subscription stands is nobody's. */
async function publishUntilRead(sender: NatsConnection, { counters }: Feed): Promise<void> {
  await expect
    .poll(
      async () => {
        sender.publish('audit.prod', '{"n":1}');
        await sender.flush();
        return counters.events;
      },
      { timeout: 20_000 },
    )
    .toBeGreaterThan(0);
}

describe.skipIf(obstacle !== undefined)(title, () => {
  let server: NatsServer;
  let client: NatsConnection;
  let feed: Feed | undefined;

  beforeEach(async () => {
    server = await NatsServer.start();
    client = await server.client({ maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  });
  afterEach(async () => {
    await feed?.close();
    feed = undefined;
    await client.close();
    await server.remove();
  });

  const address = (): string => `nats://${server.address}/audit.prod`;
  const stream = async () => {
    const manager = await jetstreamManager(client);
    await manager.streams.add({ name: 'AUDIT', subjects: ['audit.>'] });
    return manager;
  };
  const publish = async (...numbers: readonly number[]): Promise<void> => {
    for (const n of numbers) await jetstream(client).publish('audit.prod', JSON.stringify({ n }));
  };

  test('a stream gives each message once, and what was not acknowledged again', async () => {
    const manager = await stream();
    await manager.consumers.add('AUDIT', {
      ...{ durable_name: 'peregrine', filter_subject: 'audit.prod', ack_policy: 'explicit', ack_wait: 1e9 },
    });
    await publish(1, 2);
    feed = (await openTestQueue(address(), { stream: 'AUDIT', startAt: 'oldest' })).feed;
    expect(await takeNumbers(feed, 2)).toEqual([1, 2]);
    await publish(3, 4);
    // Taken, but its alerts are not out when the program ends.
    expect(await takeNumbers(feed, 2, false)).toEqual([3, 4]);
    await feed.close();
    feed = (await openTestQueue(address(), { stream: 'AUDIT', startAt: 'oldest' })).feed;
    expect((await takeNumbers(feed, 2)).toSorted()).toEqual([3, 4]);
    await feed.close();
    const { ack_floor: floor, num_ack_pending: pending } = await manager.consumers.info('AUDIT', 'peregrine');
    expect([floor.stream_seq, pending]).toEqual([4, 0]);
  });

  test('a message whose alerts are slow to get out does not come twice', async () => {
    const manager = await stream();
    await manager.consumers.add('AUDIT', {
      ...{ durable_name: 'peregrine', filter_subject: 'audit.prod', ack_policy: 'explicit', ack_wait: 1e9 },
    });
    await publish(1);
    feed = (await openTestQueue(address(), { stream: 'AUDIT' })).feed;
    const batch = await feed.next(AbortSignal.timeout(30_000));
    // Two and a half times what the server waits for a word.
    expect(await feed.next(AbortSignal.timeout(2_500))).toBeUndefined();
    batch?.done();
    await publish(2);
    expect(await takeNumbers(feed, 1)).toEqual([2]);
    await feed.close();
    expect((await manager.consumers.info('AUDIT', 'peregrine')).num_redelivered).toBe(0);
  });

  test('two of a group share a stream', async () => {
    await stream();
    const settings = { stream: 'AUDIT', startAt: 'oldest' } as const;
    feed = (await openTestQueue(address(), settings)).feed;
    const other = (await openTestQueue(address(), settings)).feed;
    const got: Batch[] = [];
    const stop = new AbortController();
    const taking = [feed, other].map(async (each) => {
      for (
        let batch = await each.next(stop.signal);
        batch !== undefined;
        batch = await each.next(stop.signal)
      ) {
        got.push(batch);
        batch.done();
        if (got.flatMap(({ events }) => events).length === 20) stop.abort();
      }
    });
    await publish(...Array.from({ length: 20 }, (_, n) => n));
    await Promise.all(taking);
    await other.close();
    const numbers = got.flatMap(({ events }) =>
      events.map(({ document }) => Number(document.member('n')?.value())),
    );
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  test('who begins with the newest does not see what was there before', async () => {
    await stream();
    await publish(1);
    feed = (await openTestQueue(address(), { stream: 'AUDIT' })).feed;
    const next = takeNumbers(feed, 1);
    const manager = await jetstreamManager(client);
    await expect
      .poll(() => manager.consumers.info('AUDIT', 'peregrine').catch(() => undefined), { timeout: 20_000 })
      .toBeDefined();
    await publish(2);
    expect(await next).toEqual([2]);
  });

  test('a server that goes away and comes back is read on, and nothing is left out', async () => {
    await stream();
    const opened = await openTestQueue(address(), { stream: 'AUDIT', startAt: 'oldest' });
    feed = opened.feed;
    await publish(1);
    expect(await takeNumbers(feed, 1)).toEqual([1]);
    await server.stop();
    await server.restart();
    await expect
      .poll(
        () =>
          publish(2).then(
            () => 'sent',
            () => 'not yet',
          ),
        { timeout: 30_000 },
      )
      .toBe('sent');
    const rest = await takeNumbers(feed, 1);
    expect(rest).toEqual([2]);
    expect(feed.counters.failures).toBeGreaterThan(0);
    expect(opened.told.join('\n')).toContain('the connection to NATS has trouble (disconnect)');
  });

  test('a consumer that cannot be used is told of', async () => {
    const manager = await stream();
    await manager.consumers.add('AUDIT', { durable_name: 'peregrine', ack_policy: 'none' });
    const opened = await openTestQueue(address(), { stream: 'AUDIT' });
    feed = opened.feed;
    expect(await feed.next(AbortSignal.timeout(1_000))).toBeUndefined();
    expect(opened.told[0]).toContain(
      'the consumer `peregrine` has the ack policy `none`, and needs `explicit`',
    );
  });

  test('messages that are no events are counted, acknowledged, and in nobody’s way', async () => {
    const manager = await stream();
    for (const text of ['nonsense', '[1]', 'x'.repeat(20_000)])
      await jetstream(client).publish('audit.prod', text);
    await publish(7);
    feed = (await openTestQueue(address(), { stream: 'AUDIT', startAt: 'oldest' })).feed;
    expect(await takeNumbers(feed, 1)).toEqual([7]);
    expect(Object.fromEntries(feed.counters.rejected)).toEqual({
      not_json: 1,
      not_an_event: 1,
      too_large: 1,
    });
    await feed.close();
    expect((await manager.consumers.info('AUDIT', 'peregrine')).num_ack_pending).toBe(0);
  });

  test('a subject gives what comes while it is read; without room it is left out, and counted', async () => {
    const opened = await openTestQueue(address(), {}, { mostWaitingBytes: 2_000 });
    feed = opened.feed;
    const first = feed.next(AbortSignal.timeout(30_000));
    await publishUntilRead(client, feed);
    const batch = await first;
    client.publish('audit.prod', JSON.stringify({ n: 2, pad: 'x'.repeat(1_900) }));
    client.publish('audit.prod', JSON.stringify({ n: 3, pad: 'x'.repeat(1_900) }));
    await expect.poll(() => feed?.counters.refused.get('queue_full'), { timeout: 20_000 }).toBe(1);
    batch?.done();
    const numbers = await takeNumbers(feed, 1);
    expect(numbers.includes(3)).toBe(false);
    expect(opened.told.join()).toContain('a message is lost, since there is no room for it');
  });

  test('TLS, with a certificate of the client’s; and a token', { timeout: 120_000 }, async () => {
    const file = (name: string): string => join(tlsFolder, name);
    const guarded = await NatsServer.start([
      ...['--tlsverify', '--tlscert', file('server.crt'), '--tlskey', file('server.key')],
      ...['--tlscacert', file('authority.crt'), '--auth', 'hunter2'],
    ]);
    const folder = mkdtempSync(join(tmpdir(), 'peregrine-nats-tls-'));
    const clientCertificate = join(folder, 'client.pem');
    writeFileSync(
      clientCertificate,
      readFileSync(file('client.crt')) + readFileSync(file('client.key'), 'utf8'),
    );
    const place = `nats+tls://localhost:${guarded.address.split(':')[1]}/audit.prod`;
    const settings = { clientCertificate, serverAuthority: file('authority.crt') };
    try {
      const stranger = await openTestQueue(place, {
        ...settings,
        clientCertificate: '',
        password: 'hunter2',
      });
      const stop = new AbortController();
      const nothing = stranger.feed.next(stop.signal);
      await expect.poll(() => stranger.feed.counters.failures, { timeout: 60_000 }).toBeGreaterThan(0);
      stop.abort();
      expect(await nothing).toBeUndefined();
      await stranger.feed.close();
      feed = (await openTestQueue(place, { ...settings, password: 'hunter2' })).feed;
      const sender = await guarded.client({
        ...{ servers: place.replace(/^.*\/\/([^/]*)\/.*$/, '$1'), token: 'hunter2' },
        tls: {
          ca: readFileSync(file('authority.crt'), 'utf8'),
          certFile: clientCertificate,
          keyFile: clientCertificate,
        },
      });
      const next = feed.next(AbortSignal.timeout(30_000));
      await publishUntilRead(sender, feed);
      expect((await next)?.events.length).toBeGreaterThan(0);
      await sender.close();
      await feed.close();
    } finally {
      await guarded.remove();
      rmSync(folder, { recursive: true });
    }
  });

  test('with a wrong password nothing is read, and it says why', async () => {
    const closedServer = await NatsServer.start(['--user', 'peregrine', '--pass', 'secret']);
    try {
      const place = `nats://${closedServer.address}/audit.prod`;
      const wrong = await openTestQueue(place, { user: 'peregrine', password: 'other' });
      expect(await wrong.feed.next(AbortSignal.timeout(1_000))).toBeUndefined();
      await wrong.feed.close();
      expect(wrong.told.join()).toMatch(/gave no messages, and is tried again: .*Authorization/);
      const sender = await closedServer.client({ user: 'peregrine', pass: 'secret' });
      const right = await openTestQueue(place, { user: 'peregrine', password: 'secret' });
      feed = right.feed;
      const next = feed.next(AbortSignal.timeout(30_000));
      await publishUntilRead(sender, feed);
      expect((await next)?.events[0]?.document.value()).toEqual({ n: 1 });
      await sender.close();
      await feed.close();
    } finally {
      await closedServer.remove();
    }
  });
});
