/** Parts of requests, read with care: cookies, credentials, query parameters, JSON. */

import type { IncomingMessage } from 'node:http';
import { readBody } from '../read-body.ts';
import { ApiError } from './handlers.ts';

const MOST_BODY_BYTES = 1024 * 1024;
const MOST_PARAMETERS = 256;
const MOST_DEPTH = 64;

/** The value of a cookie; of several of that name the first, as browsers send the most specific one. */
export function cookieIn(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

/** COMPAT: passwords may have colons; names may not (RFC 7617). */
export function basicIn(
  header: string | undefined,
): { readonly name: string; readonly password: string } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/=_-]{1,4096}) *$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const at = text.indexOf(':');
  return at < 0 ? undefined : { name: text.slice(0, at), password: text.slice(at + 1) };
}

/** Path, decoded part by part, and query. `undefined`: no address at all. */
export function addressIn(
  url: string,
): { readonly parts: readonly string[]; readonly query: URLSearchParams } | undefined {
  const [path = '', ...rest] = url.split('?');
  if (!path.startsWith('/')) return undefined;
  try {
    const parts = path.slice(1).split('/').map(decodeURIComponent);
    return { parts, query: new URLSearchParams(rest.join('?')) };
  } catch {
    return undefined;
  }
}

/** Once: a text; more often: a list of texts. `lists`: names that are lists even once. */
export function queryObject(
  query: URLSearchParams,
  lists: ReadonlySet<string>,
): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = Object.create(null);
  let count = 0;
  for (const [name, value] of query) {
    if (++count > MOST_PARAMETERS)
      throw new ApiError(400, 'too-many-parameters', 'the address has too many parameters');
    const before = found[name];
    if (before === undefined) found[name] = lists.has(name) ? [value] : value;
    else found[name] = Array.isArray(before) ? [...before, value] : [before, value];
  }
  return found;
}

/** Throws an `ApiError` for what is too large, of another type, or no JSON. */
export async function jsonIn(request: IncomingMessage): Promise<unknown> {
  const text = await jsonTextIn(request);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiError(
      400,
      'bad-json',
      `the body is no JSON: ${error instanceof Error ? error.message : ''}`,
    );
  }
}

/** A body that says that it is JSON, as text. */
export async function jsonTextIn(request: IncomingMessage, mostBytes = MOST_BODY_BYTES): Promise<string> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new ApiError(415, 'not-json', 'the body must be `application/json`');
  const body = await readBody(request, mostBytes);
  if (body.kind === 'too_large')
    throw new ApiError(413, 'too-large', `the body has more than ${mostBytes} bytes`);
  if (body.kind !== 'body') throw new ApiError(400, 'aborted', 'the body did not come to its end');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body.bytes);
  } catch {
    throw new ApiError(400, 'not-utf8', 'the body is not UTF-8');
  }
  if (depthOf(text) > MOST_DEPTH) throw new ApiError(400, 'too-deep', 'the body is nested too deeply');
  return text;
}

/** How deep brackets are nested; those in texts do not count. */
function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  let isText = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (isText) {
      if (char === '\\') i++;
      else if (char === '"') isText = false;
    } else if (char === '"') isText = true;
    else if (char === '{' || char === '[') most = Math.max(most, ++depth);
    else if (char === '}' || char === ']') depth--;
  }
  return most;
}
