/** Fatal errors behind the reference's command line. */

import { exit } from '../command.ts';
import type { Terminal } from '../terminal.ts';

/** COMPAT: fatal errors begin with `Error: `, and the status is 1. */
export function refuse(terminal: Terminal, message: string, hint?: string): number {
  terminal.err(`Error: ${message}\n${hint === undefined ? '' : `  ${hint}\n`}`);
  return exit.failed;
}
