/** What the three outputs of OpenTelemetry share: keys, requests, and what answers mean. */

import { encodeJson } from '@peregrine/alert';
import {
  choice,
  flag,
  integer,
  type JsonObject,
  type Outcome,
  objectIn,
  parseObject,
  Secret,
  secret,
  text,
  textIn,
  textMap,
} from '@peregrine/base';
import type { HttpRequest, HubFacts, Refusal, SinkContext } from '../../../sink.ts';
import type { HttpAnswer } from '../../../transport/http-answer.ts';
import type { HttpClient } from '../../../transport/http-client.ts';
import { attribute, exportRequest, type Signal } from './messages.ts';
import { encodeMessage, jsonOfMessage, type Message } from './protobuf.ts';

export const otlpKeys = (path: string) => ({
  endpoint: text({
    default: '',
    doc: `Address of the collector. Without a path, it is that of the signal; of gRPC, host and port count.`,
    example: `http://otel-collector:4318${path}`,
  }),
  protocol: choice(['http/protobuf', 'http/json', 'grpc'], {
    default: 'http/protobuf',
    doc: 'How the collector is spoken to.',
  }),
  headers: secret({
    default: new Secret(''),
    doc: 'Headers of each request, as OpenTelemetry writes them: `name=value`, separated by commas.',
    example: 'api-key=secret',
  }),
  timeout: integer({
    default: 10_000,
    min: 1,
    doc: 'Milliseconds that the collector may take over one request.',
  }),
  tls: flag({
    default: false,
    doc: 'Encrypt, whatever the address says. An address without `http://` is encrypted unless `checkcert` is false, too.',
  }),
  extraenvvars: textMap({
    default: {},
    doc: 'Variables of OpenTelemetry; `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` count.',
    example: 'OTEL_SERVICE_NAME:falco',
  }),
});

export interface OtlpSettings {
  readonly endpoint: string;
  readonly protocol: 'http/protobuf' | 'http/json' | 'grpc';
  readonly headers: Secret;
  readonly tls: boolean;
  readonly extraenvvars: Readonly<Record<string, string>>;
}

export function refusesOtlp({ endpoint, headers }: OtlpSettings): readonly Refusal[] {
  const found: Refusal[] = [];
  if (!URL.canParse(hasScheme(endpoint) ? endpoint : `http://${endpoint}`)) {
    found.push({ key: 'endpoint', why: 'is no address' });
  }
  if (parseHeaders(headers.reveal()) === undefined) {
    found.push({ key: 'headers', why: 'is not `name=value`, separated by commas' });
  }
  return found;
}

/** A request with the items. */
export function otlpRequest(
  signal: Signal,
  scope: string,
  content: readonly Message[],
  settings: OtlpSettings & { readonly checkcert?: unknown },
  hub: HubFacts,
): HttpRequest {
  const about = { attributes: resourceOf(settings, hub), scope, version: hub.version };
  const message = exportRequest(signal, about, content);
  const isJson = settings.protocol === 'http/json';
  return {
    url: addressOf(settings, signal),
    headers: {
      'content-type': isJson ? 'application/json' : 'application/x-protobuf',
      ...parseHeaders(settings.headers.reveal()),
    },
    body: isJson ? encodeJson(jsonOfMessage(message)) : encodeMessage(message, signal.type),
  };
}

/** For gRPC, a client of its own. */
export async function otlpClient(
  settings: OtlpSettings,
  context: SinkContext,
): Promise<HttpClient | undefined> {
  if (settings.protocol !== 'grpc') return undefined;
  const { createGrpcClient } = await import('./grpc-client.ts');
  return createGrpcClient(context);
}

/** The answer may be good, and yet say that some were refused. Which ones, it does not say. */
export function classifyOtlp(
  { status, body, bytes }: HttpAnswer,
  { refusedKey }: Signal,
): Outcome | undefined {
  if (status !== 200) return undefined;
  const partial = objectIn(parseObject(body)?.partialSuccess) ?? decodePartial(bytes, refusedKey);
  if (!(Number(partial?.[refusedKey]) > 0)) return undefined;
  return { kind: 'rejected', reason: `not taken: ${textIn(partial?.errorMessage) || 'no reason is given'}` };
}

/** COMPAT: falcosidekick names itself so. */
function resourceOf({ extraenvvars }: OtlpSettings, hub: HubFacts): readonly Message[] {
  const attributes = {
    'service.name': 'falco',
    'service.version': hub.version,
    ...parseHeaders(extraenvvars.OTEL_RESOURCE_ATTRIBUTES ?? '', (name) => name),
    ...(extraenvvars.OTEL_SERVICE_NAME === undefined
      ? {}
      : { 'service.name': extraenvvars.OTEL_SERVICE_NAME }),
  };
  return Object.entries(attributes).map(([key, value]) => attribute(key, value));
}

function hasScheme(endpoint: string): boolean {
  return /^https?:\/\//i.test(endpoint);
}

/** COMPAT: without a scheme, only `tls` and `checkcert` both false mean that nothing is encrypted. */
function addressOf(settings: OtlpSettings & { readonly checkcert?: unknown }, signal: Signal): URL {
  const { endpoint, tls, checkcert, protocol } = settings;
  const isSecure = hasScheme(endpoint) ? /^https/i.test(endpoint) || tls : tls || checkcert !== false;
  const url = new URL(`${isSecure ? 'https' : 'http'}://${endpoint.replace(/^https?:\/\//i, '')}`);
  if (protocol === 'grpc') return new URL(signal.service, url);
  return url.pathname === '/' ? new URL(signal.path, url) : url;
}

/** `undefined`: it is not of that form. Values are encoded as in addresses. */
function parseHeaders(
  written: string,
  nameOf: (name: string) => string = (name) => name.toLowerCase(),
): Readonly<Record<string, string>> | undefined {
  const found: Record<string, string> = {};
  for (const part of written.split(',').filter((piece) => piece.trim() !== '')) {
    const at = part.indexOf('=');
    if (at <= 0) return undefined;
    found[nameOf(part.slice(0, at).trim())] = decoded(part.slice(at + 1).trim());
  }
  return found;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** `{ 1: { 1: count, 2: text } }` of protocol buffers; `undefined` for anything else. */
function decodePartial(bytes: Uint8Array | undefined, refusedKey: string): JsonObject | undefined {
  if (bytes?.[0] !== 0x0a) return undefined;
  let at = skipVarint(bytes, 1);
  if (bytes[at] !== 0x08) return undefined;
  const from = at + 1;
  at = skipVarint(bytes, from);
  const count = bytes.subarray(from, at).reduceRight((sum, byte) => sum * 128 + (byte & 127), 0);
  const start = bytes[at] === 0x12 ? skipVarint(bytes, at + 1) : bytes.length;
  return { [refusedKey]: count, errorMessage: Buffer.from(bytes.subarray(start)).toString('utf8') };
}

function skipVarint(bytes: Uint8Array, from: number): number {
  let at = from;
  while ((bytes[at] ?? 0) > 127) at++;
  return at + 1;
}
