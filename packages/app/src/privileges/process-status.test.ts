import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseProcessStatus, readOwnStatus } from './process-status.ts';

const status = `Name:	node
Uid:	1000	65534	0	0
Gid:	0	0	0	0
CapInh:	0000000000000001
CapPrm:	000001fffeffffff
CapEff:	000000c000080004
CapBnd:	000001ffffffffff
CapAmb:	0000000000002000
NoNewPrivs:	1
Seccomp:	2
Seccomp_filters:	1
`;

test('what a process may do is read from its status', () => {
  expect(parseProcessStatus(status)).toEqual({
    uid: 65_534,
    inheritable: 1n,
    permitted: 0x1fffeffffffn,
    effective: 0xc000080004n,
    bounding: 0x1ffffffffffn,
    ambient: 0x2000n,
    hasNoNewPrivileges: true,
    hasFilter: true,
  });
});

test('what a status does not say is nothing', () => {
  expect(parseProcessStatus('CapEff:\tx\nSeccomp:\t0\n')).toMatchObject({
    permitted: 0n,
    effective: 0n,
    hasNoNewPrivileges: false,
    hasFilter: false,
  });
});

test('no text makes it throw', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseProcessStatus(text)));
});

test('this process has a status', () => {
  const { uid, effective, permitted } = readOwnStatus();
  expect([uid, effective & ~permitted]).toEqual([process.geteuid?.(), 0n]);
});
