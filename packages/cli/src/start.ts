/**
 * The first thing that runs: loads the program and turns what it returns, or throws, into an exit status. Expected failures become one message with a hint; only bugs show a stack.
 */

import { Fault } from '@peregrine/base';
import { Terminal } from './terminal.ts';

/** A program: arguments in, exit status out. */
export type Program = (given: readonly string[], terminal: Terminal) => Promise<number>;

export async function start(name: string, load: () => Promise<{ readonly main: Program }>): Promise<void> {
  // The launcher's affair; programs that this one runs should not see it.
  delete process.env.NODE_COMPILE_CACHE;
  delete process.env.MALLOC_ARENA_MAX;
  const terminal = new Terminal(name);
  let status = 1;
  try {
    const { main } = await load();
    status = await main(process.argv.slice(2), terminal);
  } catch (error) {
    if (error instanceof Fault) terminal.fail(error.message, error.hint);
    else
      terminal.fail(
        error instanceof Error ? (error.stack ?? error.message) : String(error),
        'this is a bug in this program',
      );
  }
  // Nothing is left to do, whatever handles are open.
  process.exit(status);
}
