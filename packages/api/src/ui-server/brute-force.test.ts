/** Who guesses passwords waits, whether the guesses are for one name or from one address; whoever shares neither does not. */

import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { codeOf, type OpenUi, openUi, PASSWORD, type Reply } from '../../testing/open-ui.ts';
import { AttemptLimiter } from './attempt-limiter.ts';
import { networkOf } from './sign-in.ts';

let ui: OpenUi | undefined;
afterEach(async () => {
  await ui?.close();
  ui = undefined;
});

test('after five failures of one address every attempt waits, with right passwords, too, and for longer each time', async () => {
  ui = await openUi();
  const { send, clock } = ui;
  await ui.addUser('ann', 'admin');
  await ui.addUser('bob', 'viewer');
  const attempt = (name: string, password: string): Promise<Reply> =>
    send('POST', '/api/v2/session', { body: { name, password } });
  for (let i = 0; i < 5; i++) expect((await attempt(`name ${i}`, 'wrong')).status).toBe(401);
  const refused = await attempt('ann', PASSWORD);
  expect([refused.status, codeOf(refused), refused.headers['retry-after']]).toEqual([
    429,
    'too-many-attempts',
    '1',
  ]);
  // Credentials that come with requests are attempts, too.
  const authorization = `Basic ${btoa(`ann:${PASSWORD}`)}`;
  expect((await send('GET', '/api/v2/alerts', { headers: { authorization } })).status).toBe(429);
  expect((await send('GET', '/api/v1/events/count', { headers: { authorization } })).status).toBe(429);
  clock.nowMs += 1_000;
  expect((await attempt('ann', 'wrong')).status).toBe(401);
  expect((await attempt('ann', PASSWORD)).headers['retry-after']).toBe('2');
  clock.nowMs += 2_000;
  expect((await attempt('ann', PASSWORD)).status).toBe(200);
  // Who knows one password has no more attempts at others for it.
  expect((await attempt('bob', 'wrong')).status).toBe(401);
  expect((await attempt('bob', PASSWORD)).status).toBe(429);
});

test('a name is protected against many addresses, and pauses are never longer than a quarter of an hour', () => {
  let nowMs = 0;
  const limiter = new AttemptLimiter(() => nowMs);
  for (let i = 0; i < 100; i++) limiter.fail('user ann');
  expect(limiter.pauseOf('user ann')).toBe(15 * 60_000);
  expect(limiter.pauseOf('user bob')).toBe(0);
  nowMs += 15 * 60_000;
  expect(limiter.pauseOf('user ann')).toBe(0);
});

test('however many keys fail, those that failed last are known, and memory is bounded', () => {
  const limiter = new AttemptLimiter(() => 0);
  for (let i = 0; i < 60_000; i++) limiter.fail(`address ${i % 12_000}`);
  // Of 12000 keys in turn none stays long enough to get its sixth failure.
  expect(limiter.failuresOf('address 0')).toBe(0);
  expect(limiter.failuresOf('address 11999')).toBe(1);
  for (let i = 0; i < 60_000; i++) limiter.fail(`address ${i % 9_000}`);
  expect(limiter.pauseOf('address 0')).toBeGreaterThan(0);
});

test('failures that are taken back never leave fewer than none', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ isFailure: fc.boolean(), count: fc.nat(10) })), (steps) => {
      const limiter = new AttemptLimiter(() => 0);
      let expected = 0;
      for (const { isFailure, count } of steps) {
        if (isFailure) limiter.fail('a');
        else limiter.forgive('a', count);
        expected = isFailure ? expected + 1 : Math.max(0, expected - count);
        expect(limiter.failuresOf('a')).toBe(expected);
      }
    }),
  );
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '::ffff:192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::9', '2001:db8:1:2'],
  ['2001:db8::9', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
])('attempts from %s are counted with those from %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test('so many that sign in at once are refused without a password being computed', async () => {
  ui = await openUi();
  const { send } = ui;
  await ui.addUser('ann', 'admin');
  const replies = await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      send('POST', '/api/v2/session', { body: { name: `name ${i}`, password: 'wrong' } }),
    ),
  );
  const statuses = replies.map(({ status }) => status);
  expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(34);
  expect(new Set(statuses)).toEqual(new Set([401, 429]));
});
