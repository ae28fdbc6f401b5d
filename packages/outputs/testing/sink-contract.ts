/**
 * What an output sends, over a real connection: the golden texts in `corpora/sinks`. Outputs whose protocol is not HTTP
 * have tests of their own.
 */

import { encodeJson, type HubAlert } from '@peregrine/alert';
import { type ConfigNode, mapNode, type Outcome, scalarNode } from '@peregrine/base';
import {
  readSection,
  type SinkSettings,
  sectionSchemaOf,
  splitSettings,
} from '../src/settings/sink-settings.ts';
import type { AnyHttpSink, HttpRequest, Sink, SinkCall } from '../src/sink.ts';
import { classifyAnswer, type HttpAnswer } from '../src/transport/http-answer.ts';
import { createHttpClient } from '../src/transport/http-client.ts';
import { prepareRequest } from '../src/transport/prepare-request.ts';
import { systemTrust } from '../src/transport/tls-trust.ts';
import type { HttpReceiver } from './http-receiver.ts';

/** A section as a file has it: texts, lists, maps. */
export type Written = Readonly<Record<string, WrittenValue>>;
type WrittenValue =
  | string
  | number
  | boolean
  | readonly WrittenValue[]
  | { readonly [key: string]: WrittenValue };

export const sampleCall: SinkCall = {
  hub: { version: '9.9.9', addedFields: [], enabledOutputs: ['Slack', 'WebUI'] },
  deliveryId: '11111111-2222-5333-8444-555555555555',
  nowMs: Date.UTC(2024, 2, 1, 10, 20, 30),
};

/** The settings that the sink's example gives, with `written` over them. Throws where they cannot be used. */
export function settingsOf(sink: Sink, written: Written = {}, shared: Written = {}): SinkSettings {
  const section = nodeOf({ ...exampleOf(sink), ...written });
  const { settings, diagnostics } = readSection(
    sink,
    section,
    nodeOf({ ...sharedExampleOf(sink), ...shared }),
  );
  if (settings === undefined || diagnostics.length > 0) {
    throw new Error(`${sink.name}: ${diagnostics.map(({ message }) => message).join('; ') || 'is not on'}`);
  }
  return settings;
}

/** The examples of keys that must be set or that turn the output on; `example` of the sink wins. */
export function exampleOf(sink: Sink): Written {
  const { keys } = sectionSchemaOf(sink);
  const wanted = Object.entries(keys).filter(
    ([name, { fallback }]) => fallback === undefined || sink.enabledBy.includes(name),
  );
  const own = wanted.flatMap(([name, { example }]) =>
    example === undefined ? [] : [[name, example] as const],
  );
  return { ...Object.fromEntries(own), ...sink.example };
}

function sharedExampleOf(sink: Sink): Written {
  const entries = Object.entries(sink.shared?.config.keys ?? {});
  return Object.fromEntries(
    entries.flatMap(([name, { example }]) => (example === undefined ? [] : [[name, example] as const])),
  );
}

/** What goes over the wire for one alert, as text; addresses are the real ones, the receiver only stands in for them. */
export async function wireTextOf(
  settings: SinkSettings,
  alert: HubAlert,
  receiver: HttpReceiver,
  call: SinkCall = sampleCall,
): Promise<string> {
  const sink = settings.sink as AnyHttpSink; // Callers ask of HTTP outputs only.
  const texts: string[] = [];
  for (const { config } of splitSettings(settings)) {
    for (const request of [sink.request(alert, config, call)].flat()) {
      texts.push(await wireText(request, settings, receiver, call));
    }
  }
  return texts.join('\n');
}

/** The JSON that the first request for the alert has, read again. */
export function bodyOf(settings: SinkSettings, alert: HubAlert, call: SinkCall = sampleCall): unknown {
  const [request] = requestsOf(settings, alert, call);
  return JSON.parse(encodeJson(request?.json));
}

export function requestsOf(
  { sink, config }: SinkSettings,
  alert: HubAlert,
  call: SinkCall = sampleCall,
): readonly HttpRequest[] {
  if (sink.kind !== 'http') throw new Error(`${sink.name} does not speak HTTP`);
  return [sink.request(alert, config, call)].flat();
}

export function batchRequestOf(
  { sink, config }: SinkSettings,
  alerts: readonly HubAlert[],
  call: SinkCall = sampleCall,
): HttpRequest {
  if (sink.kind !== 'http' || sink.batch === undefined) throw new Error(`${sink.name} has no batches`);
  return sink.batch.request(alerts, config, call);
}

/** What the sink makes of an answer, or the delivery where the sink has nothing to say. */
export function outcomeOf(
  { sink, config }: SinkSettings,
  alert: HubAlert,
  { status, body = '', headers = {} }: Pick<HttpAnswer, 'status'> & Partial<HttpAnswer>,
): Outcome {
  if (sink.kind !== 'http') throw new Error(`${sink.name} does not speak HTTP`);
  const answer = { status, body, headers };
  return sink.classify?.(answer, alert, config) ?? classifyAnswer(answer, sampleCall.nowMs);
}

/** The same for one request, such as one for a batch. */
export async function wireText(
  request: HttpRequest,
  settings: SinkSettings,
  receiver: HttpReceiver,
  call: SinkCall = sampleCall,
): Promise<string> {
  await answerOf(request, settings, receiver, call);
  const received = receiver.requests.at(-1);
  if (received === undefined) throw new Error('nothing was received');
  const headers = received.headers.filter(([name]) => !/^(?:host|connection|content-length)$/i.test(name));
  return [
    `${received.method} ${new URL(request.url).origin}${received.path}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    '',
    received.body.endsWith('\n') || received.body === '' ? received.body : `${received.body}\n`,
  ].join('\n');
}

/** What the receiver says to a request that is meant for somebody else. */
export async function answerOf(
  request: HttpRequest,
  { common }: SinkSettings,
  receiver: HttpReceiver,
  call: SinkCall = sampleCall,
): Promise<HttpAnswer> {
  const prepared = prepareRequest(request, common.customheaders, call);
  const client = createHttpClient({ tls: systemTrust, timeoutMs: 10_000 });
  const answer = await client.send(
    { ...prepared, url: new URL(`${prepared.url.pathname}${prepared.url.search}`, receiver.origin) },
    new AbortController().signal,
  );
  client.close();
  if ('trouble' in answer) throw new Error(answer.trouble);
  return answer;
}

/** What becomes of each request for an alert that the receiver answers. */
export async function outcomesOf(
  settings: SinkSettings,
  alert: HubAlert,
  receiver: HttpReceiver,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const request of requestsOf(settings, alert)) {
    outcomes.push(outcomeOf(settings, alert, await answerOf(request, settings, receiver)));
  }
  return outcomes;
}

function nodeOf(value: WrittenValue): ConfigNode {
  if (typeof value !== 'object') return scalarNode(String(value));
  if (Array.isArray(value)) {
    return { kind: 'list', items: value.map((item: WrittenValue) => nodeOf(item)), span: undefined };
  }
  return mapNode(Object.entries(value).map(([key, child]: [string, WrittenValue]) => [key, nodeOf(child)]));
}
