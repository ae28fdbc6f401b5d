/** Fields of the list of file descriptors that a poll call names. Texts of all of them, joined by commas. */

import { renderIp } from '@peregrine/base';
import type { EventContext, Fd } from '@peregrine/state';
import { defineFields, type FieldDeclaration, textField } from './define-fields.ts';
import { exitCodesOf, paramIndexes } from './event-params.ts';
import { isIp } from './fd-kinds.ts';
import { destinationOf, isConnectionKind, sourceOf } from './socket-ends.ts';

const polls = exitCodesOf('poll', 'ppoll');
const fdsIndexes = paramIndexes('fds');

/** Wire: a 16-bit count, then for each fd its 64-bit number and 16 bits of flags. */
const COUNT_BYTES = 2;
const ENTRY_BYTES = 10;
const WORD = 4_294_967_296;

/** What one fd adds; `undefined` adds nothing, not even a comma. */
type ReadEntry = (fd: Fd | undefined, num: number) => string | undefined;

function joined(event: EventContext, read: ReadEntry): string | undefined {
  const { view, thread } = event;
  const index = fdsIndexes[view.code] ?? -1;
  if (thread === undefined || polls[view.code] !== 1 || index < 0) return undefined;
  const size = view.size(index);
  if (size < COUNT_BYTES) return undefined;
  const start = view.offset(index);
  const count = Math.min(view.data.getUint16(start, true), Math.floor((size - COUNT_BYTES) / ENTRY_BYTES));
  const texts: string[] = [];
  for (let i = 0; i < count; i++) {
    const at = start + COUNT_BYTES + i * ENTRY_BYTES;
    const num = view.data.getInt32(at + 4, true) * WORD + view.data.getUint32(at, true);
    const text = read(event.tables.fd(thread, num), num);
    if (text !== undefined) texts.push(text);
  }
  return texts.length === 0 ? undefined : texts.join(',');
}

function listField(doc: string, format: 'none' | 'dec' | 'id', read: ReadEntry): FieldDeclaration {
  return textField({ doc, format, cost: 300, read: (event) => joined(event, read) });
}

function socketEntry(read: (fd: Fd) => string): ReadEntry {
  return (fd) => (fd === undefined || !isIp(fd) ? undefined : read(fd));
}

export const fdListFields = defineFields('fdlist', {
  'fdlist.nums': listField('Numbers of the file descriptors.', 'id', (_fd, num) => String(num)),
  'fdlist.names': listField('Names of the file descriptors, as `fd.name` shows them.', 'none', (fd) =>
    fd === undefined ? undefined : fd.name,
  ),
  'fdlist.cips': listField('Addresses of the clients of the sockets.', 'none', (fd) =>
    fd !== undefined && isConnectionKind(fd) ? renderIp(sourceOf(fd)) : undefined,
  ),
  'fdlist.sips': listField(
    'Addresses of the servers of the sockets.',
    'none',
    socketEntry((fd) => renderIp(destinationOf(fd))),
  ),
  'fdlist.cports': listField('Ports of the clients of the sockets.', 'dec', (fd) =>
    fd !== undefined && isConnectionKind(fd) ? String(fd.sourcePort) : undefined,
  ),
  'fdlist.sports': listField(
    'Ports of the servers of the sockets.',
    'dec',
    socketEntry((fd) => String(fd.destinationPort)),
  ),
});
