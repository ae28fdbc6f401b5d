/** The hub with servers that speak protocols of their own: alerts get there, in order, also when one was away. */

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createClient } from '@redis/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  isListening,
  programObstacle,
  type RunningServer,
  startServer,
} from '../packages/outputs/testing/run-server.ts';
import { type SmtpServer, smtpObstacle, startSmtp } from '../packages/outputs/testing/smtp-server.ts';
import { freePort, openTcpProxy, type TcpProxy } from '../packages/outputs/testing/tcp-proxy.ts';
import { NatsServer, natsObstacle } from '../packages/sources/testing/nats-server.ts';
import { bugIn, type Running, Scratch, start, until } from './program.ts';

/** On a machine that is busy with other tests. */
const LIMIT_MS = 60_000;
const COUNT = 60;

const obstacle = natsObstacle() ?? programObstacle('redis-server') ?? smtpObstacle();
const title = `the hub and real servers${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`;

const alert = (i: number): string =>
  `{"output":"10:00:00.000000000: Notice n ${i}","priority":"Notice","rule":"Rule ${i}","time":"2024-03-01T10:00:00.000000001Z","output_fields":{"i":${i}}}`;

describe.skipIf(obstacle !== undefined)(title, { timeout: 3 * LIMIT_MS }, () => {
  let scratch: Scratch;
  let nats: NatsServer;
  let redis: RunningServer;
  let redisPort = 0;
  let proxy: TcpProxy;
  let smtp: SmtpServer;
  let statsd: Socket;
  let running: Running | undefined;
  const counters: string[] = [];

  beforeEach(async () => {
    scratch = new Scratch();
    redisPort = await freePort();
    nats = await NatsServer.start();
    redis = await startServer({
      program: 'redis-server',
      args: (folder) => ['--port', String(redisPort), '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
      isReady: () => isListening(redisPort),
    });
    proxy = await openTcpProxy(redisPort);
    smtp = await startSmtp();
    statsd = createSocket('udp4');
    statsd.on('message', (bytes) => counters.push(...bytes.toString('utf8').split('\n')));
    statsd.bind(0, '127.0.0.1');
    await once(statsd, 'listening');
  });
  afterEach(async () => {
    running?.child.kill('SIGKILL');
    await running?.ended;
    await proxy.close();
    for (const server of [nats, redis, smtp]) await server.remove();
    statsd.close();
    scratch.remove();
  });

  test('each gets every alert in order, though one of them was away', async () => {
    const reader = await nats.client();
    const onSubject: string[] = [];
    reader.subscribe('falco.>', {
      callback: (_error, { subject }) => {
        onSubject.push(subject);
      },
    });
    await reader.flush();
    const config = scratch.write(
      'config.yaml',
      [
        'listenaddress: 127.0.0.1',
        'listenport: 0',
        `journal: { path: ${scratch.path('state')} }`,
        'delivery: { retryfirst: 20ms, retrymax: 200ms }',
        `nats: { hostport: "nats://${nats.address}" }`,
        `redis: { address: "127.0.0.1:${proxy.port}", key: alerts }`,
        `smtp: { hostport: "127.0.0.1:${smtp.port}", tls: false, from: a@example.org, to: b@example.org }`,
        `statsd: { forwarder: "127.0.0.1:${statsd.address().port}" }`,
        '',
      ].join('\n'),
    );
    running = start('peregrine', ['hub', '-c', config]);
    const { err } = running;
    await until('listening', () => err().includes('is up and listening on'), LIMIT_MS);
    const port = /listening on 127\.0\.0\.1:(\d+)/.exec(err())?.[1];
    for (let i = 0; i < COUNT; i++) {
      if (i === COUNT / 3) proxy.cut();
      if (i === (2 * COUNT) / 3) proxy.resume();
      const answer = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: alert(i) });
      expect(answer.status).toBe(200);
    }
    const client = createClient({ socket: { host: '127.0.0.1', port: redisPort } });
    await client.connect();
    let kept: readonly string[] = [];
    const reading = setInterval(async () => {
      kept = await client.lRange('alerts', 0, -1);
    }, 50);
    await until(
      'all deliveries',
      () => new Set(kept).size >= COUNT && onSubject.length >= COUNT && smtp.mails().length >= COUNT,
      LIMIT_MS,
    );
    clearInterval(reading);
    client.destroy();
    await reader.close();
    const rules = [...new Set(kept.map((text) => JSON.parse(text).rule))];
    expect(rules).toEqual(Array.from({ length: COUNT }, (_, i) => `Rule ${i}`));
    expect(onSubject).toEqual(Array.from({ length: COUNT }, (_, i) => `falco.notice.rule_${i}`));
    running.child.kill('SIGTERM');
    const ended = await running.ended;
    expect([bugIn(ended), ended.status]).toEqual(['', 0]);
    expect(ended.err).toContain('Enabled Outputs: [NATS SMTP Redis StatsD]');
    const sum = (name: string): number =>
      counters
        .filter((line) => line.startsWith(`${name}:`))
        .reduce((n, line) => n + Number(/:(\d+)\|/.exec(line)?.[1]), 0);
    await until('counters', () => sum('falcosidekick.outputs.nats.ok') === COUNT, LIMIT_MS);
    expect(sum('falcosidekick.falco.accepted.Notice')).toBe(COUNT);
    expect(sum('falcosidekick.outputs.redis.error')).toBeGreaterThan(0);
  });
});
