/** What each role may do. */

import type { Role } from '@peregrine/api/contract';

export const roleTexts: readonly { readonly role: Role; readonly text: string }[] = [
  { role: 'viewer', text: 'looks at everything but users and what outputs refused' },
  { role: 'responder', text: 'also triages, writes notes, sends again, and tries rules' },
  { role: 'admin', text: 'also changes rules and users, and tests outputs' },
];
