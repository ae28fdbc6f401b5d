/** The commands about outputs: what there is, whether one works, and what it could not deliver. */

import { beforeEach, describe, expect, test } from 'vitest';
import { useHubBench } from './places.ts';
import { bugIn, run, start, until } from './program.ts';

/** On a machine that is busy with other tests. */
const LIMIT_MS = 60_000;

const bench = useHubBench();
let config = '';
beforeEach(() => {
  config = bench.scratch.write(
    'config.yaml',
    `listenaddress: 127.0.0.1\nlistenport: 0\njournal: { path: ${bench.scratch.path('state')} }\nwebhook: { address: ${bench.receiver.origin}/in, customheaders: { X-Token: hush } }\n`,
  );
});

describe('outputs', { timeout: 2 * LIMIT_MS }, () => {
  test('are listed, and told of one by one', async () => {
    const list = await run('peregrine', ['outputs', 'list', '-c', config]);
    expect(list.out).toMatch(/^on {3}webhook +web +Posts each alert/m);
    expect(list.out).toMatch(/^ {5}slack +chat +Sends each alert/m);
    const json: readonly { name: string; on: boolean }[] = JSON.parse(
      (await run('peregrine', ['outputs', 'list', '-c', config, '--json'])).out,
    );
    expect(json.filter(({ on }) => on).map(({ name }) => name)).toEqual(['webhook']);
    const show = await run('peregrine', ['outputs', 'show', 'Webhook']);
    expect(show.out).toContain('webhook.address  (WEBHOOK_ADDRESS)');
    expect(show.out).toContain('Example:\n  webhook:\n    address: "https://alerts.example.org/falco"\n');
    expect((await run('peregrine', ['outputs', 'show', 'StatsD'])).out).toContain(
      'statsd.forwarder  (STATSD_FORWARDER)',
    );
    expect(await run('peregrine', ['outputs', 'test', 'prometheus'])).toMatchObject({
      status: 2,
      err: expect.stringContaining('`prometheus` takes counters of the hub, not alerts'),
    });
    const unknown = await run('peregrine', ['outputs', 'show', 'webhok']);
    expect([unknown.status, unknown.err]).toEqual([2, expect.stringContaining('did you mean `webhook`?')]);
  });

  test('are tried with an alert, and the exchange is shown', async () => {
    bench.receiver.answer({ status: 202, body: 'thanks' });
    const good = await run('peregrine', ['outputs', 'test', 'webhook', '-c', config]);
    expect(good.status).toBe(0);
    expect(good.out).toContain(`> POST ${bench.receiver.origin}/in\n`);
    expect(good.out).toContain('> X-Token: ***\n');
    expect(good.out).toContain('< 202\n');
    expect(good.out).toContain('< thanks\nwebhook: delivered\n');
    expect(bench.receiver.requests[0]?.body).toContain('This is a test from falcosidekick');
    bench.receiver.answer({ status: 401 });
    const bad = await run('peregrine', ['outputs', 'test', 'webhook', '-c', config]);
    expect([bad.status, bad.err]).toEqual([1, expect.stringContaining('webhook: status 401')]);
    const off = await run('peregrine', ['outputs', 'test', 'slack', '-c', config]);
    expect([off.status, off.err]).toEqual([1, expect.stringContaining('`slack` is off')]);
  });
});

test('dead letters are listed, mended and sent once more by the hub that runs', {
  timeout: 3 * LIMIT_MS,
}, async () => {
  bench.receiver.answer(({ body }) =>
    body.includes('"bad"') ? { status: 422, body: 'unknown field `bad`' } : { status: 200 },
  );
  bench.running = start('peregrine', ['hub', '-c', config]);
  const { err } = bench.running;
  await until('listening', () => err().includes('is up and listening on'), LIMIT_MS);
  const url = `http://127.0.0.1:${/listening on 127\.0\.0\.1:(\d+)/.exec(err())?.[1]}`;
  for (const name of ['good', 'bad']) {
    const body = `{"output":"o","priority":"Notice","rule":"Rule ${name}","time":"2024-03-01T10:00:00Z","output_fields":{"${name}":1610667584834631763}}`;
    expect((await fetch(url, { method: 'POST', body })).status).toBe(200);
  }
  await until('a dead letter', () => err().includes('is a dead letter'), LIMIT_MS);
  const letters = async (...given: readonly string[]) => {
    const ended = await run('peregrine', ['outputs', 'dead-letters', ...given, '-c', config], {
      environment: { VISUAL: 'sed -i s/\\"bad\\"/\\"mended\\"/' },
    });
    expect(bugIn(ended)).toBe('');
    return ended;
  };
  const list = await letters('list');
  expect(list.out).toMatch(
    /^[0-9a-z]{11} {2}\d{4}-.*Z {2}webhook {2}Rule bad: status 422: unknown field `bad`\n$/,
  );
  const id = list.out.slice(0, 11);
  expect((await letters('list', '--output', 'slack')).out).toBe('');
  expect(JSON.parse((await letters('show', id)).out)).toMatchObject({ output: 'webhook', attempts: 1 });
  expect((await letters('replay')).status).toBe(2);
  expect((await letters('replay', 'nothing')).status).toBe(1);
  expect((await letters('edit', id)).status).toBe(0);
  expect((await letters('replay', id)).status).toBe(0);
  await until(
    'delivery',
    () => bench.receiver.requests.some(({ body }) => body.includes('"mended"')),
    LIMIT_MS,
  );
  const [original, mended] = ['"bad"', '"mended"'].map((part) =>
    bench.receiver.requests.find(({ body }) => body.includes(part)),
  );
  expect(mended?.body).toBe(original?.body.replace('"bad"', '"mended"'));
  expect(mended?.body).toContain('1610667584834631763');
  expect((await letters('list')).out).toBe('');
  expect((await letters('remove', '--all')).status).toBe(0);
});
