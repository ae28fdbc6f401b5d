/** Sends the test alert to one output, once, and shows the exchange: no journal, no second attempt. */

import { readFileSync } from 'node:fs';
import type { Diagnostic, Outcome } from '@peregrine/base';
import { processAlert, testAlert } from '@peregrine/hub';
import {
  createTransmitter,
  isSecretHeader,
  type SinkSettings,
  secretHider,
  splitSettings,
} from '@peregrine/outputs/hub';
import { versions } from '../versions.ts';
import type { Environment } from './config/environment.ts';
import type { HubConfig } from './config/read-hub-config.ts';
import { loadHubConfig } from './load-hub-config.ts';
import { trustOf } from './trust.ts';

export interface TestOutputOptions {
  /** Name of the output. */
  readonly name: string;
  readonly file: string | undefined;
  readonly environment: Environment;
  /** Takes the exchange, line by line. */
  readonly show: (line: string) => void;
}

export type TestedOutput =
  | { readonly kind: 'bad-config'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'off'; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly kind: 'tested';
      readonly diagnostics: readonly Diagnostic[];
      /** One for each destination. */
      readonly results: readonly { readonly id: string; readonly outcome: Outcome }[];
    };

const MOST_SHOWN = 4_000;

export async function testOutput({
  name,
  file,
  environment,
  show,
}: TestOutputOptions): Promise<TestedOutput> {
  const { config, diagnostics } = await loadHubConfig({
    file,
    environment,
    read: (path) => readFileSync(path, 'utf8'),
  });
  if (config === undefined) return { kind: 'bad-config', diagnostics };
  const settings = config.outputs.find(({ sink }) => sink.name === name);
  if (settings === undefined) return { kind: 'off', diagnostics };
  const results: { id: string; outcome: Outcome }[] = [];
  for (const one of splitSettings(settings))
    results.push({ id: one.id, outcome: await sendTestAlert({ settings: one, config, environment, show }) });
  return { kind: 'tested', diagnostics, results };
}

/** To one destination. Throws where the test alert itself cannot be made. */
export async function sendTestAlert(options: {
  readonly settings: SinkSettings;
  readonly config: HubConfig;
  readonly environment: Environment;
  /** Takes the exchange, line by line, secrets hidden. */
  readonly show: (line: string) => void;
  readonly signal?: AbortSignal;
}): Promise<Outcome> {
  const { settings: one, config, environment, signal = new AbortController().signal } = options;
  const processed = processAlert(testAlert(Date.now()), {
    customFields: config.customFields,
    customTags: config.settings.customtags,
    templatedFields: config.templatedFields,
    bracketReplacer: config.settings.bracketreplacer,
    outputFieldFormat: config.settings.outputfieldformat,
    mostAlertBytes: config.settings.intake.maxalertbytes,
    newUuid: () => crypto.randomUUID(),
    onTemplateTrouble: () => {},
  });
  if (processed.kind !== 'alert') throw new Error(processed.reason);
  const hide = secretHider(one);
  const show = (line: string): void => options.show(hide(line));
  const transmitter = createTransmitter(one, {
    hub: {
      version: versions.version,
      addedFields: [...Object.keys(config.customFields), ...Object.keys(config.templatedFields)],
      enabledOutputs: config.outputs.map(({ sink }) => sink.title),
    },
    tls: trustOf(one, config.settings),
    nowMs: Date.now,
    environment,
    debug: show,
    onExchange: (request, answer) => {
      show(`> ${request.method} ${shownAddress(request.url)}`);
      for (const [header, value] of Object.entries(request.headers)) {
        show(`> ${header}: ${isSecretHeader(header) ? '***' : value}`);
      }
      show('>');
      for (const line of shortened(Buffer.from(request.body).toString('utf8')).split('\n')) show(`> ${line}`);
      if ('trouble' in answer) return show(`< ${answer.trouble}`);
      show(`< ${answer.status}`);
      for (const [header, value] of Object.entries(answer.headers)) show(`< ${header}: ${value}`);
      show('<');
      for (const line of shortened(answer.body).split('\n')) show(`< ${line}`);
    },
  });
  const { outcomes } = await transmitter.send([{ alert: processed.alert, sentCount: 0 }], signal);
  await transmitter.close();
  return outcomes[0] ?? { kind: 'rejected', reason: 'nothing was sent' };
}

/** Some destinations take their passwords in the address. */
function shownAddress(url: URL): string {
  const shown = new URL(url);
  for (const name of url.searchParams.keys()) {
    if (name === 'p' || isSecretHeader(name)) shown.searchParams.set(name, '***');
  }
  return shown.href;
}

function shortened(text: string): string {
  const whole = text.trimEnd();
  return whole.length > MOST_SHOWN ? `${whole.slice(0, MOST_SHOWN)}...` : whole;
}
