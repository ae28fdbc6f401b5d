/**
 * A hub in the process of a sensor: alerts are handed over instead of posted, and count as delivered when they are in its
 * journal. It listens only where its configuration asks for it.
 */

import type { Alert, StoryContinuation } from '@peregrine/alert';
import { parseAlertTime } from '@peregrine/alert';
import { type Diagnostic, delivered, Fault, type Outcome } from '@peregrine/base';
import type { DecodedAlert } from '@peregrine/hub';
import {
  INTERNAL_SOURCE,
  iso8601Nanoseconds,
  type NamedOutput,
  type RenderedAlert,
} from '@peregrine/outputs';
import type { LocalSensor } from '../ui/rules/sensor-port.ts';
import type { Environment } from './config/environment.ts';
import { runHub } from './run-hub.ts';

export type { LocalSensor };

export interface EmbeddedHubOptions {
  /** Configuration of the hub; `undefined`: the environment has it. */
  readonly file: string | undefined;
  readonly environment: Environment;
  /** Takes lines of the log. */
  readonly write: (text: string) => void;
  readonly onDiagnostics: (diagnostics: readonly Diagnostic[]) => Promise<void> | void;
  /** How long an alert is offered to a journal that cannot take it, milliseconds. */
  readonly patienceMs: number;
}

export interface EmbeddedHub {
  /** For the sensor's delivery, beside the outputs that it has of its own. */
  readonly output: NamedOutput;
  /** Whether there is a store, which keeps the stories around alerts. */
  readonly keepsStories: boolean;
  /** What the sensor tells some seconds after an alert. */
  continueStories(continuations: readonly StoryContinuation[]): Promise<void>;
  /** Fields of alerts that responses look at. */
  readonly wantedFields: readonly string[];
  /** File of the changes to rules that are made in the web interface; `undefined`: there is no such interface. */
  readonly managedRules: string | undefined;
  /** When the privileges of the start were given up, which nobody who reaches it should have. Throws a `Fault`. */
  openWebInterface(sensor: LocalSensor): Promise<void>;
  /** After the sensor, so that its last alerts are taken. */
  stop(): Promise<void>;
}

const RETRY_MS = 200;

/** Throws a `Fault` when it cannot start. */
export async function startEmbeddedHub(options: EmbeddedHubOptions): Promise<EmbeddedHub> {
  const { file, environment, write, onDiagnostics, patienceMs } = options;
  const hub = await runHub({ file, environment, write, onDiagnostics, isEmbedded: true });
  if (hub === undefined) {
    const where =
      file === undefined ? 'what the environment says' : `\`${file}\`, which \`hub.config\` names`;
    throw new Fault('hub-config', `the hub cannot start with ${where}`);
  }

  async function send(batch: readonly RenderedAlert[], signal: AbortSignal): Promise<Outcome> {
    const alerts = batch.map(({ alert }) => decodedOf(alert));
    const endMs = performance.now() + patienceMs;
    for (;;) {
      const appended = await hub?.intake.submitDecoded(alerts);
      if (appended === undefined || appended.kind === 'stored') return delivered;
      if (signal.aborted || performance.now() > endMs) return { kind: 'rejected', reason: appended.reason };
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  return {
    output: {
      name: 'hub',
      // The hub outlives outputs, which are closed when the configuration changes.
      output: { mostPerSend: 512, send, reopen: async () => {}, close: async () => {} },
    },
    keepsStories: hub.intake.keepsStories,
    continueStories: async (continuations) => {
      await hub.intake.continueStories(continuations);
    },
    wantedFields: await hub.wantedFields(),
    managedRules: hub.managedRules,
    openWebInterface: (sensor) => hub.openWebInterface(sensor),
    stop: () => hub.stop(),
  };
}

/** What the hub would have read from the alert's JSON. */
export function decodedOf(alert: Alert): DecodedAlert {
  return {
    output: alert.source === INTERNAL_SOURCE ? alert.message : alert.output,
    priority: alert.priority,
    rule: alert.rule,
    time: parseAlertTime(iso8601Nanoseconds(alert.timeNs)),
    source: alert.source,
    tags: alert.tags,
    hostname: alert.hostname,
    fields: alert.fields,
    story: alert.story,
  };
}
