/**
 * When verdicts that rules keep on a thread are forgotten. The one place that says which change reaches whom.
 *
 * | change | reaches |
 * |---|---|
 * | exec (comm, exe, args, exepath, ids, credentials, cgroups) | the process's threads and all descendants |
 * | a made-up thread learns who it is | the same |
 * | parent lost or replaced | the thread's process and all descendants |
 * | set*id, capset, user namespace | the thread; its process too, since values of the main thread show |
 * | setsid | the process's threads and all descendants (session leaders are found through ancestors) |
 * | chroot, container matched | the process's threads and all descendants (containers of ancestors show) |
 * | container metadata, users, groups | every thread |
 * | clone | nobody: the new thread has no verdicts yet |
 *
 * Not covered, since no thread-scoped field reads them: fds, working directory, environment, counts of threads,
 * children and fds, limits, memory, page faults, times.
 */

import type { Process, Thread } from './thread.ts';

/** The thread and those it shares a process with. */
export function resetProcessTerms(thread: Thread): void {
  const { mainThread, otherThreads } = thread.process;
  thread.terms.reset();
  mainThread?.terms.reset();
  if (otherThreads !== undefined) for (const other of otherThreads) other.terms.reset();
}

/** The process and whoever may see it through an ancestor. HOT where nothing has children, as after most execs. */
export function resetDescendantTerms(thread: Thread): void {
  resetProcessTerms(thread);
  if (!hasChildren(thread)) return;
  const seen = new Set<Process>([thread.process]);
  const waiting: Thread[] = [thread];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { mainThread, otherThreads } = next.process;
    resetChildren(next, seen, waiting);
    if (mainThread !== undefined && mainThread !== next) resetChildren(mainThread, seen, waiting);
    if (otherThreads !== undefined)
      for (const other of otherThreads) if (other !== next) resetChildren(other, seen, waiting);
  }
}

/** Each process is walked once, whatever its number of threads, and even where damaged links make a ring. */
function resetChildren(parent: Thread, seen: Set<Process>, waiting: Thread[]): void {
  for (const child of parent.children) {
    if (seen.has(child.process)) continue;
    seen.add(child.process);
    resetProcessTerms(child);
    waiting.push(child);
  }
}

function hasChildren(thread: Thread): boolean {
  if (thread.children.size > 0) return true;
  const { mainThread, otherThreads } = thread.process;
  if (mainThread !== undefined && mainThread.children.size > 0) return true;
  if (otherThreads !== undefined) for (const other of otherThreads) if (other.children.size > 0) return true;
  return false;
}
