/** `falcosidekick [OPTIONS]`. */

import { existsSync } from 'node:fs';
import { type OptionDeclaration, parseArguments, renderOptions } from '../arguments.ts';
import { exit } from '../command.ts';
import { runHubUntilStopped } from '../run-hub.ts';
import type { Terminal } from '../terminal.ts';

export const falcosidekickOptions: readonly OptionDeclaration[] = [
  {
    name: 'config-file',
    short: 'c',
    value: 'FILE',
    doc: 'Configuration; environment variables win over it.',
  },
  { name: 'version', short: 'v', doc: 'Show the version.' },
  { name: 'help', short: 'h', doc: 'Show this help.' },
];

export async function main(given: readonly string[], terminal: Terminal): Promise<number> {
  const parsed = parseArguments(given, falcosidekickOptions);
  const helpLine = '`falcosidekick --help` shows what there is';
  if (parsed.kind === 'usage-error') {
    terminal.fail(parsed.error.message, parsed.error.hint ?? helpLine);
    return exit.failed;
  }
  const { arguments: found } = parsed;
  if (found.has('help')) {
    terminal.out(
      `Takes alerts over HTTP and delivers them.\n\nUsage: falcosidekick [options]\n\n${renderOptions(falcosidekickOptions)}`,
    );
    return exit.ok;
  }
  if (found.has('version')) {
    const { versionLine } = await import('@peregrine/app/hub');
    terminal.out(versionLine());
    return exit.ok;
  }
  const [extra] = found.operands;
  const file = found.valueOf('config-file');
  if (extra !== undefined) terminal.fail(`unexpected \`${extra}\``, helpLine);
  else if (file !== undefined && !existsSync(file)) terminal.fail(`there is no file \`${file}\``);
  else return runHubUntilStopped(file, terminal);
  return exit.failed;
}
