import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { matchContainer } from './match.ts';
import { containerRoster } from './roster.ts';

const ID = '5892b41bcf46aa4d5f2b7b1f8d3a9c0e6d7f8a9b0c1d2e3f405162738495a6b7';
const SHORT = '5892b41bcf46';

const contained: readonly [path: string, id: string, type: string][] = [
  [`/libpod-${ID}.scope`, SHORT, 'podman'],
  [`/user.slice/libpod-${ID}.scope/container`, SHORT, 'podman'],
  [`/libpod_parent/libpod-${ID}`, SHORT, 'podman'],
  [`/machine.slice/libpod-payload-${ID}`, SHORT, 'podman'],
  [`/docker/${ID}`, SHORT, 'docker'],
  [`/system.slice/docker-${ID}.scope`, SHORT, 'docker'],
  [`/kubepods/besteffort/pod1/${ID}`, SHORT, 'docker'],
  [`/kubepods.slice/crio-${ID}.scope`, SHORT, 'cri-o'],
  [`/kubepods.slice/crio-${ID}`, SHORT, 'cri-o'],
  [`/kubepods.slice/cri-containerd-${ID}.scope`, SHORT, 'containerd'],
  [`/system.slice/containerd.service/kubepods:cri-containerd:${ID}`, SHORT, 'containerd'],
  [`/system.slice/nerdctl-${ID}.scope`, SHORT, 'containerd'],
  ['/default/my-container-of-today', 'my-container', 'containerd'],
  ['/lxc/web/init', 'web', 'lxc'],
  ['/lxc.payload/web/init.scope', 'web', 'lxc'],
  ['/lxc.payload.web', 'web', 'lxc'],
  ['/lxc.payload.web/init.scope', 'web', 'lxc'],
  // Direct use of containerd comes before LXC, and any two components look like it.
  ['/lxc/web', 'web', 'containerd'],
  ['/machine.slice/machine-lxc\\x2d1234\\x2dweb.scope', '1234\\x2dweb', 'libvirt-lxc'],
  ['/a/b/libvirt/lxc/web', 'web', 'lxc'],
  ['/system.slice/bpm-job.scope', 'job', 'bpm'],
];

const onHost: readonly string[] = [
  '/',
  '',
  '/init.scope',
  '/system.slice/ssh.service',
  '/user.slice/user-1000.slice/session-1.scope',
  `/a/docker/${ID.slice(1)}`,
  `/a/docker/g${ID.slice(1)}`,
  '/machine.slice/machine-web.slice/payload.service',
];

describe('matchContainer', () => {
  test.each(contained)('%s', (path, id, type) => {
    expect(matchContainer(`cpuset=/\0memory=${path}\0`)).toMatchObject({ id, type });
  });

  test.each(onHost)('%s is the host', (path) => {
    expect(matchContainer(`cpuset=/\0memory=${path}\0`)).toBeUndefined();
  });

  test('a name before the suffix of libvirt is found below the runtimes that come first', () => {
    expect(matchContainer('name=/a/b/web.libvirt-lxc\0')).toMatchObject({ id: 'web', type: 'libvirt-lxc' });
  });

  test('the whole id is kept', () => {
    expect(matchContainer(`memory=/docker/${ID}\0`)?.fullId).toBe(ID);
  });
});

test('the roster lists every family beside it', () => {
  const others = ['roster', 'match', 'family', 'container-event', 'encode-container'];
  const files = readdirSync(join(import.meta.dirname))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .filter((name) => !others.includes(name));
  expect(containerRoster.map((family) => family.name).sort()).toEqual(files.sort());
  for (const family of containerRoster) expect(family.doc).toMatch(/\.$/);
});
