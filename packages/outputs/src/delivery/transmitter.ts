/** Sends alerts to a destination once: over HTTP as the sink's requests say, or through what the sink opened. */

import type { HubAlert } from '@peregrine/alert';
import type { Outcome } from '@peregrine/base';
import { type HideSecrets, secretHider } from '../settings/hide-secrets.ts';
import type { SinkSettings } from '../settings/sink-settings.ts';
import type {
  AnyClientSink,
  AnyHttpSink,
  Batching,
  Delivery,
  Destination,
  HttpRequest,
  HubFacts,
  SinkCall,
  SinkContext,
} from '../sink.ts';
import { classifyAnswer, type HttpAnswer } from '../transport/http-answer.ts';
import { createHttpClient, type HttpClient } from '../transport/http-client.ts';
import { type PreparedRequest, prepareRequest } from '../transport/prepare-request.ts';
import type { TlsTrust } from '../transport/tls-trust.ts';
import { deliveryId } from './delivery-id.ts';

export interface TransmitterContext {
  readonly hub: HubFacts;
  readonly tls: TlsTrust;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly debug: (line: string) => void;
  readonly counters?: SinkContext['counters'];
  /** Sees every exchange over HTTP. */
  readonly onExchange?: (request: PreparedRequest, answer: HttpAnswer | { readonly trouble: string }) => void;
}

/** An alert on its way, with what of it is sent already. */
export interface Outgoing {
  readonly alert: HubAlert;
  /** Requests of several for one alert that were delivered. */
  sentCount: number;
}

export interface Transmission {
  /** One for each. */
  readonly outcomes: readonly Outcome[];
  /** What a log says of it, beside that it was delivered. */
  readonly notes: readonly string[];
}

export interface Transmitter {
  readonly batching: Batching | undefined;
  /** Never rejects; takes at most as long as the output's timeout, and a little. */
  send(outgoing: readonly Outgoing[], signal: AbortSignal): Promise<Transmission>;
  close(): Promise<void>;
}

export function createTransmitter(settings: SinkSettings, context: TransmitterContext): Transmitter {
  const hide = secretHider(settings);
  const told = { ...context, debug: (line: string) => context.debug(hide(line)) };
  const transmitter =
    settings.sink.kind === 'http'
      ? httpTransmitter(settings.sink, settings, told)
      : clientTransmitter(settings.sink, settings, told);
  return {
    ...transmitter,
    send: async (outgoing, signal) => {
      const { outcomes, notes } = await transmitter.send(outgoing, signal);
      return { outcomes: outcomes.map((outcome) => hidden(outcome, hide)), notes: notes.map(hide) };
    },
  };
}

/** Destinations and libraries repeat what they were told. */
function hidden(outcome: Outcome, hide: HideSecrets): Outcome {
  return outcome.kind === 'delivered' ? outcome : { ...outcome, reason: hide(outcome.reason) };
}

function callFor({ id }: SinkSettings, context: TransmitterContext, alerts: readonly HubAlert[]): SinkCall {
  return {
    hub: context.hub,
    deliveryId: deliveryId(
      id,
      alerts.map(({ uuid }) => uuid),
    ),
    nowMs: context.nowMs(),
  };
}

function httpTransmitter(
  sink: AnyHttpSink,
  settings: SinkSettings,
  context: TransmitterContext,
): Transmitter {
  const { config, common } = settings;
  let client: Promise<HttpClient> | undefined;

  /** A client that could not be made is tried again with the next request. */
  async function open(): Promise<HttpClient> {
    client ??= makeClient();
    try {
      return await client;
    } catch (error) {
      client = undefined;
      throw error;
    }
  }

  async function makeClient(): Promise<HttpClient> {
    const own = await sink.client?.(config, sinkContextOf(settings, context));
    return own ?? createHttpClient({ tls: context.tls, timeoutMs: common.timeout });
  }

  async function post(
    prepared: PreparedRequest,
    signal: AbortSignal,
  ): Promise<HttpAnswer | { readonly trouble: string }> {
    try {
      return await (await open()).send(prepared, signal);
    } catch (error) {
      return { trouble: reasonOf(error) };
    }
  }

  async function exchange(
    request: HttpRequest,
    call: SinkCall,
    signal: AbortSignal,
  ): Promise<HttpAnswer | { readonly trouble: string }> {
    const prepared = prepareRequest(request, common.customheaders, call);
    const answer = await post(prepared, signal);
    context.onExchange?.(prepared, answer);
    return answer;
  }

  async function sendOne(outgoing: Outgoing, signal: AbortSignal): Promise<Transmission> {
    const notes: string[] = [];
    let { alert } = outgoing;
    let mayAmend = sink.amend !== undefined;
    for (;;) {
      const call = callFor(settings, context, [alert]);
      const requests = requestsOf(sink.request(alert, config, call));
      const request = requests[outgoing.sentCount];
      if (request === undefined) return { outcomes: [{ kind: 'delivered' }], notes };
      const answer = await exchange(request, call, signal);
      if ('trouble' in answer) return { outcomes: [retry(answer.trouble)], notes };
      const outcome = sink.classify?.(answer, alert, config) ?? classifyAnswer(answer, call.nowMs);
      if (outcome.kind === 'delivered') {
        outgoing.sentCount++;
        notes.push(...noteOf(request, answer), ...(sink.answerLines?.(answer, config) ?? []));
        continue;
      }
      const amended =
        outcome.kind === 'rejected' && mayAmend ? sink.amend?.(alert, answer, config) : undefined;
      if (amended === undefined) return { outcomes: [outcome], notes };
      mayAmend = false;
      alert = amended;
    }
  }

  async function sendBatch(all: readonly Outgoing[], signal: AbortSignal): Promise<Transmission> {
    const { batch } = sink;
    const alerts = all.map(({ alert }) => alert);
    if (batch === undefined) throw new Error('an output without batches gets one alert at a time');
    const call = callFor(settings, context, alerts);
    const request = batch.request(alerts, config, call);
    const answer = await exchange(request, call, signal);
    if ('trouble' in answer) return { outcomes: all.map(() => retry(answer.trouble)), notes: [] };
    const found = batch.classify?.(answer, alerts) ?? classifyAnswer(answer, call.nowMs);
    const notes = [...noteOf(request, answer), ...(sink.answerLines?.(answer, config) ?? [])];
    const outcomes = spread(found, all.length);
    if (batch.triesAlone === true && outcomes.some(({ kind }) => kind === 'rejected')) {
      return sendRejected(all, outcomes, signal);
    }
    return { outcomes, notes: isDelivered(found) ? notes : [] };
  }

  /** What a batch's answer refuses, each alone and in order. */
  async function sendRejected(
    all: readonly Outgoing[],
    outcomes: readonly Outcome[],
    signal: AbortSignal,
  ): Promise<Transmission> {
    const settled: Outcome[] = [];
    const notes: string[] = [];
    for (const [i, outgoing] of all.entries()) {
      const outcome = outcomes[i] ?? retry('the answer does not tell of it');
      const alone = outcome.kind === 'rejected' ? await sendOne(outgoing, signal) : undefined;
      settled.push(...(alone?.outcomes ?? [outcome]));
      notes.push(...(alone?.notes ?? []));
    }
    return { outcomes: settled, notes };
  }

  const batching = sink.batch?.limits(config);
  return {
    batching,
    send: (outgoing, signal) => {
      const [first] = outgoing;
      return batching === undefined && first !== undefined
        ? sendOne(first, signal)
        : sendBatch(outgoing, signal);
    },
    close: async () => {
      const opened = await client?.catch(() => undefined);
      opened?.close();
    },
  };
}

function sinkContextOf({ common }: SinkSettings, context: TransmitterContext): SinkContext {
  const { hub, tls, debug, environment, counters } = context;
  const ofHub = counters === undefined ? {} : { counters };
  return { hub, tls, timeoutMs: common.timeout, debug, environment, ...ofHub };
}

/** COMPAT: the line that falcosidekick writes after a request, which people look for. */
function noteOf({ method = 'POST' }: HttpRequest, { status }: HttpAnswer): readonly string[] {
  return [`${method} OK (${status})`];
}

function requestsOf(requests: HttpRequest | readonly HttpRequest[]): readonly HttpRequest[] {
  return isList(requests) ? requests : [requests];
}

/** `Array.isArray` does not tell readonly lists. */
function isList(requests: HttpRequest | readonly HttpRequest[]): requests is readonly HttpRequest[] {
  return Array.isArray(requests);
}

/** A destination that does not come back from a call is closed, and opened anew for the next one. */
function clientTransmitter(
  sink: AnyClientSink,
  settings: SinkSettings,
  context: TransmitterContext,
): Transmitter {
  const { config, common } = settings;
  let destination: Promise<Destination> | undefined;

  function open(): Promise<Destination> {
    destination ??= sink.open(config, sinkContextOf(settings, context));
    return destination;
  }

  /** Never rejects. */
  async function drop(): Promise<void> {
    const dropped = destination;
    destination = undefined;
    try {
      await (await dropped)?.close();
    } catch (error) {
      context.debug(`closing: ${reasonOf(error)}`);
    }
  }

  async function attempt(
    outgoing: readonly Outgoing[],
    signal: AbortSignal,
  ): Promise<Outcome | readonly Outcome[]> {
    try {
      const opened = await open();
      const deliveries: readonly Delivery[] = outgoing.map(({ alert }) => ({
        alert,
        call: callFor(settings, context, [alert]),
      }));
      return await opened.send(deliveries, signal);
    } catch (error) {
      void drop();
      return retry(reasonOf(error));
    }
  }

  return {
    batching: sink.batching?.(config),
    send: async (outgoing, signal) => {
      // The client has the whole of the timeout for each step of its own; this is for one that hangs.
      const mostMs = common.timeout * 2;
      const limit = AbortSignal.any([signal, AbortSignal.timeout(mostMs)]);
      const { promise, resolve } = Promise.withResolvers<'hangs'>();
      const stop = (): void => resolve('hangs');
      limit.addEventListener('abort', stop, { once: true });
      const found = await Promise.race([attempt(outgoing, limit), promise]);
      limit.removeEventListener('abort', stop);
      if (found !== 'hangs') return { outcomes: spread(found, outgoing.length), notes: [] };
      void drop();
      const why = signal.aborted ? 'given up' : `no answer within ${mostMs} ms`;
      return { outcomes: outgoing.map(() => retry(why)), notes: [] };
    },
    close: drop,
  };
}

function spread(found: Outcome | readonly Outcome[], count: number): readonly Outcome[] {
  if (!isMixed(found)) return Array.from({ length: count }, () => found);
  if (found.length === count) return found;
  throw new Error(`an output gave ${found.length} outcomes for ${count} alerts`);
}

function isMixed(found: Outcome | readonly Outcome[]): found is readonly Outcome[] {
  return Array.isArray(found);
}

function isDelivered(found: Outcome | readonly Outcome[]): boolean {
  return isMixed(found) ? found.every(({ kind }) => kind === 'delivered') : found.kind === 'delivered';
}

function retry(reason: string): Outcome {
  return { kind: 'retry', reason, afterMs: undefined };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
