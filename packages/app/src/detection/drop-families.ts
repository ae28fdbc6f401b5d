/** Kinds of system calls by which the reference tells losses apart. */

import { eventRoster } from '@peregrine/events';

const families: Readonly<Record<string, readonly string[]>> = {
  clone_fork: ['clone', 'clone3', 'fork', 'vfork'],
  execve: ['execve', 'execveat'],
  connect: ['connect'],
  open: ['open', 'openat', 'openat2', 'creat', 'open_by_handle_at'],
  dir_file: [
    ...[
      'mkdir',
      'mkdirat',
      'rmdir',
      'unlink',
      'unlinkat',
      'rename',
      'renameat',
      'renameat2',
      'link',
      'linkat',
    ],
    ...['symlink', 'symlinkat', 'chmod', 'fchmod', 'fchmodat', 'chown', 'fchown', 'lchown', 'fchownat'],
    ...['chdir', 'fchdir', 'chroot', 'mknod', 'mknodat'],
  ],
  close: ['close', 'close_range'],
  proc: ['procexit'],
};
const OTHER = 'other_interest';

export const dropFamilies: readonly string[] = [...Object.keys(families), OTHER];
/** COMPAT: those of enter events, which are not made any more and counted as 0. */
export const enterDropFamilies: readonly string[] = dropFamilies.filter(
  (family) => family !== 'close' && family !== 'proc',
);

export function dropFamilyOf(code: number): string {
  const name = eventRoster[code]?.name ?? '';
  return Object.entries(families).find(([, names]) => names.includes(name))?.[0] ?? OTHER;
}
