/**
 * The kernel's calls on privileges, through libc: what a thread may do, who it runs as, another program in its place.
 * All but `setUser` and `filterCalls` are for the calling thread alone.
 */

import { numberOn } from '@peregrine/sources/syscall-numbers';
import koffi from 'koffi';
import { INSTRUCTION_BYTES } from './call-filter.ts';
import { type CapabilitySet, numbersIn } from './capability-set.ts';

const VERSION_3 = 0x2008_0522;
const prctlOption = {
  keepCapabilities: 8,
  dropBounding: 24,
  secureBits: 28,
  noNewPrivileges: 38,
  ambient: 47,
};
const AMBIENT_RAISE = 2;
const HIGHEST_CAPABILITY = 63;
const FD_CLOSE_ON_EXEC = { get: 1, set: 2, flag: 1 };
const SECCOMP_SET_FILTER = 1;
const SECCOMP_ALL_THREADS = 1;
const AT_CWD = -100;
const AT_EFFECTIVE = 0x200;
const WRITABLE = 2;
const SEARCHABLE = 1;

/** Being user 0 gives nothing, changing users takes nothing, nothing can be added later; none of it can be undone. */
const SECURE_BITS = 0b1110_1111;

export interface ThreadSets {
  readonly effective: CapabilitySet;
  readonly permitted: CapabilitySet;
  readonly inheritable: CapabilitySet;
}

export interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/** A call that the kernel refused, with the reason. `undefined`: it was done. */
export type Refusal = string | undefined;

export interface PrivilegeCalls {
  setCapabilities(sets: ThreadSets): Refusal;
  /** What programs get that know nothing of capabilities. */
  raiseAmbient(set: CapabilitySet): Refusal;
  /** Leaves only `set` to ever be gained again. */
  boundTo(set: CapabilitySet): Refusal;
  /** Capabilities are what counts from now on, not being user 0. */
  lockSecureBits(): Refusal;
  /** No program that is run gains anything. */
  setNoNewPrivileges(): Refusal;
  /** Of all threads. Permitted capabilities stay. */
  setUser(account: Account): Refusal;
  /** Of all threads, from now on and for good. Needs `setNoNewPrivileges` first. */
  filterCalls(filter: Uint8Array): Refusal;
  /** Whether the thread may write there, as its effective capabilities have it. */
  canWrite(path: string, isFolder: boolean): boolean;
  /** Leaves a descriptor open in the program that takes this one's place. */
  keepOpen(fd: number): void;
  /** Another program in this one's place. Returns only when that fails. */
  execute(path: string, given: Uint8Array, environment: Uint8Array): Refusal;
}

export function openPrivilegeCalls(): PrivilegeCalls {
  const libc = koffi.load('libc.so.6');
  const prctl = libc.func(
    'int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)',
  );
  const capset = libc.func('int capset(void *header, void *data)');
  const setgroups = libc.func('int setgroups(size_t count, void *groups)');
  const setresgid = libc.func('int setresgid(uint32_t real, uint32_t effective, uint32_t saved)');
  const setresuid = libc.func('int setresuid(uint32_t real, uint32_t effective, uint32_t saved)');
  const fcntl = libc.func('int fcntl(int fd, int command, int value)');
  const execve = libc.func('int execve(const char *path, void *given, void *environment)');
  const seccomp = libc.func(
    'long syscall(long number, unsigned long operation, unsigned long flags, void *program)',
  );
  const faccessat = libc.func(
    'long syscall(long number, long folder, const char *path, int mode, int flags)',
  );
  const strerror = libc.func('const char *strerror(int errno)');

  const refusalOf = (status: number): Refusal => (status === 0 ? undefined : strerror(koffi.errno()));
  const each = (numbers: readonly number[], call: (number: number) => number): Refusal => {
    for (const number of numbers) {
      const refusal = refusalOf(call(number));
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  };

  return {
    setCapabilities: ({ effective, permitted, inheritable }) => {
      const words = [effective, permitted, inheritable].map((set) => BigInt.asUintN(64, set));
      const low = words.map((word) => Number(word & 0xffff_ffffn));
      const high = words.map((word) => Number(word >> 32n));
      return refusalOf(capset(Uint32Array.of(VERSION_3, 0), Uint32Array.of(...low, ...high)));
    },
    raiseAmbient: (set) =>
      each(numbersIn(set), (number) => prctl(prctlOption.ambient, AMBIENT_RAISE, number, 0, 0)),
    boundTo: (set) => {
      for (let number = 0; number <= HIGHEST_CAPABILITY; number++) {
        if (((set >> BigInt(number)) & 1n) === 1n) continue;
        if (prctl(prctlOption.dropBounding, number, 0, 0, 0) === 0) continue;
        // Beyond the last one that this kernel knows.
        if (number > 0 && koffi.errno() === koffi.os.errno.EINVAL) return undefined;
        return strerror(koffi.errno());
      }
      return undefined;
    },
    lockSecureBits: () => refusalOf(prctl(prctlOption.secureBits, SECURE_BITS, 0, 0, 0)),
    setNoNewPrivileges: () => refusalOf(prctl(prctlOption.noNewPrivileges, 1, 0, 0, 0)),
    setUser: ({ uid, gid, groups }) =>
      refusalOf(prctl(prctlOption.keepCapabilities, 1, 0, 0, 0)) ??
      refusalOf(setgroups(groups.length, Uint32Array.from(groups))) ??
      refusalOf(setresgid(gid, gid, gid)) ??
      refusalOf(setresuid(uid, uid, uid)),
    filterCalls: (filter) => {
      // `struct sock_fprog`: how many instructions, and where.
      const program = BigUint64Array.of(BigInt(filter.length / INSTRUCTION_BYTES), koffi.address(filter));
      const status: number = seccomp(
        machineNumber('seccomp'),
        SECCOMP_SET_FILTER,
        SECCOMP_ALL_THREADS,
        program,
      );
      return status > 0 ? `thread ${status} has another filter` : refusalOf(status);
    },
    canWrite: (path, isFolder) =>
      faccessat(
        machineNumber('faccessat2'),
        AT_CWD,
        path,
        WRITABLE | (isFolder ? SEARCHABLE : 0),
        AT_EFFECTIVE,
      ) === 0,
    keepOpen: (fd) => {
      const flags: number = fcntl(fd, FD_CLOSE_ON_EXEC.get, 0);
      if (flags >= 0) fcntl(fd, FD_CLOSE_ON_EXEC.set, flags & ~FD_CLOSE_ON_EXEC.flag);
    },
    execute: (path, given, environment) => {
      execve(path, textVector(given), textVector(environment));
      return strerror(koffi.errno());
    },
  };
}

/** Of calls that every kernel of ours has; a number that none has where the architecture is not known. */
function machineNumber(call: string): number {
  return numberOn(process.arch, call) ?? -1;
}

/** Addresses of the texts, each with a NUL at its end, and a null pointer after them. */
function textVector(texts: Uint8Array): BigUint64Array {
  const start = koffi.address(texts);
  const addresses: bigint[] = [];
  for (let at = 0; at < texts.length; at = texts.indexOf(0, at) + 1) addresses.push(start + BigInt(at));
  return BigUint64Array.of(...addresses, 0n);
}
