/** An output at work against a server of a test, without the queue around it: one attempt, and what it came to. */

import type { HubAlert } from '@peregrine/alert';
import type { Outcome } from '@peregrine/base';
import { createTransmitter } from '../src/delivery/transmitter.ts';
import type { SinkSettings } from '../src/settings/sink-settings.ts';
import type { HubCounter } from '../src/sink.ts';
import type { TlsTrust } from '../src/transport/tls-trust.ts';
import { systemTrust } from '../src/transport/tls-trust.ts';
import { sampleCall } from './sink-contract.ts';

export interface Attempt {
  readonly outcome: Outcome;
  /** What the output says in the log. */
  readonly notes: readonly string[];
}

export interface OpenOutput {
  deliver(alert: HubAlert): Promise<Attempt>;
  /** One outcome for each. */
  deliverAll(alerts: readonly HubAlert[]): Promise<readonly Outcome[]>;
  close(): Promise<void>;
}

export interface Surroundings {
  readonly nowMs?: () => number;
  readonly tls?: TlsTrust;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly addedFields?: readonly string[];
  readonly counters?: () => readonly HubCounter[];
}

export function openOutput(settings: SinkSettings, surroundings: Surroundings = {}): OpenOutput {
  const {
    nowMs = () => sampleCall.nowMs,
    tls = systemTrust,
    environment = {},
    addedFields = [],
    counters = () => [],
  } = surroundings;
  const hub = { ...sampleCall.hub, addedFields };
  const transmitter = createTransmitter(settings, {
    hub,
    tls,
    nowMs,
    environment,
    counters,
    debug: () => {},
  });
  const send = (alerts: readonly HubAlert[]) =>
    transmitter.send(
      alerts.map((alert) => ({ alert, sentCount: 0 })),
      new AbortController().signal,
    );
  return {
    deliver: async (alert) => {
      const { outcomes, notes } = await send([alert]);
      const [outcome] = outcomes;
      if (outcome === undefined) throw new Error('nothing came of it');
      return { outcome, notes };
    },
    deliverAll: async (alerts) => (await send(alerts)).outcomes,
    close: () => transmitter.close(),
  };
}
