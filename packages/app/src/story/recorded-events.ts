/** Which events are remembered, and which of their parameters: settled once, by event code. */

import { EVENT_CODE_COUNT, type EventType, eventRoster } from '@peregrine/events';

/** What a record's numbers and texts mean. */
export const recordKind = {
  none: 0,
  exec: 1,
  open: 2,
  /** Calls that name an address: `first` is an IPv4 address, `second` a port; other addresses are the subject. */
  connect: 3,
  accept: 4,
  bind: 5,
  listen: 6,
  clone: 7,
  exit: 8,
  /** Calls with one path or two; `first` is a mode where there is one. */
  path: 9,
  /** `first` and `second` are user or group ids. */
  ids: 10,
  /** `first` is a process, `second` a signal. */
  signal: 11,
  trace: 12,
  other: 13,
} as const;
export type RecordKind = (typeof recordKind)[keyof typeof recordKind];

const kindByName: Readonly<Record<string, RecordKind>> = {
  ...named('exec', 'execve execveat'),
  ...named('open', 'open openat openat2 open_by_handle_at creat'),
  ...named('connect', 'connect'),
  ...named('accept', 'accept accept4'),
  ...named('bind', 'bind'),
  ...named('listen', 'listen'),
  ...named('clone', 'clone clone3 fork vfork'),
  ...named('exit', 'procexit'),
  ...named(
    'path',
    'unlink unlinkat rename renameat renameat2 chmod fchmod fchmodat chown lchown fchown fchownat mkdir mkdirat ' +
      'rmdir link linkat symlink symlinkat mount umount umount2 chroot pivot_root memfd_create',
  ),
  ...named('ids', 'setuid setgid setresuid setresgid setreuid setregid'),
  ...named('signal', 'kill tkill tgkill'),
  ...named('trace', 'ptrace'),
  ...named('other', 'setns unshare bpf init_module finit_module'),
};

function named(kind: keyof typeof recordKind, names: string): Readonly<Record<string, RecordKind>> {
  return Object.fromEntries(names.split(' ').map((name) => [name, recordKind[kind]]));
}

/** By the name of a call. */
export function recordKindOf(name: string): RecordKind {
  return kindByName[name] ?? recordKind.none;
}

/** By event code; a parameter is -1 where there is none. */
export interface RecordedEvents {
  readonly kind: Uint8Array;
  readonly firstPath: Int8Array;
  readonly secondPath: Int8Array;
  readonly first: Int8Array;
  readonly second: Int8Array;
}

export function createRecordedEvents(): RecordedEvents {
  const kind = new Uint8Array(EVENT_CODE_COUNT);
  const column = (): Int8Array => new Int8Array(EVENT_CODE_COUNT).fill(-1);
  const events = { kind, firstPath: column(), secondPath: column(), first: column(), second: column() };
  for (const type of eventRoster) {
    if (!isCompleted(type)) continue;
    const of = recordKindOf(type.name);
    const param = (...names: readonly string[]): number =>
      Math.max(-1, ...names.map((name) => type.params.findIndex((each) => each.name === name)));
    kind[type.code] = of;
    const paths = type.params.flatMap(({ name, type: of }, i) =>
      /^(?:FSPATH|FSRELPATH)$/.test(of) || pathNames.has(name) ? [i] : [],
    );
    events.firstPath[type.code] = of === recordKind.exec ? param('exe') : (paths[0] ?? -1);
    events.secondPath[type.code] = of === recordKind.path ? (paths[1] ?? -1) : -1;
    events.first[type.code] = firstParam[of]?.(param) ?? -1;
    events.second[type.code] = secondParam[of]?.(param) ?? -1;
  }
  return events;
}

/** Paths by another type: those of links, devices, and names of files in memory. */
const pathNames: ReadonlySet<string> = new Set(['target', 'dev', 'name']);

type FindParam = (...names: readonly string[]) => number;

const firstParam: Readonly<Partial<Record<RecordKind, (param: FindParam) => number>>> = {
  [recordKind.open]: (param) => param('flags'),
  [recordKind.path]: (param) => param('mode'),
  [recordKind.ids]: (param) => param('uid', 'gid', 'ruid', 'rgid'),
  [recordKind.signal]: (param) => param('pid', 'tid'),
  [recordKind.trace]: (param) => param('pid'),
  [recordKind.clone]: (param) => param('flags'),
  [recordKind.exit]: (param) => param('status'),
  [recordKind.other]: (param) => param('flags', 'nstype'),
};
const secondParam: typeof firstParam = {
  [recordKind.ids]: (param) => param('euid', 'egid'),
  [recordKind.signal]: (param) => param('sig'),
  [recordKind.trace]: (param) => param('request'),
};

/** Ends of calls, and of processes. */
function isCompleted(type: EventType): boolean {
  return type.name === 'procexit' ? type.params.length > 0 : type.direction === 'exit';
}
