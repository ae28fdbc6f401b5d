/** `peregrine COMMAND`. */

import { runCommand } from './command.ts';
import { commandRoster } from './commands/roster.ts';
import type { Terminal } from './terminal.ts';

export function main(given: readonly string[], terminal: Terminal): Promise<number> {
  return runCommand(commandRoster, given, terminal);
}
