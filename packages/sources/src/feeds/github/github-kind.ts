/** What GitHub sends: one event to a request, its kind in a header, signed with a secret that both sides know. */

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { documentIn, type Json, objectIn, textIn } from '@peregrine/base';
import type { FeedKind } from '../open-feed.ts';
import type { Unpacked, Unpacker } from '../unpack.ts';

/** `secret` must not be empty: without it anybody could send anything. */
export function githubKind(secret: string): FeedKind {
  return {
    unpack: (document, { take, reject, nowNs }) => {
      const object = documentIn(document);
      if (object === undefined) reject('not_an_event', 'an object is expected');
      else take(object, nowNs);
    },
    nameOf: (object) => `${textIn(object.webhook_type)} ${textIn(objectIn(object.repository)?.full_name)}`,
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
function unpackBody(unpacker: Unpacker, { headers }: IncomingMessage, text: string): Unpacked {
  let document: Json;
  try {
    document = JSON.parse(text);
  } catch {
    return unpacker.text(text);
  }
  const object = documentIn(document);
  const type = String(headers['x-github-event'] ?? '');
  return unpacker.document(object === undefined ? document : { ...object, webhook_type: type }, text.length);
}
