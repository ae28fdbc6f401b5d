/** Fields of the paths that a successful call worked on. */

import { EVENT_CODE_COUNT, eventRoster } from '@peregrine/events';
import type { EventContext } from '@peregrine/state';
import { defineFields, type FieldDeclaration, textField } from './define-fields.ts';
import { approximateReturnValue, exitCodesOf } from './event-params.ts';
import { fdFields } from './fd.ts';
import { rawPathOf, resolvedPathOf } from './path-params.ts';

/** What a call does to the path that a role names: parameter by event name. */
type ParamByEvent = Readonly<Record<string, string>>;

const names: ParamByEvent = {
  mkdir: 'path',
  mkdirat: 'path',
  rmdir: 'path',
  unlink: 'path',
  unlinkat: 'name',
  chmod: 'filename',
  fchmodat: 'filename',
  chown: 'path',
  lchown: 'path',
  fchownat: 'pathname',
  quotactl: 'special',
  umount: 'name',
  umount2: 'name',
};

/** The new name of a link is the source, what it leads to the target. */
const sources: ParamByEvent = {
  rename: 'oldpath',
  renameat: 'oldpath',
  renameat2: 'oldpath',
  link: 'newpath',
  linkat: 'newpath',
  symlink: 'linkpath',
  symlinkat: 'linkpath',
  mount: 'dev',
};

const targets: ParamByEvent = {
  rename: 'newpath',
  renameat: 'newpath',
  renameat2: 'newpath',
  link: 'oldpath',
  linkat: 'oldpath',
  symlink: 'target',
  symlinkat: 'target',
  mount: 'dir',
};

/** Calls whose path is that of their fd. */
const opens = exitCodesOf('open', 'openat', 'openat2', 'creat', 'open_by_handle_at');
const fdCalls = exitCodesOf('fchmod', 'fchown');

function indexesOf(params: ParamByEvent): Int8Array {
  const indexes = new Int8Array(EVENT_CODE_COUNT).fill(-1);
  for (const type of eventRoster) {
    const wanted = type.direction === 'exit' ? params[type.name] : undefined;
    if (wanted !== undefined) indexes[type.code] = type.params.findIndex((param) => param.name === wanted);
  }
  return indexes;
}

type ReadPath = (event: EventContext, index: number) => string | undefined;

function pathOfParam(params: ParamByEvent, read: ReadPath): (event: EventContext) => string | undefined {
  const indexes = indexesOf(params);
  return (event) => {
    const index = indexes[event.view.code] ?? -1;
    if (index < 0 || event.thread === undefined || approximateReturnValue(event) !== 0) return undefined;
    return read(event, index) ?? '';
  };
}

/** As `pathOfParam`, and the fd's name for calls that make or take an fd. */
function nameField(doc: string, read: ReadPath, fdField: 'fd.name' | 'fd.nameraw'): FieldDeclaration {
  const fromParam = pathOfParam(names, read);
  const fromFd = readerOf(fdField);
  return textField({
    doc,
    examples: ['/etc/shadow'],
    cost: 60,
    read: (event) => {
      const { code } = event.view;
      // COMPAT: an open that failed has a path all the same, unless it failed with EPERM (-1).
      if (opens[code] === 1) return approximateReturnValue(event) === -1 ? undefined : fromFd(event);
      if (fdCalls[code] === 1) return approximateReturnValue(event) === 0 ? fromFd(event) : undefined;
      return fromParam(event);
    },
  });
}

function readerOf(name: 'fd.name' | 'fd.nameraw'): (event: EventContext) => string | undefined {
  const binding = fdFields.fields[name]?.bind(undefined);
  if (binding === undefined || typeof binding === 'string') throw new Error(`no field is called ${name}`);
  const { read } = binding;
  return (event) => {
    const value = read(event);
    return typeof value === 'string' ? value : undefined;
  };
}

function endField(doc: string, params: ParamByEvent, read: ReadPath): FieldDeclaration {
  return textField({ doc, examples: ['/tmp/link'], cost: 60, read: pathOfParam(params, read) });
}

export const fsPathFields = defineFields('fs.path', {
  'fs.path.name': nameField(
    'Path that a successful call opened, made, removed or changed the rights of, resolved.',
    resolvedPathOf,
    'fd.name',
  ),
  'fs.path.nameraw': nameField('The same path as the caller gave it.', rawPathOf, 'fd.nameraw'),
  'fs.path.source': endField(
    'Old path of a rename, new path of a link, device of a mount, resolved.',
    sources,
    resolvedPathOf,
  ),
  'fs.path.sourceraw': endField('The same path as the caller gave it.', sources, rawPathOf),
  'fs.path.target': endField(
    'New path of a rename, what a link leads to, directory of a mount, resolved.',
    targets,
    resolvedPathOf,
  ),
  'fs.path.targetraw': endField('The same path as the caller gave it.', targets, rawPathOf),
});
