/** Who is signed in, as every page knows it. */

import type { Role, Session } from '@peregrine/api/contract';
import { signal } from '@preact/signals';

export const session = signal<Session | undefined>(undefined);

const ranks: Readonly<Record<Role, number>> = { viewer: 0, responder: 1, admin: 2 };

export function mayAct(role: Role): boolean {
  const user = session.value?.user;
  return user !== undefined && user !== null && ranks[user.role] >= ranks[role];
}
