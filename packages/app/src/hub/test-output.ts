/** Sends the test alert to one output, once, and shows the exchange: no journal, no second attempt. */

import { readFileSync } from 'node:fs';
import type { Diagnostic, Outcome } from '@peregrine/base';
import { processAlert, testAlert } from '@peregrine/hub';
import { createTransmitter, isSecretHeader, secretHider, splitSettings } from '@peregrine/outputs/hub';
import { versions } from '../versions.ts';
import type { Environment } from './config/environment.ts';
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
  show: showLine,
}: TestOutputOptions): Promise<TestedOutput> {
  const { config, diagnostics } = await loadHubConfig({
    file,
    environment,
    read: (path) => readFileSync(path, 'utf8'),
  });
  if (config === undefined) return { kind: 'bad-config', diagnostics };
  const settings = config.outputs.find(({ sink }) => sink.name === name);
  if (settings === undefined) return { kind: 'off', diagnostics };
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
  const results: { id: string; outcome: Outcome }[] = [];
  for (const one of splitSettings(settings)) {
    const hide = secretHider(one);
    const show = (line: string): void => showLine(hide(line));
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
        for (const line of shortened(Buffer.from(request.body).toString('utf8')).split('\n'))
          show(`> ${line}`);
        if ('trouble' in answer) return show(`< ${answer.trouble}`);
        show(`< ${answer.status}`);
        for (const [header, value] of Object.entries(answer.headers)) show(`< ${header}: ${value}`);
        show('<');
        for (const line of shortened(answer.body).split('\n')) show(`< ${line}`);
      },
    });
    const { outcomes } = await transmitter.send(
      [{ alert: processed.alert, sentCount: 0 }],
      new AbortController().signal,
    );
    await transmitter.close();
    results.push({ id: one.id, outcome: outcomes[0] ?? { kind: 'rejected', reason: 'nothing was sent' } });
  }
  return { kind: 'tested', diagnostics, results };
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
