/** Fields of how a call opens a file. They have a value for every event, and hold for failed calls as well. */

import type { EventContext } from '@peregrine/state';
import { absent, boolField, defineFields, type FieldDeclaration, textField } from './define-fields.ts';
import { approximateReturnValue, exitCodesOf, paramIndexes } from './event-params.ts';

const READ_ONLY = 1;
const WRITE_ONLY = 2;
const CREATE = 1 << 2;
const TEMPORARY = 1 << 13;
/** The kernel made the file. */
const WAS_CREATED = 1 << 14;
const ANY_EXECUTE = 0o111;

const opens = exitCodesOf('open', 'openat', 'openat2', 'open_by_handle_at');
const creates = exitCodesOf('creat');
const flagsIndexes = paramIndexes('flags');
const modeIndexes = paramIndexes('mode');

function flagsOf(event: EventContext): number {
  const { view } = event;
  if (opens[view.code] !== 1) return 0;
  const index = flagsIndexes[view.code] ?? -1;
  return index < 0 ? 0 : view.u32(index);
}

function hasExecuteMode(event: EventContext): boolean {
  const { view } = event;
  const index = modeIndexes[view.code] ?? -1;
  return index >= 0 && (view.u32(index) & ANY_EXECUTE) !== 0;
}

function openField(doc: string, read: (event: EventContext) => boolean): FieldDeclaration {
  return boolField({ doc, cost: 3, read });
}

/** From an agent that no longer exists; its events never reach rules. */
function retired(subject: string): FieldDeclaration {
  return textField({
    doc: `${subject}, in events of a retired agent; never has a value.`,
    isHidden: true,
    scope: 'constant',
    read: absent,
  });
}

export const evtOpenFields = defineFields('evt', {
  'evt.is_open_read': openField(
    'Whether the call opens, or tries to open, a file for reading.',
    (event) => (flagsOf(event) & READ_ONLY) !== 0,
  ),
  'evt.is_open_write': openField(
    'Whether the call opens, or tries to open, a file for writing.',
    (event) => (flagsOf(event) & WRITE_ONLY) !== 0,
  ),
  'evt.infra.docker.name': retired('Name of a container event'),
  'evt.infra.docker.container.id': retired('Id of a container'),
  'evt.infra.docker.container.name': retired('Name of a container'),
  'evt.infra.docker.container.image': retired('Image of a container'),
  'evt.is_open_exec': openField('Whether the call makes a file that may be executed.', (event) => {
    if (creates[event.view.code] === 1) return hasExecuteMode(event);
    return (flagsOf(event) & (CREATE | TEMPORARY)) !== 0 && hasExecuteMode(event);
  }),
  'evt.is_open_create': openField('Whether the call made a file.', (event) => {
    const flags = flagsOf(event);
    if ((flags & WAS_CREATED) !== 0) return true;
    return (flags & TEMPORARY) !== 0 && approximateReturnValue(event) >= 0;
  }),
});
