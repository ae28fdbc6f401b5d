/** Kafka, with a broker of librdkafka: what is committed, what comes again, what becomes of a broker that goes away. */

import { describe, expect, test, vi } from 'vitest';
import { KafkaBroker, kafkaObstacle } from '../../../testing/kafka-broker.ts';
import { openTestQueue, takeNumbers } from '../../../testing/test-queue.ts';

const obstacle = kafkaObstacle();
const title = obstacle === undefined ? 'Kafka' : `Kafka (skipped: ${obstacle})`;
const text = (n: number): string => JSON.stringify({ n });

const openAt = (broker: KafkaBroker, startAt: 'oldest' | 'newest' = 'oldest') =>
  openTestQueue(`kafka://${broker.address}/events`, { startAt });

/** Joining a group takes seconds in which nothing happens: each test has a broker of its own, and they run together. */
function withBroker(body: (broker: KafkaBroker) => Promise<void>): () => Promise<void> {
  return async () => {
    const broker = new KafkaBroker();
    try {
      broker.createTopic('events', 3);
      await body(broker);
    } finally {
      broker.remove();
    }
  };
}

describe.skipIf(obstacle !== undefined).concurrent(title, { timeout: 180_000 }, () => {
  test(
    'all partitions are read, and what was not acknowledged comes again',
    withBroker(async (broker) => {
      broker.send('events', 0, [text(1), text(2)]);
      broker.send('events', 1, [text(3)]);
      const first = await openAt(broker);
      expect((await takeNumbers(first.feed, 3)).toSorted()).toEqual([1, 2, 3]);
      broker.send('events', 2, [text(4)]);
      broker.send('events', 0, [text(5)]);
      expect((await takeNumbers(first.feed, 2, false)).toSorted()).toEqual([4, 5]);
      await first.feed.close();
      const second = await openAt(broker);
      expect((await takeNumbers(second.feed, 2)).toSorted()).toEqual([4, 5]);
      broker.send('events', 1, [text(6)]);
      expect(await takeNumbers(second.feed, 1)).toEqual([6]);
      expect([second.feed.counters.waitingEvents, second.feed.counters.waitingBytes]).toEqual([0, 0]);
      await second.feed.close();
    }),
  );

  test(
    'who begins with the newest goes on after a restart where it began, though nothing was acknowledged',
    withBroker(async (broker) => {
      broker.send('events', 0, [text(1)]);
      const first = await openAt(broker, 'newest');
      const next = first.feed.next(AbortSignal.timeout(60_000));
      // Where it begins is only known once it has joined: until then, what is sent comes before.
      let sent = 10;
      const sending = setInterval(() => broker.send('events', 0, [text(sent++)]), 200);
      const batch = await next;
      clearInterval(sending);
      const seen = batch?.events.map(({ document }) => Number(document.member('n')?.value())) ?? [];
      expect(seen).not.toContain(1);
      await first.feed.close();
      const second = await openAt(broker, 'newest');
      expect((await takeNumbers(second.feed, 1, false))[0]).toBe(seen[0]);
      await second.feed.close();
    }),
  );

  test(
    'messages that are packed',
    withBroker(async (broker) => {
      const packings = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
      for (const [n, packing] of packings.entries()) {
        const long = JSON.stringify({ n, pad: 'abc'.repeat(500) });
        broker.send('events', 0, [long, long], packing);
      }
      const { feed } = await openAt(broker);
      expect(await takeNumbers(feed, 10)).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
      await feed.close();
    }),
  );

  test(
    'a broker that goes away and comes back is read on',
    withBroker(async (broker) => {
      const { feed, told } = await openAt(broker);
      broker.send('events', 0, [text(1)]);
      expect(await takeNumbers(feed, 1)).toEqual([1]);
      const next = takeNumbers(feed, 1);
      broker.down();
      await vi.waitFor(() => expect(feed.counters.failures).toBeGreaterThan(0), { timeout: 60_000 });
      broker.up();
      broker.send('events', 1, [text(2)]);
      expect(await next).toEqual([2]);
      const title = `Kafka topic events at ${broker.address} gave no messages, and is tried again`;
      expect(told[0]).toContain(title);
      await feed.close();
    }),
  );

  test(
    'two of a group share the partitions',
    withBroker(async (broker) => {
      const members = [await openAt(broker), await openAt(broker)];
      const stop = new AbortController();
      const got = new Map<number, number>();
      const taking = members.map(async ({ feed }, who) => {
        for (
          let batch = await feed.next(stop.signal);
          batch !== undefined;
          batch = await feed.next(stop.signal)
        ) {
          for (const { document } of batch.events) got.set(Number(document.member('n')?.value()), who);
          batch.done();
        }
      });
      let n = 0;
      await vi.waitFor(
        () => {
          for (const partition of [0, 1, 2]) broker.send('events', partition, [text(n++)]);
          expect(new Set([...got.values()].slice(-6)).size).toBe(2);
        },
        { timeout: 90_000, interval: 300 },
      );
      await vi.waitFor(() => expect(got.size).toBe(n), { timeout: 60_000 });
      stop.abort();
      await Promise.all(taking);
      for (const { feed } of members) await feed.close();
    }),
  );
});
