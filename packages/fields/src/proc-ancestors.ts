/** Fields of a process's ancestors. Level 0 is the process itself, 1 its parent. */

import type { EventContext, Thread } from '@peregrine/state';
import { ancestorOf, joinedOfAncestors, ofAncestors, parentOf, pidOf } from './ancestors.ts';
import { optionalIndex, optionalIndexOrKey } from './argument.ts';
import { argsOf, cmdlineOf, envOf } from './command-text.ts';
import { type Binding, defineFields, type FieldDeclaration, idField, textField } from './define-fields.ts';
import { valueInNulList } from './nul-list.ts';
import { commOf, exeOf, exepathOf } from './proc.ts';

/** Generations that `proc.aenv[NAME]` looks through. */
const MOST_AENV_LEVELS = 20;

type ReadText = (ancestor: Thread) => string;

/**
 * With an index, one ancestor's text. Without, a condition holds if it holds for any ancestor from the parent
 * upwards, and an output shows all of them.
 */
function ancestorField(doc: string, examples: readonly string[], read: ReadText): FieldDeclaration {
  return textField({
    doc,
    examples,
    scope: 'thread',
    cost: 60,
    allowsRightHandSide: false,
    allowsTransformers: false,
    argument: optionalIndex,
    bind: (level): Binding => (level === undefined ? anyAncestor(read) : ancestorAt(level, read)),
  });
}

function ancestorAt(level: number, read: ReadText): Binding {
  return {
    read: (event) => {
      const ancestor = ancestorOf(event.thread, level);
      return ancestor === undefined ? undefined : read(ancestor);
    },
  };
}

function anyAncestor(read: ReadText): Binding {
  return {
    quantifier: 'any',
    read: (event) => (event.thread === undefined ? undefined : ofAncestors(event.thread, read)),
    show: (event) => joinedOfAncestors(event, read),
  };
}

/** The variable's value in the nearest ancestor that has it; empty when none has. */
function nearestValue(event: EventContext, name: string): string | undefined {
  if (event.thread === undefined) return undefined;
  let ancestor = parentOf(event.thread);
  for (let level = 0; level < MOST_AENV_LEVELS && ancestor !== undefined; level++) {
    const value = valueInNulList(ancestor.process.env, name)?.trim();
    if (value !== undefined && value !== '') return value;
    ancestor = parentOf(ancestor);
  }
  return '';
}

export const procAncestorFields = defineFields('process', {
  'proc.aexe': ancestorField('First argument of an ancestor, as its caller gave it.', ['/bin/sh'], exeOf),
  'proc.aexepath': ancestorField("Full path of an ancestor's executable file.", ['/usr/bin/bash'], exepathOf),
  'proc.aname': ancestorField('Name of an ancestor.', ['systemd', 'containerd-shim'], commOf),
  'proc.acmdline': ancestorField('Name and arguments of an ancestor.', ['bash -c id'], cmdlineOf),
  'proc.aargs': textField({
    doc: 'Arguments of an ancestor; without an index those of all, from the parent upwards, joined by blanks.',
    examples: ['-c id'],
    scope: 'thread',
    cost: 100,
    argument: optionalIndex,
    bind: (level): Binding =>
      level === undefined ? { read: (event) => joinedOfAncestors(event, argsOf) } : ancestorAt(level, argsOf),
  }),
  'proc.aenv': textField({
    doc: 'Environment of an ancestor; with a name, the value in the nearest ancestor that has the variable.',
    examples: ['SSH_CONNECTION=10.0.0.1 22'],
    cost: 500,
    allowsRightHandSide: false,
    allowsTransformers: false,
    argument: optionalIndexOrKey,
    bind: (argument): Binding => {
      if (argument === undefined)
        return {
          quantifier: 'any',
          read: (event) => (event.thread === undefined ? undefined : ofAncestors(event.thread, envOf)),
          // COMPAT: without an argument, outputs show the process's own environment.
          show: (event) => (event.thread === undefined ? undefined : envOf(event.thread)),
        };
      return 'key' in argument
        ? { read: (event) => nearestValue(event, argument.key) }
        : ancestorAt(argument.index, envOf);
    },
  }),
  'proc.apid': idField({
    doc: 'Process id of an ancestor; without an index, outputs show the process itself.',
    scope: 'thread',
    cost: 60,
    allowsRightHandSide: false,
    allowsTransformers: false,
    argument: optionalIndex,
    bind: (level): Binding =>
      level === undefined
        ? {
            quantifier: 'any',
            read: (event) =>
              event.thread === undefined ? undefined : ofAncestors(event.thread, (ancestor) => ancestor.pid),
            show: ({ thread }) => (thread?.process.mainThread === undefined ? undefined : pidOf(thread)),
          }
        : { read: (event) => ancestorOf(event.thread, level)?.pid },
  }),
});
