/** `peregrine version`. */

import { versions } from '@peregrine/app/versions';
import { type Command, exit } from '../command.ts';

export const version: Command = {
  name: 'version',
  usage: '[options]',
  doc: 'Shows the versions of this program and of what it is compatible with.',
  options: [{ name: 'json', doc: 'As JSON.' }],
  examples: [{ line: 'version --json', doc: 'For scripts.' }],
  operands: 'none',
  run: async (given, terminal) => {
    if (given.has('json')) terminal.out(`${JSON.stringify(versions)}\n`);
    else {
      terminal.out(
        `Peregrine ${versions.version}\nRules of engine versions up to ${versions.engineVersion}\nCaptures of format ${versions.captureFormat}\nNode ${process.versions.node}\n`,
      );
    }
    return exit.ok;
  },
};
