/** `-L` and `-l`: what rules say, in two columns or as JSON. */

import { describeRules } from '@peregrine/app/rules';
import type { Arguments } from '../arguments.ts';
import { exit } from '../command.ts';
import type { Terminal } from '../terminal.ts';
import type { FalcoSetup } from './falco-setup.ts';
import { refuse } from './refuse.ts';

export async function describe(
  given: Arguments,
  { setup, config }: FalcoSetup,
  terminal: Terminal,
): Promise<number> {
  const { report, description } = describeRules(setup);
  if (!report.isUsable) {
    const { renderFindings } = await import('@peregrine/app/findings');
    const errors = report.files
      .flatMap(({ diagnostics }) => diagnostics)
      .filter(({ severity }) => severity === 'error');
    return refuse(
      terminal,
      renderFindings(errors, setup.ruleFiles, { isColourful: terminal.isColourful }).trimEnd(),
    );
  }
  const name = given.valueOf('describe');
  const rules = description.rules.filter(({ info }) => name === undefined || info.name === name);
  if (rules.length === 0 && name !== undefined) return refuse(terminal, `there is no rule \`${name}\``);
  if (config.json_output) {
    terminal.out(`${JSON.stringify(name === undefined ? description : { rules })}\n`);
    return exit.ok;
  }
  terminal.out(`${'Rule'.padEnd(50)} Description\n${'----'.padEnd(50)} -----------\n`);
  for (const { info } of rules) terminal.out(`${info.name.padEnd(50)} ${info.description}\n\n`);
  return exit.ok;
}
