import { createHmac } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import type { Feed } from '../feed.ts';
import { openFeed } from '../open-feed.ts';
import { githubKind } from './github-kind.ts';

const settings = {
  ...{ certificate: '', clientAuthority: '', bearerToken: '', answerWithinMs: 5_000, requestWithinMs: 5_000 },
  ...{ mostEventBytes: 10_000, mostBodyBytes: 100_000, mostWaitingBytes: 100_000 },
};
const body = JSON.stringify({ action: 'deleted', repository: { full_name: 'example/shop' } });
const signed = (text: string, secret: string): string =>
  `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`;

let feed: Feed | undefined;
afterEach(() => feed?.close());

test.each<[string, string | undefined, number]>([
  ['with the secret', signed(body, 'hunter2'), 200],
  ['with another secret', signed(body, 'hunter3'), 401],
  ['of another body', signed(`${body} `, 'hunter2'), 401],
  ['without signature', undefined, 401],
])('signed %s', async (_, signature, status) => {
  feed = await openFeed('http://127.0.0.1:0/hook', githubKind('hunter2'), settings, () => {});
  const answer = fetch(feed.title, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'repository',
      ...(signature === undefined ? {} : { 'x-hub-signature-256': signature }),
    },
    body,
  });
  if (status === 200) {
    const batch = await feed.next(AbortSignal.timeout(5_000));
    expect(
      batch?.events.map(({ document }) => [document.textAt('webhook_type'), document.textAt('action')]),
    ).toEqual([['repository', 'deleted']]);
    batch?.done();
  }
  expect((await answer).status).toBe(status);
});
