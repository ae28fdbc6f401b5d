/**
 * The first thing that runs: keeps compiled code between runs, then loads the program and turns what it returns, or
 * throws, into an exit status. Expected failures become one message with a hint; only bugs show a stack.
 */

import { mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '@peregrine/base';
import { Terminal } from './terminal.ts';

/** A program: arguments in, exit status out. */
export type Program = (given: readonly string[], terminal: Terminal) => Promise<number>;

export async function start(name: string, load: () => Promise<{ readonly main: Program }>): Promise<void> {
  keepCompiledCode();
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

/** Beside the program where that can be written, else where the user keeps caches. Without either, no harm. */
function keepCompiledCode(): void {
  const build = join(import.meta.dirname, '..', '..', '..', 'build', 'compile-cache');
  const ofUser = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'peregrine');
  for (const folder of [build, ofUser]) {
    try {
      mkdirSync(folder, { recursive: true });
      if (enableCompileCache(folder).directory !== undefined) return;
    } catch {
      // The next folder, or none: the cache only saves time.
    }
  }
}
