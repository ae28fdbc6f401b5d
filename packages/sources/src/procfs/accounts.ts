/** Users and groups from the account files of a root directory. Lines of network directories (`+`, `-`) are passed over. */

import type { GroupRecord, UserRecord } from '@peregrine/state';

export function parseUsers(text: string, containerId: string): UserRecord[] {
  const users: UserRecord[] = [];
  for (const line of linesOf(text)) {
    const [name = '', , uid = '', gid = '', , home = '', shell = ''] = line.split(':');
    if (!isId(uid) || !isId(gid)) continue;
    users.push({ containerId, uid: Number(uid), gid: Number(gid), name, home, shell });
  }
  return users;
}

export function parseGroups(text: string, containerId: string): GroupRecord[] {
  const groups: GroupRecord[] = [];
  for (const line of linesOf(text)) {
    const [name = '', , gid = ''] = line.split(':');
    if (isId(gid)) groups.push({ containerId, gid: Number(gid), name });
  }
  return groups;
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('+') && !line.startsWith('-'));
}

function isId(text: string): boolean {
  return /^\d{1,10}$/.test(text);
}
