/** Dead letters that somebody ordered to be sent once more go back into the journal, for their output alone. */

import { setTimeout as sleep } from 'node:timers/promises';
import { type HubAlert, parseJson } from '@peregrine/alert';
import { decodeAlert, type ProcessingSettings, processAlert } from '@peregrine/hub';
import type { DeadLetters, StoredLetter } from '@peregrine/outputs/hub';
import type { HubLog } from './hub-log.ts';
import type { Intake } from './intake.ts';

/** Mark of alerts that were in the journal before, and are there again for one output. */
export const REPLAYED = 'replay';

export interface ReplayOptions {
  readonly deadLetters: DeadLetters;
  readonly intake: Intake;
  readonly log: HubLog;
  readonly mostAlertBytes: number;
  readonly intervalMs: number;
}

/** Looks for orders until the signal says stop. Never rejects. */
export async function followReplayOrders(options: ReplayOptions, signal: AbortSignal): Promise<void> {
  const { deadLetters, log, intervalMs } = options;
  while (!signal.aborted) {
    try {
      for (const letter of await deadLetters.orders()) {
        if (signal.aborted) return;
        if (await replay(letter, options)) await deadLetters.finish(letter);
      }
    } catch (error) {
      log(
        'error',
        `dead letters cannot be replayed: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    await sleep(intervalMs, undefined, { signal }).catch(() => {});
  }
}

/** Whether the order is done with. */
async function replay(letter: StoredLetter, options: ReplayOptions): Promise<boolean> {
  const { intake, log } = options;
  const alert = alertIn(letter, options.mostAlertBytes);
  if (typeof alert === 'string') {
    log('error', `the dead letter ${letter.id} cannot be replayed, and is removed: ${alert}`);
    return true;
  }
  const appended = await intake.submit([alert], { to: [letter.output], mark: REPLAYED });
  if (appended.kind === 'refused') {
    log('error', `the dead letter ${letter.id} waits: ${appended.reason}`);
    return false;
  }
  log('info', `the dead letter ${letter.id} goes to \`${letter.output}\` once more`);
  return true;
}

/** The alert, which somebody may have edited; or why it is none. It keeps its id. */
function alertIn({ text, output }: StoredLetter, mostAlertBytes: number): HubAlert | string {
  const parsed = parseJson(text);
  if ('problem' in parsed) return parsed.problem;
  if (output === '') return 'it does not say for which output it is';
  const { value } = parsed;
  // A letter with an output is a map: `output` was found in it.
  const { alert } = value as { readonly alert?: Parameters<typeof decodeAlert>[0] };
  if (alert === undefined) return 'it has no alert';
  const decoded = decodeAlert(alert);
  if ('problem' in decoded) return decoded.problem;
  const uuid = typeof alert === 'object' && alert !== null && 'uuid' in alert ? alert.uuid : undefined;
  const settings: ProcessingSettings = {
    customFields: {},
    customTags: [],
    templatedFields: {},
    bracketReplacer: '',
    outputFieldFormat: '',
    mostAlertBytes,
    newUuid: () => (typeof uuid === 'string' && uuid !== '' ? uuid : crypto.randomUUID()),
    onTemplateTrouble: () => {},
  };
  const processed = processAlert(decoded, settings);
  return processed.kind === 'alert' ? processed.alert : processed.reason;
}
