/** Fields of input and output: direction, sizes, data. */

import { EVENT_CODE_COUNT, eventFlag, eventRoster } from '@peregrine/events';
import { boolField, defineFields, type FieldDeclaration, integerField, textField } from './define-fields.ts';
import { returnValue } from './event-params.ts';
import { typeFlagField } from './evt.ts';
import { fdOf } from './fd.ts';
import { isFile, isIp } from './fd-kinds.ts';

const READS = eventFlag.readsFromFd;
const WRITES = eventFlag.writesToFd;
const SYSLOG_PATH = '/dev/log';

function codesOfCategories(...categories: readonly string[]): Uint8Array {
  const codes = new Uint8Array(EVENT_CODE_COUNT);
  for (const type of eventRoster) if (categories.includes(type.category)) codes[type.code] = 1;
  return codes;
}

const readCodes = codesOfCategories('io-read');
const writeCodes = codesOfCategories('io-write');
const ioCodes = codesOfCategories('io-read', 'io-write', 'io-other');

type FdTest = 'any' | 'file' | 'net';

/** What a successful call on a known fd returned, for the codes and the kind of fd wanted. */
function lengthField(doc: string, codes: Uint8Array, wanted: FdTest, isHidden = true): FieldDeclaration {
  return integerField({
    doc,
    isHidden,
    cost: 5,
    read: (event) => {
      const fd = fdOf(event);
      if (fd === undefined || codes[event.view.code] !== 1) return undefined;
      if (wanted === 'file' && !isFile(fd)) return undefined;
      if (wanted === 'net' && !isIp(fd)) return undefined;
      const length = returnValue(event);
      return length === undefined || length < 0 ? undefined : length;
    },
  });
}

export const evtIoFields = defineFields('evt', {
  'evt.buflen': lengthField('Bytes that a successful call read or wrote.', ioCodes, 'any', false),
  'evt.is_io': typeFlagField('Whether the call reads from or writes to a file descriptor.', READS | WRITES),
  'evt.is_io_read': typeFlagField('Whether the call reads from a file descriptor.', READS),
  'evt.is_io_write': typeFlagField('Whether the call writes to a file descriptor.', WRITES),
  'evt.io_dir': textField({
    doc: 'Direction of input or output; absent for other events.',
    examples: ['read', 'write'],
    cost: 2,
    read: ({ type }) => {
      if ((type.flags & READS) !== 0) return 'read';
      return (type.flags & WRITES) !== 0 ? 'write' : undefined;
    },
  }),
  'evt.is_syslog': boolField({
    doc: 'Whether the call writes to the system log.',
    cost: 20,
    read: (event) => (event.type.flags & WRITES) !== 0 && (fdOf(event)?.name.includes(SYSLOG_PATH) ?? false),
  }),
});

export const evtLengthFields = defineFields('evt', {
  'evt.buflen.in': lengthField('Bytes that a call read.', readCodes, 'any'),
  'evt.buflen.out': lengthField('Bytes that a call wrote.', writeCodes, 'any'),
  'evt.buflen.file': lengthField('Bytes that a call read from or wrote to a file.', ioCodes, 'file'),
  'evt.buflen.file.in': lengthField('Bytes that a call read from a file.', readCodes, 'file'),
  'evt.buflen.file.out': lengthField('Bytes that a call wrote to a file.', writeCodes, 'file'),
  'evt.buflen.net': lengthField('Bytes that a call received or sent over the network.', ioCodes, 'net'),
  'evt.buflen.net.in': lengthField('Bytes that a call received over the network.', readCodes, 'net'),
  'evt.buflen.net.out': lengthField('Bytes that a call sent over the network.', writeCodes, 'net'),
});
