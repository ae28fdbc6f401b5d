/** What a handler in JavaScript is given, and what becomes of what it returns. */

import type { CallMessage, DoneMessage } from '../process/messages.ts';

export type Handler = (event: object, context: object) => unknown;

/** A line of a stack: this package, wherever it is. */
const OWN_PLACE = /^\s+at .*(?:packages\/functions\/src\/|function-worker\.mjs)/;

const JSON_TYPE = 'application/json';
const TEXT_TYPE = 'text/html; charset=utf-8';

/** The part of a response that a handler may set: status and type. */
class HandlerResponse {
  statusCode = 200;
  contentType: string | undefined;

  status(code: number): this {
    this.statusCode = code;
    return this;
  }

  set(name: string, value: string): this {
    if (name.toLowerCase() === 'content-type') this.contentType = value;
    return this;
  }

  setHeader(name: string, value: string): this {
    return this.set(name, value);
  }

  type(value: string): this {
    return this.set('content-type', value);
  }
}

/** Resolves to what is told of the call and the body of its answer. Never rejects; what is thrown goes to standard error. */
export async function answerTo(
  handler: Handler,
  context: Readonly<Record<string, string | number>>,
  { id, event, request }: CallMessage,
  body: Buffer,
): Promise<{ readonly done: DoneMessage; readonly body: Uint8Array }> {
  const done = (facts: Omit<DoneMessage, 'kind' | 'id'>, bytes: Uint8Array = new Uint8Array()) => ({
    done: { kind: 'done' as const, id, ...facts },
    body: bytes,
  });
  let data: unknown = body;
  if (request.headers['content-type'] === JSON_TYPE) {
    try {
      data = body.length === 0 ? null : JSON.parse(body.toString('utf8'));
    } catch (error) {
      return done({ outcome: 'bad_json', reason: nameOf(error) });
    }
  }
  const response = new HandlerResponse();
  const get = (name: string): string | undefined => request.headers[name.toLowerCase()];
  const query = Object.fromEntries(new URLSearchParams(request.query));
  const url = request.query === '' ? request.path : `${request.path}?${request.query}`;
  const extensions = { request: { ...request, url, query, body: data, rawBody: body, get }, response };
  try {
    const value = await handler({ data, ...event, extensions }, { ...context });
    const { contentType, bytes } = encode(value);
    return done(
      { outcome: 'answered', contentType: response.contentType ?? contentType, status: response.statusCode },
      bytes,
    );
  } catch (error) {
    tell(error);
    return done({ outcome: 'raised', reason: nameOf(error) });
  }
}

/** Texts and bytes as they are, nothing as nothing, everything else as JSON. */
export function encode(value: unknown): { readonly contentType: string; readonly bytes: Uint8Array } {
  if (value === undefined || value === null) return { contentType: TEXT_TYPE, bytes: new Uint8Array() };
  if (typeof value === 'string') return { contentType: TEXT_TYPE, bytes: Buffer.from(value) };
  if (value instanceof Uint8Array) return { contentType: TEXT_TYPE, bytes: value };
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`a function cannot answer with a ${typeof value}`);
  return { contentType: JSON_TYPE, bytes: Buffer.from(text) };
}

/** Without the calls of ours that led there. */
export function tell(error: unknown): void {
  if (error instanceof Error && error.stack !== undefined) {
    const lines = error.stack.split('\n').filter((line) => !OWN_PLACE.test(line));
    Object.defineProperty(error, 'stack', { value: lines.join('\n'), configurable: true });
  }
  console.error(error);
}

export function nameOf(error: unknown): string {
  return (error instanceof Error ? error.name : typeof error).slice(0, 100);
}

/**
 * What of a module is called: the export of that name, of the module itself or of what it exports as a whole; failing
 * that, what it exports as a whole.
 */
export function handlerOf(module: object, name: string): Handler | undefined {
  const whole: unknown = Reflect.get(module, 'default');
  const inWhole = typeof whole === 'object' && whole !== null ? Reflect.get(whole, name) : undefined;
  const found = [Reflect.get(module, name), inWhole, whole].find((value) => typeof value === 'function');
  return found as Handler | undefined; // A function; what it takes is its author's affair.
}
