import { describe, expect, test } from 'vitest';
import { BASH, CAT, createShellWorld } from '../testing/world.ts';

const CLOSE = 5;
const world = createShellWorld();
const event = world.apply({ code: CLOSE, tid: CAT, params: [-9n, 7n] });

const shown: readonly [field: string, value: unknown][] = [
  ['proc.name', 'cat'],
  ['proc.exe', '/usr/bin/cat'],
  ['proc.pname', 'bash'],
  ['proc.pexe', '-bash'],
  ['proc.pexepath', '/usr/bin/bash'],
  ['proc.args', '-n /etc/shadow'],
  ['proc.args[1]', '/etc/shadow'],
  ['proc.args[2]', null],
  ['proc.cmdline', 'cat -n /etc/shadow'],
  ['proc.pcmdline', 'bash -c id'],
  ['proc.exeline', '/usr/bin/cat -n /etc/shadow'],
  ['proc.cmdnargs', 2],
  ['proc.cmdlenargs', 13],
  ['proc.cwd', '/root/'],
  ['proc.tty', 34817],
  ['proc.env', 'PATH=/bin  TERM=xterm'],
  ['proc.env[PATH]', '/bin'],
  ['proc.env[HOME]', ''],
  ['proc.env[0]', 'PATH=/bin  TERM=xterm'],
  ['proc.aname', 'bash sshd'],
  ['proc.aname[0]', 'cat'],
  ['proc.aname[2]', 'sshd'],
  ['proc.aname[3]', null],
  ['proc.aargs', '-c id '],
  ['proc.apid', CAT],
  ['proc.apid[1]', BASH],
  ['proc.aenv[SSH_TTY]', '/dev/pts/1'],
  ['proc.aenv[TERM]', ''],
  ['proc.aenv[1]', 'SHELL=/bin/bash SSH_TTY=/dev/pts/1'],
  ['proc.ppid', BASH],
  ['proc.pvpid', BASH],
  ['proc.sid', BASH],
  ['proc.sname', 'bash'],
  ['proc.sid.exe', '-bash'],
  ['proc.vpgid.name', 'cat'],
  ['proc.is_sid_leader', false],
  ['proc.is_pgid_leader', true],
  ['proc.loginshellid', BASH],
  ['proc.duration', 1000],
  ['proc.ppid.duration', 5_000_000_000],
  ['proc.pid.ts', 1_699_999_999_999_999_000n],
  ['proc.exe_ino', 7],
  ['proc.exe_ino.ctime', null],
  ['proc.stdin.name', '/dev/null'],
  ['proc.stdin.type', 'file'],
  ['proc.stdout.type', null],
  ['proc.fdopencount', 2],
  ['proc.fdusage', 1],
  ['proc.fdlimit', 200],
  ['proc.nthreads', 1],
  ['proc.nchilds', 0],
  ['thread.cap_effective', 'CAP_CHOWN CAP_DAC_OVERRIDE'],
  ['thread.cap_permitted', ''],
  ['thread.cgroups', 'cpuset=/ blkio=/a memory=/b'],
  ['thread.cgroup.memory', '/b'],
  ['thread.cgroup.pids', null],
  ['thread.nametid', 'cat200'],
  ['thread.ismain', true],
  ['user.name', 'root'],
  ['user.homedir', '/root'],
  ['user.shell', '<NA>'],
  ['user.loginuid', -1],
  ['user.loginname', '<NA>'],
  ['group.name', 'root'],
];

describe('a process', () => {
  test.each(shown)('%s', (field, value) => {
    expect(world.show(field, event)).toEqual(value);
  });

  test('conditions get each ancestor by itself', () => {
    expect(world.read('proc.aname', event)).toEqual(['bash', 'sshd']);
    expect(world.read('proc.apid', event)).toEqual([BASH, 50]);
  });
});

describe('a thread that nobody told of', () => {
  test.each([
    ['proc.name', '<NA>'],
    ['proc.cmdline', '<NA>'],
    ['proc.pid', -1],
    ['proc.apid', null],
    ['proc.ppid', null],
    ['proc.pname', null],
    ['proc.vpid', null],
    ['proc.cwd', './'],
    ['proc.duration', null],
    ['proc.fdopencount', 0],
    ['proc.fdlimit', 0],
    ['thread.ismain', false],
    ['thread.cgroups', null],
    ['user.uid', 4294967295],
    ['user.name', '<NA>'],
    ['container.id', 'host'],
  ] as const)('%s', (field, value) => {
    const other = createShellWorld();
    const unknown = other.apply({ code: CLOSE, tid: 9999, params: [0n, 3n] });
    expect(other.show(field, unknown)).toEqual(value);
  });
});
