/** Outputs and what they refused, as the pages of the hub's web interface ask for them. */

import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { useHubBench } from './places.ts';
import { bugIn, start, until } from './program.ts';
import { WebClient, webAddressIn } from './web-client.ts';

const LIMIT_MS = 60_000;
const bench = useHubBench();

interface Letter {
  readonly id: string;
  readonly rule: string;
  readonly alertJson: string;
}

test('a test, dead letters, and sending them again', { timeout: 3 * LIMIT_MS }, async () => {
  bench.receiver.answer({ status: 400, body: 'not like this' });
  const config = bench.scratch.write(
    'config.yaml',
    `listenaddress: 127.0.0.1\nlistenport: 0\njournal: { path: ${bench.scratch.path('state')} }\n` +
      `webhook: { address: "${bench.receiver.origin}/in", customheaders: { authorization: Bearer hush-hush } }\n` +
      'ui: { enabled: true, listenport: 0, changerules: nobody }\n',
  );
  const program = start('peregrine', ['hub', '-c', config]);
  bench.running = program;
  const isUp = (): boolean =>
    program.child.exitCode !== null ||
    (program.err().includes('up and listening on') && webAddressIn(program.err()) !== undefined);
  await until('the hub', isUp, LIMIT_MS);
  const web = new WebClient(webAddressIn(program.err()) ?? program.err());
  const port = /listening on 127\.0\.0\.1:(\d+)/.exec(program.err())?.[1];

  const tested = await web.send('POST', '/outputs/webhook/test');
  expect(tested).toMatchObject({ status: 200, body: { isDelivered: false } });
  expect(String(tested.body.exchange)).toContain('not like this');
  expect(String(tested.body.exchange)).not.toContain('hush-hush');
  for (const id of ['http:%2F%2F127.0.0.1%2Fx', 'none', '..%2F..%2Fetc'])
    expect((await web.send('POST', `/outputs/${id}/test`, { address: 'http://127.0.0.1:1/' })).status).toBe(
      404,
    );

  const alert = (rule: string): string =>
    `{"output":"o","priority":"Notice","rule":"${rule}","time":"2024-03-01T10:00:00.000000001Z","output_fields":{"n":1610667584834631763}}`;
  for (const rule of ['A', 'B'])
    await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: alert(rule) });
  let letters: readonly Letter[] = [];
  await until(
    'dead letters',
    () => {
      void web.get('/dead-letters').then(({ body }) => {
        letters = body.letters as readonly Letter[];
      });
      return letters.length === 2;
    },
    LIMIT_MS,
  );
  expect(letters.map(({ rule }) => rule).sort()).toEqual(['A', 'B']);
  expect(letters[0]?.alertJson).toContain('1610667584834631763');
  const page = await web.get('/dead-letters?limit=1');
  const next = await web.get(`/dead-letters?limit=1&cursor=${encodeURIComponent(String(page.body.next))}`);
  expect([...(page.body.letters as Letter[]), ...(next.body.letters as Letter[])]).toEqual(letters);
  expect(next.body.next).toBe(null);
  expect((await web.get('/outputs')).body).toMatchObject({
    outputs: [
      { id: 'webhook', deadLetterCount: 2, rejectedCount: 2, lastFailure: { reason: expect.any(String) } },
    ],
    journal: { sizeBytes: expect.any(Number) },
  });

  const state = bench.scratch.path('state/web-rules.yaml');
  expect(
    await web.send('POST', '/dead-letters/remove', { ids: ['../../web-rules', '..', ''] }),
  ).toMatchObject({
    body: { count: 0 },
  });
  const [first, second] = letters;
  expect(await web.send('POST', '/dead-letters/remove', { ids: [first?.id] })).toMatchObject({
    body: { count: 1 },
  });
  bench.receiver.answer({ status: 200 });
  expect(await web.send('POST', '/dead-letters/replay', { output: 'webhook' })).toMatchObject({
    body: { count: 1 },
  });
  const isSent = (): boolean =>
    bench.receiver.requests.filter(({ body }) => body.includes(`"rule":"${second?.rule}"`)).length === 2;
  await until('the letter is sent again', isSent, LIMIT_MS);
  expect((await web.get('/dead-letters')).body.letters).toEqual([]);

  expect(await web.send('PUT', '/rules/Any/enabled', { isEnabled: true })).toMatchObject({ status: 404 });
  const saved = await web.send('PUT', '/rules-files/web-rules.yaml', {
    text: '- list: a\n  items: []\n',
    version: 0,
  });
  expect(saved).toMatchObject({ status: 403, body: { code: 'rules-locked' } });
  expect(existsSync(state)).toBe(false);
  bench.running.child.kill('SIGTERM');
  expect(bugIn(await bench.running.ended)).toBe('');
});
