/** Flags of polls, futexes and semaphores. */

import { defineFlags } from './define-flags.ts';

export const pollFlags = defineFlags('poll_flags', [
  ['POLLIN', 0x1],
  ['POLLPRI', 0x2],
  ['POLLOUT', 0x4],
  ['POLLRDHUP', 0x8],
  ['POLLERR', 0x10],
  ['POLLHUP', 0x20],
  ['POLLNVAL', 0x40],
  ['POLLRDNORM', 0x80],
  ['POLLRDBAND', 0x100],
  ['POLLWRNORM', 0x200],
  ['POLLWRBAND', 0x400],
]);

export const epollCreate1Flags = defineFlags('epoll_create1_flags', [['EPOLL_CLOEXEC', 1]]);

export const futexOperations = defineFlags('futex_operations', [
  ['FUTEX_CLOCK_REALTIME', 256],
  ['FUTEX_PRIVATE_FLAG', 128],
  ['FUTEX_CMP_REQUEUE_PI', 12],
  ['FUTEX_WAIT_REQUEUE_PI', 11],
  ['FUTEX_WAKE_BITSET', 10],
  ['FUTEX_WAIT_BITSET', 9],
  ['FUTEX_TRYLOCK_PI', 8],
  ['FUTEX_UNLOCK_PI', 7],
  ['FUTEX_LOCK_PI', 6],
  ['FUTEX_WAKE_OP', 5],
  ['FUTEX_CMP_REQUEUE', 4],
  ['FUTEX_REQUEUE', 3],
  ['FUTEX_FD', 2],
  ['FUTEX_WAKE', 1],
  ['FUTEX_WAIT', 0],
]);

export const semopFlags = defineFlags('semop_flags', [
  ['IPC_NOWAIT', 1],
  ['SEM_UNDO', 2],
]);

export const semgetFlags = defineFlags('semget_flags', [
  ['IPC_EXCL', 0x4000],
  ['IPC_CREAT', 0x2000],
]);

export const semctlCommands = defineFlags('semctl_commands', [
  ['IPC_STAT', 0x1],
  ['IPC_SET', 0x2],
  ['IPC_RMID', 0x4],
  ['IPC_INFO', 0x8],
  ['SEM_INFO', 0x10],
  ['SEM_STAT', 0x20],
  ['GETALL', 0x40],
  ['GETNCNT', 0x80],
  ['GETPID', 0x100],
  ['GETVAL', 0x200],
  ['GETZCNT', 0x400],
  ['SETALL', 0x800],
  ['SETVAL', 0x1000],
]);
