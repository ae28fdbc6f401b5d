/** Fields of the event's process: name, command line, environment, directory, terminal. */

import type { EventContext, Fd, Thread } from '@peregrine/state';
import { parentOf } from './ancestors.ts';
import { optionalIndex, optionalKey, parseIndex } from './argument.ts';
import { argsOf, cmdlineOf, envOf, exelineOf } from './command-text.ts';
import {
  type Binding,
  defineFields,
  type FieldDeclaration,
  idField,
  integerField,
  textField,
} from './define-fields.ts';
import { wordOfKind } from './fd-kinds.ts';
import { countNulList, elementOfNulList, lengthOfNulList, valueInNulList } from './nul-list.ts';

/** Reads a text of the parent process's main thread. */
function ofParent(read: (parent: Thread) => string): (event: EventContext) => string | undefined {
  return (event) => {
    if (event.thread === undefined) return undefined;
    const parent = parentOf(event.thread);
    return parent === undefined ? undefined : read(parent);
  };
}

export const commOf = (thread: Thread): string => thread.comm;
export const exeOf = (thread: Thread): string => thread.exe;
export const exepathOf = (thread: Thread): string => thread.exepath;

/** With a trailing `/`; a thread whose main thread nobody knows has no directory of its own. */
export function cwdOf(thread: Thread): string {
  return thread.process.mainThread === undefined ? './' : thread.process.cwd;
}

function standardFd(event: EventContext, num: number): Fd | undefined {
  return event.thread === undefined ? undefined : event.tables.fd(event.thread, num);
}

function standardType(num: number, title: string): FieldDeclaration {
  return textField({
    doc: `Kind of ${title}, in the words of \`fd.type\`; absent when it is not known.`,
    examples: ['file', 'ipv4', 'pipe'],
    read: (event) => {
      const fd = standardFd(event, num);
      return fd === undefined ? undefined : wordOfKind(fd.kind);
    },
  });
}

function standardName(num: number, title: string): FieldDeclaration {
  return textField({
    doc: `Name of ${title}, as \`fd.name\` shows it; absent when it is not known.`,
    examples: ['/dev/pts/0'],
    read: (event) => standardFd(event, num)?.name,
  });
}

export const procFields = defineFields('process', {
  'proc.exe': textField({
    doc: 'First argument of the command line, as the caller of exec gave it.',
    examples: ['/usr/bin/cat', 'nginx:'],
    scope: 'thread',
    read: (event) => event.thread?.exe,
  }),
  'proc.pexe': textField({
    doc: "First argument of the parent's command line.",
    examples: ['/bin/sh'],
    scope: 'thread',
    read: ofParent(exeOf),
  }),
  'proc.exepath': textField({
    doc: 'Full path of the executable file, links resolved by the kernel.',
    examples: ['/usr/bin/busybox'],
    scope: 'thread',
    read: (event) => event.thread?.exepath,
  }),
  'proc.pexepath': textField({
    doc: "Full path of the parent's executable file.",
    examples: ['/usr/bin/bash'],
    scope: 'thread',
    read: ofParent(exepathOf),
  }),
  'proc.name': textField({
    doc: "Name of the event's thread, at most 15 bytes.",
    examples: ['cat', 'nginx'],
    scope: 'thread',
    cost: 5,
    read: (event) => event.thread?.comm,
  }),
  'proc.pname': textField({
    doc: 'Name of the parent process.',
    examples: ['bash'],
    scope: 'thread',
    read: ofParent(commOf),
  }),
  'proc.args': textField({
    doc: 'Arguments without the first, joined by blanks; with an index, one of them.',
    examples: ['-l /etc/shadow'],
    scope: 'thread',
    argument: optionalIndex,
    bind: (index): Binding => ({
      read:
        index === undefined
          ? (event) => (event.thread === undefined ? undefined : argsOf(event.thread))
          : (event) => (event.thread === undefined ? undefined : elementOfNulList(event.thread.args, index)),
    }),
  }),
  'proc.cmdline': textField({
    doc: 'Name and arguments, joined by blanks.',
    examples: ['cat /etc/shadow'],
    scope: 'thread',
    read: (event) => (event.thread === undefined ? undefined : cmdlineOf(event.thread)),
  }),
  'proc.pcmdline': textField({
    doc: 'Name and arguments of the parent process.',
    examples: ['bash -c id'],
    scope: 'thread',
    read: ofParent(cmdlineOf),
  }),
  'proc.cmdnargs': integerField({
    doc: 'Number of arguments, the first left out.',
    scope: 'thread',
    read: (event) => (event.thread === undefined ? undefined : countNulList(event.thread.args)),
  }),
  'proc.cmdlenargs': integerField({
    doc: 'Bytes of all arguments together, the first left out, blanks not counted.',
    scope: 'thread',
    read: (event) => (event.thread === undefined ? undefined : lengthOfNulList(event.thread.args)),
  }),
  'proc.exeline': textField({
    doc: 'Executable as called, and arguments, joined by blanks.',
    examples: ['/usr/bin/cat /etc/shadow'],
    scope: 'thread',
    cost: 100,
    read: (event) => (event.thread === undefined ? undefined : exelineOf(event.thread)),
  }),
  'proc.env': textField({
    doc: 'Environment, joined by blanks; with a name, the value of that variable, empty when it is not set.',
    examples: ['LD_PRELOAD=/tmp/x.so'],
    cost: 300,
    argument: optionalKey,
    bind: (key): Binding => ({
      // COMPAT: an argument of digits counts as none.
      read:
        key === undefined || parseIndex(key) !== undefined
          ? (event) => (event.thread === undefined ? undefined : envOf(event.thread))
          : (event) =>
              event.thread === undefined
                ? undefined
                : (valueInNulList(event.thread.process.env, key) ?? '').trim(),
    }),
  }),
  'proc.cwd': textField({
    doc: 'Working directory, with a trailing slash.',
    examples: ['/root/'],
    read: (event) => (event.thread === undefined ? undefined : cwdOf(event.thread)),
  }),
  'proc.tty': idField({
    doc: 'Number of the controlling terminal, 0 when there is none.',
    type: 'UINT32',
    scope: 'thread',
    read: (event) => event.thread?.tty,
  }),
  'proc.stdin.type': standardType(0, 'standard input'),
  'proc.stdout.type': standardType(1, 'standard output'),
  'proc.stderr.type': standardType(2, 'standard error'),
  'proc.stdin.name': standardName(0, 'standard input'),
  'proc.stdout.name': standardName(1, 'standard output'),
  'proc.stderr.name': standardName(2, 'standard error'),
});
