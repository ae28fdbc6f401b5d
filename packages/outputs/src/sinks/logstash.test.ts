import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import type { HubAlert } from '@peregrine/alert';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Certificates, createCertificates } from '../../testing/certificates.ts';
import { sampleAlert, sampleAlerts } from '../../testing/sample-alerts.ts';
import { settingsOf, type Written } from '../../testing/sink-contract.ts';
import { type OpenOutput, openOutput } from '../../testing/sink-exchange.ts';
import { logstash } from './logstash.ts';

interface Listener {
  readonly server: Server;
  readonly port: number;
  readonly sockets: Set<{ destroy(): void }>;
  /** Names in clients' certificates, one for each connection. */
  readonly clients: (string | undefined)[];
  text: string;
}

const listeners: Listener[] = [];
const opened: OpenOutput[] = [];
let certificates: Certificates;
beforeAll(() => {
  certificates = createCertificates();
});
afterEach(async () => {
  for (const output of opened.splice(0)) await output.close();
  for (const { server, sockets } of listeners.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});
afterAll(() => certificates.remove());

async function listen(isTls = false): Promise<Listener> {
  const pem = (file: string): string => readFileSync(file, 'utf8');
  const server = isTls
    ? createTlsServer({
        ...{ cert: pem(certificates.server.cert), key: pem(certificates.server.key) },
        ...{ ca: pem(certificates.authority), requestCert: true, rejectUnauthorized: false },
      })
    : createServer();
  const listener = {
    server,
    port: 0,
    sockets: new Set<{ destroy(): void }>(),
    clients: [],
    text: '',
  } as Listener; // Filled below.
  server.on(isTls ? 'secureConnection' : 'connection', (socket: TLSSocket) => {
    listener.sockets.add(socket);
    listener.clients.push(
      isTls && socket.authorized ? String(socket.getPeerCertificate().subject.CN) : undefined,
    );
    socket.on('data', (bytes) => {
      listener.text += bytes.toString('utf8');
    });
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // It listens on an address.
  const made = Object.assign(listener, { port });
  listeners.push(made);
  return made;
}

function open({ port }: { readonly port: number }, written: Written = {}): OpenOutput {
  const output = openOutput(settingsOf(logstash, { address: '127.0.0.1', port, ...written }));
  opened.push(output);
  return output;
}

async function linesOf(listener: Listener, count: number): Promise<readonly HubAlert[]> {
  await expect.poll(() => listener.text.split('\n').length - 1, { timeout: 20_000 }).toBe(count);
  const lines = listener.text.trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line));
}

test('every alert is a line, with tags of the user and names without brackets', async () => {
  const listener = await listen();
  const indexed: HubAlert = { ...sampleAlert('whole'), fields: { 'proc.aname[2]': 'sh', 'a[b]': 1 } };
  const alerts = [...sampleAlerts.map(([, alert]) => alert), indexed];
  const outcomes = await open(listener, { tags: 'falco,prod' }).deliverAll(alerts);
  expect(outcomes.map(({ kind }) => kind)).toEqual(alerts.map(() => 'delivered'));
  const lines = await linesOf(listener, alerts.length);
  for (const [i, alert] of alerts.entries()) {
    expect(lines[i]).toMatchObject({ uuid: alert.uuid, tags: [...alert.tags, 'falco', 'prod'] });
  }
  expect(lines.at(-1)).toMatchObject({ output_fields: { 'proc.aname.2': 'sh', 'a[b]': 1 } });
  expect(listener.text).toContain('"evt.time":1610667584834631763');
});

test('without tags of the user, a line is the alert as it is', async () => {
  const listener = await listen();
  await open(listener).deliver(sampleAlert('shell'));
  await linesOf(listener, 1);
  expect(listener.text).toBe(`${sampleAlert('shell').json}\n`);
});

test('a connection is kept, and made again when the server goes', async () => {
  const listener = await listen();
  const output = open(listener);
  await output.deliver(sampleAlert('shell'));
  await output.deliver(sampleAlert('whole'));
  expect(listener.sockets.size).toBe(1);
  for (const socket of listener.sockets) socket.destroy();
  await expect
    .poll(
      async () => {
        await output.deliver(sampleAlert('test'));
        return listener.sockets.size;
      },
      { timeout: 30_000 },
    )
    .toBe(2);
  listener.server.close();
  for (const socket of listener.sockets) socket.destroy();
  await expect
    .poll(async () => (await output.deliver(sampleAlert('test'))).outcome.kind, { timeout: 30_000 })
    .toBe('retry');
});

describe('TLS', () => {
  test('whoever shows a certificate checks that of the server', async () => {
    const listener = await listen(true);
    const { client, authority } = certificates;
    const files = { certfile: client.cert, keyfile: client.key, cacertfile: authority };
    expect(
      (await open(listener, { mutualtls: 'true', ...files }).deliver(sampleAlert('test'))).outcome.kind,
    ).toBe('delivered');
    const untrusting = open(listener, { mutualtls: 'true', ...files, cacertfile: '' });
    expect((await untrusting.deliver(sampleAlert('test'))).outcome.kind).toBe('retry');
    expect(listener.clients).toEqual(['client']);
  });

  test('encrypted and checked only where that is asked', async () => {
    const listener = await listen(true);
    const outcome = async (written: Written) =>
      (await open(listener, written).deliver(sampleAlert('test'))).outcome.kind;
    expect(await outcome({ tls: 'true' })).toBe('delivered');
    expect(await outcome({ tls: 'true', checkcert: 'true' })).toBe('retry');
    expect(await outcome({ tls: 'true', checkcert: 'true', cacertfile: certificates.authority })).toBe(
      'delivered',
    );
  });

  test('what is missing is told of', async () => {
    expect(() => settingsOf(logstash, { mutualtls: 'true', certfile: 'x' })).toThrow(
      '`logstash.keyfile` is not set',
    );
    const files = { mutualtls: 'true', certfile: '/nowhere/a', keyfile: '/nowhere/b' };
    expect((await open({ port: 1 }, files).deliver(sampleAlert('test'))).outcome).toMatchObject({
      kind: 'retry',
      reason: expect.stringContaining('cannot read `logstash.certfile`'),
    });
  });
});
