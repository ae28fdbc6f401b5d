/** What the file behind a process says: where it is, whether its user may write it. */

import { statSync } from 'node:fs';
import { linkTarget } from './proc-files.ts';

export interface Executable {
  /** `''` when it cannot be told. */
  readonly path: string;
  readonly ino: number | bigint;
  readonly ctimeNs: bigint;
  readonly mtimeNs: bigint;
  readonly isWritable: boolean;
  readonly isMemfd: boolean;
}

const DELETED = ' (deleted)';
const MEMFD_PREFIX = '/memfd:';
const GROUP_WRITE = 0o020;
const OTHERS_WRITE = 0o002;

interface Credentials {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/** `taskPath`: the process's directory in /proc. */
export function readExecutable(taskPath: string, user: Credentials): Executable {
  const link = `${taskPath}/exe`;
  const target = linkTarget(link) ?? '';
  const path = target.endsWith(DELETED) ? target.slice(0, -DELETED.length) : target;
  const isMemfd = target.startsWith(MEMFD_PREFIX);
  try {
    const stat = statSync(link, { bigint: true });
    const ino = stat.ino <= Number.MAX_SAFE_INTEGER ? Number(stat.ino) : stat.ino;
    const mode = Number(stat.mode);
    const isWritable = mayWrite(mode, Number(stat.uid), Number(stat.gid), user);
    return { path, ino, ctimeNs: stat.ctimeNs, mtimeNs: stat.mtimeNs, isWritable, isMemfd };
  } catch {
    return { path, ino: 0, ctimeNs: 0n, mtimeNs: 0n, isWritable: false, isMemfd };
  }
}

/** An owner may give itself the right, root needs none. */
function mayWrite(mode: number, owner: number, group: number, user: Credentials): boolean {
  if (user.uid === 0 || user.uid === owner) return true;
  if (user.gid === group || user.groups.includes(group)) return (mode & GROUP_WRITE) !== 0;
  return (mode & OTHERS_WRITE) !== 0;
}
