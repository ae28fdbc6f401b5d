/** How the server of the web interface answers: headers, JSON, problems, streams. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiError, ContentReply } from './handlers.ts';

const HEARTBEAT_MS = 15_000;
const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** `isSecure`: browsers reach it over TLS. */
export function setSecurityHeaders(response: ServerResponse, isSecure: boolean): void {
  response.setHeader('content-security-policy', CSP);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('permissions-policy', 'camera=(), microphone=(), geolocation=()');
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  response.setHeader('cache-control', 'no-store');
  if (isSecure) response.setHeader('strict-transport-security', 'max-age=31536000');
}

export function isContent(answer: unknown): answer is ContentReply {
  return typeof answer === 'object' && answer !== null && 'body' in answer && 'contentType' in answer;
}

export async function sendContent(
  request: IncomingMessage,
  response: ServerResponse,
  { contentType, fileName, body }: ContentReply,
  signal: AbortSignal,
): Promise<void> {
  response.setHeader('content-type', contentType);
  if (fileName !== undefined) response.setHeader('content-disposition', `attachment; filename="${fileName}"`);
  const isStream = contentType.startsWith('text/event-stream');
  if (isStream) response.setHeader('x-accel-buffering', 'no');
  response.flushHeaders();
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const heartbeat = isStream
    ? setInterval(() => {
        // Who does not read is not kept alive.
        if (!response.writableNeedDrain) response.write(': still here\n\n');
      }, HEARTBEAT_MS)
    : undefined;
  try {
    for await (const part of body) {
      if (signal.aborted) break;
      if (!response.write(part)) await drained(response);
    }
  } finally {
    clearInterval(heartbeat);
    response.end();
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
}

export function sendJson(request: IncomingMessage, response: ServerResponse, value: unknown): void {
  sendText(request, response, 200, JSON.stringify(value));
}

export function sendProblem(request: IncomingMessage, response: ServerResponse, error: ApiError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, code, message, hint, places, retryAfterSeconds } = error;
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', retryAfterSeconds);
  const body = { error: message, code, hint, places: places.length === 0 ? undefined : places };
  sendText(request, response, status, JSON.stringify(body));
}

export function sendText(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  json: string,
): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.setHeader('content-length', Buffer.byteLength(json));
  // What was not read of a body ends with the connection.
  if (!request.complete) response.setHeader('connection', 'close');
  response.end(request.method === 'HEAD' ? undefined : json);
}

export function redirect(response: ServerResponse, location: string): void {
  response.statusCode = 303;
  response.setHeader('location', location);
  response.end();
}
