/**
 * Limits that this process takes upon itself, then the user, then no way back. Through libc: Node knows neither limits
 * nor what a process does when its parent ends.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import koffi from 'koffi';
import type { Account, ProcessLimits } from '../process/messages.ts';

const SIGKILL = 9;
const prctlOption = { parentDeathSignal: 1, childSubreaper: 36, noNewPrivileges: 38 };
const resourceNumber = { fileSize: 1, data: 2, core: 4, tasks: 6, openFiles: 7 };

/** Throws when something of it is refused. */
export function confineSelf(account: Account | null, limits: ProcessLimits): void {
  const libc = koffi.load('libc.so.6');
  const prctl = libc.func(
    'int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)',
  );
  const setpgid = libc.func('int setpgid(int pid, int group)');
  const getrlimit = libc.func('int getrlimit(int resource, void *limits)');
  const setrlimit = libc.func('int setrlimit(int resource, void *limits)');
  const done = (what: string, status: number): void => {
    if (status !== 0) throw new Error(`${what} was refused (errno ${koffi.errno()})`);
  };
  const limit = (resource: number, amount: number): void => {
    const both = new BigUint64Array(2);
    done('reading a limit', getrlimit(resource, both));
    const hard = both[1] ?? 0n;
    const most = BigInt(amount) < hard ? BigInt(amount) : hard;
    done('a limit', setrlimit(resource, BigUint64Array.of(most, most)));
  };

  done('a group of processes', setpgid(0, 0));
  limit(resourceNumber.core, 0);
  // When memory is short, the kernel is to take this first.
  writeFileSync('/proc/self/oom_score_adj', '1000');
  limit(resourceNumber.openFiles, limits.openFiles);
  limit(resourceNumber.fileSize, limits.fileBytes);
  limit(resourceNumber.tasks, limits.tasks);
  // Not the address space, of which the engine reserves far more than it uses.
  limit(resourceNumber.data, dataBytes() + limits.memoryBytes);
  if (account !== null) {
    process.setgroups?.([...account.groups]);
    process.setgid?.(account.gid);
    process.setuid?.(account.uid);
    if (process.getuid?.() !== account.uid) throw new Error('the user could not be changed');
  }
  const parent = process.ppid;
  done('giving up new privileges', prctl(prctlOption.noNewPrivileges, 1, 0, 0, 0));
  done('ending with the parent', prctl(prctlOption.parentDeathSignal, SIGKILL, 0, 0, 0));
  if (process.ppid !== parent) process.exit(1);
}

/** Private memory that may be written, as the kernel counts it. */
function dataBytes(): number {
  const [, kilobytes = '0'] = /^VmData:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
  return Number(kilobytes) * 1_024;
}
