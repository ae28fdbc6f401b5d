/** Tuples, roles and names of sockets. */

import { describe, expect, test } from 'vitest';
import { codes, Scenario } from '../../testing/scenario.ts';
import { type Fd, fdFlag, fdKind, l4 } from '../fd.ts';

const INET = 2;
const INET6 = 10;
const STREAM = 1;
const DGRAM = 2;
const HERE = 0x0a000001;
const THERE = 0x0a000002;
const MAPPED_HERE = `${'\0'.repeat(10)}\xff\xff\x0a\0\0\x01`;
const MAPPED_THERE = `${'\0'.repeat(10)}\xff\xff\x0a\0\0\x02`;

function socket(domain: number, type: number): Scenario {
  const scenario = new Scenario();
  scenario.start(100);
  scenario.event(codes.socket, 100, [3, domain, type, 0, 0]);
  return scenario;
}

function tuple(
  sourceIp: number | string,
  sourcePort: number,
  destinationIp: number | string,
  destinationPort: number,
) {
  return { family: 'inet', sourceIp, sourcePort, destinationIp, destinationPort } as const;
}

function entry(scenario: Scenario): Fd | undefined {
  return scenario.thread(100).process.fds.get(3);
}

test.each([
  [INET, STREAM, 0, fdKind.ipv4, l4.tcp],
  [INET, DGRAM | 0x80000, 0, fdKind.ipv4, l4.udp],
  [INET6, DGRAM, 0, fdKind.ipv6, l4.udp],
  [INET, 3, 1, fdKind.ipv4, l4.raw],
  [INET, DGRAM, 1, fdKind.ipv4, l4.icmp],
  [16, 3, 0, fdKind.netlink, l4.unknown],
  [1, STREAM, 0, fdKind.unix, l4.unknown],
  [38, 5, 0, fdKind.unknown, l4.unknown],
])('socket of family %d, type %d, protocol %d', (domain, type, protocol, kind, transport) => {
  const scenario = new Scenario();
  scenario.start(100);
  expect(scenario.event(codes.socket, 100, [3, domain, type, protocol, 0])?.fd).toMatchObject({
    kind,
    l4: transport,
  });
});

describe('connect', () => {
  test.each([
    ['success', 0],
    ['a connection under way', -115],
  ])('%s makes a client', (_name, result) => {
    const scenario = socket(INET, STREAM);
    const event = scenario.event(codes.connect, 100, [result, tuple(HERE, 4000, THERE, 80), 3, undefined]);
    expect(event).toMatchObject({ isFdNameChanged: true, fd: { name: '10.0.0.1:4000->10.0.0.2:80' } });
    expect(entry(scenario)?.flags).toBeTruthy();
    expect((entry(scenario)?.flags ?? 0) & fdFlag.roleClient).not.toBe(0);
  });

  test('a failure leaves the socket without a tuple', () => {
    const scenario = socket(INET, STREAM);
    scenario.event(codes.connect, 100, [-111, tuple(HERE, 4000, THERE, 80), 3, undefined]);
    expect(entry(scenario)).toMatchObject({ name: '', sourceIp: undefined, flags: fdFlag.connectionFailed });
  });

  test('IPv4 within IPv6 is IPv4', () => {
    const scenario = socket(INET6, STREAM);
    scenario.event(codes.connect, 100, [0, tuple(MAPPED_HERE, 4000, MAPPED_THERE, 80), 3, undefined]);
    expect(entry(scenario)).toMatchObject({
      kind: fdKind.ipv4,
      sourceIp: HERE,
      name: '10.0.0.1:4000->10.0.0.2:80',
    });
  });

  test('a unix socket is named by both ends and its path', () => {
    const scenario = socket(1, STREAM);
    const ends = { family: 'unix', source: 0xffff88n, destination: 0xabcn, path: '/run/x.sock' } as const;
    scenario.event(codes.connect, 100, [0, ends, 3, undefined]);
    expect(entry(scenario)?.name).toBe('ffff88->abc /run/x.sock');
  });

  test('the error that is asked for later ends what is under way', () => {
    const scenario = socket(INET, STREAM);
    scenario.event(codes.connect, 100, [-115, tuple(HERE, 4000, THERE, 80), 3, undefined]);
    scenario.event(codes.getsockopt, 100, [0, 3, 1, 4, { variant: 1, value: -111 }, 4]);
    expect((entry(scenario)?.flags ?? 0) & (fdFlag.connectionPending | fdFlag.connectionFailed)).toBe(
      fdFlag.connectionFailed,
    );
  });
});

describe('bind and accept', () => {
  test('a port makes a server', () => {
    const scenario = socket(INET, STREAM);
    scenario.event(codes.bind, 100, [0, { family: 'inet', ip: HERE, port: 80 }, 3]);
    expect(entry(scenario)).toMatchObject({
      kind: fdKind.ipv4Server,
      name: '10.0.0.1:80',
      destinationPort: 80,
    });
    const event = scenario.event(codes.accept4, 100, [5, tuple(THERE, 4000, HERE, 80), 0, 0, 0, 0]);
    expect(event).toMatchObject({
      fdNum: 5,
      fd: { kind: fdKind.ipv4, l4: l4.tcp, name: '10.0.0.2:4000->10.0.0.1:80' },
    });
  });

  test('no port, no server', () => {
    const scenario = socket(INET, STREAM);
    scenario.event(codes.bind, 100, [0, { family: 'inet', ip: HERE, port: 0 }, 3]);
    expect(entry(scenario)).toMatchObject({
      kind: fdKind.ipv4,
      name: '10.0.0.1:0',
      destinationIp: undefined,
    });
  });

  test('a unix path', () => {
    const scenario = socket(1, STREAM);
    scenario.event(codes.bind, 100, [0, { family: 'unix', path: '/run/y' }, 3]);
    expect(entry(scenario)?.name).toBe('/run/y');
  });
});

describe('messages', () => {
  test('who sends first is the client, and answers change nothing', () => {
    const scenario = socket(INET, DGRAM);
    const sent = scenario.event(codes.sendto, 100, [1, 'x', 3, 1, tuple(HERE, 4000, THERE, 53)]);
    expect(sent).toMatchObject({ isFdNameChanged: true, fd: { name: '10.0.0.1:4000->10.0.0.2:53' } });
    const heard = scenario.event(codes.recvfrom, 100, [1, 'y', tuple(THERE, 53, HERE, 4000), 3, 9]);
    expect(heard).toMatchObject({ isFdNameChanged: false, fd: { name: '10.0.0.1:4000->10.0.0.2:53' } });
  });

  test('who hears first serves, and the client comes first in the name', () => {
    const scenario = socket(INET, DGRAM);
    const heard = scenario.event(codes.recvfrom, 100, [1, 'y', tuple(THERE, 4000, HERE, 53), 3, 9]);
    expect(heard?.fd).toMatchObject({ name: '10.0.0.2:4000->10.0.0.1:53' });
    const sent = scenario.event(codes.sendto, 100, [1, 'x', 3, 1, tuple(HERE, 53, THERE, 4000)]);
    expect(sent).toMatchObject({ isFdNameChanged: false, fd: { name: '10.0.0.2:4000->10.0.0.1:53' } });
    const other = scenario.event(codes.sendto, 100, [1, 'x', 3, 1, tuple(HERE, 53, THERE, 5000)]);
    expect(other).toMatchObject({ isFdNameChanged: true, fd: { name: '10.0.0.2:5000->10.0.0.1:53' } });
  });

  test('who has bound the port serves, even if it speaks first', () => {
    const scenario = socket(INET, DGRAM);
    scenario.event(codes.socket, 100, [4, INET, DGRAM, 0, 0]);
    scenario.event(codes.bind, 100, [0, { family: 'inet', ip: HERE, port: 53 }, 4]);
    scenario.event(codes.sendto, 100, [1, 'x', 3, 1, tuple(HERE, 53, THERE, 4000)]);
    expect(entry(scenario)?.name).toBe('10.0.0.2:4000->10.0.0.1:53');
  });

  test('a connected stream keeps its tuple', () => {
    const scenario = socket(INET, STREAM);
    scenario.event(codes.connect, 100, [0, tuple(HERE, 4000, THERE, 80), 3, undefined]);
    scenario.event(codes.sendto, 100, [1, 'x', 3, 1, tuple(1, 1, 1, 1)]);
    expect(entry(scenario)?.name).toBe('10.0.0.1:4000->10.0.0.2:80');
  });

  test('a failed call tells nothing', () => {
    const scenario = socket(INET, DGRAM);
    scenario.event(codes.sendto, 100, [-1, 'x', 3, 1, tuple(HERE, 4000, THERE, 53)]);
    expect(entry(scenario)?.sourceIp).toBeUndefined();
  });
});
