/** Fields of the event's file descriptor: number, kind, name, device. Sockets are in `fd-sockets.ts`. */

import { EVENT_CODE_COUNT, eventFlag, eventRoster } from '@peregrine/events';
import { type EventContext, type Fd, fdFlag, NO_FD } from '@peregrine/state';
import { optionalIndex } from './argument.ts';
import { containerOf } from './containers.ts';
import {
  type Binding,
  boolField,
  defineFields,
  type FieldDeclaration,
  idField,
  integerField,
  textField,
  valueField,
} from './define-fields.ts';
import { exitCodesOf } from './event-params.ts';
import { isFile, isFileOrDirectory, letterOfKind, wordOfKind } from './fd-kinds.ts';
import {
  collapseSlashes,
  directoryOf,
  filenameOf,
  nameFromArguments,
  rawNameFromArguments,
} from './fd-names.ts';

/** 1 for the codes of events that make, use or close an fd. */
const fdEvents: Uint8Array = (() => {
  const table = new Uint8Array(EVENT_CODE_COUNT);
  const wanted = eventFlag.createsFd | eventFlag.usesFd | eventFlag.destroysFd;
  for (const type of eventRoster) if ((type.flags & wanted) !== 0) table[type.code] = 1;
  return table;
})();

const openatCodes = exitCodesOf('openat', 'openat2');

/** Whether `fd.*` may have values at all. */
export function isFdEvent(event: EventContext): boolean {
  return fdEvents[event.view.code] === 1 && event.thread !== undefined;
}

/** The event's entry, for fields that only an entry can tell. */
export function fdOf(event: EventContext): Fd | undefined {
  return fdEvents[event.view.code] === 1 && event.thread !== undefined ? event.fd : undefined;
}

function numberOf(event: EventContext): number {
  return event.fdNum === NO_FD ? -1 : event.fdNum;
}

/** COMPAT: events that use an fd of which nothing is known have an empty name, not none. */
export function nameOf(event: EventContext): string | undefined {
  if (!isFdEvent(event)) return undefined;
  return event.fd === undefined ? nameFromArguments(event) : event.fd.name;
}

function rawNameOf(event: EventContext): string | undefined {
  if (!isFdEvent(event)) return undefined;
  const raw = event.fd === undefined ? rawNameFromArguments(event) : event.fd.rawName;
  return raw.includes('//') ? collapseSlashes(raw) : raw;
}

/** COMPAT: a directory is its own directory. */
function directoryOfEvent(event: EventContext): string | undefined {
  const name = nameOf(event);
  if (name === undefined || (event.fd !== undefined && !isFileOrDirectory(event.fd))) return undefined;
  return event.fd === undefined || isFile(event.fd) ? directoryOf(name) : name;
}

function letterOf(event: EventContext): string {
  if (event.fd !== undefined) return letterOfKind(event.fd.kind);
  return openatCodes[event.view.code] === 1 ? 'f' : 'o';
}

/** Kinds of all open fds, each once, the newest first. */
function kindsOf(event: EventContext): readonly string[] | undefined {
  if (!isFdEvent(event) || event.thread === undefined) return undefined;
  const words = new Set<string>();
  for (const fd of [...event.thread.process.fds.values()].reverse()) words.add(wordOfKind(fd.kind));
  return words.size === 0 ? undefined : [...words];
}

function flagField(doc: string, bit: number): FieldDeclaration {
  return boolField({
    doc,
    read: (event) => {
      const fd = fdOf(event);
      return fd === undefined ? undefined : (fd.flags & bit) !== 0;
    },
  });
}

function withContainer(event: EventContext, text: string | undefined): string | undefined {
  if (event.thread === undefined || text === undefined) return undefined;
  return `${containerOf(event.thread)}:${text}`;
}

function deviceField(doc: string, read: (dev: number) => number): FieldDeclaration {
  return integerField({
    doc,
    type: 'INT32',
    read: (event) => {
      const fd = fdOf(event);
      return fd === undefined ? undefined : read(fd.dev);
    },
  });
}

export const fdFields = defineFields('fd', {
  'fd.num': idField({
    doc: 'Number of the file descriptor; negative when the call made none.',
    read: (event) => (isFdEvent(event) ? numberOf(event) : undefined),
  }),
  'fd.type': textField({
    doc: 'Kind of the file descriptor; absent when nothing is known of it.',
    examples: ['file', 'directory', 'ipv4', 'unix', 'pipe'],
    format: 'dec',
    cost: 5,
    read: (event) => {
      const fd = fdOf(event);
      return fd === undefined ? undefined : wordOfKind(fd.kind);
    },
  }),
  'fd.typechar': textField({
    doc: 'Kind of the file descriptor as one character, `o` when nothing is known of it.',
    examples: ['f', 'd', '4', 'u'],
    format: 'dec',
    cost: 5,
    read: (event) => (isFdEvent(event) ? letterOf(event) : undefined),
  }),
  'fd.name': textField({
    doc: 'Full path of a file, `client->server` of a connection; empty when nothing is known of it.',
    examples: ['/etc/shadow', '10.0.0.1:40000->10.0.0.2:443'],
    read: nameOf,
  }),
  'fd.directory': textField({
    doc: 'Directory of a file; of a directory, itself.',
    examples: ['/etc'],
    cost: 40,
    read: directoryOfEvent,
  }),
  'fd.filename': textField({
    doc: 'Last component of a file path; absent for everything but files.',
    examples: ['shadow'],
    cost: 40,
    read: (event) => {
      const fd = fdOf(event);
      return fd === undefined || !isFile(fd) ? undefined : filenameOf(fd.name);
    },
  }),
  'fd.uid': textField({
    doc: 'Thread id directly followed by the number of the file descriptor.',
    examples: ['304673'],
    cost: 60,
    read: (event) =>
      isFdEvent(event) && event.thread !== undefined ? `${event.thread.tid}${numberOf(event)}` : undefined,
  }),
  'fd.containername': textField({
    doc: 'Container id, a colon, and `fd.name`; nothing stands before the colon on the host.',
    examples: ['5892b41bcf46:/etc/shadow'],
    cost: 60,
    read: (event) => withContainer(event, nameOf(event)),
  }),
  'fd.containerdirectory': textField({
    doc: 'Container id, a colon, and `fd.directory`.',
    examples: ['5892b41bcf46:/etc'],
    cost: 60,
    read: (event) => withContainer(event, directoryOfEvent(event)),
  }),
  'fd.connected': flagField('Whether the socket is connected.', fdFlag.connected),
  'fd.name_changed': boolField({
    doc: 'Whether this event gave the file descriptor its name or changed it.',
    read: (event) => (fdOf(event) === undefined ? undefined : event.isFdNameChanged),
  }),
  'fd.dev': integerField({
    doc: 'Device number of the filesystem, major and minor together.',
    type: 'INT32',
    format: 'hex',
    read: (event) => fdOf(event)?.dev,
  }),
  'fd.dev.major': deviceField('Major device number of the filesystem.', (dev) => (dev >>> 8) & 0xfff),
  'fd.dev.minor': deviceField(
    'Minor device number of the filesystem.',
    (dev) => (dev & 0xff) | ((dev >>> 12) & 0xfff00),
  ),
  'fd.ino': integerField({
    doc: 'Inode number.',
    type: 'INT64',
    read: (event) => fdOf(event)?.ino,
  }),
  'fd.nameraw': textField({
    doc: 'Path as the caller gave it, neither joined with a directory nor resolved.',
    examples: ['../etc/shadow'],
    read: rawNameOf,
  }),
  'fd.types': valueField({
    doc: 'Kinds of all file descriptors of the process; with an index, the kind of that one.',
    type: 'CHARBUF',
    format: 'dec',
    isList: true,
    examples: ['file', 'pipe'],
    cost: 500,
    allowsRightHandSide: false,
    argument: optionalIndex,
    bind: (index): Binding => ({
      read:
        index === undefined
          ? kindsOf
          : (event) => {
              if (!isFdEvent(event) || event.thread === undefined) return undefined;
              const fd = event.tables.fd(event.thread, index);
              return fd === undefined ? undefined : [wordOfKind(fd.kind)];
            },
    }),
  }),
  'fd.is_upper_layer': flagField(
    'Whether the file lies in the upper layer of an overlay filesystem.',
    fdFlag.upperLayer,
  ),
  'fd.is_lower_layer': flagField(
    'Whether the file lies in a lower layer of an overlay filesystem.',
    fdFlag.lowerLayer,
  ),
});
