/** Reference of both command lines: what `--help` says. */

import { renderOptions } from '../../packages/cli/src/arguments.ts';
import { renderHelp } from '../../packages/cli/src/command.ts';
import { commandRoster } from '../../packages/cli/src/commands/roster.ts';
import { falcoOptions } from '../../packages/cli/src/falco/options.ts';
import { code, type Page, section } from './markdown.ts';

export async function commandLinePage(): Promise<Page> {
  const commands = await Promise.all(commandRoster.map((entry) => entry.load()));
  return {
    name: 'command-line.md',
    title: 'Command line',
    summary: "The commands of `peregrine`, and Falco's options as `falco` takes them.",
    body: [
      ...commands.map((command) =>
        section(code(`peregrine ${command.name}`), block(renderHelp(command, 'peregrine'))),
      ),
      section(code('falco'), block(renderOptions(falcoOptions))),
    ].join('\n\n'),
  };
}

function block(text: string): string {
  return `\`\`\`\n${text.trimEnd()}\n\`\`\``;
}
