import { afterEach, beforeEach, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { TestApiServer } from '../../testing/api-server.ts';
import { type ExecResult, KubeFailure } from './kube-port.ts';
import { type OpenedKube, openKube } from './open-kube.ts';

let server: TestApiServer;
let opened: OpenedKube;
let sockets: WebSocketServer;
/** What the container does with a connection. */
let serve: (socket: WebSocket, url: string) => void;
/** What the server answers before there is a connection; empty: there is one. */
let refusal: string;

beforeEach(async () => {
  server = new TestApiServer();
  opened = await openKube({ kubeconfig: await server.open(), environment: {} });
  refusal = '';
  sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] ?? false });
  server.server.on('upgrade', (request, socket, head) => {
    if (refusal !== '') socket.end(refusal);
    else sockets.handleUpgrade(request, socket, head, (own) => serve(own, request.url ?? ''));
  });
});

afterEach(async () => {
  for (const client of sockets.clients) client.terminate();
  opened.close();
  await server.close();
});

const text = (channel: number, content: string): Buffer =>
  Buffer.concat([Buffer.of(channel), Buffer.from(content, 'utf8')]);
const success = text(3, '{"status":"Success"}');

function exec(
  parts: { readonly stdin?: Uint8Array; readonly mostBytes?: number; readonly signal?: AbortSignal } = {},
): Promise<ExecResult> {
  const { mostBytes = 1000, signal = new AbortController().signal, ...stdin } = parts;
  const command = ['sh', '-c', 'echo "$1" & + %'];
  const request = { namespace: 'default', pod: 'alpine', container: 'main', command, mostBytes, ...stdin };
  return opened.port.exec(request, signal);
}

async function failureOf(promise: Promise<unknown>): Promise<KubeFailure> {
  const error = await promise.catch((reason: unknown) => reason);
  if (error instanceof KubeFailure) return error;
  throw new Error(`it did not fail as it should: ${error}`);
}

test('the command is asked for as it is, and both outputs are kept apart', async () => {
  let asked: URL | undefined;
  serve = (socket, url) => {
    asked = new URL(url, 'http://h');
    for (const part of [text(1, 'out'), text(2, 'err'), text(1, 'put'), success]) socket.send(part);
  };
  const { stdout, stderr, exitCode, isCut } = await exec();
  expect([String(stdout), String(stderr), exitCode, isCut]).toEqual(['output', 'err', 0, false]);
  expect(asked?.pathname).toBe('/api/v1/namespaces/default/pods/alpine/exec');
  expect(asked?.searchParams.getAll('command')).toEqual(['sh', '-c', 'echo "$1" & + %']);
  expect(asked?.searchParams.get('container')).toBe('main');
});

test('an exit code is what the status says', async () => {
  const status = {
    status: 'Failure',
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: '3' }] },
  };
  serve = (socket) => socket.send(text(3, JSON.stringify(status)));
  expect((await exec()).exitCode).toBe(3);
});

test('standard input is given, and ends', async () => {
  const got: Buffer[] = [];
  serve = (socket) =>
    socket.on('message', (data) => {
      if (!Buffer.isBuffer(data)) return;
      got.push(data);
      if (data[0] === 255) socket.send(success);
    });
  await exec({ stdin: Buffer.from('hello') });
  expect(got).toEqual([text(0, 'hello'), Buffer.of(255, 0)]);
});

test('more than was asked for is cut off', async () => {
  serve = (socket) => {
    socket.send(text(1, '12345'));
    socket.send(text(1, '67890'));
    socket.send(success);
  };
  const { stdout, isCut } = await exec({ mostBytes: 7 });
  expect([String(stdout), isCut]).toEqual(['1234567', true]);
});

test.each([
  ['no shell there', 'OCI runtime exec failed: executable file not found in $PATH', 'NotStarted', false],
  ['something else', 'container gone', 'InternalError', true],
])('a program that cannot be run: %s', async (_, message, reason, mayBeDone) => {
  const status = { status: 'Failure', reason: 'InternalError', code: 500, message };
  serve = (socket) => socket.send(text(3, JSON.stringify(status)));
  expect(await failureOf(exec())).toMatchObject({ status: 500, reason, mayBeDone });
});

test('a refusal has the status and the words of the server', async () => {
  const body = JSON.stringify({ reason: 'Forbidden', message: 'cannot create resource "pods/exec"' });
  refusal = `HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const failure = await failureOf(exec());
  expect(failure).toMatchObject({ status: 403, reason: 'Forbidden', mayBeDone: false });
  expect(failure.message).toContain('pods/exec');
});

test('a connection that breaks: nobody knows', async () => {
  serve = (socket) => socket.terminate();
  expect(await failureOf(exec())).toMatchObject({ status: 0, mayBeDone: true });
});

test('what is no answer tells nothing', async () => {
  refusal = 'no HTTP at all';
  expect(await failureOf(exec())).toMatchObject({ status: 0, mayBeDone: true });
});

test('nobody there: nothing was run', async () => {
  await server.close();
  expect(await failureOf(exec())).toMatchObject({ status: 0, mayBeDone: false });
  await server.open();
});

test('a connection that ends without a word gives no exit code', async () => {
  serve = (socket) => socket.close(1000);
  expect((await exec()).exitCode).toBeUndefined();
});

test('who is aborted gets the reason', async () => {
  const controller = new AbortController();
  serve = () => controller.abort(new Error('time is over'));
  await expect(exec({ signal: controller.signal })).rejects.toThrow('time is over');
});
