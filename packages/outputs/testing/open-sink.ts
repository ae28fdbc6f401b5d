/** An output that speaks through a connection of its own, opened as the delivery opens it, for tests with real servers. */

import { setTimeout as pause } from 'node:timers/promises';
import type { HubAlert } from '@peregrine/alert';
import type { Outcome } from '@peregrine/base';
import type { AnyClientSink, Delivery, Sink, SinkCall } from '../src/sink.ts';
import { systemTrust, type TlsTrust } from '../src/transport/tls-trust.ts';
import { sampleCall, settingsOf, type Written } from './sink-contract.ts';

const LIMIT_MS = 60_000;
const PAUSE_MS = 50;

export interface OpenSink {
  /** One `send`; an outcome for each alert. */
  send(...alerts: readonly HubAlert[]): Promise<readonly Outcome[]>;
  sendSoon(alerts: readonly HubAlert[], signal: AbortSignal): Promise<readonly Outcome[]>;
  close(): Promise<void>;
  /** What was told to people who look for an error. */
  readonly debugLines: readonly string[];
}

export interface OpenSinkOptions {
  readonly shared?: Written;
  readonly tls?: TlsTrust;
  readonly timeoutMs?: number;
  readonly call?: SinkCall;
}

export async function openSink(
  sink: Sink,
  written: Written,
  options: OpenSinkOptions = {},
): Promise<OpenSink> {
  const { tls = systemTrust, timeoutMs = 20_000, call = sampleCall } = options;
  const client = sink as AnyClientSink; // Callers ask of outputs with connections only.
  const { config } = settingsOf(sink, written, options.shared);
  const debugLines: string[] = [];
  const destination = await client.open(config, {
    ...{ hub: call.hub, tls, timeoutMs, environment: {} },
    debug: (line) => {
      debugLines.push(line);
    },
  });
  const sendSoon = async (alerts: readonly HubAlert[], signal: AbortSignal): Promise<readonly Outcome[]> => {
    const deliveries = alerts.map((alert): Delivery => ({ alert, call: callFor(alert, call) }));
    const outcomes = await destination.send(deliveries, signal);
    return 'kind' in outcomes ? deliveries.map(() => outcomes) : outcomes;
  };
  return {
    send: (...alerts) => sendSoon(alerts, new AbortController().signal),
    sendSoon,
    close: () => destination.close(),
    debugLines,
  };
}

/** Sends again and again until all are delivered: short limits may be over on a machine that is busy. */
export async function sendUntilDelivered(sink: OpenSink, ...alerts: readonly HubAlert[]): Promise<void> {
  for (const endMs = Date.now() + LIMIT_MS; ; ) {
    const outcomes = await sink.send(...alerts);
    if (outcomes.every(({ kind }) => kind === 'delivered')) return;
    if (Date.now() > endMs) throw new Error(`not delivered: ${JSON.stringify(outcomes)}`);
    await pause(PAUSE_MS);
  }
}

/** Each alert has an id of its own, the same however often it is sent. */
function callFor(alert: HubAlert, call: SinkCall): SinkCall {
  return { ...call, deliveryId: `${call.deliveryId.slice(0, -8)}${alert.uuid.slice(-8)}` };
}

/** Alerts that can be told apart: their order is in their rules. */
export function numbered(alert: HubAlert, count: number): readonly HubAlert[] {
  return Array.from({ length: count }, (_, n) => {
    const rule = `Rule ${n}`;
    const uuid = `${alert.uuid.slice(0, -4)}${String(n).padStart(4, '0')}`;
    const json = alert.json
      .replace(JSON.stringify(alert.rule), JSON.stringify(rule))
      .replace(alert.uuid, uuid);
    return { ...alert, rule, uuid, json };
  });
}
