/** `-L` and `-l`: what rules say, in two columns or as JSON; of a single rule all that is known. */

import { type DescribedRule, describeRules } from '@peregrine/app/describe';
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
  if (name !== undefined) for (const rule of rules) terminal.out(renderDetails(rule));
  return exit.ok;
}

function renderDetails({ info, details }: DescribedRule): string {
  const rows: readonly (readonly [string, string])[] = [
    ['Priority', info.priority],
    ['Source', info.source],
    ['Enabled', info.enabled ? 'yes' : 'no'],
    ['Tags', info.tags.join(', ')],
    ['Condition', info.condition],
    ['Compiled', details.condition_compiled],
    ['Operators', details.condition_operators.join(', ')],
    ['Fields', details.condition_fields.join(', ')],
    ['Macros', details.macros.join(', ')],
    ['Lists', details.lists.join(', ')],
    ['Events', details.events.join(', ')],
    ['Output', info.output],
    ['Output fields', details.output_fields.join(', ')],
    ['Exceptions', details.exception_names.join(', ')],
    ['  fields', details.exception_fields.join(', ')],
    ['  operators', details.exception_operators.join(', ')],
    ['Plugins', details.plugins.join(', ')],
  ];
  return rows
    .filter(([, text]) => text !== '')
    .map(([title, text]) => `${title.padEnd(14)} ${text.trim().replaceAll(/\s*\n\s*/g, ' ')}\n`)
    .join('');
}
