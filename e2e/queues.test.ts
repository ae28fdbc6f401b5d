/**
 * Events from NATS and Kafka as a user sets them up: what the program took but had no alerts out for when it was killed
 * comes again, and what was acknowledged had its alerts out.
 */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { KafkaBroker, kafkaObstacle } from '../packages/sources/testing/kafka-broker.ts';
import { NatsServer, natsObstacle } from '../packages/sources/testing/nats-server.ts';
import { bugIn, type Running, run, Scratch, start, until } from './program.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

/** Takes alerts, and answers only while it is told to. */
class Destination {
  readonly seen: string[] = [];
  isAnswering = true;
  readonly #server: Server;

  constructor() {
    this.#server = createServer(async (request, response) => {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece);
      this.seen.push(
        ...(Buffer.concat(pieces)
          .toString()
          .match(/seen \d+/g) ?? []),
      );
      if (this.isAnswering) response.end();
    });
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`; // It listens on an address.
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

let scratch: Scratch;
let destination: Destination;
let url: string;
let program: Running | undefined;

beforeEach(async () => {
  scratch = new Scratch();
  destination = new Destination();
  url = await destination.open();
});
afterEach(async () => {
  program?.child.kill('SIGKILL');
  await program?.ended;
  program = undefined;
  destination.close();
  scratch.remove();
});

function configOf(address: string, settings: string): string {
  const rules = scratch.write(
    'rules.yaml',
    '- {rule: Seen, desc: d, source: json, condition: "json.value[/n] exists", output: "seen %json.value[/n]", priority: INFO}\n',
  );
  return scratch.write(
    'falco.yaml',
    `engine: {kind: nodriver}
stdout_output: {enabled: false}
http_output: {enabled: true, url: "${url}"}
plugins: [{name: json, open_params: "${address}", init_config: {start_at: oldest, ${settings}}}]
rules_files: [${rules}]
`,
  );
}

async function startReading(config: string): Promise<Running> {
  const started = start('falco', ['-U', '-c', config]);
  program = started;
  const isDecided = () => /reading `json`/.test(started.err()) || started.child.exitCode !== null;
  await until('it reads', isDecided, 120_000);
  expect(started.child.exitCode, started.err()).toBe(null);
  return started;
}

/** Told of one after the other; takes them as they are. */
async function killBetweenReceiptAndAcknowledgement(
  config: string,
  send: (numbers: readonly number[]) => Promise<void> | void,
): Promise<void> {
  const first = await startReading(config);
  await send([1, 2]);
  await until('the first are out', () => destination.seen.length >= 2, 60_000);
  destination.isAnswering = false;
  await send([3, 4, 5]);
  await until('an alert is on its way', () => destination.seen.includes('seen 3'), 60_000);
  first.child.kill('SIGKILL');
  await first.ended;
  destination.seen.length = 0;
  destination.isAnswering = true;
  await startReading(config);
  await until('all come again', () => new Set(destination.seen).size >= 3, 120_000);
  expect(new Set(destination.seen)).toEqual(new Set(['seen 3', 'seen 4', 'seen 5']));
}

const natsMissing = natsObstacle();
describe.skipIf(natsMissing !== undefined)(
  natsMissing === undefined ? 'NATS' : `NATS (skipped: ${natsMissing})`,
  () => {
    let server: NatsServer;
    beforeEach(async () => {
      server = await NatsServer.start();
    });
    afterEach(() => server.remove());

    test('killed between receipt and acknowledgement, the messages of a stream come again', async () => {
      const client = await server.client();
      const manager = await jetstreamManager(client);
      await manager.streams.add({ name: 'EVENTS', subjects: ['events'] });
      await manager.consumers.add('EVENTS', {
        ...{ durable_name: 'sensors', filter_subject: 'events', ack_policy: 'explicit', ack_wait: 2e9 },
      });
      const config = configOf(`nats://${server.address}/events`, 'stream: EVENTS, group: sensors');
      await killBetweenReceiptAndAcknowledgement(config, async (numbers) => {
        for (const n of numbers) await jetstream(client).publish('events', JSON.stringify({ n }));
      });
      const state = () => manager.consumers.info('EVENTS', 'sensors');
      await vi.waitFor(async () => expect((await state()).ack_floor.stream_seq).toBe(5), { timeout: 30_000 });
      program?.child.kill('SIGTERM');
      const ended = await program?.ended;
      expect([ended?.status, ended && bugIn(ended)]).toEqual([0, '']);
      await client.close();
    });

    test('a check says whether the stream is there', async () => {
      const client = await server.client();
      const config = configOf(`nats://${server.address}/events`, 'stream: EVENTS');
      const bad = await run('peregrine', ['sources', 'check', '-c', config]);
      expect([bad.status, bad.out]).toEqual([1, expect.stringContaining('stream not found')]);
      const manager = await jetstreamManager(client);
      await manager.streams.add({ name: 'EVENTS', subjects: ['events'] });
      await jetstream(client).publish('events', '{"n":1}');
      const good = await run('peregrine', ['sources', 'check', '-c', config]);
      expect(good.out).toBe(
        `json (json)\n  ok       NATS stream EVENTS, subject events at ${server.address}: it gave 1 events\n`,
      );
      await client.close();
    });
  },
);

const kafkaMissing = kafkaObstacle();
describe.skipIf(kafkaMissing !== undefined)(
  kafkaMissing === undefined ? 'Kafka' : `Kafka (skipped: ${kafkaMissing})`,
  () => {
    test('killed between receipt and acknowledgement, the messages come again', async () => {
      const broker = new KafkaBroker();
      try {
        broker.createTopic('events', 2);
        const config = configOf(`kafka://${broker.address}/events`, 'group: sensors');
        await killBetweenReceiptAndAcknowledgement(config, (numbers) => {
          for (const n of numbers) broker.send('events', n % 2, [JSON.stringify({ n })]);
        });
        program?.child.kill('SIGTERM');
        const ended = await program?.ended;
        expect([ended?.status, ended && bugIn(ended)]).toEqual([0, '']);
      } finally {
        broker.remove();
      }
    });
  },
);
