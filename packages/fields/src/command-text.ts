/**
 * Texts made of a process's name and arguments, kept for as long as their parts are the same strings. HOT: a hit
 * compares two references. Not state: the tables hold the parts, this only spares joining them again.
 */

import type { Thread } from '@peregrine/state';
import { joinNulList } from './nul-list.ts';

class CommandText {
  argsOf = '';
  args = '';
  commOf = '';
  cmdlineArgsOf = '\0';
  cmdline = '';
}

const texts = new WeakMap<Thread, CommandText>();

function textsOf(thread: Thread): CommandText {
  let text = texts.get(thread);
  if (text === undefined) {
    text = new CommandText();
    texts.set(thread, text);
  }
  return text;
}

/** Arguments joined by blanks. */
export function argsOf(thread: Thread): string {
  if (thread.args === '') return '';
  const text = textsOf(thread);
  if (text.argsOf !== thread.args) {
    text.args = joinNulList(thread.args);
    text.argsOf = thread.args;
  }
  return text.args;
}

/** Name and arguments. */
export function cmdlineOf(thread: Thread): string {
  if (thread.args === '') return thread.comm;
  const text = textsOf(thread);
  if (text.commOf !== thread.comm || text.cmdlineArgsOf !== thread.args) {
    const args = argsOf(thread);
    text.cmdline = args === '' ? thread.comm : `${thread.comm} ${args}`;
    text.commOf = thread.comm;
    text.cmdlineArgsOf = thread.args;
  }
  return text.cmdline;
}

/** Executable as called, a blank, and arguments. COMPAT: the blank is there without arguments too. */
export function exelineOf(thread: Thread): string {
  return `${thread.exe} ${argsOf(thread)}`;
}
