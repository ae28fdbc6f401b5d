/** Rules files checked for validation's sake, with results in the reference's form. */

import { renderFalcoLoadResults } from '@peregrine/lang';
import { disk } from '../config/disk.ts';
import type { Setup } from '../detection/setup.ts';
import { createCatalogue } from './catalogue.ts';
import { loadSetupRules } from './load-rules.ts';
import { type FoundRuleFiles, readRuleFiles } from './rule-files.ts';

export interface Validation {
  readonly isUsable: boolean;
  /** One line of JSON, without the newline. */
  readonly json: string;
  readonly text: string;
}

export function validateRules({ ruleFiles, config }: Setup): Validation {
  const { loaded } = loadSetupRules(ruleFiles, config, createCatalogue(config));
  const [first, ...others] = loaded.files;
  // What no file is to blame for is told with the first.
  const results =
    first === undefined || loaded.versionErrors.length === 0
      ? loaded.files
      : [{ ...first, successful: false, errors: [...loaded.versionErrors, ...first.errors] }, ...others];
  const sources = new Map(ruleFiles.map(({ name, text }) => [name, text]));
  return { isUsable: loaded.successful, ...renderFalcoLoadResults(results, sources) };
}

/** The files to validate: each must be there, whatever it is called. */
export function readRules(paths: readonly string[]): FoundRuleFiles {
  const { files, diagnostics } = readRuleFiles(paths, 'validation', disk);
  return { files, diagnostics, paths };
}
