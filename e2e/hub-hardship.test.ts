/** The hub where things go wrong: no room on the disk, and alerts from somebody who wishes it no good. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useHubBench } from './places.ts';
import { bugIn, root, start, until } from './program.ts';

const LIMIT_MS = 60_000;

const bench = useHubBench();

/** `before` is what the shell does before it becomes the hub. */
async function startHub(before = ''): Promise<string> {
  const config = bench.scratch.write(
    'config.yaml',
    `listenaddress: 127.0.0.1\nlistenport: 0\njournal: { path: ${bench.scratch.path('state')} }\ndelivery: { retryfirst: 20ms, retrymax: 100ms }\nwebhook: { address: ${bench.receiver.origin}/in }\nslack: { webhookurl: ${bench.receiver.origin}/slack }\n`,
  );
  const program = start('/bin/sh', [
    '-c',
    `${before}exec "$0" hub -c "$1"`,
    join(root, 'bin/peregrine'),
    config,
  ]);
  bench.running = program;
  await until('listening', () => program.err().includes('is up and listening on'), LIMIT_MS);
  return `http://127.0.0.1:${/listening on 127\.0\.0\.1:(\d+)/.exec(program.err())?.[1]}`;
}

const post = (url: string, body: string | Uint8Array<ArrayBuffer>): Promise<Response> =>
  fetch(url, { method: 'POST', body });

const alertOf = (fields: string, over = ''): string =>
  `{"output":"o","priority":"Notice","rule":"r","time":"2024-03-01T10:00:00Z","output_fields":{${fields}}${over}}`;

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0;

test.skipIf(!hasPrlimit)(
  'without room on the disk it says so and when to come again, and goes on when there is room (needs prlimit)',
  { timeout: 3 * LIMIT_MS },
  async () => {
    bench.receiver.answer({ status: 503 });
    // No file may grow beyond a limit: what is written beyond fails as on a full disk.
    const url = await startHub("trap '' XFSZ; ulimit -S -f 64; ");
    const accepted: number[] = [];
    let refused: Response | undefined;
    for (let i = 0; refused === undefined && i < 1_000; i++) {
      const response = await post(url, alertOf(`"i":${i},"pad":"${'x'.repeat(400)}"`));
      if (response.status === 200) accepted.push(i);
      else refused = response;
    }
    expect([refused?.status, refused?.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await refused?.text()).toContain('the alerts cannot be kept now: ');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(bench.running?.err()).toContain('the disk of the journal refuses (append)');
    expect(
      spawnSync('prlimit', ['--pid', String(bench.running?.child.pid), '--fsize=unlimited']).status,
    ).toBe(0);
    expect((await post(url, alertOf('"i":5000'))).status).toBe(200);
    bench.receiver.answer({ status: 200 });
    const before = bench.receiver.requests.length;
    const expected = [...accepted, 5_000];
    const arrived = (): number[] =>
      bench.receiver.requests
        .slice(before)
        .filter(({ path }) => path === '/in')
        .map(({ body }) => Number(/"i":(\d+)/.exec(body)?.[1]));
    await until('delivery', () => arrived().length >= expected.length, LIMIT_MS);
    expect(arrived()).toEqual(expected);
    bench.running?.child.kill('SIGTERM');
    const ended = await bench.running?.ended;
    expect(ended && [ended.status, bugIn(ended)]).toEqual([0, '']);
  },
);

test('a clock that is set, forward by days or back by a year, makes no alert too old', {
  timeout: 3 * LIMIT_MS,
}, async () => {
  bench.receiver.answer({ status: 503 });
  const place = bench.scratch.write('shift', '0');
  // What the program takes for the time of day is that of the machine and what the file says.
  const clock = bench.scratch.write(
    'clock.mjs',
    `import { readFileSync } from 'node:fs';
     const now = Date.now;
     Date.now = () => now() + Number(readFileSync(${JSON.stringify(place)}, 'utf8') || 0);\n`,
  );
  const url = await startHub(`export NODE_OPTIONS='--import ${clock}'; `);
  const day = 86_400_000;
  for (const [i, shift] of [0, 3 * day, -365 * day].entries()) {
    bench.scratch.write('shift', String(shift));
    expect((await post(url, alertOf(`"i":${i}`))).status).toBe(200);
    const before = bench.receiver.requests.length;
    await until('more attempts', () => bench.receiver.requests.length > before + 3, LIMIT_MS);
  }
  bench.receiver.answer({ status: 200 });
  const before = bench.receiver.requests.length;
  const arrived = (): string[] =>
    bench.receiver.requests
      .slice(before)
      .flatMap(({ path, body }) => (path === '/in' ? [/"i":\d/.exec(body)?.[0] ?? ''] : []));
  await until('delivery', () => arrived().length === 3, LIMIT_MS);
  expect(arrived()).toEqual(['"i":0', '"i":1', '"i":2']);
  expect(bench.running?.err()).not.toContain('dead letter');
  // The clock was another one indeed.
  await fetch(`${url}/test`, { method: 'POST' });
  await until(
    'the test alert',
    () => bench.receiver.requests.some(({ path, body }) => path === '/in' && body.includes('Test rule')),
    LIMIT_MS,
  );
  const test =
    bench.receiver.requests.find(({ path, body }) => path === '/in' && body.includes('Test rule'))?.body ??
    '';
  expect(Date.parse(/"time":"([^"]+)"/.exec(test)?.[1] ?? '')).toBeLessThan(Date.now() - 300 * day);
});

describe('alerts from somebody who wishes it no good', { timeout: 3 * LIMIT_MS }, () => {
  test('are bounded, and others get through', async () => {
    const url = await startHub();
    const long = 'x'.repeat(10_000_000);
    const many = Array.from({ length: 100_000 }, (_, i) => `"field.${i}":"v"`).join(',');
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    const answers: Record<string, number> = {};
    const send = async (title: string, body: string | Uint8Array<ArrayBuffer>): Promise<void> => {
      answers[title] = (await post(url, body)).status;
    };
    await send('a field of 10 MB', alertOf(`"a":"${long}"`));
    await send('an output of 10 MB', alertOf('"a":1', `,"output":"${long}"`));
    await send('100,000 fields', alertOf(many));
    await send('lists in lists', alertOf(`"a":${deep}`));
    await send('20 MB', alertOf(`"a":"${long}${long}"`));
    await send('NUL and control characters', alertOf('"a":"\\u0000\\u001b[31m\\u202e","b\\u0000":1'));
    await send(
      'no UTF-8',
      new Uint8Array(
        Buffer.concat([
          Buffer.from('{"output":"'),
          Buffer.from([0xff, 0xfe]),
          Buffer.from(alertOf('"a":1').slice(12)),
        ]),
      ),
    );
    await send('keys of JavaScript', alertOf('"__proto__":{"x":1},"constructor":2'));
    await send(
      'markup',
      alertOf('"a":"<script>alert(1)</script> <!channel> {{.Rule}}"', ',"rule":"<b>\\r\\nX-Evil: 1"'),
    );
    await send('numbers', alertOf('"a":1e999,"b":-0,"c":123456789012345678901234567890.1234567890'));
    await send('nothing special', alertOf('"last":1'));
    expect(answers).toEqual({
      'a field of 10 MB': 200,
      'an output of 10 MB': 413,
      '100,000 fields': 413,
      'lists in lists': 400,
      '20 MB': 413,
      'NUL and control characters': 200,
      'no UTF-8': 200,
      'keys of JavaScript': 200,
      markup: 200,
      numbers: 200,
      'nothing special': 200,
    });
    const at = (path: string) => bench.receiver.requests.filter((request) => request.path === path);
    await until('delivery', () => at('/in').length === 7 && at('/slack').length === 7, LIMIT_MS);
    for (const { headers, body } of bench.receiver.requests) {
      expect(body.length).toBeLessThan(100_000);
      expect(() => JSON.parse(body)).not.toThrow();
      expect(headers.map(([name]) => name)).not.toContain('X-Evil');
    }
    const bodies = at('/in').map(({ body }) => body);
    expect(bodies[0]).toContain(`"${'x'.repeat(507)}[...]"`);
    expect(bodies).toContainEqual(
      expect.stringContaining('"a":1e999,"b":-0,"c":123456789012345678901234567890.1234567890'),
    );
    expect(bodies).toContainEqual(expect.stringContaining('"__proto__":{"x":1},"constructor":2'));
    for (const { body } of at('/slack')) expect(body).not.toMatch(/<script|<!channel/);
    // Nothing that came is a line of its own in the log.
    expect(bench.running?.err()).not.toContain('\u001b[31m');
    const status = readFileSync(`/proc/${bench.running?.child.pid}/status`, 'utf8');
    expect(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1_024).toBeLessThan(600);
    bench.running?.child.kill('SIGTERM');
    const ended = await bench.running?.ended;
    expect(ended && [ended.status, bugIn(ended)]).toEqual([0, '']);
  });
});
