import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  type FdRecord,
  fdFlag,
  fdKind,
  type GroupRecord,
  l4,
  type MachineRecord,
  type ProcessRecord,
  type StateSink,
  type UserRecord,
} from '@peregrine/state';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProcLookup, scanProc } from './scan-proc.ts';

interface Told {
  readonly order: string[];
  readonly machines: MachineRecord[];
  readonly processes: Map<number, ProcessRecord>;
  readonly fds: FdRecord[];
  readonly users: UserRecord[];
  readonly groups: GroupRecord[];
  readonly sink: StateSink;
}

function listener(): Told {
  const order: string[] = [];
  const processes = new Map<number, ProcessRecord>();
  const fds: FdRecord[] = [];
  const users: UserRecord[] = [];
  const groups: GroupRecord[] = [];
  const machines: MachineRecord[] = [];
  const sink: StateSink = {
    reset: () => void order.push('reset'),
    settle: () => void order.push('settle'),
    machine: (record) => void machines.push(record),
    process: (record) => void processes.set(record.tid, record),
    fd: (record) => void fds.push(record),
    user: (record) => void users.push(record),
    group: (record) => void groups.push(record),
    interface() {},
  };
  return { order, machines, processes, fds, users, groups, sink };
}

let root = '';
const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text, 'latin1');
};
const link = (path: string, target: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
};

const STAT_REST = '10 100 100 90 34816 4194560 7 0 3 0 0 0 0 0 20 0 2 0 5000 0 0';
const statusOf = (pid: number, more = ''): string =>
  `Name:\tsh\nTgid:\t70\nPid:\t${pid}\nPPid:\t10\nUid:\t1000\t1001\t1000\t1000\nGid:\t5\t6\t5\t5\nGroups:\t6 20 \n` +
  `NStgid:\t70\t1\nNSpid:\t${pid}\t${pid - 69}\nNSpgid:\t70\t1\nVmSize:\t   2000 kB\nVmRSS:\t 300 kB\nVmSwap:\t 4 kB\n` +
  `CapInh:\t0000000000000000\nCapPrm:\t000001ffffffffff\nCapEff:\t0000000000000005\n${more}`;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'proc-'));
  put('uptime', '1000.50 1900.00\n');
  put(
    'host/etc/passwd',
    'root:x:0:0:root:/root:/bin/bash\n+nis:x:1:1::/:/bin/sh\nbroken\nann:x:1000:5::/home/ann:/bin/zsh\n',
  );
  put('host/etc/group', 'root:x:0:\n-x:x:9:\ntty:x:5:ann\n');

  put('70/cmdline', '/bin/sh\0-c\0a b\0');
  put('70/environ', 'A=1\0B=2');
  put('70/status', statusOf(70, 'Threads:\t2\n'));
  put('70/stat', `70 (a) b) S ${STAT_REST}`);
  put('70/cgroup', '5:cpu,cpuacct:/box\n4:memory:/mem\n1:name=systemd:/x\n0::/unified\n');
  put(
    '70/limits',
    'Limit                     Soft Limit           Hard Limit           Units\nMax open files            1024                 4096                 files\n',
  );
  put('70/loginuid', '1000');
  put('binary', '');
  link('70/exe', join(root, 'binary'));
  link('70/cwd', '/work');
  link('70/root', '/');
  link('70/ns/net', 'net:[1]');
  put('70/task/70/stat', '');
  put('70/task/71/status', statusOf(71, 'Threads:\t2\n'));
  put('70/task/71/stat', '71 (worker) S 10 100 100 90 34816 4194560 8 0 4 0 0 0 0 0 20 0 2 0 6000 0 0');
  link('70/fd/0', '/dev/null');
  link('70/fd/1', 'pipe:[55]');
  link('70/fd/3', 'socket:[901]');
  link('70/fd/4', 'socket:[902]');
  link('70/fd/5', 'socket:[903]');
  link('70/fd/6', 'socket:[904]');
  link('70/fd/7', 'anon_inode:[eventpoll]');
  link('70/fd/8', '/memfd:secret (deleted)');
  link('70/fd/9', '/');
  link('70/fd/10', 'socket:[999]');
  put('70/fdinfo/0', 'pos:\t0\nflags:\t02100002\nmnt_id:\t24\n');
  const head =
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
  const tail = '0A 00000000:00000000 00:00000000 00000000     0        0';
  put(
    '70/net/tcp',
    `${head}   0: 00000000:1F90 00000000:0000 ${tail} 901 1\n   1: 0100007F:1F90 0200007F:C000 ${tail} 902 1\n`,
  );
  put(
    '70/net/tcp6',
    `${head}   0: B80D0120000000000000000001000000:D431 B80D0120000000000000000002000000:01BB ${tail} 903 1\n`,
  );
  put(
    '70/net/unix',
    'Num       RefCount Protocol Flags    Type St Inode Path\nffff888100000000: 00000002 00000000 00010000 0001 01 904 /run/with space\n',
  );

  put('80/cmdline', '');
  put('80/status', 'Name:\tkthreadd\nTgid:\t80\n');
  put('90/cmdline', 'gone\0');
  mkdirSync(join(root, '100'));
  put('not-a-process/cmdline', 'x');
});
afterAll(() => rmSync(root, { recursive: true }));

const options = { nowNs: () => 2_000_000_000_000n };

describe('a tree like /proc', () => {
  const scan = (scope?: (pid: number) => boolean): Told & { count: number } => {
    const told = listener();
    const hostRoot = join(root, 'host');
    const count = scanProc(told.sink, { procRoot: root, hostRoot, ...options, ...(scope && { scope }) });
    return { ...told, count };
  };

  test('processes and threads', () => {
    const { processes, count, order } = scan();
    expect(order).toEqual(['reset', 'settle']);
    expect(count).toBe(2);
    expect([...processes.keys()]).toEqual([70, 71]);
    expect(processes.get(70)).toMatchObject({
      ...{ pid: 70, ptid: 10, vtid: 1, vpid: 1, vpgid: 1, pgid: 100, sid: 100, tty: 90, comm: 'a) b' },
      ...{ exe: '/bin/sh', args: '-c\0a b\0', env: 'A=1\0B=2\0', cwd: '/work', root: '/', fdlimit: 1024 },
      ...{ exepath: join(root, 'binary'), uid: 1001, gid: 6, loginuid: 1000, cloneFlags: 0 },
      ...{ vmsizeKb: 2000, vmrssKb: 300, vmswapKb: 4, pfminor: 7, pfmajor: 3 },
      ...{ capPermitted: 0x1ff_ffff_ffffn, capEffective: 5n, isExeWritable: false, isExeFromMemfd: false },
      cgroups: 'cpu=/box\0cpuacct=/box\0memory=/mem\0cpuset=/unified\0io=/unified\0',
    });
    expect(processes.get(71)).toMatchObject({
      pid: 70,
      comm: 'worker',
      vtid: 2,
      vpid: 1,
      exe: '/bin/sh',
      cloneFlags: 8193,
    });
  });

  test('starts are counted from boot', () => {
    const { machines, processes } = scan();
    expect(machines[0]?.bootTimeNs).toBe(2_000_000_000_000n - 1_000_500_000_000n);
    const started = (processes.get(71)?.cloneTsNs ?? 0n) - (processes.get(70)?.cloneTsNs ?? 0n);
    expect(started).toBe(10_000_000_000n);
  });

  test('descriptors', () => {
    const { fds } = scan();
    const byNumber = new Map(fds.map((fd) => [fd.fd, fd]));
    expect([...byNumber.keys()].sort((a, b) => a - b)).toEqual([0, 1, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(byNumber.get(0)).toMatchObject({
      tid: 70,
      kind: fdKind.file,
      name: '/dev/null',
      openFlags: 0x1803,
      mountId: 24,
    });
    expect(byNumber.get(0)?.flags).toBe(fdFlag.fromProc | fdFlag.closeOnExec);
    expect(byNumber.get(1)).toMatchObject({ kind: fdKind.fifo, name: 'pipe:[55]', ino: 55 });
    expect(byNumber.get(3)).toMatchObject({
      kind: fdKind.ipv4Server,
      destinationIp: 0,
      destinationPort: 8080,
      l4: l4.tcp,
    });
    expect(byNumber.get(4)).toMatchObject({
      ...{
        kind: fdKind.ipv4,
        sourceIp: 0x7f000002,
        sourcePort: 0xc000,
        destinationIp: 0x7f000001,
        destinationPort: 8080,
      },
      flags: fdFlag.fromProc | fdFlag.roleServer | fdFlag.connected,
    });
    const ip = (last: string): string =>
      Buffer.from(`20010db80000000000000000000000${last}`, 'hex').toString('latin1');
    expect(byNumber.get(5)).toMatchObject({
      ...{
        kind: fdKind.ipv6,
        sourceIp: ip('01'),
        sourcePort: 0xd431,
        destinationIp: ip('02'),
        destinationPort: 443,
      },
      flags: fdFlag.fromProc | fdFlag.roleClient | fdFlag.connected,
    });
    expect(byNumber.get(6)).toMatchObject({
      kind: fdKind.unix,
      name: 'ffff888100000000->0 /run/with space',
      ino: 904,
    });
    expect(byNumber.get(7)).toMatchObject({ kind: fdKind.eventpoll, name: '' });
    expect(byNumber.get(8)).toMatchObject({ kind: fdKind.memfd, name: 'secret' });
    expect(byNumber.get(9)).toMatchObject({ kind: fdKind.directory, name: '/' });
    expect(byNumber.get(10)).toMatchObject({ kind: fdKind.unknown, ino: 999 });
  });

  test('users and groups', () => {
    const { users, groups } = scan();
    expect(users.map((user) => [user.uid, user.gid, user.name, user.home, user.shell])).toEqual([
      [0, 0, 'root', '/root', '/bin/bash'],
      [1000, 5, 'ann', '/home/ann', '/bin/zsh'],
    ]);
    expect(groups.map((group) => [group.gid, group.name])).toEqual([
      [0, 'root'],
      [5, 'tty'],
    ]);
  });

  test('a scope leaves processes out', () => {
    expect(scan((pid) => pid !== 70).processes.size).toBe(0);
  });

  test('processes above those in the scope are told, without what they have open', () => {
    put('10/cmdline', 'init\0');
    put('10/status', 'Name:\tinit\nTgid:\t10\nPid:\t10\nPPid:\t0\nThreads:\t1\n');
    put('10/stat', `10 (init) S 0 ${STAT_REST}`);
    link('10/fd/3', '/etc/passwd');
    try {
      const { processes, fds, count } = scan((pid) => pid === 70);
      expect([...processes.keys()]).toEqual([70, 71, 10]);
      expect(count).toBe(3);
      expect(processes.get(10)).toMatchObject({ exe: 'init', ptid: 0 });
      expect(fds.filter(({ tid }) => tid === 10)).toEqual([]);
    } finally {
      rmSync(join(root, '10'), { recursive: true });
    }
  });

  test('one process, found by its thread', () => {
    const told = listener();
    const lookup = createProcLookup({ procRoot: root, ...options });
    put('71/status', statusOf(71));
    expect(lookup.scanOne(71, told.sink)).toBe(true);
    rmSync(join(root, '71'), { recursive: true });
    expect([...told.processes.keys()]).toEqual([70, 71]);
    expect(told.fds).toHaveLength(10);
    expect(told.order).toEqual([]);
    expect(lookup.scanOne(4_000_000, told.sink)).toBe(false);
  });
});

describe.skipIf(!existsSync('/proc/self/status'))('the running system (needs /proc)', () => {
  test('this process is there, with what it listens on', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const told = listener();
    scanProc(told.sink, { scope: (pid) => pid === process.pid });
    server.close();
    const self = told.processes.get(process.pid);
    expect(self).toMatchObject({
      pid: process.pid,
      ptid: process.ppid,
      exepath: process.execPath,
      cwd: process.cwd(),
    });
    expect(self?.comm).toBe(readFileSync('/proc/self/comm', 'latin1').trimEnd());
    expect(told.fds).toContainEqual(
      expect.objectContaining({ kind: fdKind.ipv4Server, destinationIp: 0x7f000001, destinationPort: port }),
    );
    const age = Date.now() - Number((self?.cloneTsNs ?? 0n) / 1_000_000n);
    expect(Math.abs(age - process.uptime() * 1000)).toBeLessThan(5_000);
  });

  test('a scan of everything survives processes that come and go', () => {
    const told = listener();
    expect(scanProc(told.sink)).toBe(told.processes.size);
    expect(told.processes.has(process.pid)).toBe(true);
  });
});
