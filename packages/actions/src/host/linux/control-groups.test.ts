import { expect, test } from 'vitest';
import { groupAt, hierarchyFolders, parseGroups } from './control-groups.ts';

test.each([
  ['unified', '31 23 0:27 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n', { unified: '/sys/fs/cgroup' }],
  [
    'both',
    '31 23 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup rw\n32 23 0:28 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer\n',
    { unified: '/sys/fs/cgroup/unified', freezer: '/sys/fs/cgroup/freezer' },
  ],
  ['a part of one', '31 23 0:27 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n', {}],
  ['none', '', {}],
])('where hierarchies are: %s', (_what, mountInfo, folders) => {
  expect(hierarchyFolders(mountInfo)).toEqual(folders);
});

test.each([
  ['0::/system.slice/nginx.service\n', { unified: '/system.slice/nginx.service' }],
  ['6:freezer:/a:b\n3:cpu,cpuacct:/c\n1:name=systemd:/d\n0::/\n', { freezer: '/a:b', unified: '/' }],
  ['nonsense', {}],
])('groups in %j', (text, groups) => {
  expect(parseGroups(text)).toEqual(groups);
});

test.each(['/', '', 'system.slice', '/../etc', '/a/../../etc'])('%j is no group', (path) => {
  expect(groupAt('unified', path, { unified: '/' })).toBeUndefined();
});
