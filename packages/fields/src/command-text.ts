/** Texts made of a process's name and arguments. HOT: a hit is a look-up by a string whose hash V8 knows. */

import type { Thread } from '@peregrine/state';
import { joinNulList } from './nul-list.ts';
import { memoizeText } from './text-memo.ts';

const joinedOf = memoizeText(joinNulList);

/** Arguments joined by blanks. */
export function argsOf(thread: Thread): string {
  return thread.args === '' ? '' : joinedOf(thread.args);
}

/** Environment entries joined by blanks. */
export function envOf(thread: Thread): string {
  const { env } = thread.process;
  return env === '' ? '' : joinedOf(env);
}

const MOST_COMMANDS = 4_096;
const LONGEST_KEPT = 1 << 10;

interface Command {
  readonly comm: string;
  readonly cmdline: string;
}

/** By arguments; the latest name that went with them. */
const commands = new Map<string, Command>();

/** Name and arguments. */
export function cmdlineOf(thread: Thread): string {
  const { args, comm } = thread;
  if (args === '') return comm;
  const known = commands.get(args);
  if (known !== undefined && known.comm === comm) return known.cmdline;
  const joined = argsOf(thread);
  const cmdline = joined === '' ? comm : `${comm} ${joined}`;
  if (args.length <= LONGEST_KEPT) {
    if (commands.size >= MOST_COMMANDS) commands.clear();
    commands.set(args, { comm, cmdline });
  }
  return cmdline;
}

/** Executable as called, a blank, and arguments. COMPAT: the blank is there without arguments too. */
export function exelineOf(thread: Thread): string {
  return `${thread.exe} ${argsOf(thread)}`;
}
