/** CloudWatch Logs, played by a server that checks signatures. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AwsRequest, type AwsServer, awsIdentity, startAwsServer } from '../../../testing/aws-server.ts';
import { EksFeed } from './eks-feed.ts';

const folder = mkdtempSync(join(tmpdir(), 'peregrine-eks-'));
afterAll(() => rmSync(folder, { recursive: true }));

const startMs = Date.now() - 5_000;
const logEvent = (n: number, atMs: number, message?: string) => ({
  eventId: `id-${n}`,
  timestamp: startMs + atMs,
  message:
    message ??
    JSON.stringify({
      kind: 'Event',
      auditID: `a-${n}`,
      stageTimestamp: new Date(startMs + atMs).toISOString(),
    }),
});

let server: AwsServer;
let log: ReturnType<typeof logEvent>[] = [];
let failures = 0;
const told: string[] = [];

beforeEach(async () => {
  process.env.AWS_ACCESS_KEY_ID = awsIdentity.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = awsIdentity.secretAccessKey;
  log = [];
  failures = 0;
  told.length = 0;
  server = await startAwsServer('logs', answer);
});
afterEach(() => server.close());

/** Two events to a page. */
function answer({ body }: AwsRequest) {
  if (failures-- > 0)
    return { status: 400, body: { __type: 'AccessDeniedException', message: 'no such luck' } };
  const wanted = log.filter(({ timestamp }) => timestamp >= Number(body.startTime));
  const first = Number(body.nextToken ?? 0);
  return {
    body: {
      events: wanted.slice(first, first + 2),
      ...(first + 2 < wanted.length ? { nextToken: String(first + 2) } : {}),
    },
  };
}

const open = (more: Partial<Parameters<typeof EksFeed.open>[0]> = {}): Promise<EksFeed> =>
  EksFeed.open({
    ...{ cluster: 'main', region: 'eu-west-1', profile: undefined, endpoint: server.url },
    ...{ pollMs: 20, shiftMs: 60_000, pageSize: 200, mostEventBytes: 10_000, checkpointFile: '' },
    tell: (_, text) => told.push(text),
    ...more,
  });

async function take(feed: EksFeed, count: number, isDone = true): Promise<readonly unknown[]> {
  const ids: unknown[] = [];
  while (ids.length < count) {
    const batch = await feed.next(AbortSignal.timeout(20_000));
    if (batch === undefined) break;
    ids.push(...batch.events.map(({ document }) => document.textAt('auditID')));
    if (isDone) batch.done();
  }
  return ids;
}

describe('the log of a cluster', () => {
  test('page by page, then what is added, each event once', async () => {
    log = [logEvent(1, 0), logEvent(2, 0), logEvent(3, 10)];
    const feed = await open();
    expect(await take(feed, 3)).toEqual(['a-1', 'a-2', 'a-3']);
    // One comes late, with an earlier time; two have the same.
    log.splice(1, 0, logEvent(4, 5));
    log.push(logEvent(5, 10));
    expect((await take(feed, 2)).toSorted()).toEqual(['a-4', 'a-5']);
    expect(server.requests[0]).toMatchObject({
      target: 'Logs_20140328.FilterLogEvents',
      body: {
        logGroupName: '/aws/eks/main/cluster',
        logStreamNamePrefix: 'kube-apiserver-audit',
        limit: 200,
      },
    });
    await feed.close();
  });

  test('a restart goes on where alerts were out, and not before', async () => {
    const checkpointFile = join(folder, 'position', 'eks.json');
    log = [logEvent(1, 0), logEvent(2, 1), logEvent(3, 2), logEvent(4, 3)];
    const first = await open({ checkpointFile });
    expect(await take(first, 2)).toEqual(['a-1', 'a-2']);
    // Taken, but not acknowledged when the program ends.
    expect(await take(first, 2, false)).toEqual(['a-3', 'a-4']);
    await first.close();
    log.push(logEvent(5, 4));
    const second = await open({ checkpointFile });
    expect(await take(second, 3)).toEqual(['a-3', 'a-4', 'a-5']);
    await second.close();
    expect(JSON.parse(readFileSync(checkpointFile, 'utf8'))).toMatchObject({
      cluster: 'main',
      latestMs: startMs + 4,
    });
  });

  test('the record of another cluster, or none at all, is not gone by', async () => {
    const checkpointFile = join(folder, 'bad.json');
    writeFileSync(checkpointFile, '{"cluster":"other","latestMs":9e15,"seen":[]}');
    log = [logEvent(1, 0)];
    const feed = await open({ checkpointFile });
    expect(await take(feed, 1)).toEqual(['a-1']);
    expect(told).toEqual([`\`${checkpointFile}\` is no record of how far was read: reading begins anew`]);
  });

  test('what was cut off, is no JSON or no event is counted and told', async () => {
    log = [
      logEvent(1, 0, '{"auditID":"a-1","x":"yyy[Truncated...]'),
      logEvent(2, 1, 'hello'),
      logEvent(3, 2, '{}'),
      logEvent(4, 3),
    ];
    const feed = await open();
    expect(await take(feed, 1)).toEqual(['a-4']);
    expect(Object.fromEntries(feed.counters.rejected)).toEqual({ cut_off: 1, not_json: 1, not_an_event: 1 });
    expect(told[0]).toBe('an event that was cut off on its way is left out: auditID a-1');
  });

  test('a refusal is told, counted, and tried again', async () => {
    log = [logEvent(1, 0)];
    failures = 1;
    const feed = await open();
    expect(await take(feed, 1)).toEqual(['a-1']);
    expect(feed.counters.failures).toBe(1);
    expect(told[0]).toContain('AccessDeniedException: no such luck');
  });

  test('wrong credentials are told', async () => {
    process.env.AWS_SECRET_ACCESS_KEY = 'wrong';
    const feed = await open();
    expect(await feed.next(AbortSignal.timeout(1_500))).toBeUndefined();
    expect(told[0]).toContain('the signature is wrong');
  });
});
