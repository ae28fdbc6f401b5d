/**
 * The fd table of a process. A fork shares its parent's table until either writes to it; then the writer gets a copy
 * whose entries are still shared, and an entry is copied when it is written to. HOT: no allocation but for copies.
 */

import type { StateCounters } from './counters.ts';
import { type Fd, fdFlag } from './fd.ts';
import type { FdArray } from './fd-array.ts';
import type { Process } from './thread.ts';

/** The child starts with the parent's entries. */
export function shareFds(parent: Process, child: Process): void {
  child.fds = parent.fds;
  child.isFdsShared = true;
  parent.isFdsShared = true;
}

/** The table, fit to be written to. */
function ownTable(process: Process): FdArray {
  if (process.isFdsShared) {
    process.fds = process.fds.copy();
    process.isFdsShared = false;
  }
  return process.fds;
}

/** Adds or replaces an entry. False when the table is at its ceiling. */
export function putFd(
  process: Process,
  number: number,
  fd: Fd,
  limit: number,
  counters: StateCounters,
): boolean {
  const table = ownTable(process);
  if (table.size >= limit && !table.has(number)) {
    counters.n_drops_full_fdtable++;
    return false;
  }
  table.set(number, fd);
  counters.n_added_fds++;
  return true;
}

export function removeFd(process: Process, number: number, counters: StateCounters): void {
  if (!process.fds.has(number)) return;
  ownTable(process).delete(number);
  counters.n_removed_fds++;
}

/** The entry, fit to be written to: a copy takes its place when other tables hold it too. */
export function ownFd(process: Process, number: number, fd: Fd): Fd {
  if (!fd.isShared && !process.isFdsShared) return fd;
  const table = ownTable(process);
  if (!fd.isShared) return fd;
  const copy = fd.clone();
  table.set(number, copy);
  return copy;
}

/** What an exec does to the table. */
export function dropCloseOnExec(process: Process, counters: StateCounters): void {
  const count = process.fds.countFlagged(fdFlag.closeOnExec);
  if (count === 0) return;
  ownTable(process).deleteFlagged(fdFlag.closeOnExec);
  counters.n_removed_fds += count;
}
