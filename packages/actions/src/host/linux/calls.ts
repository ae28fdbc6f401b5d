/**
 * Calls of the kernel that Node has no function for: processes by descriptors, files by folders that stay the same
 * whatever is put in their place.
 */

import koffi from 'koffi';

/** The same on every architecture. */
const callNumber = { pidfdSendSignal: 424, pidfdOpen: 434, openat2: 437 };
const AT_CWD = -100;
const CLOCK_BOOTTIME = 7;
const RENAME_NOREPLACE = 1;

/** Reading does not wait for another end, should it be a pipe. */
const openFlag = { readOnly: 0o4000, path: 0o10000000, closeOnExec: 0o2000000 };
const resolveFlag = { noMagicLinks: 0x02, noSymlinks: 0x04, inRoot: 0x10 };
const OPEN_HOW_BYTES = 24;

/** A call that the kernel refused. */
export interface CallFailure {
  /** `ESRCH`; a number where it has no name. */
  readonly code: string;
  /** In words. */
  readonly reason: string;
}

export type CallResult<T> = { readonly value: T } | { readonly failure: CallFailure };

export interface PathOptions {
  /** Folder that the path begins at, a descriptor; `undefined`: where relative paths begin. */
  readonly folder: number | undefined;
  readonly path: string;
  /** For reading. `false`: to name it only. */
  readonly isRead: boolean;
  /** The folder is the root for it. */
  readonly isInRoot: boolean;
}

export interface LinuxCalls {
  /** A descriptor that means this process, and never another. Whoever asked for it closes it. */
  pidfdOpen(pid: number): CallResult<number>;
  pidfdSignal(pidfd: number, signal: number): CallResult<undefined>;
  /** No symbolic link on the way is followed. The descriptor is the caller's to close. */
  openPath(options: PathOptions): CallResult<number>;
  /** Fails where something is there already. Names, not paths, within folders that are descriptors. */
  renameNew(
    from: { folder: number; name: string },
    to: { folder: number; name: string },
  ): CallResult<undefined>;
  /** A name within a folder that is a descriptor. */
  unlinkAt(folder: number, name: string): CallResult<undefined>;
  /** Since the machine started, sleep included, milliseconds. */
  sinceBootMs(): number;
}

export function openLinuxCalls(): LinuxCalls {
  const libc = koffi.load('libc.so.6');
  const pidfdOpen = libc.func('long syscall(long number, int pid, unsigned int flags)');
  const pidfdSendSignal = libc.func(
    'long syscall(long number, int pidfd, int signal, void *info, unsigned int flags)',
  );
  const openat2 = libc.func(
    'long syscall(long number, long folder, const char *path, void *how, unsigned long size)',
  );
  const renameat2 = libc.func(
    'int renameat2(int oldFolder, const char *old, int newFolder, const char *new, unsigned int flags)',
  );
  const unlinkat = libc.func('int unlinkat(int folder, const char *name, int flags)');
  const clockGettime = libc.func('int clock_gettime(int clock, void *time)');
  const strerror = libc.func('const char *strerror(int errno)');

  const resultOf = (status: number): CallResult<number> => {
    if (status >= 0) return { value: status };
    const errno: number = koffi.errno();
    const [name] = Object.entries(koffi.os.errno).find(([, number]) => number === errno) ?? [];
    return { failure: { code: name ?? String(errno), reason: strerror(errno) } };
  };
  const doneOf = (status: number): CallResult<undefined> => {
    const result = resultOf(status);
    return 'failure' in result ? result : { value: undefined };
  };

  return {
    pidfdOpen: (pid) => resultOf(Number(pidfdOpen(callNumber.pidfdOpen, pid, 0))),
    pidfdSignal: (pidfd, signal) =>
      doneOf(Number(pidfdSendSignal(callNumber.pidfdSendSignal, pidfd, signal, null, 0))),
    openPath: ({ folder, path, isRead, isInRoot }) => {
      const flags = openFlag.closeOnExec | (isRead ? openFlag.readOnly : openFlag.path);
      const resolve = resolveFlag.noSymlinks | resolveFlag.noMagicLinks | (isInRoot ? resolveFlag.inRoot : 0);
      const how = BigUint64Array.of(BigInt(flags), 0n, BigInt(resolve));
      return resultOf(Number(openat2(callNumber.openat2, folder ?? AT_CWD, path, how, OPEN_HOW_BYTES)));
    },
    renameNew: (from, to) => doneOf(renameat2(from.folder, from.name, to.folder, to.name, RENAME_NOREPLACE)),
    unlinkAt: (folder, name) => doneOf(unlinkat(folder, name, 0)),
    sinceBootMs: () => {
      const time = new BigInt64Array(2);
      clockGettime(CLOCK_BOOTTIME, time);
      return Number(time[0] ?? 0n) * 1_000 + Number(time[1] ?? 0n) / 1e6;
    },
  };
}
