/** What a handler gives back, and how it is sent. */

import type { ServerResponse } from 'node:http';
import type { JsonDocument } from '../document.ts';

export type Answer =
  | { readonly kind: 'document'; readonly code: number; readonly document: JsonDocument }
  | {
      readonly kind: 'bytes';
      readonly code: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly bytes: Uint8Array | string;
    }
  /** The head is sent, then `begin` writes until it ends the response. */
  | {
      readonly kind: 'stream';
      readonly contentType: string;
      readonly begin: (response: ServerResponse) => void;
    };

export function document(content: JsonDocument, code = 200): Answer {
  return { kind: 'document', code, document: content };
}

export function text(content: string, code = 200, type = 'text/plain'): Answer {
  return { kind: 'bytes', code, headers: { 'content-type': type }, bytes: content };
}

/** Resolves when all is sent, or the client has gone. */
export function send(
  response: ServerResponse,
  answer: Answer,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  response.once('close', () => resolve());
  switch (answer.kind) {
    case 'document':
      response.writeHead(answer.code, { 'content-type': 'application/json', ...headers });
      response.end(`${JSON.stringify(answer.document)}\n`);
      break;
    case 'bytes':
      response.writeHead(answer.code, { ...headers, ...answer.headers });
      response.end(answer.bytes);
      break;
    default:
      response.writeHead(200, { 'content-type': answer.contentType, ...headers });
      response.flushHeaders();
      answer.begin(response);
  }
  return promise;
}
