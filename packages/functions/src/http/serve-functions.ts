/**
 * Functions over HTTP, under the contract that Kubeless' runtimes keep. Bodies and what waits are bounded, whoever asks
 * for too much is told so, and each call leaves a line.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type HttpServer, listen, readBody, renderPrometheus } from '@peregrine/api';
import { type CallResult, reasonOf } from '../runtime/call.ts';
import type { FunctionRuntime } from '../runtime/function-runtime.ts';
import { type Access, accessLine } from './access-line.ts';
import { type Target, targetOf } from './target.ts';

export interface ServeOptions {
  readonly runtime: FunctionRuntime;
  /** An IP address. */
  readonly address: string;
  /** 0 is any that is free. */
  readonly port: number;
  /** File with certificate and key: HTTPS instead of HTTP. */
  readonly certificate: string | undefined;
  readonly mostBodyBytes: number;
  /** One for each call. */
  readonly onAccess: (line: string) => void;
  /** Something threw that should not: a bug. */
  readonly onTrouble: (text: string) => void;
}

const methods = ['GET', 'POST', 'PATCH', 'DELETE'];
const PROMETHEUS_TYPE = 'text/plain; version=0.0.4';
const TEXT_TYPE = 'text/plain; charset=utf-8';
/** All bodies that are being read or worked on. */
const MOST_BYTES = 64 * 2 ** 20;
const listenLimits = { mostConnections: 512, requestLimitMs: 30_000, idleLimitMs: 60_000 };

interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Resolves when it listens. Throws a `Fault` when it cannot. */
export async function serveFunctions(options: ServeOptions): Promise<HttpServer> {
  let usedBytes = 0;
  const { runtime, mostBodyBytes } = options;
  const { address, port, certificate } = options;
  return listen({ address, port, certificate, ...listenLimits }, (request, response) => {
    answer(request, response).catch((error: unknown) => {
      options.onTrouble(error instanceof Error ? (error.stack ?? error.message) : String(error));
      send(request, response, textReply(500, 'the answer cannot be given'));
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = new Date();
    const startMs = performance.now();
    const target = targetOf(request.headers.host, request.url ?? '/', runtime.functions());
    const reply = target.kind === 'call' ? await call(request, target) : about(runtime, target);
    const sent = send(request, response, reply);
    if (target.kind !== 'call' && target.kind !== 'none') return;
    options.onAccess(
      accessLine(
        accessOf(request, at, reply.status, sent, Math.round((performance.now() - startMs) * 1_000)),
      ),
    );
  }

  async function call(request: IncomingMessage, target: Extract<Target, { kind: 'call' }>): Promise<Reply> {
    const { method = '' } = request;
    if (!methods.includes(method))
      return {
        ...textReply(405, `${method} is not among what functions answer`),
        headers: { allow: methods.join(', ') },
      };
    let size = 0;
    try {
      const body = await readBody(request, mostBodyBytes, (bytes) => {
        // One body has room always.
        if (usedBytes > size && usedBytes + bytes > MOST_BYTES) return false;
        size += bytes;
        usedBytes += bytes;
        return true;
      });
      if (body.kind === 'too_large') return textReply(413, `the body is larger than ${mostBodyBytes} bytes`);
      if (body.kind === 'no_room') return replyOf({ kind: 'busy', afterMs: 1_000 });
      if (body.kind === 'aborted') return textReply(400, 'the body did not come to its end');
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [
          name,
          Array.isArray(value) ? value.join(', ') : (value ?? ''),
        ]),
      );
      const { name, path, query } = target;
      return replyOf(
        await runtime.invoke(name, {
          method,
          path,
          query,
          headers,
          body: body.bytes,
          remote: remoteOf(request),
        }),
      );
    } finally {
      usedBytes -= size;
    }
  }
}

function about(runtime: FunctionRuntime, target: Exclude<Target, { kind: 'call' }>): Reply {
  switch (target.kind) {
    case 'health': {
      const ill = runtime
        .functions()
        .filter(({ name, namespace }) => target.name === undefined || target.name === `${namespace}/${name}`)
        .flatMap(({ name, trouble }) => (trouble === undefined ? [] : [`${name}: ${trouble}`]));
      // COMPAT: Kubeless' runtimes answer `OK`.
      return ill.length === 0
        ? { status: 200, contentType: TEXT_TYPE, body: 'OK' }
        : textReply(503, ill.join('\n'));
    }
    case 'metrics': {
      const families = runtime.metrics().map((family) => ({
        ...family,
        samples: family.samples.filter(
          ({ labels }) =>
            target.name === undefined || target.name === `${labels.namespace}/${labels.function}`,
        ),
      }));
      return { status: 200, contentType: PROMETHEUS_TYPE, body: renderPrometheus(families) };
    }
    case 'list':
      return {
        status: 200,
        contentType: 'application/json',
        body: `${JSON.stringify(runtime.functions())}\n`,
      };
    case 'none':
      return textReply(404, 'there is no such function');
  }
}

/** COMPAT: 408 for a call that took too long, 500 for one that failed. */
export function replyOf(result: CallResult): Reply {
  switch (result.kind) {
    case 'answered':
      return { status: result.status, contentType: result.contentType, body: result.body };
    case 'failed':
      return textReply(500, reasonOf(result));
    case 'timed_out':
      return textReply(408, reasonOf(result));
    case 'bad_json':
      return textReply(400, reasonOf(result));
    case 'busy':
      return { ...textReply(429, reasonOf(result)), headers: retryAfter(result.afterMs) };
    case 'unavailable':
      return { ...textReply(503, reasonOf(result)), headers: retryAfter(result.afterMs) };
    case 'given_up':
      return textReply(503, reasonOf(result));
    case 'unknown':
      return textReply(404, reasonOf(result));
  }
}

function retryAfter(ms: number): Readonly<Record<string, string>> {
  return { 'retry-after': String(Math.max(1, Math.ceil(ms / 1_000))) };
}

function textReply(status: number, text: string): Reply {
  return { status, contentType: TEXT_TYPE, body: `${text}\n` };
}

/** Gives the bytes of the body. */
function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, contentType, body, headers }: Reply,
): number {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  if (response.headersSent || response.destroyed) return 0;
  response.writeHead(status, {
    'x-content-type-options': 'nosniff',
    ...headers,
    ...(isHeaderText(contentType) ? { 'content-type': contentType } : {}),
    'content-length': bytes.length,
    // What was not read of a body ends with the connection.
    ...(request.complete ? {} : { connection: 'close' }),
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
  return bytes.length;
}

function isHeaderText(text: string): boolean {
  return /^[\x20-\x7e]{1,200}$/.test(text);
}

function remoteOf(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? '-').replace(/^::ffff:/, '');
}

function accessOf(request: IncomingMessage, at: Date, status: number, bytes: number, tookUs: number): Access {
  const { method = '-', url = '/', httpVersion, headers } = request;
  return {
    remote: remoteOf(request),
    at,
    method,
    url,
    httpVersion,
    status,
    bytes,
    referrer: headers.referer ?? '',
    agent: headers['user-agent'] ?? '',
    tookUs,
  };
}
