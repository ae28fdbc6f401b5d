import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scopeHierarchy } from './probe-layout.ts';
import { isInScope, parseCgroupMounts, resolveScope, scopeInProc, unlimitedScope } from './scope.ts';

const hybrid = `21 1 254:0 / / rw - ext4 /dev/root rw
25 21 0:22 / /sys/fs/cgroup/cpu rw,relatime shared:1 - cgroup cgroup rw,cpu
26 21 0:23 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
27 21 0:24 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd
28 21 0:25 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
`;

describe('parseCgroupMounts', () => {
  test('a hybrid set of hierarchies', () => {
    expect(parseCgroupMounts(hybrid)).toEqual([
      { path: '/sys/fs/cgroup/cpu', root: '/', hierarchy: 3 },
      { path: '/sys/fs/cgroup/memory', root: '/docker/abc', hierarchy: 6 },
      { path: '/sys/fs/cgroup/systemd', root: '/', hierarchy: undefined },
      { path: '/sys/fs/cgroup/unified', root: '/', hierarchy: 1 },
    ]);
  });

  test('no cgroups at all', () => {
    expect(parseCgroupMounts('')).toEqual([]);
  });
});

describe('resolveScope', () => {
  test('depth counts the part of the hierarchy that is not mounted', () => {
    const mounts = [{ path: '/proc', root: '/a/b', hierarchy: 1 }];
    const scope = resolveScope('cgroup:/proc/sys/kernel/', mounts);
    expect(scope).toMatchObject({ hierarchy: 1, level: 4 });
    expect(scope.cgroupId).toBeGreaterThan(0n);
  });

  test('a relative path is below the unified hierarchy', () => {
    expect(resolveScope('cgroup:sys/kernel', [{ path: '/proc', root: '/', hierarchy: 1 }]).level).toBe(2);
  });

  test('a container is the directory whose name holds its id', () => {
    const id = '0123456789abcdef';
    const root = mkdtempSync(join(tmpdir(), 'peregrine-scope-'));
    mkdirSync(join(root, 'pods/besteffort', `docker-${id}.scope`), { recursive: true });
    const scope = resolveScope(`container:${id.slice(0, 12)}`, [{ path: root, root: '/', hierarchy: 2 }]);
    rmSync(root, { recursive: true });
    expect(scope).toMatchObject({ hierarchy: 2, level: 3 });
  });

  test.each([
    ['cgroup:/no/such/mount', 'is in no cgroup hierarchy'],
    ['cgroup:/sys/fs/cgroup/cpu/missing', 'there is no cgroup'],
    ['cgroup:/sys/fs/cgroup/systemd/x', 'is in no cgroup hierarchy'],
    ['container:0123456789ab', 'no running container'],
    ['container:short', 'is not a scope'],
    ['everything', 'is not a scope'],
    ['cgroup:', 'is not a scope'],
  ])('%s', (text, message) => {
    const mounts = parseCgroupMounts(hybrid).filter((mount) => !mount.path.endsWith('unified'));
    expect(() => resolveScope(text, mounts)).toThrowError(message);
  });
});

describe('by /proc/PID/cgroup', () => {
  const cgroups = '5:cpu,cpuacct:/box/inner\n4:memory:/mem\n1:name=systemd:/x\n0::/unified/it\n';
  const scopeAt = (hierarchy: number, path: string) => ({ hierarchy, path, level: 1, cgroupId: 1n });

  test.each([
    ['the cgroup itself', scopeAt(1, '/unified/it'), true],
    ['one above', scopeAt(1, '/unified'), true],
    ['the root', scopeAt(1, '/'), true],
    ['one whose name begins alike', scopeAt(1, '/unified/i'), false],
    ['an older hierarchy', scopeAt(scopeHierarchy.v1 + 2, '/box'), true],
    ['another of the same', scopeAt(scopeHierarchy.v1 + 2, '/mem'), false],
    ['a hierarchy that is not there', scopeAt(scopeHierarchy.v1 + 7, '/'), false],
  ])('%s', (_, scope, isIn) => {
    expect(isInScope(scope, cgroups)).toBe(isIn);
  });

  test('everything is in no scope', () => {
    expect(scopeInProc(unlimitedScope)).toBeUndefined();
  });

  test('a process that is gone is in none', () => {
    expect(scopeInProc(scopeAt(1, '/'))?.(2 ** 22 + 1)).toBe(false);
  });
});
