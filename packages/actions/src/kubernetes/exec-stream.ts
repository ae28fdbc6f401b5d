/**
 * Programs run in containers: the API server's WebSocket with its numbered channels, in which the first byte of each
 * message says what the rest is.
 */

import type { IncomingMessage } from 'node:http';
import { listIn, objectIn, parseObject, textIn } from '@peregrine/base';
import { objectPath } from './api-path.ts';
import type { ApiConnection, Route } from './connection.ts';
import { failureOfAnswer, failureOfError } from './failure-of.ts';
import { pods } from './kinds.ts';
import { type ExecRequest, type ExecResult, KubeFailure } from './kube-port.ts';

const CONNECT_MS = 10_000;
const MOST_MESSAGE_BYTES = 16 * 1024 * 1024;
const MOST_REFUSAL_BYTES = 64 * 1024;
/** Only in the newer one, standard input has an end. */
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const channels = { stdin: 0, stdout: 1, stderr: 2, status: 3, close: 255 } as const;

/**
 * Rejects with a `KubeFailure`, or with the signal's reason. A program that runs when the signal is aborted is not ended
 * by that: nobody listens to it any more.
 */
export async function execInPod(
  connection: ApiConnection,
  request: ExecRequest,
  signal: AbortSignal,
): Promise<ExecResult> {
  const { namespace, pod, container, command, stdin } = request;
  const query = new URLSearchParams({ container, stdout: 'true', stderr: 'true' });
  if (stdin !== undefined) query.set('stdin', 'true');
  for (const word of command) query.append('command', word);
  const folder = `${objectPath({ kind: pods, namespace, name: pod })}/exec`;
  const what = `exec in ${namespace}/${pod}`;
  // Some servers take `+` for itself.
  const path = `${folder}?${query.toString().replaceAll('+', '%20')}`;
  const first = await connection.routeOf(path, false);
  try {
    return await stream(first, request, what, signal);
  } catch (error) {
    if (!(error instanceof KubeFailure) || error.status !== 401) throw error;
    return stream(await connection.routeOf(path, true), request, what, signal);
  }
}

async function stream(
  { url, credentials }: Route,
  { stdin, mostBytes }: ExecRequest,
  what: string,
  signal: AbortSignal,
): Promise<ExecResult> {
  const { WebSocket } = await import('ws');
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<ExecResult>();
  const address = new URL(url);
  const isPlain = url.protocol === 'http:';
  address.protocol = isPlain ? 'ws:' : 'wss:';
  // From then on, the program may have been started.
  let isSent = false;
  const sent = (): void => {
    isSent = true;
  };
  const { headers, tls, proxy } = credentials;
  const socket = new WebSocket(address, stdin === undefined ? protocols : protocols.slice(0, 1), {
    ...tls,
    ...{ headers: { ...headers, 'user-agent': 'peregrine' }, handshakeTimeout: CONNECT_MS },
    ...{ maxPayload: MOST_MESSAGE_BYTES, perMessageDeflate: false },
    ...(proxy === undefined ? {} : { agent: proxy }),
    finishRequest: (request) => {
      request.on('socket', (own) => own.once(isPlain ? 'connect' : 'secureConnect', sent));
      request.end();
    },
  });
  const output = { [channels.stdout]: createSpool(mostBytes), [channels.stderr]: createSpool(mostBytes) };
  const resultWith = (exitCode: number | undefined): ExecResult => ({
    stdout: output[channels.stdout].bytes(),
    stderr: output[channels.stderr].bytes(),
    exitCode,
    isCut: output[channels.stdout].isCut() || output[channels.stderr].isCut(),
  });
  const stop = (): void => {
    socket.terminate();
    reject(signal.reason);
  };
  signal.addEventListener('abort', stop, { once: true });
  socket.on('open', () => {
    if (stdin === undefined) return;
    socket.send(Buffer.concat([Buffer.of(channels.stdin), stdin]));
    socket.send(Buffer.of(channels.close, channels.stdin));
  });
  socket.on('message', (data) => {
    // One buffer, since nothing else was asked of the library.
    if (!Buffer.isBuffer(data)) return;
    const channel = data[0];
    if (channel === channels.stdout || channel === channels.stderr) output[channel].add(data.subarray(1));
    if (channel !== channels.status) return;
    const status = statusIn(data.subarray(1).toString('utf8'), what);
    if (status instanceof KubeFailure) reject(status);
    else resolve(resultWith(status));
    socket.close();
  });
  socket.on('unexpected-response', (_request, response) => {
    void refusalIn(response, what).then((failure) => {
      reject(failure);
      socket.terminate();
    });
  });
  socket.on('error', (error) => reject(failureOfError(what, error, isSent)));
  socket.on('close', (code) => {
    signal.removeEventListener('abort', stop);
    if (code === 1000) resolve(resultWith(undefined));
    else reject(failureOfError(what, new Error('the connection broke'), isSent));
  });
  return promise;
}

/** Keeps the beginning. */
function createSpool(mostBytes: number): {
  readonly add: (chunk: Buffer) => void;
  readonly bytes: () => Uint8Array;
  readonly isCut: () => boolean;
} {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  return {
    add: (chunk) => {
      if (sizeBytes < mostBytes) chunks.push(Buffer.from(chunk.subarray(0, mostBytes - sizeBytes)));
      sizeBytes += chunk.length;
    },
    bytes: () => Buffer.concat(chunks),
    isCut: () => sizeBytes > mostBytes,
  };
}

/** `reason` of a failure: there is no such program in the container. */
export const NOT_STARTED = 'NotStarted';
/** What is said then. */
const notStarted =
  /executable file not found|no such file or directory|failed to start exec|OCI runtime exec failed/;

/** The exit code, or that the program could not be run. */
function statusIn(text: string, what: string): number | KubeFailure {
  const status = parseObject(text);
  if (status?.status === 'Success') return 0;
  const causes = listIn(objectIn(status?.details)?.causes).map(objectIn);
  const code = Number(textIn(causes.find((cause) => cause?.reason === 'ExitCode')?.message) || Number.NaN);
  if (Number.isInteger(code)) return code;
  const message = textIn(status?.message) || 'it said nothing';
  const isStarted = !notStarted.test(message);
  return new KubeFailure(`${what}: ${message}`, {
    status: typeof status?.code === 'number' ? status.code : 500,
    reason: isStarted ? textIn(status?.reason) || 'InternalError' : NOT_STARTED,
    mayBeDone: isStarted,
  });
}

async function refusalIn(response: IncomingMessage, what: string): Promise<KubeFailure> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of response) {
      const bytes: Buffer = chunk;
      chunks.push(bytes);
      sizeBytes += bytes.length;
      if (sizeBytes > MOST_REFUSAL_BYTES) break;
    }
  } catch {
    // The status is what counts.
  }
  const answer = { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
  return failureOfAnswer(what, answer, false);
}
