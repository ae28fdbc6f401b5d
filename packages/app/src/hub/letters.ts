/** Dead letters from outside of the hub, which may run or not: its folder is all that is needed. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '@peregrine/base';
import { listDeadLetters, orderReplay, removeLetter, type StoredLetter } from '@peregrine/outputs/hub';
import type { Environment } from './config/environment.ts';
import { loadHubConfig } from './load-hub-config.ts';
import { findStateFolder } from './state-folder.ts';

export { orderReplay, removeLetter, type StoredLetter };

export interface LetterSummary {
  readonly id: string;
  readonly output: string;
  readonly at: string;
  readonly rule: string;
  readonly reason: string;
}

/** Folder of the dead letters; `undefined` when the configuration cannot be used. */
export async function letterFolder(
  file: string | undefined,
  environment: Environment,
): Promise<{ readonly folder: string | undefined; readonly diagnostics: readonly Diagnostic[] }> {
  const { config, diagnostics } = await loadHubConfig({
    file,
    environment,
    read: (path) => readFileSync(path, 'utf8'),
  });
  if (config === undefined) return { folder: undefined, diagnostics };
  const { path } = findStateFolder(config.settings.journal.path, environment);
  return { folder: join(path, 'dead-letters'), diagnostics };
}

/** Letters of that output, or all. */
export async function lettersOf(
  folder: string,
  output: string | undefined,
): Promise<readonly StoredLetter[]> {
  const letters = await listDeadLetters(folder);
  return output === undefined ? letters : letters.filter((letter) => letter.output === output);
}

/** What a list shows; a letter that an editor broke shows that. */
export function summaryOf({ id, output, text }: StoredLetter): LetterSummary {
  try {
    const letter: { at?: unknown; reason?: unknown; alert?: { rule?: unknown } } = JSON.parse(text);
    return {
      id,
      output,
      at: String(letter.at ?? ''),
      rule: String(letter.alert?.rule ?? ''),
      reason: String(letter.reason ?? ''),
    };
  } catch (error) {
    return {
      id,
      output,
      at: '',
      rule: '',
      reason: `not valid JSON: ${error instanceof Error ? error.message : ''}`,
    };
  }
}
