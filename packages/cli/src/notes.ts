/** What a program says of itself while it runs, as notes on standard error. */

import { isWanted, type Log } from '@peregrine/app/log';
import type { Terminal } from './terminal.ts';

/** Messages less urgent than `least` are left out; `trace` is as `debug`. */
export function notesOf(least: Parameters<typeof isWanted>[1] | 'trace', terminal: Terminal): Log {
  const limit = least === 'trace' ? 'debug' : least;
  return (level, message) => {
    if (isWanted(level, limit)) terminal.note(message);
  };
}
