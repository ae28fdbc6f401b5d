/** System calls that the probe has events for. Its table of what to emit is filled from these. */

import { Fault } from '@peregrine/base';
import { syscallByName } from '@peregrine/events';
import { compatNumbers } from './compat-numbers.ts';
import { interestFlag, SYSCALL_TABLE_SIZE } from './probe-layout.ts';

/** Calls whose open flags can be filtered on. */
const openCalls: readonly string[] = ['open', 'openat', 'openat2', 'open_by_handle_at'];

export const coveredSyscalls: readonly string[] = [
  ...openCalls,
  ...['creat', 'close', 'close_range', 'dup', 'dup2', 'dup3', 'fcntl', 'pipe', 'pipe2'],
  ...['chdir', 'fchdir', 'chroot', 'mkdir', 'mkdirat', 'rmdir', 'unlink', 'unlinkat'],
  ...['rename', 'renameat', 'renameat2', 'link', 'linkat', 'symlink', 'symlinkat'],
  ...['chmod', 'fchmod', 'fchmodat', 'chown', 'lchown', 'fchown', 'fchownat', 'mknod', 'mknodat'],
  ...[
    'mount',
    'umount2',
    'socket',
    'socketpair',
    'bind',
    'connect',
    'listen',
    'accept',
    'accept4',
    'shutdown',
  ],
  ...['sendto', 'sendmsg', 'recvfrom', 'recvmsg'],
  ...['setuid', 'setgid', 'setreuid', 'setregid', 'setresuid', 'setresgid', 'setsid', 'setpgid', 'capset'],
  ...['kill', 'tkill', 'tgkill', 'setrlimit', 'prlimit64', 'setns', 'unshare', 'ptrace', 'prctl', 'bpf'],
  ...['init_module', 'finit_module', 'delete_module', 'memfd_create', 'userfaultfd', 'io_uring_setup'],
  ...['pidfd_open', 'pidfd_getfd', 'eventfd', 'eventfd2', 'signalfd', 'signalfd4', 'timerfd_create'],
  ...['inotify_init', 'inotify_init1', 'epoll_create', 'epoll_create1'],
  ...['execve', 'execveat', 'clone', 'clone3', 'fork', 'vfork'],
];

/**
 * The probe's table for a choice of calls. `openFlags` given: an open counts only when it has one of those flags.
 * Throws a Fault for a call that the probe does not cover.
 */
export function interestTable(names: Iterable<string>, hasOpenFilter: boolean): Uint8Array {
  const table = new Uint8Array(SYSCALL_TABLE_SIZE);
  const covered = new Set(coveredSyscalls);
  const mark = (number: number, flags: number): void => {
    table[number] = (table[number] ?? 0) | flags;
  };
  for (const name of names) {
    const number = covered.has(name) ? syscallByName(name)?.x86Number : undefined;
    if (number === undefined)
      throw new Fault('probe-syscall', `the eBPF probe has no event for the system call \`${name}\``);
    const isFiltered = hasOpenFilter && openCalls.includes(name);
    mark(number, interestFlag.emit | (isFiltered ? interestFlag.openFlags : 0));
    for (const compatNumber of compatNumbers[name] ?? []) mark(compatNumber, interestFlag.compat);
  }
  return table;
}
