/** Syslog: with rsyslog, which parses what comes, and with a server of TLS. */

import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Certificates, certificateObstacle, createCertificates } from '../../testing/certificates.ts';
import { numbered, openSink } from '../../testing/open-sink.ts';
import { isListening, programObstacle, type RunningServer, startServer } from '../../testing/run-server.ts';
import { sampleAlert, sampleAlerts } from '../../testing/sample-alerts.ts';
import { freePort, openTcpProxy } from '../../testing/tcp-proxy.ts';
import { syslogLine } from './parts/syslog-line.ts';
import { syslog } from './syslog.ts';

const obstacle = programObstacle('rsyslogd');
const title = obstacle === undefined ? 'rsyslog' : `rsyslog (skipped: ${obstacle})`;
const corpora = join(import.meta.dirname, '../../../../corpora/sinks/syslog');
/** Of the samples, in their order. */
const severities = [5, 3, 7, 2];
const LIMIT = { timeout: 30_000 };
const head = { facility: 'kern', hostName: 'hub-1', pid: 42 } as const;

test.each(sampleAlerts)('lines of the alert %s', async (name, alert) => {
  const lines = (['3164', '5424'] as const).flatMap((rfc) =>
    (['json', 'cef'] as const).map((format) => syslogLine(alert, { ...head, rfc }, format)),
  );
  await expect(`${lines.join('\n\n')}\n`).toMatchFileSnapshot(join(corpora, `${name}.txt`));
});

test('a line is one line, whatever an alert says, and CEF can be taken apart again', () => {
  const text = fc.string({ unit: 'binary', maxLength: 60 });
  fc.assert(
    fc.property(text, text, text, text, (rule, output, host, value) => {
      const fields = { 'proc.cmdline': value };
      const alert = { ...sampleAlert('whole'), rule, output, hostname: host, fields };
      const line = syslogLine(alert, { ...head, rfc: '3164' }, 'cef');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
      expect(line).not.toMatch(/[\0\r\n]/);
      const parts = line.slice(line.indexOf('CEF:')).split(/(?<=(?:^|[^\\])(?:\\\\)*)\|/);
      expect(parts).toHaveLength(8);
      // Every `=` that is not escaped ends a key.
      const keys = [...(parts[7] ?? '').matchAll(/(?:^| )([a-z]+)(?<!\\)=/g)].map(([, key]) => key);
      expect(keys.filter((key) => key === 'uuid')).toHaveLength(1);
    }),
  );
});

interface ParsedMessage {
  readonly pri: string;
  readonly host: string;
  readonly app: string;
  readonly procid: string;
  readonly msg: string;
}

describe.skipIf(obstacle !== undefined)(title, () => {
  let server: RunningServer;
  const ports = { udp: 0, tcp: 0 };
  beforeAll(async () => {
    for (const name of ['udp', 'tcp'] as const) ports[name] = await freePort();
    server = await startServer({
      program: 'rsyslogd',
      args: (folder) => ['-n', '-f', join(folder, 'rsyslog.conf'), '-i', join(folder, 'pid')],
      prepare: (folder) => {
        const property = (name: string, of: string): string =>
          `property(outname="${name}" name="${of}" format="jsonf")`;
        writeFileSync(
          join(folder, 'rsyslog.conf'),
          [
            `global(workDirectory="${folder}" maxMessageSize="128k" parser.escapeControlCharactersOnReceive="off")`,
            `module(load="imudp")\ninput(type="imudp" address="127.0.0.1" port="${ports.udp}")`,
            `module(load="imtcp")\ninput(type="imtcp" address="127.0.0.1" port="${ports.tcp}")`,
            'template(name="all" type="list") { constant(value="{")',
            [
              property('pri', 'pri'),
              property('host', 'hostname'),
              property('app', 'programname'),
              property('procid', 'procid'),
              property('msg', 'msg'),
            ].join(' constant(value=",") '),
            'constant(value="}\\n") }',
            `action(type="omfile" file="${join(folder, 'messages')}" template="all" asyncWriting="off")`,
            '',
          ].join('\n'),
        );
      },
      isReady: () => isListening(ports.tcp),
    });
  });
  afterAll(() => server?.remove());

  function messages(since: number): readonly ParsedMessage[] {
    let text = '';
    try {
      text = readFileSync(join(server.folder, 'messages'), 'utf8');
    } catch {
      return [];
    }
    const lines = text.split('\n').slice(0, -1);
    // Each line is what the template above makes.
    return lines
      .map((line) => JSON.parse(line) as ParsedMessage)
      .filter(({ app }) => app === 'Falco')
      .slice(since);
  }

  test.each([
    ['udp', {}],
    ['tcp', {}],
    ['tcp', { framing: 'octet_counting' }],
    ['tcp', { rfc: '5424' }],
    ['tcp', { rfc: '5424', framing: 'newline', facility: 'local3' }],
    ['tcp', { format: 'cef' }],
    ['udp', { rfc: '5424', format: 'cef' }],
  ] as const)('over %s with %o', async (protocol, more) => {
    const before = messages(0).length;
    const sink = await openSink(syslog, {
      host: '127.0.0.1',
      port: String(ports[protocol]),
      protocol,
      ...more,
    });
    const alerts = sampleAlerts.map(([, alert]) => alert);
    expect(await sink.send(...alerts)).toEqual(alerts.map(() => ({ kind: 'delivered' })));
    await sink.close();
    await vi.waitFor(() => expect(messages(before)).toHaveLength(alerts.length), LIMIT);
    const facility = 'facility' in more ? 19 * 8 : 0;
    for (const [i, { pri, host, procid, msg }] of messages(before).entries()) {
      expect([host, procid]).toEqual([hostname(), String(process.pid)]);
      expect(Number(pri)).toBe(facility + (severities[i] ?? 0));
      const text = msg.replace(/^ /, '');
      if ('format' in more) expect(text).toContain(`uuid=${alerts[i]?.uuid} start=`);
      else expect(JSON.parse(text)).toEqual(JSON.parse(alerts[i]?.json ?? ''));
    }
  });

  test('order is kept over TCP, also when the connection breaks in between', async () => {
    const before = messages(0).length;
    const proxy = await openTcpProxy(ports.tcp);
    const sink = await openSink(syslog, { host: '127.0.0.1', port: String(proxy.port) });
    const alerts = numbered(sampleAlert('whole'), 60);
    expect((await sink.send(...alerts.slice(0, 30)))[0]).toEqual({ kind: 'delivered' });
    await vi.waitFor(() => expect(messages(before)).toHaveLength(30), LIMIT);
    proxy.cut();
    await vi.waitFor(async () => expect(await isListening(proxy.port)).toBe(true), LIMIT);
    expect((await sink.send(...alerts.slice(30)))[0]?.kind).toBe('retry');
    proxy.resume();
    await vi.waitFor(
      async () => expect((await sink.send(...alerts.slice(30)))[0]?.kind).toBe('delivered'),
      LIMIT,
    );
    await vi.waitFor(() => expect(messages(before)).toHaveLength(60), LIMIT);
    expect(messages(before).map(({ msg }) => JSON.parse(msg).rule)).toEqual(alerts.map(({ rule }) => rule));
    await sink.close();
    await proxy.close();
  });
});

test('what no datagram holds is refused, and nobody at the port is noticed', async () => {
  const port = await freePort();
  const sink = await openSink(syslog, { host: '127.0.0.1', port: String(port), protocol: 'udp' });
  const large = { ...sampleAlert('test'), json: JSON.stringify({ pad: 'x'.repeat(70_000) }) };
  expect(await sink.send(large)).toMatchObject([
    { kind: 'rejected', reason: expect.stringContaining('65507') },
  ]);
  // The first one finds out that nobody is there, the next ones are told.
  await vi.waitFor(
    async () => expect(await sink.send(sampleAlert('test'))).toMatchObject([{ kind: 'retry' }]),
    LIMIT,
  );
  expect(await sink.send(sampleAlert('test'))).toMatchObject([
    { kind: 'retry', reason: expect.stringContaining('ECONNREFUSED') },
  ]);
  await sink.close();
});

const tlsObstacle = certificateObstacle();
describe.skipIf(tlsObstacle !== undefined)(
  `over TLS${tlsObstacle === undefined ? '' : ` (skipped: ${tlsObstacle})`}`,
  () => {
    let certificates: Certificates;
    beforeAll(() => {
      certificates = createCertificates();
    });
    afterAll(() => certificates?.remove());

    test('messages have their lengths, and both sides show certificates', async () => {
      const chunks: Buffer[] = [];
      const server = createServer(
        {
          cert: readFileSync(certificates.server.cert),
          key: readFileSync(certificates.server.key),
          ca: readFileSync(certificates.authority),
          ...{ requestCert: true, rejectUnauthorized: true },
        },
        (socket) => socket.on('data', (bytes: Buffer) => chunks.push(bytes)).on('error', () => {}),
      );
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo; // It listens on an address.
      const settings = { host: 'localhost', port: String(port), protocol: 'tls', rfc: '5424' };
      const known = await openSink(syslog, settings, { tls: certificates.trust({ hasIdentity: true }) });
      const alerts = [sampleAlert('hostile'), sampleAlert('whole')];
      expect(await known.send(...alerts)).toEqual(alerts.map(() => ({ kind: 'delivered' })));
      await vi.waitFor(() => expect(framesIn(Buffer.concat(chunks))).toHaveLength(2), LIMIT);
      const texts = framesIn(Buffer.concat(chunks)).map((frame) => frame.slice(frame.indexOf(' - {') + 3));
      expect(texts).toEqual(alerts.map(({ json }) => json));
      const careful = await openSink(syslog, settings);
      expect(await careful.send(sampleAlert('test'))).toMatchObject([
        { kind: 'retry', reason: expect.stringContaining('certificate') },
      ]);
      for (const sink of [known, careful]) await sink.close();
      server.close();
    });
  },
);

/** Whole messages of a stream in which each has its length before it. */
function framesIn(bytes: Buffer): readonly string[] {
  const frames: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString('latin1', at, space));
    const end = space + 1 + length;
    if (space < 0 || Number.isNaN(length) || end > bytes.length) break;
    frames.push(bytes.toString('utf8', space + 1, end));
    at = end;
  }
  return frames;
}
