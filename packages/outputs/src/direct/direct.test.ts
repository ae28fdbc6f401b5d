/** Every sink against a real receiver of its kind. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mapNode, readTree, scalarNode } from '@peregrine/base';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { listenUnix } from '../../testing/unix-receiver.ts';
import type { DirectSink, Output, OutputContext, RenderedAlert } from './direct-sink.ts';
import { file } from './file.ts';
import { http } from './http.ts';
import { program } from './program.ts';
import { directRoster } from './roster.ts';
import { syslog } from './syslog.ts';

const never = new AbortController().signal;
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'peregrine-sinks-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function rendered(line: string): RenderedAlert {
  const alert = {
    rule: 'r',
    priority: 'Warning',
    source: 'syscall',
    tags: [],
    hostname: 'h',
    timeNs: 0n,
  } as const;
  return { line, alert: { ...alert, message: line, output: line, fields: {} } };
}

function open<C>(
  sink: DirectSink<C>,
  settings: Readonly<Record<string, string>>,
  context: Partial<OutputContext> = {},
): Promise<Output> {
  const node = mapNode(Object.entries(settings).map(([key, value]) => [key, scalarNode(value)]));
  const { value, diagnostics } = readTree(sink.config, node);
  if (value === undefined) throw new Error(JSON.stringify(diagnostics));
  return sink.open(value, {
    isJson: false,
    programName: 'tester',
    timeoutMs: 2000,
    onGone: () => {},
    ...context,
  });
}

test.each(directRoster)('$name says what it is', ({ doc, config }) => {
  expect(doc).toMatch(/^[A-Z].*\.$/);
  expect(config.fallback?.value).toMatchObject({ enabled: false });
});

describe('file', () => {
  test('appends, and follows a rotation without being told', async () => {
    const filename = join(folder, 'rotated.log');
    const output = await open(file, { filename });
    await output.send([rendered('a'), rendered('b')], never);
    renameSync(filename, `${filename}.1`);
    await output.send([rendered('ü')], never);
    await output.close();
    expect(readFileSync(`${filename}.1`, 'utf8')).toBe('a\nb\n');
    expect(readFileSync(filename, 'utf8')).toBe('ü\n');
  });

  test('kept open, it follows a rotation when told', async () => {
    const filename = join(folder, 'kept.log');
    const output = await open(file, { filename, keep_alive: 'true' });
    await output.send([rendered('a')], never);
    renameSync(filename, `${filename}.1`);
    await output.send([rendered('b')], never);
    await output.reopen();
    await output.send([rendered('c')], never);
    await output.close();
    expect(readFileSync(`${filename}.1`, 'utf8')).toBe('a\nb\n');
    expect(readFileSync(filename, 'utf8')).toBe('c\n');
  });

  test('that cannot be opened is a fault; that cannot be opened any more, an outcome', async () => {
    await expect(open(file, { filename: join(folder, 'no', 'such') })).rejects.toThrow(
      /cannot open alert file/,
    );
    const gone = join(folder, 'gone');
    mkdirSync(gone);
    const output = await open(file, { filename: join(gone, 'a.log') });
    rmSync(gone, { recursive: true });
    expect(await output.send([rendered('a')], never)).toMatchObject({ kind: 'rejected' });
  });

  test.skipIf(!existsSync('/dev/full'))('on a full disk is an outcome (needs /dev/full)', async () => {
    const output = await open(file, { filename: '/dev/full', keep_alive: 'true' });
    expect(await output.send([rendered('a')], never)).toMatchObject({ kind: 'rejected', reason: /ENOSPC/ });
    await output.close();
  });
});

describe('program', () => {
  test('gets each alert in a run of its own', async () => {
    const target = join(folder, 'program.log');
    const output = await open(program, { program: `{ echo start; cat; } >> ${target}` });
    await output.send([rendered('a')], never);
    await output.send([rendered('b $(c)')], never);
    expect(readFileSync(target, 'utf8')).toBe('start\na\nstart\nb $(c)\n');
    await output.close();
  });

  test('kept running, gets all in one run, until told', async () => {
    const target = join(folder, 'kept-program.log');
    const output = await open(program, { program: `{ echo start; cat; } >> ${target}`, keep_alive: 'true' });
    await output.send([rendered('a')], never);
    await output.send([rendered('b')], never);
    await output.reopen();
    await output.send([rendered('c')], never);
    await output.close();
    expect(readFileSync(target, 'utf8')).toBe('start\na\nb\nstart\nc\n');
  });

  test.each([
    ['exit 3', /ended with status 3/],
    ['kill -9 $$', /ended by SIGKILL/],
  ])('%s is an outcome', async (command, reason) => {
    const output = await open(program, { program: `cat >/dev/null; ${command}` });
    expect(await output.send([rendered('a')], never)).toMatchObject({ kind: 'rejected', reason });
    await output.close();
  });

  test.each(['false', 'true'])(
    'that cannot be started is an outcome (kept running: %s)',
    async (keep_alive) => {
      const output = await open(program, { program: 'cat\0', keep_alive });
      const reason = /^the program cannot be started: /;
      expect(await output.send([rendered('a')], never)).toMatchObject({ kind: 'rejected', reason });
      await output.close();
    },
  );

  test('that hangs is ended when alerts are given up', async () => {
    const output = await open(program, { program: 'exec sleep 100' });
    const giveUp = AbortSignal.timeout(100);
    expect(await output.send([rendered('a')], giveUp)).toMatchObject({ kind: 'rejected' });
    await output.close();
  });
});

test('a program that hangs does not keep us from closing', async () => {
  const output = await open(program, { program: 'exec sleep 100', keep_alive: 'true' }, { timeoutMs: 50 });
  await output.send([rendered('a')], never);
  await output.close();
});

describe('syslog', () => {
  test('sends one datagram for each alert, severity from the priority', async () => {
    const socket = join(folder, 'log');
    let receiver = listenUnix(socket);
    const output = await open(syslog, { socket });
    expect(await output.send([rendered('first')], never)).toEqual({ kind: 'delivered' });
    expect(receiver.receive()).toMatch(/^<12>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d tester: first$/);

    receiver.close();
    rmSync(socket);
    expect(await output.send([rendered('lost')], never)).toMatchObject({
      kind: 'rejected',
      reason: /ENOENT/,
    });
    receiver = listenUnix(socket);
    expect(await output.send([rendered('second')], never)).toEqual({ kind: 'delivered' });
    expect(receiver.receive()).toContain('tester: second');
    receiver.close();
    await output.close();
  });

  test('without a daemon is an outcome', async () => {
    const output = await open(syslog, { socket: join(folder, 'nobody') });
    expect(await output.send([rendered('a')], never)).toMatchObject({
      kind: 'rejected',
      reason: /nobody.*ENOENT/,
    });
    const long = await open(syslog, { socket: `/${'x'.repeat(200)}` });
    expect(await long.send([rendered('a')], never)).toMatchObject({
      kind: 'rejected',
      reason: /ENAMETOOLONG/,
    });
  });

  test('waits for a slow daemon', async () => {
    const socket = join(folder, 'slow');
    const receiver = listenUnix(socket);
    const output = await open(syslog, { socket });
    const count = 300;
    const sending = (async () => {
      for (let i = 0; i < count; i++) await output.send([rendered(String(i))], never);
    })();
    const received: string[] = [];
    while (received.length < count) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      for (let i = 0; i < 50 && received.length < count; i++) {
        const message = receiver.receive();
        if (message === undefined) break;
        received.push(message.replace(/^.*tester: /, ''));
      }
    }
    await sending;
    expect(received).toEqual(Array.from({ length: count }, (_, i) => String(i)));
    receiver.close();
    await output.close();
  });
});

describe('http', () => {
  let servers: Server[] = [];
  afterEach(() => {
    for (const server of servers) server.close().closeAllConnections();
    servers = [];
  });

  interface Request {
    readonly method: string | undefined;
    readonly headers: IncomingMessage['headers'];
    readonly body: string;
    readonly port: number | undefined;
  }
  type Answer = (response: ServerResponse, request: Request) => void;

  async function serve(
    answer: Answer,
    tls?: 'tls' | 'mutual',
  ): Promise<{ url: string; requests: Request[] }> {
    const requests: Request[] = [];
    const listener = async (incoming: IncomingMessage, response: ServerResponse) => {
      let body = '';
      for await (const chunk of incoming) body += String(chunk);
      const { method, headers, socket } = incoming;
      const request = { method, headers, body, port: socket.remotePort };
      requests.push(request);
      answer(response, request);
    };
    const server =
      tls === undefined
        ? createServer(listener)
        : createTlsServer(
            {
              cert: readFileSync(tlsPath('server.crt')),
              key: readFileSync(tlsPath('server.key')),
              ca: readFileSync(tlsPath('authority.crt')),
              requestCert: tls === 'mutual',
              rejectUnauthorized: tls === 'mutual',
            },
            listener,
          );
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return { url: `${tls === undefined ? 'http' : 'https'}://localhost:${port}/in?x=1`, requests };
  }

  test('posts one request for each alert', async () => {
    const { url, requests } = await serve((response) => response.end('ok'));
    const output = await open(http, { url: `"${url}"`, user_agent: 'me' }, { isJson: true });
    expect(await output.send([rendered('{"a":"ü"}')], never)).toEqual({ kind: 'delivered' });
    expect(await output.send([rendered('{}')], never)).toEqual({ kind: 'delivered' });
    await output.close();
    expect(requests.map(({ method, body }) => [method, body])).toEqual([
      ['POST', '{"a":"ü"}'],
      ['POST', '{}'],
    ]);
    expect(requests[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'me' });
    expect(requests[0]?.port).not.toBe(requests[1]?.port);
  });

  test('keeps the connection when asked to, and offers compression', async () => {
    const { url, requests } = await serve((response) => response.end());
    const output = await open(http, { url, keep_alive: 'true' });
    await output.send([rendered('a')], never);
    await output.send([rendered('b')], never);
    await output.close();
    expect(requests[0]?.port).toBe(requests[1]?.port);
    expect(requests[0]?.headers['content-type']).toBe('text/plain');

    const compressed = await open(http, { url, compress_uploads: 'true' });
    await compressed.send([rendered('c')], never);
    await compressed.close();
    expect(requests[2]?.headers.te).toBe('gzip');
  });

  test('tries again when there is no answer in time, and only then', async () => {
    let count = 0;
    const { url, requests } = await serve((response) => {
      if (++count > 2) response.end();
    });
    const output = await open(http, { url }, { timeoutMs: 100 });
    expect(await output.send([rendered('a')], never)).toEqual({ kind: 'delivered' });
    expect(requests).toHaveLength(3);
    await output.close();

    count = -100;
    const impatient = await open(http, { url, max_consecutive_timeouts: '1' }, { timeoutMs: 50 });
    expect(await impatient.send([rendered('a')], never)).toMatchObject({
      kind: 'rejected',
      reason: /within 50 ms, 2 times/,
    });
    expect(requests).toHaveLength(5);
    await impatient.close();
  });

  test('a refusal and a dead server are outcomes', async () => {
    const { url, requests } = await serve((response) => response.writeHead(503).end());
    const output = await open(http, { url });
    expect(await output.send([rendered('a')], never)).toMatchObject({
      kind: 'rejected',
      reason: /status 503/,
    });
    expect(requests).toHaveLength(1);
    for (const server of servers) server.close().closeAllConnections();
    expect(await output.send([rendered('a')], never)).toMatchObject({
      kind: 'rejected',
      reason: /ECONNREFUSED|connection/,
    });
    await output.close();
  });

  test('trusts whom it is told to trust', async () => {
    const { url } = await serve((response) => response.end(), 'tls');
    const outcomes: string[] = [];
    for (const settings of [
      { ca_cert: tlsPath('authority.crt') },
      { ca_bundle: tlsPath('authority.crt') },
      { ca_path: tlsPath('hashed') },
      { insecure: 'true' },
      { ca_path: folder },
      { ca_cert: tlsPath('client.crt'), ca_bundle: tlsPath('authority.crt') },
    ]) {
      const output = await open(http, { url, ...settings });
      outcomes.push((await output.send([rendered('a')], never)).kind);
      await output.close();
    }
    expect(outcomes).toEqual(['delivered', 'delivered', 'delivered', 'delivered', 'rejected', 'rejected']);
  });

  test('shows its certificate', async () => {
    const { url } = await serve((response) => response.end(), 'mutual');
    const settings = { url, ca_cert: tlsPath('authority.crt') };
    const anonymous = await open(http, settings);
    expect(await anonymous.send([rendered('a')], never)).toMatchObject({ kind: 'rejected' });
    const known = await open(http, {
      ...settings,
      mtls: 'true',
      client_cert: tlsPath('client.crt'),
      client_key: tlsPath('client.key'),
    });
    expect(await known.send([rendered('a')], never)).toEqual({ kind: 'delivered' });
    await expect(open(http, { ...settings, mtls: 'true', client_cert: '/nowhere' })).rejects.toThrow(
      /client_cert/,
    );
    await anonymous.close();
    await known.close();
  });
});

function tlsPath(name: string): string {
  return join(import.meta.dirname, '../../../../corpora/tls', name);
}
