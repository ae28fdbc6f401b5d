/** All tables of one engine, and what transitions need to change them. HOT: the lookups allocate nothing. */

import type { IpAddress } from '@peregrine/base';
import { ContainerTable } from './container-table.ts';
import { createCounters, type StateCounters } from './counters.ts';
import { ExecSessions, type SessionOrigin } from './exec-session.ts';
import type { Fd } from './fd.ts';
import { putFd } from './fd-table.ts';
import { LongTexts } from './long-texts.ts';
import type { StateLimits, StateOptions } from './options.ts';
import { asDirectory, PathCache, UNKNOWN_BASE } from './paths.ts';
import { RecentExits } from './recent-exits.ts';
import type { InterfaceRecord, MachineRecord } from './state-sink.ts';
import type { Process, Thread } from './thread.ts';
import { ThreadTable } from './thread-table.ts';
import { UserTable } from './user-table.ts';

export class World {
  readonly limits: StateLimits;
  readonly counters: StateCounters = createCounters();
  readonly threads: ThreadTable;
  readonly users: UserTable;
  readonly containers: ContainerTable;
  readonly paths: PathCache;
  readonly texts: LongTexts = new LongTexts();
  readonly recentExits: RecentExits = new RecentExits();
  interfaces: InterfaceRecord[] = [];
  readonly localAddresses: Set<IpAddress> = new Set();
  machine: MachineRecord | undefined = undefined;
  /** Set through `keep`. */
  keepsMemory = false;
  keepsFaults = false;
  /** Told of the end of a container's first process. */
  readonly onContainerEnd: ((id: string) => void) | undefined;
  readonly forgetsUnknownCopies: boolean;
  /** Absent where nobody wants to know. */
  readonly execSessions: ExecSessions | undefined;
  /** Who is attached to the processes of a container, by its id. */
  readonly attachments: Map<string, SessionOrigin> = new Map();
  readonly #lookUpProcess: ((tid: number) => boolean) | undefined;

  /** Event time; only kept when there is purging to do. */
  nowSeconds = 0;
  /** Thread whose exit the current event is; it goes with the next event. */
  leavingThread: Thread | undefined = undefined;
  /** Process that the current event closed fds of, and the first and last of them; they go with the next event. */
  closingProcess: Process | undefined = undefined;
  closingFirst = 0;
  closingLast = 0;

  constructor(limits: StateLimits, needs: ReadonlySet<string>, options: StateOptions) {
    this.limits = limits;
    this.threads = new ThreadTable(limits.threads, this.counters);
    this.users = new UserTable(limits, this.counters);
    this.containers = new ContainerTable(limits, this.counters, options.onContainer);
    this.paths = new PathCache(limits.paths);
    this.keep(needs);
    this.onContainerEnd = options.onContainerEnd;
    this.forgetsUnknownCopies = options.forgetsUnknownCopies ?? false;
    const { onExecSession } = options;
    this.execSessions = onExecSession && new ExecSessions(this, onExecSession);
    this.#lookUpProcess = options.lookUpProcess;
  }

  /** Names from `stateNeeds` that are kept current from now on. */
  keep(needs: ReadonlySet<string>): void {
    this.keepsMemory = needs.has('memory');
    this.keepsFaults = needs.has('faults');
  }

  clear(): void {
    this.threads.clear();
    this.users.clear();
    this.containers.clear();
    this.attachments.clear();
    this.recentExits.clear();
    this.interfaces = [];
    this.localAddresses.clear();
    this.machine = undefined;
    this.leavingThread = undefined;
    this.closingProcess = undefined;
  }

  addInterface(record: InterfaceRecord): void {
    if (this.interfaces.length >= this.limits.interfaces) {
      this.counters.n_drops_full_interfacetable++;
      return;
    }
    this.interfaces.push(record);
    this.localAddresses.add(record.address);
  }

  /** A thread that is known, that the hook finds, or that is made up; `undefined` when the table is full. */
  threadOrFake(tid: number): Thread | undefined {
    return this.threads.find(tid) ?? this.#lookUp(tid) ?? this.threads.addFake(tid);
  }

  #lookUp(tid: number): Thread | undefined {
    this.counters.n_failed_thread_lookups++;
    if (this.#lookUpProcess === undefined || !this.#lookUpProcess(tid)) return undefined;
    return this.threads.find(tid);
  }

  fdOf(thread: Thread, number: number): Fd | undefined {
    if (number < 0) return undefined;
    const fd = thread.process.fds.get(number);
    if (fd === undefined) this.counters.n_failed_fd_lookups++;
    else this.counters.n_noncached_fd_lookups++;
    return fd;
  }

  putFd(thread: Thread, number: number, fd: Fd): boolean {
    // An fd whose number is given again before the next event has not to be removed any more.
    if (this.closingProcess === thread.process && number >= this.closingFirst && number <= this.closingLast)
      this.#finishClosing();
    return putFd(thread.process, number, fd, this.limits.fdsPerProcess, this.counters);
  }

  /** Removes what the previous event closed or ended. */
  finishRemovals(): void {
    if (this.closingProcess !== undefined) this.#finishClosing();
    const leaving = this.leavingThread;
    if (leaving === undefined) return;
    this.leavingThread = undefined;
    if (this.threads.find(leaving.tid) === leaving) this.threads.remove(leaving.tid);
  }

  #finishClosing(): void {
    const process = this.closingProcess;
    this.closingProcess = undefined;
    if (process === undefined) return;
    if (this.closingFirst === this.closingLast) {
      this.threads.removeFd(process, this.closingFirst);
      return;
    }
    for (const number of [...process.fds.keys()])
      if (number >= this.closingFirst && number <= this.closingLast) this.threads.removeFd(process, number);
  }

  /** A path seen from the thread's working directory. */
  resolve(thread: Thread, path: string): string {
    return this.paths.resolve(thread.process.cwd, path);
  }

  /** The same, as a directory: with a trailing slash. */
  directory(thread: Thread, path: string): string {
    return asDirectory(this.resolve(thread, path));
  }

  /** A path seen from a directory fd, or from the working directory when that is what the number says. */
  resolveAt(thread: Thread, dirfd: number, path: string): string {
    if (dirfd === AT_FDCWD || path.charCodeAt(0) === SLASH) return this.resolve(thread, path);
    return this.paths.resolve(this.fdOf(thread, dirfd)?.name ?? UNKNOWN_BASE, path);
  }

  /** Something that verdicts on any thread may read has changed. Rare. */
  resetAllTerms(): void {
    for (const thread of this.threads.values()) thread.terms.reset();
  }

  /** Something about a container has changed. */
  resetTermsIn(containerId: string): void {
    for (const thread of this.threads.values()) if (thread.containerId === containerId) thread.terms.reset();
  }

  /** Sets `containerId` from the cgroups. */
  matchContainer(thread: Thread): void {
    thread.containerId = this.containers.match(thread);
  }
}

const SLASH = 47;
/** Stands for the working directory where a directory fd is asked for. */
export const AT_FDCWD = -100;
