/** Sends prepared requests, over connections that are kept. */

import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { type HttpAnswer, MOST_ANSWER_BYTES } from './http-answer.ts';
import type { PreparedRequest } from './prepare-request.ts';
import { nodeTlsOptions, type TlsTrust } from './tls-trust.ts';
import { codeOf, reasonOf } from './write-all.ts';

/** Why there is no answer. */
export interface HttpTrouble {
  readonly trouble: string;
  /** Whether it is certain that nothing of the request went out: there was no connection, or no credential. */
  readonly isUnsent?: boolean;
}

export interface HttpClient {
  /** Resolves with the answer, or with why there is none. Never rejects. */
  send(request: PreparedRequest, signal: AbortSignal): Promise<HttpAnswer | HttpTrouble>;
  close(): void;
}

export interface HttpClientOptions {
  readonly tls: TlsTrust;
  /** For the whole of an exchange, from connecting to the last byte of the answer. */
  readonly timeoutMs: number;
  /** Connections that are kept while nothing is sent. */
  readonly mostIdle?: number;
  /** Of an answer's body; what follows is not read. `MOST_ANSWER_BYTES` unless stated. */
  readonly mostAnswerBytes?: number;
}

type Start = (
  url: URL,
  options: RequestOptions,
  onAnswer: (answer: IncomingMessage) => void,
) => ClientRequest;

/** Nothing is loaded and nothing connects before the first request. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const agents = new Map<string, { readonly agent: Agent; readonly start: Start }>();

  async function open(protocol: string): Promise<{ readonly agent: Agent; readonly start: Start }> {
    const known = agents.get(protocol);
    if (known !== undefined) return known;
    const common = { keepAlive: true, maxFreeSockets: options.mostIdle ?? 4 };
    const opened =
      protocol === 'https:'
        ? await import('node:https').then(({ Agent, request }) => ({
            agent: new Agent({ ...common, ...nodeTlsOptions(options.tls) }),
            start: request,
          }))
        : await import('node:http').then(({ Agent, request }) => ({
            agent: new Agent(common),
            start: request,
          }));
    const meanwhile = agents.get(protocol);
    if (meanwhile !== undefined) return meanwhile;
    agents.set(protocol, opened);
    return opened;
  }

  return {
    send: async (request, signal) => {
      const { agent, start } = await open(request.url.protocol);
      const answer = await exchange(start, agent, request, options, signal);
      // A kept connection that the server closed just then says nothing about the server.
      return answer === 'stale' ? settled(await exchange(start, agent, request, options, signal)) : answer;
    },
    close: () => {
      for (const { agent } of agents.values()) agent.destroy();
    },
  };
}

function settled(answer: HttpAnswer | HttpTrouble | 'stale'): HttpAnswer | HttpTrouble {
  return answer === 'stale' ? { trouble: 'the connection was closed' } : answer;
}

function exchange(
  start: Start,
  agent: Agent,
  { method, url, headers, body }: PreparedRequest,
  { timeoutMs, mostAnswerBytes = MOST_ANSWER_BYTES }: HttpClientOptions,
  signal: AbortSignal,
): Promise<HttpAnswer | HttpTrouble | 'stale'> {
  const { promise, resolve } = Promise.withResolvers<HttpAnswer | HttpTrouble | 'stale'>();
  let isLate = false;
  let isConnected = false;
  let hasAnswer = false;
  const outgoing = start(
    url,
    { method, agent, signal, headers: { ...headers, 'Content-Length': body.length } },
    (answer) => {
      hasAnswer = true;
      const chunks: Buffer[] = [];
      let size = 0;
      const finish = (): void => {
        const bytes = Buffer.concat(chunks).subarray(0, mostAnswerBytes);
        resolve({
          status: answer.statusCode ?? 0,
          headers: headersOf(answer),
          body: bytes.toString('utf8'),
          bytes,
        });
      };
      answer.on('data', (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size < mostAnswerBytes) return;
        // The rest is of no interest, and may have no end.
        finish();
        answer.destroy();
      });
      answer.on('end', finish);
      answer.on('error', fail);
    },
  );
  const timer = setTimeout(() => {
    isLate = true;
    outgoing.destroy(new Error('late'));
  }, timeoutMs);

  function fail(error: Error): void {
    const sent = isConnected ? {} : { isUnsent: true };
    if (isLate) resolve({ trouble: `no answer within ${timeoutMs} ms`, ...sent });
    else if (signal.aborted) resolve({ trouble: 'given up', ...sent });
    else if (!hasAnswer && outgoing.reusedSocket && isClosing(error)) resolve('stale');
    else resolve({ trouble: reasonOf(error) || codeOf(error) || 'no connection', ...sent });
  }

  outgoing.on('error', fail);
  outgoing.on('socket', (socket) => {
    if (!socket.connecting) isConnected = true;
    // With TLS, nothing of the request goes out before the server was checked.
    else
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        isConnected = true;
      });
  });
  outgoing.end(body);
  return promise.finally(() => clearTimeout(timer));
}

function isClosing(error: Error): boolean {
  const code = codeOf(error);
  return code === 'ECONNRESET' || code === 'EPIPE';
}

function headersOf(answer: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined) headers[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return headers;
}
