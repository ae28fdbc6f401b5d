/** Fields of the thread: ids, capabilities, control groups, memory, counts. */

import { type Thread, threadFlag } from '@peregrine/state';
import { pidOf } from './ancestors.ts';
import type { ArgumentParser, ParsedArgument } from './argument.ts';
import { capabilityText } from './capability-names.ts';
import { parseCgroups } from './cgroups.ts';
import {
  absent,
  type Binding,
  boolField,
  defineFields,
  doubleField,
  durationField,
  type FieldDeclaration,
  idField,
  integerField,
  textField,
} from './define-fields.ts';

const BYTES_PER_KB = 1024;

const subsystemArgument: ArgumentParser<string> = Object.freeze({
  spec: Object.freeze({ requirement: 'required', forms: ['key'] as const }),
  parse: () => ({ reason: 'it needs the name of a subsystem after a dot, as in `thread.cgroup.cpu`' }),
});

function subsystemSuffix(suffix: string): ParsedArgument<string> {
  return /^[A-Za-z_]+$/.test(suffix)
    ? { argument: suffix }
    : { reason: `\`${suffix}\` is not the name of a subsystem` };
}

function capabilityField(doc: string, low: (thread: Thread) => number, high: (thread: Thread) => number) {
  return textField({
    doc,
    examples: ['CAP_CHOWN CAP_NET_RAW'],
    scope: 'thread',
    cost: 300,
    read: (event) =>
      event.thread === undefined ? undefined : capabilityText(low(event.thread), high(event.thread)),
  });
}

/** As the latest event of this very thread told. */
function processMemory(doc: string, read: (thread: Thread) => number): FieldDeclaration {
  return integerField({
    doc,
    needs: ['memory'],
    read: ({ thread }) => (thread === undefined ? undefined : read(thread)),
  });
}

/** 0 for a thread that is not the main one, so that sums over threads count each process once. */
function threadMemory(doc: string, read: (main: Thread) => number, isHidden = false): FieldDeclaration {
  return integerField({
    doc,
    isHidden,
    needs: ['memory'],
    read: ({ thread }) => (thread === undefined ? undefined : isMain(thread) ? read(thread) : 0),
  });
}

function isMain(thread: Thread): boolean {
  return thread.tid === pidOf(thread);
}

function faultsField(doc: string, read: (thread: Thread) => number | bigint): FieldDeclaration {
  return integerField({
    doc,
    needs: ['faults'],
    read: (event) => (event.thread === undefined ? undefined : read(event.thread)),
  });
}

/** Threads of the process but for a living main one. */
function otherThreadCount({ process }: Thread): number {
  const { mainThread, threadCount } = process;
  const hasMain = mainThread !== undefined && (mainThread.flags & threadFlag.dead) === 0;
  return hasMain ? Math.max(0, threadCount - 1) : threadCount;
}

/** A process whose main thread nobody knows has no table. */
function fdCount({ process }: Thread): number {
  return process.mainThread === undefined ? 0 : process.fds.size;
}

function fdUsage(thread: Thread): number {
  const limit = thread.main.fdlimit;
  return limit > 0 ? (fdCount(thread) * 100) / limit : 0;
}

export const threadFields = defineFields('process', {
  'thread.cap_permitted': capabilityField(
    'Capabilities that the thread may take up.',
    (thread) => thread.capPermittedLow,
    (thread) => thread.capPermittedHigh,
  ),
  'thread.cap_inheritable': capabilityField(
    'Capabilities that the thread hands on across exec.',
    (thread) => thread.capInheritableLow,
    (thread) => thread.capInheritableHigh,
  ),
  'thread.cap_effective': capabilityField(
    'Capabilities that the kernel checks for the thread.',
    (thread) => thread.capEffectiveLow,
    (thread) => thread.capEffectiveHigh,
  ),
  'proc.fdopencount': integerField({
    doc: 'Number of open file descriptors of the process.',
    read: (event) => (event.thread === undefined ? undefined : fdCount(event.thread)),
  }),
  'proc.fdlimit': integerField({
    doc: 'Most file descriptors that the process may open.',
    type: 'INT64',
    read: ({ thread }) => (thread === undefined ? undefined : (thread.process.mainThread?.fdlimit ?? 0)),
  }),
  'proc.fdusage': doubleField({
    doc: 'Open file descriptors in percent of the limit.',
    read: (event) => (event.thread === undefined ? undefined : fdUsage(event.thread)),
  }),
  'proc.vmsize': processMemory('Virtual memory of the process, KB.', (thread) => thread.vmsizeKb),
  'proc.vmrss': processMemory('Resident memory of the process, KB.', (thread) => thread.vmrssKb),
  'proc.vmswap': processMemory('Swapped-out memory of the process, KB.', (thread) => thread.vmswapKb),
  'thread.pfmajor': faultsField(
    'Page faults since the thread began that needed the disk.',
    (thread) => thread.pfmajor,
  ),
  'thread.pfminor': faultsField(
    'Page faults since the thread began that did not need the disk.',
    (thread) => thread.pfminor,
  ),
  'thread.tid': idField({
    doc: 'Thread id, as the host sees it.',
    scope: 'thread',
    read: (event) => event.thread?.tid,
  }),
  'thread.ismain': boolField({
    doc: "Whether the thread is its process's main thread.",
    scope: 'thread',
    read: (event) => (event.thread === undefined ? undefined : isMain(event.thread)),
  }),
  'thread.vtid': idField({
    doc: 'Thread id as the thread sees it in its namespace.',
    scope: 'thread',
    read: ({ thread }) => (thread === undefined || thread.vtid === -1 ? undefined : thread.vtid),
  }),
  'thread.nametid': textField({
    doc: "Name and id of the event's thread.",
    isHidden: true,
    scope: 'thread',
    read: ({ thread }) => (thread === undefined ? undefined : `${thread.comm}${thread.tid}`),
  }),
  'thread.exectime': durationField({
    doc: 'Always 0: how long the thread ran for until now is not measured.',
    scope: 'constant',
    read: () => 0,
  }),
  'thread.totexectime': durationField({
    doc: 'Always 0: how long the thread has run for is not measured.',
    scope: 'constant',
    read: () => 0,
  }),
  'thread.cgroups': textField({
    doc: 'Control groups as `subsystem=path`, joined by blanks.',
    examples: ['cpuset=/ memory=/user.slice'],
    scope: 'thread',
    cost: 300,
    read: ({ thread }) =>
      thread === undefined || thread.cgroups === ''
        ? undefined
        : parseCgroups(thread.cgroups)
            .map(({ subsystem, path }) => `${subsystem}=${path}`)
            .join(' '),
  }),
  'thread.cgroup': textField({
    doc: 'Control group of one subsystem, as in `thread.cgroup.cpu`.',
    examples: ['/user.slice'],
    scope: 'thread',
    cost: 200,
    argument: subsystemArgument,
    suffix: subsystemSuffix,
    bind: (name): Binding => ({
      read: ({ thread }) =>
        thread === undefined
          ? undefined
          : parseCgroups(thread.cgroups).find(({ subsystem }) => subsystem === name)?.path,
    }),
  }),
  'proc.nthreads': integerField({
    doc: 'Number of living threads of the process.',
    read: (event) => event.thread?.process.threadCount,
  }),
  'proc.nchilds': integerField({
    doc: 'Number of living threads of the process, the main one left out.',
    read: (event) => (event.thread === undefined ? undefined : otherThreadCount(event.thread)),
  }),
  'thread.cpu': doubleField({
    doc: 'Processor use of the thread in percent; only events that never reach rules carry it.',
    read: absent,
  }),
  'thread.cpu.user': doubleField({
    doc: 'Processor use in user mode in percent; only events that never reach rules carry it.',
    read: absent,
  }),
  'thread.cpu.system': doubleField({
    doc: 'Processor use in the kernel in percent; only events that never reach rules carry it.',
    read: absent,
  }),
  'thread.vmsize': threadMemory(
    'Virtual memory of the process, KB; 0 for other threads than the main one.',
    (main) => main.vmsizeKb,
  ),
  'thread.vmrss': threadMemory(
    'Resident memory of the process, KB; 0 for other threads than the main one.',
    (main) => main.vmrssKb,
  ),
  'thread.vmsize.b': threadMemory(
    'Virtual memory of the process, bytes; 0 for other threads than the main one.',
    (main) => main.vmsizeKb * BYTES_PER_KB,
    true,
  ),
  'thread.vmrss.b': threadMemory(
    'Resident memory of the process, bytes; 0 for other threads than the main one.',
    (main) => main.vmrssKb * BYTES_PER_KB,
    true,
  ),
});
