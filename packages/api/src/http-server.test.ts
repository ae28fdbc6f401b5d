import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openHttpServer } from './http-server.ts';
import type { HttpServer } from './listener.ts';
import type { MetricFamily } from './prometheus.ts';
import { serviceRoutes } from './service-routes.ts';

const families: readonly MetricFamily[] = [
  { name: 'x_total', type: 'counter', doc: 'X.', samples: [{ labels: {}, value: 1 }] },
];

describe('the server', () => {
  let server: HttpServer | undefined;
  let trouble: string | undefined;
  const told: string[] = [];
  afterEach(async () => {
    await server?.close();
    server = undefined;
    trouble = undefined;
    told.length = 0;
  });

  async function open(
    metrics?: () => Promise<readonly MetricFamily[]>,
    certificate?: string,
  ): Promise<HttpServer> {
    server = await openHttpServer({
      address: '127.0.0.1',
      port: 0,
      certificate,
      routes: serviceRoutes({
        healthPath: '/alive',
        trouble: async () => trouble,
        versions: () => ({ falco_version: '1' }),
        metrics,
      }),
      onTrouble: (text) => told.push(text),
    });
    return server;
  }

  test.each([
    ['/alive', 200, 'application/json', '{"status":"ok"}'],
    ['/alive?x=1', 200, 'application/json', '{"status":"ok"}'],
    ['/versions', 200, 'application/json', '{"falco_version":"1"}'],
    ['/metrics', 200, 'text/plain; version=0.0.4', '# HELP x_total X.\n# TYPE x_total counter\nx_total 1\n'],
    ['/', 404, 'text/plain; charset=utf-8', 'there is nothing here\n'],
    ['/alive/', 404, 'text/plain; charset=utf-8', 'there is nothing here\n'],
  ])('%s', async (path, status, type, body) => {
    const { url } = await open(async () => families);
    const response = await fetch(`${url}${path}`);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      status,
      type,
      body,
    ]);
  });

  test('metrics are there only if they are served', async () => {
    const { url } = await open();
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
  });

  test('ill health has its own status', async () => {
    const { url } = await open();
    trouble = 'the sensor does not answer';
    const response = await fetch(`${url}/alive`);
    expect([response.status, await response.json()]).toEqual([503, { status: 'failing', reason: trouble }]);
  });

  test('a route that fails is told of, and answered', async () => {
    const { url } = await open(async () => {
      throw new Error('no sensor');
    });
    expect((await fetch(`${url}/metrics`)).status).toBe(503);
    expect(told).toEqual(['no sensor']);
  });

  test.each(['POST', 'PUT', 'DELETE'])('%s is refused, and its body not read', async (method) => {
    const { url } = await open();
    const response = await fetch(`${url}/versions`, { method, body: 'x'.repeat(1 << 20) }).catch(
      () => undefined,
    );
    // The connection may end before all of the body is sent.
    expect([405, undefined]).toContain(response?.status);
    expect((await fetch(`${url}/versions`)).status).toBe(200);
  });

  test('HEAD has no body', async () => {
    const { url } = await open();
    const response = await fetch(`${url}/versions`, { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  test('what is no HTTP does it no harm', async () => {
    const { url } = await open();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    socket.write(Buffer.from([0, 255, 13, 10, 13, 10]));
    await new Promise((resolve) => socket.once('close', resolve));
    expect((await fetch(`${url}/alive`)).status).toBe(200);
  });

  test('a port in use is said to be', async () => {
    const { url } = await open();
    await expect(
      openHttpServer({
        address: '127.0.0.1',
        port: Number(new URL(url).port),
        certificate: undefined,
        routes: [],
        onTrouble: () => {},
      }),
    ).rejects.toThrowError('cannot listen on 127.0.0.1 port');
  });

  test('HTTPS, with certificate and key in one file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'peregrine-tls-'));
    const [key, certificate, both] = ['key', 'certificate', 'both'].map((name) =>
      join(folder, `${name}.pem`),
    );
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
        ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key ?? '', '-out', certificate ?? ''],
      ],
      { stdio: 'ignore' },
    );
    writeFileSync(both ?? '', readFileSync(certificate ?? '', 'utf8') + readFileSync(key ?? '', 'utf8'));
    const { url } = await open(undefined, both);
    const status = await new Promise((resolve, reject) => {
      httpsRequest(`${url}/alive`, { ca: readFileSync(certificate ?? '') }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    rmSync(folder, { recursive: true });
    expect(url).toMatch(/^https:/);
    expect(status).toBe(200);
  });

  test('a certificate that is not there is said to be missing', async () => {
    await expect(open(undefined, '/nonexistent/x.pem')).rejects.toThrowError(
      'cannot read the certificate `/nonexistent/x.pem`',
    );
  });
});
