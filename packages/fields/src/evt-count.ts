/** Fields that count: 1 for an event of the kind, 0 or nothing for others, to be summed up. */

import { eventRoster } from '@peregrine/events';
import { type EventContext, fdKind } from '@peregrine/state';
import { defineFields, type FieldDeclaration, valueField } from './define-fields.ts';
import { approximateReturnValue, codeNamed, exitCodesOf } from './event-params.ts';
import { fdOf } from './fd.ts';
import { isFileOrDirectory, isIp } from './fd-kinds.ts';

const fileCalls = exitCodesOf('open', 'openat', 'openat2', 'creat');
const netCalls = exitCodesOf('accept', 'accept4', 'connect', 'bind');
const isMemoryCode: readonly boolean[] = eventRoster.map((type) => type.category === 'memory');
const PROCESS_SAMPLE = codeNamed('PPME_PROCINFO_E');

type ErrorClass = 'file' | 'net' | 'other';

/** By the fd where it is known, else by the call. */
function classOf(event: EventContext): ErrorClass {
  const fd = fdOf(event);
  if (fd !== undefined) {
    if (isFileOrDirectory(fd)) return 'file';
    if (isIp(fd) || fd.kind === fdKind.unix) return 'net';
  } else {
    if (fileCalls[event.view.code] === 1) return 'file';
    if (netCalls[event.view.code] === 1) return 'net';
  }
  return 'other';
}

function errorOf(event: EventContext): number | undefined {
  const value = approximateReturnValue(event);
  return Number.isNaN(value) ? undefined : value < 0 ? 1 : 0;
}

function countField(
  doc: string,
  read: (event: EventContext) => number | undefined,
  isHidden = false,
): FieldDeclaration {
  return valueField({ doc, type: 'UINT32', format: 'dec', cost: 5, isHidden, read });
}

function errorField(doc: string, wanted: ErrorClass): FieldDeclaration {
  return countField(doc, (event) => (classOf(event) === wanted ? errorOf(event) : undefined));
}

export const evtCountFields = defineFields('evt', {
  'evt.count': countField('Always 1, whatever the event.', () => 1),
  'evt.count.error': countField('1 for a call that returned an error, 0 for one that did not.', errorOf),
  'evt.count.error.file': errorField('As `evt.count.error`, for calls on files and directories.', 'file'),
  'evt.count.error.net': errorField('As `evt.count.error`, for calls on sockets.', 'net'),
  'evt.count.error.memory': countField('As `evt.count.error`, for calls on memory.', (event) =>
    isMemoryCode[event.view.code] ? errorOf(event) : undefined,
  ),
  'evt.count.error.other': errorField('As `evt.count.error`, for all other calls.', 'other'),
  'evt.count.exit': countField('1 for the end of a call; absent for events that are no calls.', (event) =>
    event.type.direction === 'exit' ? 1 : undefined,
  ),
  'evt.count.procinfo': countField(
    '1 for a periodic sample of a process, else 0.',
    (event) => (event.view.code === PROCESS_SAMPLE ? 1 : 0),
    true,
  ),
  'evt.count.threadinfo': countField(
    '1 for a periodic sample of a main thread, else 0.',
    (event) => (event.view.code === PROCESS_SAMPLE && event.thread?.tid === event.thread?.pid ? 1 : 0),
    true,
  ),
});
