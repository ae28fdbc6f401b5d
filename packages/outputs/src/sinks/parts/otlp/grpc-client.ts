/** Requests over gRPC, for sinks that make them as if for HTTP: the body is the message, the path the method. */

import {
  type ChannelCredentials,
  Client,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import type { SinkContext } from '../../../sink.ts';
import type { HttpAnswer } from '../../../transport/http-answer.ts';
import type { HttpClient } from '../../../transport/http-client.ts';
import type { PreparedRequest } from '../../../transport/prepare-request.ts';
import { nodeTlsOptions } from '../../../transport/tls-trust.ts';

/** What each status means in HTTP. Those that OTLP wants tried again are such that are. */
const httpStatuses: Readonly<Partial<Record<status, number>>> = {
  [status.INVALID_ARGUMENT]: 400,
  [status.NOT_FOUND]: 404,
  [status.PERMISSION_DENIED]: 403,
  [status.RESOURCE_EXHAUSTED]: 429,
  [status.UNIMPLEMENTED]: 501,
  [status.UNAUTHENTICATED]: 401,
};

/** Headers that gRPC has its own of. */
const left = new Set(['content-type', 'content-length', 'content-encoding', 'user-agent', 'host']);

export function createGrpcClient({ tls, timeoutMs }: SinkContext): HttpClient {
  const clients = new Map<string, Client>();

  function clientFor({ protocol, host, port }: URL): Client {
    const target = port === '' ? `${host}:${protocol === 'https:' ? 443 : 80}` : host;
    const known = clients.get(target);
    if (known !== undefined) return known;
    const opened = new Client(target, protocol === 'https:' ? secure() : credentials.createInsecure());
    clients.set(target, opened);
    return opened;
  }

  function secure(): ChannelCredentials {
    const { ca, cert, key, rejectUnauthorized } = nodeTlsOptions(tls);
    const pem = (parts: string | undefined): Buffer | null =>
      parts === undefined ? null : Buffer.from(parts, 'utf8');
    return credentials.createSsl(pem(ca?.join('\n')), pem(key), pem(cert), { rejectUnauthorized });
  }

  return {
    send: (request, signal) => {
      const { promise, resolve } = Promise.withResolvers<HttpAnswer | { readonly trouble: string }>();
      const call = clientFor(request.url).makeUnaryRequest(
        request.url.pathname,
        Buffer.from,
        (bytes: Buffer) => bytes,
        request.body,
        metadataOf(request),
        { deadline: Date.now() + timeoutMs },
        (error, bytes) => resolve(error === null ? goodAnswer(bytes) : badAnswer(error)),
      );
      signal.addEventListener('abort', () => call.cancel(), { once: true });
      return promise;
    },
    close: () => {
      for (const client of clients.values()) client.close();
    },
  };
}

function metadataOf({ headers }: PreparedRequest): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) {
    if (!left.has(name.toLowerCase())) metadata.set(name, value);
  }
  return metadata;
}

function goodAnswer(bytes: Buffer | undefined): HttpAnswer {
  return { status: 200, headers: {}, body: '', bytes: bytes ?? Buffer.alloc(0) };
}

function badAnswer({ code, details }: ServiceError): HttpAnswer | { readonly trouble: string } {
  const found = httpStatuses[code];
  return found === undefined
    ? { trouble: `${status[code]}: ${details}` }
    : { status: found, headers: {}, body: `${status[code]}: ${details}` };
}
