/** One process at a time: a file that says who has the folder. A holder that is gone holds nothing. */

import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '@peregrine/base';

const FILE = 'lock';

/** Throws a `Fault` when another process has the folder. What it returns gives the folder back. */
export function lockFolder(folder: string): () => void {
  const path = join(folder, FILE);
  const own = `${process.pid} ${startOf(process.pid)}\n`;
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(path, own, { flag: 'wx', mode: 0o600 });
      break;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const holder = readHolder(path);
      if (holder !== undefined && isAlive(holder)) {
        throw new Fault('journal-in-use', `\`${folder}\` is in use by process ${holder.pid}`, {
          hint: 'each hub needs a folder of its own: set `journal.path`',
        });
      }
      if (attempt > 0) throw error;
      unlinkSync(path);
    }
  }
  return () => {
    if (readText(path) === own) unlinkSync(path);
  };
}

interface Holder {
  readonly pid: number;
  readonly start: string;
}

function readHolder(path: string): Holder | undefined {
  const [pid = '', start = ''] = (readText(path) ?? '').trim().split(' ');
  return /^\d+$/.test(pid) ? { pid: Number(pid), start } : undefined;
}

/** A process of the same number that began at another time is another one. */
function isAlive({ pid, start }: Holder): boolean {
  const found = startOf(pid);
  return found !== '' && found === start;
}

/** When the process began, in ticks since the machine did; empty when there is no such process. */
function startOf(pid: number): string {
  const stat = readText(`/proc/${pid}/stat`);
  // The name in parentheses may hold blanks and parentheses of its own.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
