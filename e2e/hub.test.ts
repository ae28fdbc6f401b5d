/** The hub as its users start it: as `peregrine hub` and as `falcosidekick`. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openHttpReceiver } from '../packages/outputs/testing/http-receiver.ts';
import { useHubBench } from './places.ts';
import { bugIn, type Running, run, start, until } from './program.ts';

/** On a machine that is busy with other tests. */
const LIMIT_MS = 60_000;

const alert = (i: number, over = ''): string =>
  `{"output":"10:00:00.000000000: Notice n ${i}","priority":"Notice","rule":"Rule ${i}","time":"2024-03-01T10:00:00.000000001Z","output_fields":{"i":${i},"evt.time":1610667584834631763,"none":null}${over}}`;

const bench = useHubBench();

function configOf(more = ''): string {
  return bench.scratch.write(
    'config.yaml',
    `listenaddress: 127.0.0.1\nlistenport: 0\njournal: { path: ${bench.scratch.path('state')} }\ndelivery: { retryfirst: 20ms, retrymax: 100ms }\nwebhook: { address: ${bench.receiver.origin}/in }\n${more}`,
  );
}

/** Started and listening; the address comes out. */
async function startHub(
  more = '',
  program: 'peregrine' | 'falcosidekick' = 'peregrine',
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const command = program === 'peregrine' ? ['hub'] : [];
  bench.running = start(program, [...command, '-c', configOf(more)], { environment });
  const { err } = bench.running;
  await until('listening', () => err().includes('is up and listening on'), LIMIT_MS);
  const port = /listening on 127\.0\.0\.1:(\d+)/.exec(err())?.[1];
  return `http://127.0.0.1:${port}`;
}

async function stop(): Promise<Awaited<Running['ended']>> {
  if (bench.running === undefined) throw new Error('nothing runs');
  bench.running.child.kill('SIGTERM');
  const ended = await bench.running.ended;
  expect(bugIn(ended)).toBe('');
  return ended;
}

function post(url: string, body: string, type = 'application/json'): Promise<Response> {
  return fetch(url, { method: 'POST', body, headers: { 'content-type': type } });
}

function received(): readonly number[] {
  return bench.receiver.requests.map(({ body }) => Number(/"i":(\d+)/.exec(body)?.[1]));
}

describe('peregrine hub', { timeout: 2 * LIMIT_MS }, () => {
  test('takes an alert of Falco and passes it on, digit by digit', async () => {
    const url = await startHub('customfields: { cluster: prod }\n');
    const response = await post(url, alert(1));
    expect([response.status, await response.text()]).toEqual([200, '']);
    await until('delivery', () => bench.receiver.requests.length === 1, LIMIT_MS);
    const [request] = bench.receiver.requests;
    expect(request?.body.replace(/"uuid":"[0-9a-f-]{36}"/, '"uuid":"U"')).toBe(
      '{"uuid":"U","output":"10:00:00.000000000: Notice n 1","priority":"Notice","rule":"Rule 1","time":"2024-03-01T10:00:00.000000001Z","output_fields":{"cluster":"prod","evt.time":1610667584834631763,"i":1,"none":null},"source":"syscalls"}\n',
    );
    expect(request?.headers).toEqual(
      expect.arrayContaining([
        ['Content-Type', 'application/json; charset=utf-8'],
        ['User-Agent', 'Falcosidekick'],
      ]),
    );
    const ended = await stop();
    expect(ended.status).toBe(0);
    expect(ended.err).toMatch(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[INFO\] {2}: Falcosidekick version: /);
    expect(ended.err).toContain(' [INFO]  : Enabled Outputs: [Webhook]\n');
    expect(ended.err).toContain(' [INFO]  : Webhook - Max concurrent requests: 1\n');
    expect(ended.err).toContain(' [INFO]  : Webhook - POST OK (200)\n');
  });

  test('takes lists and streams of alerts, and says what it did not take', async () => {
    const url = await startHub();
    const list = await post(url, `[${alert(1)},{"rule":"x"},${alert(2)}]`);
    expect([list.status, await list.json()]).toEqual([
      200,
      { accepted: 2, rejected: 1, reasons: [{ index: 1, reason: expect.stringContaining('priority') }] },
    ]);
    const lines = await post(url, `${alert(3)}\nnonsense\n${alert(4)}\n`, 'application/x-ndjson');
    expect([lines.status, await lines.json()]).toMatchObject([200, { accepted: 2, rejected: 1 }]);
    const several = await post(url, `${alert(5)}\n${alert(6)}`);
    expect(await several.json()).toEqual({ accepted: 2, rejected: 0 });
    await until('delivery', () => bench.receiver.requests.length === 6, LIMIT_MS);
    expect(received()).toEqual([1, 2, 3, 4, 5, 6]);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain(
      'falcosecurity_falcosidekick_inputs_total{source="requests",status="accepted"} 6\n',
    );
    expect(metrics).toContain(
      'falcosecurity_falcosidekick_inputs_total{source="requests",status="rejected"} 2\n',
    );
    expect(metrics).toContain(
      'falcosecurity_falcosidekick_outputs_total{destination="webhook",status="ok"} 6\n',
    );
    expect(metrics).toContain(
      'falcosecurity_falcosidekick_falco_events_total{hostname="unknown",rule="Rule 1",priority="3",priority_raw="notice",source="syscalls",k8s_ns_name="",k8s_pod_name=""} 1\n',
    );
    expect(metrics).toContain('peregrine_hub_output_queue_alerts{output="webhook"} 0\n');
  });

  test('refuses what is no alert, in the words of the reference', async () => {
    const url = await startHub();
    for (const body of ['', 'x', '3', '{}', alert(1, ',"priority":"urgent"'), alert(1, ',"tags":3')]) {
      const response = await post(url, body);
      expect([response.status, await response.text()]).toEqual([400, 'Please send a valid request body\n']);
    }
    const got = await fetch(url);
    expect([got.status, await got.text()]).toEqual([400, 'Please send with post http method\n']);
  });

  test('keeps what cannot be delivered over a stop and a start', async () => {
    bench.receiver.answer({ status: 503 });
    const url = await startHub();
    for (let i = 0; i < 20; i++) expect((await post(url, alert(i))).status).toBe(200);
    await until('an attempt', () => bench.receiver.requests.length > 0, LIMIT_MS);
    expect((await stop()).status).toBe(0);
    bench.receiver.answer({ status: 200 });
    const before = bench.receiver.requests.length;
    await startHub();
    await until('delivery', () => bench.receiver.requests.length >= before + 20, LIMIT_MS);
    expect(received().slice(before)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    const keys = bench.receiver.requests.map(
      ({ headers }) => headers.find(([name]) => name === 'Idempotency-Key')?.[1],
    );
    expect(new Set(keys).size).toBe(20);
  });

  test('one output that hangs and one that fails do not keep others waiting', async () => {
    const other = await openHttpReceiver();
    other.answer({ status: 500 });
    const url = await startHub(
      `slack: { webhookurl: "${other.origin}/x" }\nalertmanager: { hostport: [ "http://127.0.0.1:1", "${other.origin}" ] }\n`,
    );
    for (let i = 0; i < 50; i++) await post(url, alert(i));
    await until('delivery', () => bench.receiver.requests.length === 50, LIMIT_MS);
    expect(received()).toEqual(Array.from({ length: 50 }, (_, i) => i));
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('peregrine_hub_output_queue_alerts{output="slack"} 50\n');
    expect(metrics).toContain(
      `peregrine_hub_output_queue_alerts{output="alertmanager ${other.origin}"} 50\n`,
    );
    await other.close();
  });

  test('sends alerts where routes say, silences some, and counts those that are alike', async () => {
    const url = await startHub(
      [
        `slack: { webhookurl: "${bench.receiver.origin}/slack" }`,
        'silences: [ { name: quiet, condition: rule = "Rule 1" } ]',
        'routes: [ { condition: rule = "Rule 2", outputs: [slack] }, { condition: priority >= error, outputs: [webhook] } ]',
        'noise: [ { name: same, condition: rule = "Rule 3", groupby: [rule], window: 1h } ]',
        '',
      ].join('\n'),
    );
    for (const i of [1, 2, 3, 3, 3, 4]) await post(url, alert(i, i === 4 ? ',"priority":"Critical"' : ''));
    const got = (path: string): string[] =>
      bench.receiver.requests
        .filter((request) => request.path === path)
        .map(({ body }) => /Rule \d/.exec(body)?.[0] ?? '');
    await until('delivery', () => bench.receiver.requests.length === 4, LIMIT_MS);
    expect(got('/in').sort()).toEqual(['Rule 3', 'Rule 4']);
    expect(got('/slack').sort()).toEqual(['Rule 2', 'Rule 3']);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('peregrine_hub_silenced_alerts_total{silence="quiet"} 1\n');
    expect(metrics).toContain('peregrine_hub_held_alerts_total{noise="same"} 2\n');
    await stop();
    // When the hub stops, it tells of what it held.
    expect(
      bench.receiver.requests.filter(({ body }) => body.includes('2 more alerts like this within 1 h')),
    ).toHaveLength(2);
  });

  test('killed before a window ends, it tells of what it held after the next start, once', async () => {
    const noise = 'noise: [ { condition: rule startswith Rule, groupby: [rule], window: 1h } ]\n';
    const url = await startHub(noise);
    for (const i of [1, 1, 1, 2, 2]) expect((await post(url, alert(i))).status).toBe(200);
    bench.running?.child.kill('SIGKILL');
    await bench.running?.ended;
    // What was delivered just before a kill comes again, under the same identifier.
    const told = () => {
      const counts = new Map<string | undefined, readonly string[]>();
      for (const { body } of bench.receiver.requests) {
        const count = /(\d) more alerts? like this within 1 h: .* n (\d)/.exec(body)?.slice(1);
        if (count !== undefined) counts.set(/"uuid":"([^"]+)"/.exec(body)?.[1], count);
      }
      return [...counts.values()].flat();
    };
    const next = await startHub(noise);
    await until('counts', () => told().length >= 4, LIMIT_MS);
    expect(told()).toEqual(['2', '1', '1', '2']);
    await post(next, alert(1));
    await post(next, alert(1));
    bench.running?.child.kill('SIGKILL');
    await bench.running?.ended;
    await startHub(noise);
    await until('another count', () => told().length >= 6, LIMIT_MS);
    await stop();
    // What was told of before is not told of again.
    expect(told().slice(4)).toEqual(['1', '1']);
  });

  test('says what is wrong with its configuration, and does not start', async () => {
    const config = bench.scratch.write('bad.yaml', 'listenport: 70000\nslack:\n  webhookurl: nowhere\n');
    const ended = await run('peregrine', ['hub', '-c', config]);
    expect(ended.status).toBe(1);
    expect(ended.err).toContain('`listenport` is `70000`, but must be 0 to 65535');
    expect(ended.err).toContain('bad.yaml:3:15');
    expect(bugIn(ended)).toBe('');
    expect(await run('peregrine', ['hub', '-c', bench.scratch.path('none.yaml')])).toMatchObject({
      status: 1,
    });
    const good = bench.scratch.write('good.yaml', 'webhook: { address: http://x }\n');
    expect(await run('peregrine', ['hub', '-c', good, '--check'])).toMatchObject({
      status: 0,
      out: 'outputs that are on: Webhook\n',
    });
  });

  test('told twice to stop, it does not wait for deliveries, which come after the next start', async () => {
    bench.receiver.answer({ status: 503 });
    const url = await startHub();
    for (let i = 0; i < 5; i++) await post(url, alert(i));
    await until('an attempt', () => bench.receiver.requests.length > 0, LIMIT_MS);
    bench.running?.child.kill('SIGTERM');
    bench.running?.child.kill('SIGTERM');
    expect((await bench.running?.ended)?.status).toBe(0);
    bench.receiver.answer({ status: 200 });
    const before = bench.receiver.requests.length;
    await startHub();
    await until('delivery', () => bench.receiver.requests.length >= before + 5, LIMIT_MS);
    expect(received().slice(-5)).toEqual([0, 1, 2, 3, 4]);
  });

  test('two do not share a folder', async () => {
    await startHub();
    const second = await run('peregrine', ['hub', '-c', bench.scratch.path('config.yaml')]);
    expect(second.status).toBe(1);
    expect(second.err).toContain('is in use by process');
  });

  test('a journal whose end is torn loses nothing that was acknowledged', async () => {
    bench.receiver.answer({ status: 503 });
    const url = await startHub();
    for (let i = 0; i < 5; i++) await post(url, alert(i));
    bench.running?.child.kill('SIGKILL');
    await bench.running?.ended;
    const folder = join(bench.scratch.path('state'), 'journal');
    const [name = ''] = readdirSync(folder).filter((file) => file.endsWith('.log'));
    writeFileSync(
      join(folder, name),
      Buffer.concat([readFileSync(join(folder, name)), Buffer.from('half a rec')]),
    );
    bench.receiver.answer({ status: 200 });
    const before = bench.receiver.requests.length;
    await startHub();
    await until('delivery', () => bench.receiver.requests.length >= before + 5, LIMIT_MS);
    expect(received().slice(before)).toEqual([0, 1, 2, 3, 4]);
    expect(bench.running?.err()).toContain('10 bytes are cut off');
  });
});

describe('falcosidekick', { timeout: 2 * LIMIT_MS }, () => {
  test('is the hub under the options of the reference', async () => {
    const url = await startHub('', 'falcosidekick', { SLACK_WEBHOOKURL: `${bench.receiver.origin}/slack` });
    expect(bench.running?.err()).toContain('Enabled Outputs: [Slack Webhook]');
    expect((await fetch(`${url}/test`, { method: 'POST' })).status).toBe(200);
    await until('delivery', () => bench.receiver.requests.length === 2, LIMIT_MS);
    expect(bench.receiver.requests.map(({ path }) => path).sort()).toEqual(['/in', '/slack']);
    expect((await stop()).status).toBe(0);
    expect(await run('falcosidekick', ['--version'])).toMatchObject({
      status: 0,
      out: expect.stringMatching(/version: /),
    });
    expect(await run('falcosidekick', ['-c', '/nowhere/config.yaml'])).toMatchObject({
      status: 1,
      err: expect.stringContaining('there is no file `/nowhere/config.yaml`'),
    });
  });
});
