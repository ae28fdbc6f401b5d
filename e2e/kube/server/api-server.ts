/** The server itself: who asks, may they, what is answered; with a record of it all, an audit log, and misbehaviour. */

import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Attributes, decide, forbidden } from '../access/rbac.ts';
import type { User } from '../access/users.ts';
import type { Json, JsonDocument } from '../document.ts';
import { internalError, StatusError, unauthorized } from '../status.ts';
import { type Answer, document, send, text } from './answers.ts';
import type { AuditLog, AuditTrail } from './audit.ts';
import { looseDocumentOf, readBody } from './bodies.ts';
import { discover } from './discovery.ts';
import { answerStreaming } from './exec-handler.ts';
import { type Faults, faultAnswer, type Misbehaviour } from './faults.ts';
import { openApiDocument } from './openapi.ts';
import { isLongRunning, type RequestInfo, requestInfoOf } from './request-info.ts';
import { answerResource, type ResourceParts } from './resource-handler.ts';

/** One request, as the server saw it. */
export interface AskedRequest {
  /** When it came in, by `performance.now()`. */
  readonly atMs: number;
  readonly user: string;
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Path and query. */
  readonly uri: string;
  /** As it was sent; `undefined` for what is no JSON. */
  readonly body: Json | undefined;
  /** Of the answer; 0 until there is one, and where the connection was broken. */
  code: number;
}

export interface ServerParts extends ResourceParts {
  readonly audit: AuditLog;
  readonly faults: Faults;
  readonly requests: AskedRequest[];
}

/** A request on its way through. */
interface Exchange {
  readonly message: IncomingMessage;
  readonly info: RequestInfo;
  readonly user: User | undefined;
  readonly body: Buffer;
  readonly record: AskedRequest;
  readonly trail: AuditTrail;
}

export interface ApiServer {
  /** `https://127.0.0.1:port`. */
  readonly url: string;
  close(): Promise<void>;
}

export async function startApiServer(
  parts: ServerParts,
  identity: { readonly cert: string; readonly key: string },
): Promise<ApiServer> {
  const server = createServer(identity);
  server.on('request', (message, response) => void handle(parts, message, response));
  const sockets = new Set<Duplex>();
  server.on('upgrade', (message, socket, head) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)));
    socket.on('error', () => socket.destroy());
    void handleUpgrade(parts, message, socket, head);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // It listens on an address, not on a path.
  return { url: `https://127.0.0.1:${port}`, close: () => end(server, sockets) };
}

async function end(server: Server, sockets: ReadonlySet<Duplex>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

async function handle(parts: ServerParts, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const exchange = open(parts, message, await readBody(message));
  const { info, record, trail } = exchange;
  const fault = parts.faults.take(info, record.user);
  if (await isBroken(fault, response)) return;
  trail.received();
  const answer =
    fault?.kind === 'answer'
      ? faultAnswer(fault, info)
      : await answerOrStatus(() => answered(parts, exchange));
  record.code = answer.answer.kind === 'stream' ? 200 : answer.answer.code;
  if (isLongRunning(info) && record.code < 300) trail.started(record.code);
  if (fault?.kind === 'drop') {
    record.code = 0;
    response.destroy();
  } else {
    await send(response, answer.answer, { 'audit-id': trail.id, ...answer.headers });
  }
  trail.completed(record.code, answer.answer.kind === 'document' ? answer.answer.document : undefined);
}

function open(parts: ServerParts, message: IncomingMessage, body: Buffer): Exchange {
  const atMs = performance.now();
  const info = requestInfoOf(message);
  const user = parts.users.whoIs(message.headers.authorization);
  const requestObject = looseDocumentOf(body, message.headers['content-type'] ?? '');
  const { verb, group, resource, subresource, namespace, name, uri } = info;
  const named = { user: user?.name ?? '', verb, group, resource, subresource, namespace, name, uri };
  const record: AskedRequest = { atMs, ...named, body: requestObject, code: 0 };
  parts.requests.push(record);
  const trail = parts.audit.open({
    info,
    user: user ?? { name: '', groups: [] },
    userAgent: message.headers['user-agent'] ?? '',
    sourceIp: '127.0.0.1',
    requestObject,
  });
  return { message, info, user, body, record, trail };
}

/** Waits where a request is to be slow; true: it is not to be answered. */
async function isBroken(
  fault: Misbehaviour | undefined,
  response: ServerResponse | Duplex,
): Promise<boolean> {
  if (fault?.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, fault.ms));
  if (fault?.kind === 'refuse') response.destroy();
  return fault?.kind === 'refuse' || fault?.kind === 'hang';
}

async function answerOrStatus(
  answering: () => Answer | Promise<Answer>,
): Promise<{ readonly answer: Answer; readonly headers: Readonly<Record<string, string>> }> {
  try {
    return { answer: await answering(), headers: {} };
  } catch (error) {
    const status = error instanceof StatusError ? error : internalError(String(error));
    return { answer: document(status.body, status.code), headers: status.headers };
  }
}

function answered(parts: ServerParts, exchange: Exchange): Answer | Promise<Answer> {
  const { info, message, body } = exchange;
  const user = authorize(parts, exchange);
  if (!info.isResource) return answerPath(info, message.headers.host ?? '');
  const contentType = message.headers['content-type'] ?? '';
  return answerResource(parts, { info, user, body, contentType, accept: message.headers.accept ?? '' });
}

/** Throws a 401 or a 403. */
function authorize(parts: ServerParts, { user, info, trail }: Exchange, verb = info.verb): User {
  if (user === undefined) throw unauthorized();
  const { group, resource, subresource, namespace, name, isResource } = info;
  const path = isResource ? '' : info.path;
  const asked: Attributes = { verb, group, resource, subresource, namespace, name, path };
  trail.decision = decide(parts.api.store, user, asked);
  if (!trail.decision.isAllowed) throw forbidden(user, asked);
  return user;
}

function answerPath({ path }: RequestInfo, host: string): Answer {
  if (['/healthz', '/livez', '/readyz'].includes(path)) return text('ok');
  if (path === '/openapi/v2') {
    const headers = { 'content-type': 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf' };
    return { kind: 'bytes', code: 200, headers, bytes: openApiDocument() };
  }
  const found: JsonDocument | undefined = discover(path.replace(/\/$/, ''), host);
  return found === undefined ? text('404 page not found\n', 404) : document(found);
}

/** Commands and what else is a conversation. What is refused is answered as any other request. */
async function handleUpgrade(
  parts: ServerParts,
  message: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const exchange = open(parts, message, Buffer.alloc(0));
  const { info, record, trail } = exchange;
  const fault = parts.faults.take(info, record.user);
  if (await isBroken(fault, socket)) return;
  trail.received();
  const begun = (): void => {
    record.code = 101;
    trail.started(101);
    if (fault?.kind === 'drop') setImmediate(() => socket.destroy());
  };
  const converse = (): Promise<Answer> => {
    authorize(parts, exchange);
    // A command needs the right to create, however it is asked for.
    if (info.verb === 'get') authorize(parts, exchange, 'create');
    return answerStreaming(parts, info, { request: message, socket, head }, begun);
  };
  const { answer } = fault?.kind === 'answer' ? faultAnswer(fault, info) : await answerOrStatus(converse);
  if (record.code === 0 && answer.kind !== 'stream') {
    record.code = answer.code;
    refuse(socket, answer);
  }
  trail.completed(
    record.code,
    record.code !== 101 && answer.kind === 'document' ? answer.document : undefined,
  );
}

function refuse(socket: Duplex, answer: Exclude<Answer, { readonly kind: 'stream' }>): void {
  const isDocument = answer.kind === 'document';
  const body = Buffer.from(isDocument ? JSON.stringify(answer.document) : answer.bytes);
  const lines = [
    `HTTP/1.1 ${answer.code} ${STATUS_CODES[answer.code] ?? ''}`,
    `Content-Type: ${isDocument ? 'application/json' : 'text/plain'}`,
    `Content-Length: ${body.length}`,
    'Connection: close',
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  socket.end(body);
}
