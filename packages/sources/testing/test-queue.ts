/** Feeds of queues for tests, whose events are told apart by a number. */

import { Complaints } from '../src/feeds/complaints.ts';
import type { Feed } from '../src/feeds/feed.ts';
import { FeedCounters } from '../src/feeds/feed-counters.ts';
import { openQueue } from '../src/feeds/queues/open-queue.ts';
import type { QueueSettings } from '../src/feeds/queues/queue-settings.ts';
import { Unpacker } from '../src/feeds/unpack.ts';
import { unpackJson } from '../src/feeds/unpack-json.ts';

export interface TestQueue {
  readonly feed: Feed;
  readonly told: readonly string[];
}

const plain: QueueSettings = {
  ...{ group: 'peregrine', stream: '', startAt: 'newest', user: '', password: '', saslMechanism: 'plain' },
  ...{ credentialsFile: '', serverAuthority: '', clientCertificate: '' },
};

export async function openTestQueue(
  address: string,
  settings: Partial<QueueSettings> = {},
  { mostWaitingBytes = 1_000_000 } = {},
): Promise<TestQueue> {
  const told: string[] = [];
  const counters = new FeedCounters();
  const complaints = new Complaints((_, text) => told.push(text));
  const unpacker = new Unpacker({
    ...{ unpack: unpackJson('', ''), nameOf: () => '', mostEventBytes: 100_000 },
    ...{ counters, complaints },
  });
  const feed = await openQueue(address, {
    settings: { ...plain, ...settings },
    ...{ unpacker, counters, complaints, mostMessageBytes: 10_000, mostWaitingBytes },
  });
  return { feed, told };
}

/** The numbers of the next events, at least so many. */
export async function takeNumbers(feed: Feed, count: number, isDone = true): Promise<readonly number[]> {
  const numbers: number[] = [];
  while (numbers.length < count) {
    const batch = await feed.next(AbortSignal.timeout(60_000));
    if (batch === undefined) throw new Error(`only ${numbers.length} of ${count} events came`);
    numbers.push(...batch.events.map(({ document }) => Number(document.member('n')?.value())));
    if (isDone) batch.done();
  }
  return numbers;
}
