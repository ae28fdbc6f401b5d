/** The texts that a process was started with, as `/proc/PID/cmdline` and `/proc/PID/environ` show them. */

import type { ProcFiles } from './proc-files.ts';

export interface ImageTexts {
  /** The first argument. */
  readonly exe: string;
  /** The others, a NUL after each. */
  readonly args: string;
  /** A NUL after each variable. */
  readonly env: string;
}

/** `comm` stands for a program that has no arguments, not even its name. */
export function imageTexts(commandLine: string, environment: string, comm: string): ImageTexts {
  const end = commandLine.indexOf('\0');
  const exe = end < 0 ? commandLine : commandLine.slice(0, end);
  return {
    exe: exe === '' ? comm : exe,
    args: end < 0 ? '' : terminated(commandLine.slice(end + 1)),
    env: terminated(environment),
  };
}

/** As far as they can be read. `taskPath`: the task's directory in /proc. */
export function readImageTexts(files: ProcFiles, taskPath: string, comm: string): ImageTexts {
  const commandLine = files.taskText(`${taskPath}/cmdline`) ?? '';
  return imageTexts(commandLine, files.taskText(`${taskPath}/environ`) ?? '', comm);
}

/** A process that overwrote its arguments may have left no NUL at the end. */
function terminated(list: string): string {
  return list === '' || list.endsWith('\0') ? list : `${list}\0`;
}
