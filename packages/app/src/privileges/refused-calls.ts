/** System calls that are refused once events are watched: what the sensor never does, and an intruder in it might. */

export interface RefusedCalls {
  /** What they are for. */
  readonly purpose: string;
  readonly calls: readonly string[];
}

export const refusedCalls: readonly RefusedCalls[] = [
  {
    purpose: 'File systems: mounting, changing the root, swapping',
    calls: [
      ...['mount', 'umount2', 'pivot_root', 'chroot', 'open_tree', 'move_mount', 'mount_setattr'],
      ...['fsopen', 'fsconfig', 'fsmount', 'fspick', 'swapon', 'swapoff', 'quotactl', 'quotactl_fd'],
      ...['mknod', 'mknodat', 'fanotify_init', 'open_by_handle_at'],
    ],
  },
  {
    purpose: 'The kernel itself: modules, another kernel, its log, its accounting',
    calls: [
      ...['init_module', 'finit_module', 'delete_module', 'kexec_load', 'kexec_file_load', 'reboot'],
      ...['syslog', 'acct', 'iopl', 'ioperm', 'modify_ldt', 'lookup_dcookie', 'sysfs'],
    ],
  },
  {
    purpose: 'Other processes: their memory, their files, tracing them',
    calls: [
      ...['ptrace', 'process_vm_readv', 'process_vm_writev', 'process_madvise', 'process_mrelease'],
      ...['kcmp', 'pidfd_getfd', 'move_pages', 'migrate_pages'],
    ],
  },
  {
    purpose: 'Users and groups',
    calls: [
      ...['setuid', 'setgid', 'setreuid', 'setregid', 'setresuid', 'setresgid', 'setfsuid', 'setfsgid'],
      'setgroups',
    ],
  },
  { purpose: 'Namespaces', calls: ['setns', 'unshare'] },
  { purpose: 'Keys of the kernel', calls: ['add_key', 'request_key', 'keyctl'] },
  {
    purpose: "The machine's clock and names, its terminals",
    calls: [
      ...['settimeofday', 'clock_settime', 'adjtimex', 'clock_adjtime', 'sethostname', 'setdomainname'],
      'vhangup',
    ],
  },
  {
    purpose: 'Ways around a filter, and favourites of exploits',
    calls: ['userfaultfd', 'perf_event_open', 'io_uring_setup', 'io_uring_register', 'personality'],
  },
];

/** Refused unless alerts are handed to a program. */
export const programCalls: RefusedCalls = {
  purpose: 'Running programs, unless `program_output` is on when the sensor starts',
  calls: ['execve', 'execveat'],
};

/** Calls of which only some uses are refused, told apart by their first argument. */
export interface LimitedCall {
  readonly call: string;
  readonly purpose: string;
  readonly limit:
    | { readonly kind: 'only'; readonly values: readonly number[] }
    | { readonly kind: 'without-bits'; readonly mask: number };
}

/** Commands of `bpf` that load parts of the probe when rules take them, and that work with what is loaded. */
const bpfCommand = {
  createMap: 0,
  lookUpElement: 1,
  updateElement: 2,
  deleteElement: 3,
  nextKey: 4,
  loadProgram: 5,
  infoByFd: 15,
  openRawTracepoint: 17,
  loadTypes: 18,
  lookUpAndDeleteElement: 21,
  freezeMap: 22,
  lookUpBatch: 24,
  lookUpAndDeleteBatch: 25,
  updateBatch: 26,
  deleteBatch: 27,
  createLink: 28,
  updateLink: 29,
  createIterator: 33,
  detachLink: 34,
  bindMap: 35,
} as const;

/** Time, cgroup, UTS, IPC, user, pid and network namespaces and mounts of one's own. */
const CLONE_NEW = 0x7e02_0080;

export const limitedCalls: readonly LimitedCall[] = [
  {
    call: 'bpf',
    purpose:
      "Only what loads and attaches the probe's programs and reads their maps: nothing of others, nothing that stays",
    limit: { kind: 'only', values: Object.values(bpfCommand) },
  },
  {
    call: 'clone',
    purpose: 'Threads and processes, but no namespaces of their own',
    limit: { kind: 'without-bits', mask: CLONE_NEW },
  },
];

/** Answered as by a kernel that does not have it: its arguments cannot be looked at, and programs fall back to `clone`. */
export const absentCalls: readonly string[] = ['clone3'];
