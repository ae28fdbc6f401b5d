/** System calls that the probe has events for. Its table of what to emit is filled from these. */

import { Fault } from '@peregrine/base';
import { syscallByName, syscallRoster } from '@peregrine/events';
import { compatGenericNumbers } from './compat-generic-numbers.ts';
import { compatNumbers } from './compat-numbers.ts';
import { interestFlag, SYSCALL_TABLE_SIZE } from './probe-layout.ts';
import { FIRST_COMMON_NUMBER, machineNumber } from './syscall-numbers.ts';

/** Whether this machine has the call. */
const isHere = (name: string): boolean => machineNumber(name) !== undefined;

/** Calls whose open flags can be filtered on. */
const openCalls: readonly string[] = ['open', 'openat', 'openat2', 'open_by_handle_at'];

/** Calls that the tables follow and that most rules are about. */
export const usualSyscalls: readonly string[] = [
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
  ...['sendto', 'sendmsg', 'sendmmsg', 'recvfrom', 'recvmsg', 'recvmmsg', 'getsockopt', 'getcwd'],
  ...['setuid', 'setgid', 'setreuid', 'setregid', 'setresuid', 'setresgid', 'setsid', 'setpgid', 'capset'],
  ...['kill', 'tkill', 'tgkill', 'setrlimit', 'prlimit64', 'setns', 'unshare', 'ptrace', 'prctl', 'bpf'],
  ...['init_module', 'finit_module', 'delete_module', 'memfd_create', 'userfaultfd', 'io_uring_setup'],
  ...['pidfd_open', 'pidfd_getfd', 'eventfd', 'eventfd2', 'signalfd', 'signalfd4', 'timerfd_create'],
  ...['inotify_init', 'inotify_init1', 'epoll_create', 'epoll_create1'],
  ...['execve', 'execveat', 'clone', 'clone3', 'fork', 'vfork'],
].filter(isHere);

/** Calls for which the probe can end a process by itself (`kills.h`): those of which it has a program at hand. */
export const judgedSyscalls: ReadonlySet<string> = new Set(usualSyscalls);

/** Calls that few rules ask for, and that come often or say little: the probe has a program of their own for them. */
export const rareSyscalls: readonly string[] = [
  ...['read', 'write', 'pread64', 'pwrite64', 'readv', 'preadv', 'writev', 'pwritev'],
  ...['sendfile', 'splice', 'copy_file_range', 'process_vm_readv', 'process_vm_writev', 'stat'],
  ...['lstat', 'newfstatat', 'fstat', 'getdents', 'getdents64', 'access', 'lseek', 'flock'],
  ...['ioctl', 'getrlimit', 'getuid', 'getgid', 'geteuid', 'getegid', 'getresuid'],
  ...['getresgid', 'getsockname', 'getpeername', 'setsockopt', 'poll', 'ppoll', 'select'],
  ...['epoll_wait', 'nanosleep', 'brk', 'mmap', 'munmap', 'mprotect', 'mlock', 'munlock'],
  ...[
    'mlock2',
    'mlockall',
    'munlockall',
    'futex',
    'seccomp',
    'io_uring_enter',
    'io_uring_register',
    'fsconfig',
  ],
  ...['semget', 'semctl', 'semop', 'keyctl', 'quotactl'],
].filter(isHere);

/**
 * Moments that are no calls, by the name of their tracepoint. The probe has a program for each, and the kernel of another
 * architecture may not have them all.
 */
export const momentNames: readonly string[] = [
  'sched_switch',
  'signal_deliver',
  'page_fault_user',
  'page_fault_kernel',
];

/** Calls whose end cannot be seen: they never return, or to another place. */
const endlessCalls: ReadonlySet<string> = new Set(['exit', 'exit_group', 'rt_sigreturn']);

/** Calls without an event type of their own: an event says which one it was. */
export const genericSyscalls: readonly string[] = syscallRoster
  .filter(({ isGeneric, name }) => isGeneric && !endlessCalls.has(name))
  .map(({ name }) => name)
  .filter((name) => (machineNumber(name) ?? SYSCALL_TABLE_SIZE) < SYSCALL_TABLE_SIZE);

/** Calls that a request to an I/O ring may stand for: it gives the event of the call. */
export const ringSyscalls: readonly string[] = [
  ...[
    'openat',
    'openat2',
    'close',
    'unlinkat',
    'mkdirat',
    'renameat2',
    'linkat',
    'symlinkat',
    'dup',
    'pipe2',
    'splice',
  ],
  ...[
    'socket',
    'connect',
    'accept4',
    'bind',
    'listen',
    'shutdown',
    'sendto',
    'sendmsg',
    'recvfrom',
    'recvmsg',
  ],
  ...['read', 'pread64', 'readv', 'preadv', 'write', 'pwrite64', 'writev', 'pwritev', 'epoll_wait'],
  ...[
    'fsync',
    'fdatasync',
    'sync_file_range',
    'fallocate',
    'ftruncate',
    'statx',
    'fadvise64',
    'madvise',
    'tee',
  ],
  ...['setxattr', 'fsetxattr', 'getxattr', 'fgetxattr', 'epoll_ctl', 'waitid'],
  ...['futex_wait', 'futex_wake', 'futex_waitv'],
];

export const coveredSyscalls: readonly string[] = [...usualSyscalls, ...rareSyscalls, ...genericSyscalls];

/** All that the probe reports when it is asked to, besides exec, fork and exit, which it always reports. */
export const reportable: readonly string[] = [...coveredSyscalls, ...momentNames];

const kinds: ReadonlyMap<string, number> = new Map([
  ...usualSyscalls.map((name) => [name, interestFlag.emit] as const),
  ...rareSyscalls.map((name) => [name, interestFlag.rare] as const),
  ...genericSyscalls.map((name) => [name, interestFlag.generic] as const),
]);

/** What the wire calls each call, by the machine's number for it. */
export function genericIds(): Uint16Array {
  const ids = new Uint16Array(SYSCALL_TABLE_SIZE);
  for (const name of genericSyscalls) {
    const number = machineNumber(name);
    if (number !== undefined) ids[number] = syscallByName(name)?.id ?? 0;
  }
  return ids;
}

/** Calls that filters from rules may leave out. */
const filterableCalls: ReadonlySet<string> = new Set([
  ...['open', 'openat', 'openat2', 'close', 'dup', 'dup2', 'dup3', 'fcntl', 'accept', 'accept4'],
  ...['sendto', 'sendmsg', 'sendmmsg', 'recvfrom', 'recvmsg', 'recvmmsg', 'getsockopt'],
]);
/** Calls that make descriptors of which user space then knows. */
const makingCalls: ReadonlySet<string> = new Set([
  ...[...openCalls, 'creat', 'dup', 'dup2', 'dup3', 'fcntl', 'pipe', 'pipe2'],
  ...['socket', 'socketpair', 'accept', 'accept4', 'bpf', 'memfd_create', 'userfaultfd', 'io_uring_setup'],
  ...['pidfd_open', 'pidfd_getfd', 'eventfd', 'eventfd2', 'signalfd', 'signalfd4', 'timerfd_create'],
  ...['inotify_init', 'inotify_init1', 'epoll_create', 'epoll_create1'],
]);

/** No call of the machine's own table. */
const NO_CALL = 0xffff;

/** A call's numbers in the table of 32-bit calls; none where that table is not known. */
export function compatNumbersOf(name: string): readonly number[] {
  if (process.arch !== 'x64') return [];
  const number = machineNumber(name) ?? 0;
  if (number >= FIRST_COMMON_NUMBER) return [number];
  return compatNumbers[name] ?? compatGenericNumbers[name] ?? [];
}

/** By number in the table of 32-bit calls: the number in the machine's own. */
export function compatCalls(): Uint16Array {
  const calls = new Uint16Array(SYSCALL_TABLE_SIZE).fill(NO_CALL);
  for (const name of coveredSyscalls)
    for (const number of compatNumbersOf(name)) calls[number] = machineNumber(name) ?? NO_CALL;
  return calls;
}

/**
 * The probe's table for a choice of calls. `openFlags` given: an open counts only when it has one of those flags.
 * Throws a Fault for a call that the probe does not cover.
 */
export function interestTable(names: Iterable<string>, hasOpenFilter: boolean): Uint8Array {
  const table = new Uint8Array(SYSCALL_TABLE_SIZE);
  const mark = (number: number, flags: number): void => {
    table[number] = (table[number] ?? 0) | flags;
  };
  for (const name of names) {
    // Their programs are attached or not: no table says so.
    if (momentNames.includes(name)) continue;
    const kind = kinds.get(name);
    const number = kind === undefined ? undefined : machineNumber(name);
    if (kind === undefined || number === undefined)
      throw new Fault('probe-syscall', `the eBPF probe has no event for the system call \`${name}\``);
    const isFiltered = hasOpenFilter && openCalls.includes(name);
    mark(number, kind | (isFiltered ? interestFlag.openFlags : 0));
    if (filterableCalls.has(name)) mark(number, interestFlag.filter);
    if (makingCalls.has(name)) mark(number, interestFlag.makesFds);
    for (const compatNumber of compatNumbersOf(name)) mark(compatNumber, interestFlag.compat);
  }
  return table;
}
