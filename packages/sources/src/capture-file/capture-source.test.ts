import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { CaptureWriter, type EventView, eventTypeOf, memoryInput } from '@peregrine/events';
import { type FdRecord, fdFlag, fdKind, l4, type ProcessRecord, type StateSink } from '@peregrine/state';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CaptureSource, captureSource, openCapture } from './capture-source.ts';
import { writeSection } from './record-encoder.ts';

const corpus = (name: string): string =>
  fileURLToPath(new URL(`../../../../corpora/captures/${name}`, import.meta.url));

interface Told {
  readonly calls: string[];
  readonly processes: ProcessRecord[];
  readonly fds: FdRecord[];
  readonly sink: StateSink;
}

function listener(): Told {
  const calls: string[] = [];
  const processes: ProcessRecord[] = [];
  const fds: FdRecord[] = [];
  const sink: StateSink = {
    reset: () => void calls.push('reset'),
    settle: () => void calls.push('settle'),
    machine: (record) =>
      void calls.push(`machine ${record.hostname} ${record.cpuCount} ${record.bootTimeNs}`),
    process: (record) => void processes.push(record),
    fd: (record) => void fds.push(record),
    user: (record) => void calls.push(`user ${record.uid} ${record.name} ${record.home} ${record.shell}`),
    group: (record) => void calls.push(`group ${record.gid} ${record.name}`),
    interface: (record) => void calls.push(`interface ${record.name} ${record.address}`),
  };
  return { calls, processes, fds, sink };
}

function eventsOf(source: CaptureSource, told: Told = listener()): string[] {
  const events: string[] = [];
  while (
    source.poll(
      told.sink,
      (view) => events.push(`${view.num} ${eventTypeOf(view.code)?.name} ${view.tid()}`),
      7,
    ) !== 'end'
  );
  source.close();
  return events;
}

const shell: ProcessRecord = {
  ...{ tid: 40, pid: 40, ptid: 1, sid: 40, vpgid: 40, pgid: 40, vtid: 40, vpid: 40 },
  ...{ comm: 'sh', exe: '/bin/sh', exepath: '/usr/bin/dash', args: '-c\0id\0', cwd: '/root', env: 'A=b\0' },
  ...{ cgroups: 'cpu=/\0', root: '/', fdlimit: 1024, cloneFlags: 0, uid: 0, gid: 0, loginuid: 1000, tty: 3 },
  ...{ vmsizeKb: 1, vmrssKb: 2, vmswapKb: 3, pfmajor: 4, pfminor: 2n ** 63n, pidnsInitStartNs: 2n ** 60n },
  ...{
    cloneTsNs: 0n,
    isExeWritable: true,
    isExeUpperLayer: false,
    isExeLowerLayer: true,
    isExeFromMemfd: false,
  },
  ...{ capInheritable: 0n, capPermitted: 2n ** 40n, capEffective: 5n },
  ...{ exeIno: 9, exeInoCtimeNs: 2n ** 60n, exeInoMtimeNs: 0 },
};

const plainFd: FdRecord = {
  ...{ tid: 40, fd: 3, kind: fdKind.file, name: '/etc/hosts', ino: 7, dev: 0xfe00, mountId: 0, openFlags: 1 },
  ...{
    l4: l4.unknown,
    sourceIp: undefined,
    destinationIp: undefined,
    sourcePort: 0,
    destinationPort: 0,
    flags: 0,
  },
};

const ipv6 = Buffer.from('20010db8000000000000000000000001', 'hex').toString('latin1');

const oneEvent = { code: 95, tid: 40, timestampNs: 5n, params: [0, '/tmp'] };

test('records come back as they were written', () => {
  const writer = writeSection(new CaptureWriter(), {
    machine: { hostname: 'node', cpuCount: 4, memoryBytes: 2 ** 33, bootTimeNs: 17n },
    processes: [shell, { ...shell, tid: 41, cloneFlags: 8193 }],
    fds: [
      plainFd,
      { ...plainFd, fd: 4, kind: fdKind.directory, name: '/', dev: 0, openFlags: 0 },
      { ...plainFd, fd: 5, kind: fdKind.unix, name: 'ff00->0 /run/x', dev: 0, openFlags: 0 },
    ],
    interfaces: [
      { name: 'eth0', address: 0x0a000001, netmask: 0xff000000 },
      { name: 'eth0', address: ipv6, netmask: '\xff'.repeat(16) },
    ],
    users: [{ containerId: '', uid: 0, gid: 0, name: 'root', home: '/root', shell: '/bin/sh' }],
    groups: [{ containerId: '', gid: 5, name: 'tty' }],
  });
  const told = listener();
  eventsOf(captureSource('x', memoryInput(writer.event(oneEvent).toBytes())), told);
  expect(told.processes).toEqual([shell, { ...shell, tid: 41, cloneFlags: 8193 }]);
  expect(told.fds.map((fd) => [fd.tid, fd.fd, fd.kind, fd.name, fd.dev, fd.openFlags])).toEqual([
    [40, 3, fdKind.file, '/etc/hosts', 0xfe00, 1],
    [40, 4, fdKind.directory, '/', 0, 0],
    [40, 5, fdKind.unix, 'ff00->0 /run/x', 0, 0],
  ]);
  expect(told.calls).toEqual([
    'reset',
    'machine node 4 17',
    'interface eth0 167772161',
    `interface eth0 ${ipv6}`,
    'user 0 root /root /bin/sh',
    'group 5 tty',
    'settle',
  ]);
});

test('sockets get the role that the ports listened on tell', () => {
  const tuple = { ...plainFd, name: '', dev: 0, openFlags: 0, kind: fdKind.ipv4, l4: l4.tcp };
  const writer = writeSection(new CaptureWriter(), {
    fds: [
      { ...tuple, fd: 3, sourceIp: 1, sourcePort: 22, destinationIp: 2, destinationPort: 5000 },
      { ...tuple, fd: 4, sourceIp: 1, sourcePort: 6000, destinationIp: 2, destinationPort: 443 },
      { ...tuple, fd: 5, kind: fdKind.ipv4Server, destinationIp: 0, destinationPort: 22 },
    ],
  });
  const told = listener();
  eventsOf(captureSource('x', memoryInput(writer.event(oneEvent).toBytes())), told);
  expect(told.fds.map((fd) => [fd.fd, fd.flags, fd.sourceIp, fd.sourcePort, fd.destinationPort])).toEqual([
    [5, fdFlag.roleServer, undefined, 0, 22],
    [3, fdFlag.roleServer | fdFlag.connected, 2, 5000, 22],
    [4, fdFlag.roleClient | fdFlag.connected, 1, 6000, 443],
  ]);
});

test('descriptors of unknown kinds are passed over by their size', () => {
  const body = Buffer.from(
    '2800000000000000' + '15000000' + '0900000000000000' + '0000000000000000' + '63',
    'hex',
  );
  const bytes = new CaptureWriter().section().block(0x218, body).event(oneEvent).toBytes();
  const told = listener();
  eventsOf(captureSource('x', memoryInput(bytes)), told);
  expect(told.fds.map((fd) => [fd.kind, fd.name])).toEqual([[fdKind.unsupported, 'unknown-type:[99]']]);
});

test('entries that run over their end are a fault, not a value', () => {
  const bytes = new CaptureWriter().section().block(0x215, Buffer.from('ffffff7f00', 'hex')).event(oneEvent);
  const source = captureSource('x.scap', memoryInput(bytes.toBytes()));
  expect(() => eventsOf(source)).toThrow('`x.scap`: the file has a metadata entry that runs over its end');
});

describe('recordings', () => {
  test.each([
    ['host/host.scap.gz', 19_263],
    ['container/container.scap.gz', 17_111],
  ])('%s', (name, count) => {
    const told = listener();
    const events = eventsOf(openCapture(corpus(name)), told);
    expect(events).toHaveLength(count);
    expect(events.at(-1)).toMatch(new RegExp(`^${count} `));
    expect(told.calls.filter((call) => call.startsWith('user'))).toHaveLength(24);
  });

  test('events that nobody wants are counted all the same', () => {
    const source = openCapture(corpus('host/host.scap.gz'));
    const wanted = new Uint8Array(454);
    wanted[293] = 1;
    source.want(wanted);
    const events = eventsOf(source);
    expect(events).toHaveLength(70);
    expect(events[0]).toBe('139 execve 30467');
    expect(source.eventsSeen()).toBe(19_263);
  });
});

describe('old recordings (need ../shared/golden)', () => {
  const golden = (path: string): string =>
    fileURLToPath(new URL(`../../../../../shared/golden/${path}`, import.meta.url));

  test.skipIf(!existsSync(golden('README.md'))).each([
    ['curl_google', 991, 129],
    ['single_ipv6_conn', 1_717, 11],
    ['test_ipv6_client', 297, 13],
  ])('%s: events have the numbers that the reference gives them', (name, count, comparedCount) => {
    const source = openCapture(golden(`${name}/${name}.scap`));
    const found = new Map<number, string>();
    const { sink, processes, fds } = listener();
    const take = (view: EventView): void => {
      found.set(view.num, `${eventTypeOf(view.code)?.name} ${view.timestampNs()}`);
    };
    while (source.poll(sink, take, 1_000) !== 'end');
    source.close();
    expect(source.eventsSeen()).toBe(count);
    expect(processes.every((process) => process.tid > 0 && process.comm !== '')).toBe(true);
    expect(fds.length).toBeGreaterThan(300);
    const lines = gunzipSync(readFileSync(golden(`${name}/fields.jsonl.gz`)))
      .toString()
      .trim()
      .split('\n');
    for (const line of lines) {
      // Times are beyond what a double holds, so they are taken from the text.
      const time = /"evt.rawtime": (\d+)/.exec(line)?.[1];
      const fields: { 'evt.num': number; 'evt.type': string } = JSON.parse(line);
      expect(found.get(fields['evt.num'])).toBe(`${fields['evt.type']} ${time}`);
    }
    expect(lines).toHaveLength(comparedCount);
  });
});

describe('files', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'capture-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('plain and compressed are told apart by their first bytes', () => {
    const writer = writeSection(new CaptureWriter(), {}).event(oneEvent);
    writeFileSync(join(folder, 'plain'), writer.toBytes());
    writeFileSync(join(folder, 'packed'), writer.toGzip());
    expect(eventsOf(openCapture(join(folder, 'plain')))).toEqual(['1 chdir 40']);
    expect(eventsOf(openCapture(join(folder, 'packed')))).toEqual(['1 chdir 40']);
    expect(openCapture(join(folder, 'plain')).title).toBe('capture plain');
  });

  test('what cannot be read says why', () => {
    expect(() => openCapture(join(folder, 'none'))).toThrow(/cannot open the capture `.*none`: ENOENT/);
    writeFileSync(join(folder, 'empty'), '');
    expect(() => eventsOf(openCapture(join(folder, 'empty')))).toThrow('is not a capture');
  });
});

test('no damage to a recording makes it throw anything but a fault', () => {
  const whole = writeSection(new CaptureWriter(), {
    machine: { hostname: 'node', cpuCount: 4, memoryBytes: 1, bootTimeNs: 1n },
    processes: [shell],
    fds: [plainFd],
    users: [{ containerId: '', uid: 0, gid: 0, name: 'root', home: '/root', shell: '/bin/sh' }],
    interfaces: [{ name: 'eth0', address: 1, netmask: 1 }],
  })
    .event(oneEvent)
    .toBytes();
  const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(damage, (changes) => {
      const bytes = whole.slice();
      for (const [at, value] of changes) bytes[at] = value;
      try {
        eventsOf(captureSource('x', memoryInput(bytes)));
      } catch (error) {
        expect(error).toHaveProperty('code', expect.stringMatching(/^capture-/));
      }
    }),
    { numRuns: 500 },
  );
});
