/** Fields of the user that the event's thread acts as, and of the one that logged in. */

import { type EventContext, INVALID_UID } from '@peregrine/state';
import { containerOf } from './containers.ts';
import { defineFields, type FieldDeclaration, idField, textField } from './define-fields.ts';

/** COMPAT: a user that nobody knows has the text `<NA>`, which rules can compare; it is not absent. */
const NOT_KNOWN = '<NA>';

type Detail = 'name' | 'home' | 'shell';

/** Root is known without a user database. */
const rootDetails: Readonly<Record<Detail, string>> = { name: 'root', home: '/root', shell: NOT_KNOWN };

function userDetail(event: EventContext, uid: number, detail: Detail): string | undefined {
  const { thread } = event;
  if (thread === undefined) return undefined;
  if (uid !== INVALID_UID) {
    const user = event.tables.user(containerOf(thread), uid);
    if (user !== undefined) return user[detail];
  }
  return uid === 0 ? rootDetails[detail] : NOT_KNOWN;
}

function userText(doc: string, examples: readonly string[], detail: Detail): FieldDeclaration {
  return textField({
    doc,
    examples,
    scope: 'thread',
    read: (event) => (event.thread === undefined ? undefined : userDetail(event, event.thread.uid, detail)),
  });
}

export const userFields = defineFields('user', {
  'user.uid': idField({
    doc: 'User id that the thread acts as.',
    type: 'UINT32',
    scope: 'thread',
    read: (event) => event.thread?.uid,
  }),
  'user.name': userText(
    'Name of the user; the text `<NA>` when it is not known.',
    ['root', 'www-data'],
    'name',
  ),
  'user.homedir': userText("The user's home directory.", ['/root'], 'home'),
  'user.shell': userText("The user's login shell.", ['/bin/bash'], 'shell'),
  'user.loginuid': idField({
    doc: 'Id of the user that logged in, whoever the thread acts as now; -1 when nobody did.',
    scope: 'thread',
    read: ({ thread }) =>
      thread === undefined ? undefined : thread.loginuid === INVALID_UID ? -1 : thread.loginuid,
  }),
  'user.loginname': textField({
    doc: 'Name of the user that logged in.',
    examples: ['alice'],
    scope: 'thread',
    read: (event) =>
      event.thread === undefined ? undefined : userDetail(event, event.thread.loginuid, 'name'),
  }),
});
