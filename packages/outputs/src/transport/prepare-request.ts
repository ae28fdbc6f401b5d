/** A sink's request as it goes over the wire: address, headers and bytes. Pure. */

import { gzipSync } from 'node:zlib';
import { encodeJson } from '@peregrine/alert';
import type { HttpRequest, SinkCall } from '../sink.ts';

export interface PreparedRequest {
  readonly method: string;
  readonly url: URL;
  /** Names as they are written, in the order in which they are sent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** COMPAT: falcosidekick's name, since functions and proxies look for it. */
export const USER_AGENT = 'Falcosidekick';

/** Later headers win: those of all outputs, those of the request, those of the user. Throws when the address is none. */
export function prepareRequest(
  request: HttpRequest,
  customHeaders: Readonly<Record<string, string>>,
  call: Pick<SinkCall, 'deliveryId'>,
): PreparedRequest {
  const { contentType, bytes } = bodyOf(request);
  const body = request.isCompressed === true ? gzipSync(bytes) : bytes;
  const headers: Record<string, string> = {};
  const sets: readonly Readonly<Record<string, string>>[] = [
    contentType === undefined ? {} : { 'content-type': contentType },
    { 'user-agent': USER_AGENT, 'idempotency-key': call.deliveryId },
    request.isCompressed === true ? { 'content-encoding': 'gzip' } : {},
    request.headers ?? {},
    customHeaders,
  ];
  for (const set of sets) for (const name in set) headers[wireName(name)] = headerText(set[name] ?? '');
  return { method: request.method ?? 'POST', url: new URL(request.url), headers, body };
}

function bodyOf({ json, form, body }: HttpRequest): { contentType?: string; bytes: Uint8Array } {
  if (json !== undefined) {
    return {
      contentType: 'application/json; charset=utf-8',
      bytes: Buffer.from(`${encodeJson(json)}\n`, 'utf8'),
    };
  }
  if (form !== undefined) {
    return {
      contentType: 'application/x-www-form-urlencoded',
      bytes: Buffer.from(new URLSearchParams(form).toString(), 'utf8'),
    };
  }
  return { bytes: typeof body === 'string' ? Buffer.from(body, 'utf8') : (body ?? new Uint8Array()) };
}

/** COMPAT: each word with a capital, as Go's client sends them; servers must not care, but some do. */
function wireName(name: string): string {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}

/** What an alert says can stand in a header, but cannot end it. */
function headerText(text: string): string {
  // Node takes each char of a header as a byte.
  return (
    Buffer.from(text, 'utf8')
      .toString('latin1')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: those that no header may have.
      .replace(/[\x00-\x08\x0a-\x1f\x7f]+/g, ' ')
      .trim()
  );
}
