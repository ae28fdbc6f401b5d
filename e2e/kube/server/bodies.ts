/** What requests bring along: JSON or YAML, and patches of four kinds. */

import type { IncomingMessage } from 'node:http';
import { parse } from 'yaml';
import { type Json, type JsonDocument, toDocument } from '../document.ts';
import { jsonPatched, mergePatched } from '../objects/json-patch.ts';
import { strategicPatched } from '../objects/strategic-merge.ts';
import { badRequest, unsupportedMediaType } from '../status.ts';
import { decodeProtobuf } from './protobuf-bodies.ts';

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Empty where nothing was sent. */
export function documentOf(body: Buffer, contentType: string): JsonDocument {
  const type = mediaTypeOf(contentType);
  if (type === 'application/vnd.kubernetes.protobuf') {
    const decoded = body.length === 0 ? {} : parsed(() => decodeProtobuf(body));
    if (decoded === undefined)
      throw unsupportedMediaType(contentType, ['application/json', 'application/yaml']);
    return decoded;
  }
  const text = body.toString('utf8');
  if (text.trim() === '') return {};
  if (!['', 'application/json', 'application/yaml'].includes(type)) {
    throw unsupportedMediaType(contentType, ['application/json', 'application/yaml']);
  }
  return parsed(() => toDocument(type === 'application/yaml' ? parse(text) : JSON.parse(text)));
}

/** The same for who only looks on: `undefined` where it is no object. */
export function looseDocumentOf(body: Buffer, contentType: string): Json | undefined {
  try {
    if (body.length === 0) return undefined;
    if (mediaTypeOf(contentType).endsWith('+json')) return JSON.parse(body.toString('utf8'));
    return documentOf(body, mediaTypeOf(contentType).replace('apply-patch+', ''));
  } catch {
    return undefined;
  }
}

/** What becomes of an object. */
export type Patch = (before: JsonDocument) => JsonDocument;

const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

/** Whether the request is for the server to apply an object, which may be new. */
export function isApply(contentType: string): boolean {
  return mediaTypeOf(contentType) === 'application/apply-patch+yaml';
}

export function patchOf(body: Buffer, contentType: string, hasMergeKeys: boolean): Patch {
  const text = body.toString('utf8');
  switch (mediaTypeOf(contentType)) {
    case 'application/json-patch+json': {
      const operations: Json = parsed(() => JSON.parse(text));
      return (before) => jsonPatched(before, operations);
    }
    case 'application/merge-patch+json': {
      const patch = parsed(() => toDocument(JSON.parse(text)));
      return (before) => mergePatched(before, patch);
    }
    case 'application/strategic-merge-patch+json': {
      // Kinds that a definition brought have no merge keys.
      if (!hasMergeKeys) throw unsupportedMediaType(contentType, patchTypes.slice(0, 2));
      const patch = parsed(() => toDocument(JSON.parse(text)));
      return (before) => strategicPatched(before, patch);
    }
    case 'application/apply-patch+yaml': {
      const applied = parsed(() => toDocument(parse(text)));
      return (before) => strategicPatched(before, applied);
    }
    default:
      throw unsupportedMediaType(contentType, patchTypes);
  }
}

function mediaTypeOf(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}

function parsed<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw badRequest(
      `error decoding the body of the request: ${error instanceof Error ? error.message : error}`,
    );
  }
}
