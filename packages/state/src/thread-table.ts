/**
 * All threads by id, their processes, and who is whose child. HOT: `find` of the thread that was asked for last
 * costs a comparison.
 */

import { HOST } from './containers/match.ts';
import type { StateCounters } from './counters.ts';
import { removeFd } from './fd-table.ts';
import { resetDescendantTerms } from './term-resets.ts';
import { NO_CHILDREN, NO_ID, Process, Thread, threadFlag, UNKNOWN_TEXT } from './thread.ts';

/** Longest chain of parents that is followed. */
const MAX_ANCESTORS = 100_000;

export class ThreadTable {
  readonly #limit: number;
  readonly #counters: StateCounters;
  readonly #threads = new Map<number, Thread>();
  readonly #processes = new Map<number, Process>();
  #latest: Thread | undefined = undefined;

  constructor(limit: number, counters: StateCounters) {
    this.#limit = limit;
    this.#counters = counters;
  }

  get size(): number {
    return this.#threads.size;
  }

  /** Threads in the order in which they came. */
  values(): MapIterator<Thread> {
    return this.#threads.values();
  }

  processes(): MapIterator<Process> {
    return this.#processes.values();
  }

  /** Dead ones included. */
  find(tid: number): Thread | undefined {
    const latest = this.#latest;
    if (latest !== undefined && latest.tid === tid) {
      this.#counters.n_cached_thread_lookups++;
      return latest;
    }
    const thread = this.#threads.get(tid);
    if (thread === undefined) return undefined;
    this.#counters.n_noncached_thread_lookups++;
    this.#latest = thread;
    return thread;
  }

  /** The process whose id is `pid`, while a thread of it is known. */
  process(pid: number): Process | undefined {
    return this.#processes.get(pid);
  }

  clear(): void {
    this.#threads.clear();
    this.#processes.clear();
    this.#latest = undefined;
  }

  /** A thread that nobody knows. `undefined` when the table is full. */
  addFake(tid: number): Thread | undefined {
    if (!this.#hasRoom()) return undefined;
    const process = new Process(NO_ID);
    // COMPAT: a thread without a main thread has this working directory (libs 0.25, threadinfo.cpp).
    process.cwd = './';
    const thread = new Thread(tid, process);
    thread.flags = threadFlag.fake;
    thread.ptid = NO_ID;
    thread.comm = UNKNOWN_TEXT;
    thread.exe = UNKNOWN_TEXT;
    thread.containerId = HOST;
    this.#insert(thread);
    return thread;
  }

  /**
   * Enters a thread, whose `process` says its pid and whose `ptid` says its parent; an older entry of the id must be
   * gone. False when the table is full.
   */
  add(thread: Thread): boolean {
    if (!this.insert(thread)) return false;
    this.join(thread);
    this.linkParent(thread);
    return true;
  }

  /** Only enters the thread: `join` and `linkParent` are left to the caller. */
  insert(thread: Thread): boolean {
    if (!this.#hasRoom()) return false;
    this.#insert(thread);
    return true;
  }

  #hasRoom(): boolean {
    if (this.#threads.size < this.#limit) return true;
    this.#counters.n_drops_full_threadtable++;
    return false;
  }

  #insert(thread: Thread): void {
    this.#threads.set(thread.tid, thread);
    this.#counters.n_added_threads++;
    this.#latest = thread;
  }

  /** Process for a new thread: the known one of that id, or a new one. */
  processFor(pid: number): Process {
    return this.#processes.get(pid) ?? new Process(pid);
  }

  /** Makes the thread one of its process, which becomes known. */
  join(thread: Thread): void {
    const { process } = thread;
    this.#processes.set(process.pid, process);
    process.threadCount++;
    if (process.pid === 1 || thread.vpid === 1) process.isReaper = true;
    if (thread.tid === process.pid) {
      process.mainThread = thread;
      thread.flags |= threadFlag.mainThread;
    } else {
      if (process.otherThreads === undefined) process.otherThreads = new Set();
      process.otherThreads.add(thread);
    }
  }

  /** Finds the thread's parent by `ptid`; without one, `ptid` becomes 0. */
  linkParent(thread: Thread): void {
    if (thread.pid === 1) return;
    const parent = this.#threads.get(thread.ptid);
    if (parent === undefined || parent === thread || (parent.flags & threadFlag.fake) !== 0) thread.ptid = 0;
    else if (thread.children.size > 0 && isOnPathOf(thread, parent)) thread.ptid = 0;
    else addChild(parent, thread);
  }

  /** Takes a thread out of its process's count; it stays in the table until `remove`. */
  markDead(thread: Thread): void {
    if ((thread.flags & (threadFlag.dead | threadFlag.fake)) !== 0) return;
    thread.flags |= threadFlag.dead;
    thread.process.threadCount--;
  }

  /** A main thread that was thought dead lives: it is the one left after another thread's exec. */
  revive(thread: Thread): void {
    if ((thread.flags & threadFlag.dead) === 0) return;
    thread.flags &= ~threadFlag.dead;
    thread.process.threadCount++;
  }

  /** Removes a thread; a main thread stays (dead) while its process has others. Its children get a new parent. */
  remove(tid: number): void {
    const thread = this.#threads.get(tid);
    if (thread === undefined) return;
    if ((thread.flags & threadFlag.fake) !== 0) {
      this.#erase(thread);
      return;
    }
    const { process } = thread;
    this.markDead(thread);
    if (thread.children.size > 0) this.#handOver(thread);
    if (process.mainThread !== thread) {
      process.otherThreads?.delete(thread);
      this.#erase(thread);
    }
    if (process.threadCount > 0) return;
    this.#processes.delete(process.pid);
    const { mainThread } = process;
    if (mainThread !== undefined) {
      // Born to it after its exit, as far as events tell.
      if (mainThread.children.size > 0) this.#handOver(mainThread);
      this.#erase(mainThread);
    }
    this.#counters.n_removed_fds += process.fds.size;
  }

  /**
   * Removes what is left of an earlier use of an id that is somebody else's now. An id is given again only when all
   * threads of its process are gone: where it was a main thread's, so are they.
   */
  removeEarlier(tid: number): void {
    const thread = this.#threads.get(tid);
    if (thread === undefined) return;
    this.remove(tid);
    if (this.#threads.get(tid) !== thread) return;
    for (const other of [...(thread.process.otherThreads ?? [])]) this.remove(other.tid);
  }

  #erase(thread: Thread): void {
    removeChild(thread);
    if (this.#threads.get(thread.tid) === thread) {
      this.#threads.delete(thread.tid);
      this.#counters.n_removed_threads++;
    }
    if (this.#latest === thread) this.#latest = undefined;
  }

  /** The children of a thread that goes: to the kernel's choice if known, else to the nearest that takes them. */
  #handOver(thread: Thread): void {
    let reaper = thread.reaperTid > 0 ? this.#threads.get(thread.reaperTid) : undefined;
    if (reaper === undefined || reaper === thread || (reaper.flags & threadFlag.fake) !== 0)
      reaper = this.#findReaper(thread);
    else reaper.process.isReaper = true;
    for (const child of thread.children) {
      child.parent = undefined;
      if (reaper === undefined || isOnPathOf(child, reaper)) child.ptid = 0;
      else addChild(reaper, child);
      resetDescendantTerms(child);
    }
    thread.children = NO_CHILDREN;
  }

  /** A live thread of the process; else the nearest ancestor of the same namespace that takes orphans. */
  #findReaper(thread: Thread): Thread | undefined {
    const sibling = liveThread(thread.process, thread);
    if (sibling !== undefined) return sibling;
    let ancestor = this.#threads.get(thread.ptid);
    for (let steps = 0; ancestor !== undefined && steps < MAX_ANCESTORS; steps++) {
      if (ancestor.isInPidNamespace !== thread.isInPidNamespace) return undefined;
      if (ancestor.process.isReaper) {
        const taker = liveThread(ancestor.process, thread);
        if (taker !== undefined) return taker;
      }
      if (ancestor.ptid === ancestor.tid) return undefined;
      ancestor = this.#threads.get(ancestor.ptid);
    }
    return undefined;
  }

  /** Removes an fd entry of a process. */
  removeFd(process: Process, number: number): void {
    removeFd(process, number, this.#counters);
  }
}

function liveThread(process: Process, except: Thread): Thread | undefined {
  const { mainThread, otherThreads } = process;
  if (process.threadCount === 0) return undefined;
  if (mainThread !== undefined && mainThread !== except && (mainThread.flags & threadFlag.dead) === 0)
    return mainThread;
  if (otherThreads !== undefined)
    for (const other of otherThreads)
      if (other !== except && (other.flags & threadFlag.dead) === 0) return other;
  return undefined;
}

function addChild(parent: Thread, child: Thread): void {
  if (parent.children === NO_CHILDREN) parent.children = new Set();
  parent.children.add(child);
  child.parent = parent;
  child.ptid = parent.tid;
}

function removeChild(child: Thread): void {
  child.parent?.children.delete(child);
  child.parent = undefined;
}

/** INVARIANT kept with this: parents make a tree. True when `thread` is `descendant` or one of its ancestors. */
function isOnPathOf(thread: Thread, descendant: Thread): boolean {
  let next: Thread | undefined = descendant;
  for (let steps = 0; next !== undefined && steps < MAX_ANCESTORS; steps++) {
    if (next === thread) return true;
    next = next.parent;
  }
  return next !== undefined;
}
