/** `peregrine hub`. */

import { type Command, exit } from '../command.ts';
import { runHubUntilStopped } from '../run-hub.ts';

export const hub: Command = {
  name: 'hub',
  usage: '[options]',
  doc: 'Takes alerts over HTTP, keeps them on disk until they are delivered, and delivers them to every output that is\nconfigured. Takes the configuration and the environment variables of Falcosidekick.',
  options: [
    { name: 'config', short: 'c', value: 'FILE', doc: 'Configuration; environment variables win over it.' },
    { name: 'check', doc: 'Say what is wrong with the configuration, and end.' },
  ],
  examples: [
    { line: 'hub -c config.yaml', doc: 'As that configuration says.' },
    { line: 'hub -c config.yaml --check', doc: 'Only look at it.' },
  ],
  operands: 'none',
  run: async (given, terminal) => {
    const file = given.valueOf('config');
    if (!given.has('check')) return runHubUntilStopped(file, terminal);
    const { checkHubConfig } = await import('@peregrine/app/hub');
    const { diagnostics, titles } = await checkHubConfig(file, process.env);
    if (diagnostics.length > 0) {
      const { renderFindings } = await import('@peregrine/app/findings');
      terminal.err(renderFindings(diagnostics, [], { isColourful: terminal.isColourful }));
    }
    if (titles === undefined) return exit.failed;
    terminal.out(titles.length === 0 ? 'no output is on\n' : `outputs that are on: ${titles.join(', ')}\n`);
    return exit.ok;
  },
};
