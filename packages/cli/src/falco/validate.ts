/** `-V`: rules files checked, and nothing else. */

import { readRules, validateRules } from '@peregrine/app/validate';
import type { Arguments } from '../arguments.ts';
import { exit } from '../command.ts';
import type { Terminal } from '../terminal.ts';
import { type FalcoSetup, tellErrors } from './falco-setup.ts';
import { refuse } from './refuse.ts';

export async function validate(given: Arguments, loaded: FalcoSetup, terminal: Terminal): Promise<number> {
  const { files, diagnostics } = readRules([...given.valuesOf('validate'), ...given.operands]);
  if (diagnostics.length > 0) {
    await tellErrors({ ...loaded.read, diagnostics }, terminal);
    return refuse(terminal, 'the rules files cannot be read');
  }
  const { isUsable, json, text } = validateRules({ config: loaded.config, ruleFiles: files });
  if (loaded.config.json_output) terminal.out(`${json}\n`);
  else if (isUsable) terminal.out(text);
  if (isUsable) return exit.ok;
  return loaded.config.json_output ? exit.failed : refuse(terminal, text.trimEnd());
}
