/** What GitHub sends: one event to a request, its kind in a header, signed with a secret that both sides know. */

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { documentIn } from '@peregrine/base';
import { JsonNode } from '@peregrine/events';
import type { FeedKind } from '../open-feed.ts';
import type { Unpacked, Unpacker } from '../unpack.ts';

/** `secret` must not be empty: without it anybody could send anything. */
export function githubKind(secret: string): FeedKind {
  return {
    unpack: (document, { take, reject, nowNs }) => {
      if (document.kind === 'object') take(document, nowNs);
      else reject('not_an_event', 'an object is expected');
    },
    nameOf: (document) => `${document.textAt('webhook_type')} ${document.textAt('repository', 'full_name')}`,
    port: 8080,
    path: '/',
    isGenuine: (request, body) => isSigned(request, body, secret),
    unpackBody,
  };
}

function isSigned({ headers }: IncomingMessage, body: Buffer, secret: string): boolean {
  const given = Buffer.from(String(headers['x-hub-signature-256'] ?? ''));
  const wanted = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** The header's word goes with the document, where fields can read it. */
function unpackBody(unpacker: Unpacker, { headers }: IncomingMessage, body: Buffer): Unpacked {
  const document = JsonNode.parse(body);
  const object = document instanceof JsonNode ? documentIn(document.value()) : undefined;
  if (object === undefined) return unpacker.bytes(body);
  return unpacker.document(JsonNode.of({ ...object, webhook_type: String(headers['x-github-event'] ?? '') }));
}
