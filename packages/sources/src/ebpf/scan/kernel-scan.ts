/**
 * Fills the tables from the kernel's own lists, by the probe's iterators: a process costs a tenth of what /proc costs,
 * each is seen at one moment, and paths, layers and addresses are those that events have. Arguments and environments are
 * read from /proc (see `bpf/iterators.h`), and so is what has no room in a record.
 */

import type { FdRecord, ProcessRecord, StateSink } from '@peregrine/state';
import { Ancestors } from '../../procfs/ancestors.ts';
import { emptyFd, MOST_FDS } from '../../procfs/fd-fields.ts';
import { ProcFiles } from '../../procfs/proc-files.ts';
import { ProcessScan } from '../../procfs/process-scan.ts';
import { MOST_THREADS, type ProcOptions, scanHost } from '../../procfs/scan-host.ts';
import { SocketRoles } from '../../socket-roles.ts';
import { decodeFile } from './file-records.ts';
import { readRecords } from './record-reader.ts';
import { fileLayout, taskLayout } from './scan-layout.ts';
import { decodeImage, decodeThread, type Image, sharesImage, type ThreadRecord } from './task-records.ts';

/** Programs of the probe that the kernel runs over its lists. */
export const iteratorPrograms = { tasks: 'peregrine_tasks', files: 'peregrine_files' } as const;
export type IteratorProgram = (typeof iteratorPrograms)[keyof typeof iteratorPrograms];

export interface KernelScanOptions extends Pick<ProcOptions, 'procRoot' | 'hostRoot'> {
  /** Descriptors of all of an iterator's output. */
  readonly open: (program: IteratorProgram) => number;
  /** The probe is limited to a part of the machine. */
  readonly isScoped: boolean;
}

/** Resets the sink, tells it all of the machine, settles it. Returns the number of threads. */
export function scanKernel(sink: StateSink, options: KernelScanOptions): number {
  return new KernelScan(sink, options).run();
}

class KernelScan {
  readonly #sink: StateSink;
  readonly #options: KernelScanOptions;
  readonly #procRoot: string;
  readonly #files = new ProcFiles();
  readonly #ancestors = new Ancestors();
  readonly #images = new Map<number, Image>();
  /** Threads whose main one has yet to come: ids need not ascend. */
  readonly #waiting: ThreadRecord[] = [];
  #threadCount = 0;

  constructor(sink: StateSink, options: KernelScanOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#procRoot = options.procRoot ?? '/proc';
  }

  run(): number {
    const { open, isScoped } = this.#options;
    const tasks = open(iteratorPrograms.tasks);
    const machine = scanHost(this.#files, this.#sink, this.#options);
    readRecords(tasks, taskLayout.sizeBytes, (buffer, start) => this.#task(buffer, start));
    for (const thread of this.#waiting) this.#thread(thread);
    if (isScoped) {
      const processes = new ProcessScan(this.#files, this.#procRoot, machine.bootTimeNs);
      this.#ancestors.complete(processes, (record) => this.#hand(record));
    }
    this.#descriptors(open(iteratorPrograms.files));
    this.#sink.settle();
    return this.#threadCount;
  }

  #task(buffer: Buffer, start: number): void {
    if (this.#threadCount >= MOST_THREADS) return;
    const thread = decodeThread(buffer, start);
    if (sharesImage(buffer, start)) {
      if (this.#images.has(thread.pid)) this.#thread(thread);
      else this.#waiting.push(thread);
      return;
    }
    const path = `${this.#procRoot}/${thread.tid}`;
    const image = decodeImage(buffer, start, thread.comm, path, this.#files);
    // Of a process whose main thread has ended, any other has the image.
    this.#images.set(thread.pid, image);
    this.#hand({ ...thread, ...image });
  }

  /** Without its process it has ended meanwhile. */
  #thread(thread: ThreadRecord): void {
    const image = this.#images.get(thread.pid);
    if (image !== undefined) this.#hand({ ...thread, ...image });
  }

  #hand(record: ProcessRecord): void {
    this.#threadCount++;
    if (this.#options.isScoped) this.#ancestors.note(record);
    this.#sink.process(record);
  }

  #descriptors(fd: number): void {
    const roles = new SocketRoles(this.#sink);
    let latestPid = -1;
    let count = 0;
    readRecords(fd, fileLayout.sizeBytes, (buffer, start) => {
      const pid = buffer.readInt32LE(start + fileLayout.pid);
      count = pid === latestPid ? count + 1 : 1;
      latestPid = pid;
      if (count > MOST_FDS || !this.#images.has(pid)) return;
      const number = buffer.readInt32LE(start + fileLayout.fd);
      // A name that is too long for the kernel's own link, in /proc, is not there either.
      const fields = decodeFile(buffer, start);
      if (fields !== undefined) this.#descriptor(roles, { ...emptyFd, tid: pid, fd: number, ...fields });
    });
    roles.settle();
  }

  /** Sockets that lead nowhere have no role to find out. */
  #descriptor(roles: SocketRoles, record: FdRecord): void {
    if (record.destinationIp === undefined) this.#sink.fd(record);
    else roles.fd(record);
  }
}
