/** Fields of the executable file that a process runs, and of the process's times. */

import { type EventContext, joinWords, type Thread, threadFlag } from '@peregrine/state';
import { parentOf } from './ancestors.ts';
import {
  boolField,
  defineFields,
  durationField,
  type FieldDeclaration,
  integerField,
  timeField,
} from './define-fields.ts';
import { asUnsigned, unlessZero } from './wide.ts';

const WORD = 4_294_967_296;

function exeFlag(doc: string, bit: number): FieldDeclaration {
  return boolField({
    doc,
    scope: 'thread',
    read: (event) => (event.thread === undefined ? undefined : (event.thread.flags & bit) !== 0),
  });
}

/** Nanoseconds from the clone to the event; `undefined` when the clone was not seen. */
function ageOf(event: EventContext, thread: Thread): number | undefined {
  if (thread.cloneTsHigh === 0 && thread.cloneTsLow === 0) return undefined;
  const high = event.view.timestampHigh() - thread.cloneTsHigh;
  return high * WORD + (event.view.timestampLow() - thread.cloneTsLow);
}

function cloneTimeOf(thread: Thread): number | bigint {
  return joinWords(thread.cloneTsLow, thread.cloneTsHigh);
}

function inodeTime(doc: string, read: (thread: Thread) => number | bigint): FieldDeclaration {
  return timeField({
    doc,
    scope: 'thread',
    read: (event) => {
      const value = event.thread === undefined ? undefined : unlessZero(read(event.thread));
      return value === undefined ? undefined : asUnsigned(value);
    },
  });
}

export const procExeFields = defineFields('process', {
  'proc.duration': durationField({
    doc: 'Nanoseconds since the process began; absent when its start is not known.',
    read: (event) => (event.thread === undefined ? undefined : ageOf(event, event.thread)),
  }),
  'proc.ppid.duration': durationField({
    doc: 'Nanoseconds since the parent process began.',
    read: (event) => {
      if (event.thread === undefined) return undefined;
      const parent = parentOf(event.thread);
      if (parent === undefined) return undefined;
      // COMPAT: a parent of unknown age shows the number of the process's open fds (libs 0.25).
      return ageOf(event, parent) ?? event.thread.process.fds.size;
    },
  }),
  'proc.pid.ts': durationField({
    doc: 'When the process began, nanoseconds since the epoch.',
    scope: 'thread',
    read: (event) => (event.thread === undefined ? undefined : unlessZero(cloneTimeOf(event.thread))),
  }),
  'proc.ppid.ts': durationField({
    doc: 'When the parent process began, nanoseconds since the epoch.',
    scope: 'thread',
    // COMPAT: of the very thread that made the process, where `proc.ppid.duration` takes the main one; 0 when it is
    // not known.
    read: ({ thread }) => {
      const parent = thread?.main.parent;
      return parent === undefined ? undefined : cloneTimeOf(parent);
    },
  }),
  'proc.is_exe_writable': exeFlag(
    'Whether the user that runs the process may write to its executable.',
    threadFlag.exeWritable,
  ),
  'proc.is_exe_upper_layer': exeFlag(
    'Whether the executable lies in the upper layer of an overlay filesystem: it was made or changed after start.',
    threadFlag.exeUpperLayer,
  ),
  'proc.is_exe_lower_layer': exeFlag(
    'Whether the executable lies in a lower layer of an overlay filesystem: it came with the image.',
    threadFlag.exeLowerLayer,
  ),
  'proc.is_exe_from_memfd': exeFlag(
    'Whether the executable is an anonymous file in memory.',
    threadFlag.exeFromMemfd,
  ),
  'proc.exe_ino': integerField({
    doc: "Inode number of the executable's file; absent when it is not known.",
    type: 'INT64',
    scope: 'thread',
    read: (event) => (event.thread === undefined ? undefined : unlessZero(event.thread.exeIno)),
  }),
  'proc.exe_ino.ctime': inodeTime(
    "When the executable's inode was last changed, nanoseconds since the epoch.",
    (thread) => thread.exeInoCtimeNs,
  ),
  'proc.exe_ino.mtime': inodeTime(
    'When the executable was last written to, nanoseconds since the epoch.',
    (thread) => thread.exeInoMtimeNs,
  ),
  'proc.exe_ino.ctime_duration_proc_start': inodeTime(
    'Nanoseconds from the last change of the executable to the start of the process.',
    (thread) => thread.exeInoCtimeDurationCloneNs,
  ),
  'proc.exe_ino.ctime_duration_pidns_start': inodeTime(
    'Nanoseconds from the start of the pid namespace to the last change of the executable, when that came later.',
    (thread) => thread.exeInoCtimeDurationPidnsNs,
  ),
  'proc.pidns_init_start_ts': integerField({
    doc: 'When the first process of the pid namespace began, nanoseconds; absent when it is not known.',
    scope: 'thread',
    read: (event) => (event.thread === undefined ? undefined : unlessZero(event.thread.pidnsInitStartNs)),
  }),
});
