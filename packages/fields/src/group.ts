/** Fields of the group that the event's thread acts as. */

import { type EventContext, INVALID_UID } from '@peregrine/state';
import { containerOf } from './containers.ts';
import { defineFields, idField, textField } from './define-fields.ts';

/** As with users: the text `<NA>` when it is not known. */
function groupName(event: EventContext, gid: number): string | undefined {
  const { thread } = event;
  if (thread === undefined) return undefined;
  if (gid !== INVALID_UID) {
    const group = event.tables.group(containerOf(thread), gid);
    if (group !== undefined) return group.name;
  }
  return gid === 0 ? 'root' : '<NA>';
}

export const groupFields = defineFields('group', {
  'group.gid': idField({
    doc: 'Group id that the thread acts as.',
    type: 'UINT32',
    scope: 'thread',
    read: (event) => event.thread?.gid,
  }),
  'group.name': textField({
    doc: 'Name of the group; the text `<NA>` when it is not known.',
    examples: ['root', 'shadow'],
    scope: 'thread',
    read: (event) => (event.thread === undefined ? undefined : groupName(event, event.thread.gid)),
  }),
});
