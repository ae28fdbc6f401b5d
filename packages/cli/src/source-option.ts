/** The option `--source`, which limits a command to one source of events. */

import { readSetup } from '@peregrine/app/setup';
import { nearestName } from '@peregrine/base';
import type { Arguments, OptionDeclaration } from './arguments.ts';
import { setupRequestOf, tellConfigFindings } from './setup-options.ts';
import type { Terminal } from './terminal.ts';

/** Plugins of the user's own are known by the configuration that names them. */
export const pluginOptions: readonly OptionDeclaration[] = [
  {
    name: 'config',
    short: 'c',
    value: 'FILE',
    doc: 'Configuration file (falco.yaml), for sources of plugins that it names.',
  },
];

/** Sources with their fields; `undefined`: the configuration cannot be used, which was told. */
export async function readSources(given: Arguments, terminal: Terminal) {
  const { listSources } = await import('@peregrine/app/catalogue');
  if (given.valueOf('config') === undefined) return listSources();
  const read = await readSetup({ ...setupRequestOf(given), ruleFiles: [] });
  await tellConfigFindings(read, terminal);
  return read.setup === undefined ? undefined : listSources(read.setup.config);
}

/** Tells when there is no source of that name. `source` absent: all are meant. */
export function isSourceThere(
  source: string | undefined,
  names: readonly string[],
  terminal: Terminal,
): boolean {
  if (source === undefined || names.includes(source)) return true;
  const nearest = nearestName(source, names);
  terminal.fail(
    `there is no source \`${source}\``,
    nearest === undefined ? `there is: ${names.join(', ')}` : `did you mean \`${nearest}\`?`,
  );
  return false;
}
