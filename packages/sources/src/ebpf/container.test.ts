/** What the probe says of a real container: runc with an overlay root file system and a terminal. */

import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createLiveCgroup,
  type LiveCgroup,
  type LiveEvent,
  liveObstacle,
  runLive,
} from '../../testing/live-probe.ts';
import { openEbpf } from './ebpf-source.ts';
import { parseCgroupMounts } from './scope.ts';

const needed = ['/usr/sbin/runc', '/usr/bin/busybox', '/usr/bin/script'];
const missing = needed.find((path) => !existsSync(path));
const obstacle = liveObstacle() ?? (missing === undefined ? undefined : `${missing} is not installed`);
const title = obstacle === undefined ? 'container' : `container (skipped: ${obstacle})`;

const id = 'c0ffee'.padEnd(64, '0123456789abcdef');
const CLONE_CHILD_IN_PIDNS = 1 << 29;
const O_F_CREATED = 1 << 14;
const UPPER_LAYER = 1 << 15;
const LOWER_LAYER = 1 << 16;

describe.skipIf(obstacle !== undefined)(title, () => {
  let cgroup: LiveCgroup;
  let folder: string;
  let events: readonly LiveEvent[];
  let output: string;

  beforeAll(async () => {
    cgroup = createLiveCgroup();
    folder = mkdtempSync(join(tmpdir(), 'peregrine-container-'));
    for (const name of ['lower/bin', 'lower/proc', 'lower/dev', 'lower/sys', 'upper', 'work', 'rootfs'])
      mkdirSync(join(folder, name), { recursive: true });
    copyFileSync('/usr/bin/busybox', join(folder, 'lower/bin/busybox'));
    writeFileSync(join(folder, 'lower/data'), 'lower\n');
    const layers = ['lower', 'upper', 'work'].map((name) => `${name}dir=${join(folder, name)}`).join(',');
    execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', layers, join(folder, 'rootfs')]);
    execFileSync('runc', ['spec'], { cwd: folder });
    const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
    const script = '/bin/busybox tty; /bin/busybox cp /bin/busybox /cat; /cat /data; /bin/busybox true';
    config.process.args = ['/bin/busybox', 'sh', '-c', script];
    config.root.readonly = false;
    config.linux.cgroupsPath = `/${basename(cgroup.path)}/${id}`;
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    const source = openEbpf({ scope: `cgroup:${cgroup.path}` });
    const run = `runc --root ${folder}/state run -b ${folder} ${id}`;
    ({ events, output } = await runLive(source, cgroup, `exec script -qec "${run}" /dev/null </dev/null`));
    source.close();
  }, 60_000);

  afterAll(async () => {
    if (folder !== undefined) {
      execFileSync('umount', [join(folder, 'rootfs')]);
      rmSync(folder, { recursive: true, force: true });
    }
    await cgroup?.remove();
    for (const mount of parseCgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8'))) {
      const path = join(mount.path, basename(cgroup?.path ?? ''));
      if (cgroup !== undefined && existsSync(path)) rmdirSync(path);
    }
  });

  const execOf = (exepath: string): LiveEvent | undefined =>
    events.find(
      (event) =>
        event.name === 'execve' &&
        event.params.trusted_exepath === exepath &&
        event.params.cgroups?.includes(id) === true,
    );

  test('it ran on a terminal', () => {
    expect(output).toContain('/dev/pts/0');
    expect(output).toContain('lower');
  });

  test('its first program: cgroups, terminal, lower layer, capabilities', () => {
    const exec = execOf('/bin/busybox');
    const path = `/${basename(cgroup.path)}/${id}`;
    expect(exec?.params.cgroups).toBe(
      ['cpuset', 'cpu', 'cpuacct', 'io', 'memory'].map((name) => `${name}=${path}|`).join(''),
    );
    expect(exec?.params).toMatchObject({
      res: '0',
      exe: '/bin/busybox',
      filename: '/bin/busybox',
      vpgid: '1',
      tty: String(136 << 8),
      flags: String(1 | 8),
      cap_permitted: String((1 << 29) | (1 << 10) | (1 << 5)),
    });
    expect(Number(exec?.params.pgid)).toBeGreaterThan(1);
  });

  test('a program that was copied there: upper layer', () => {
    expect(execOf('/cat')?.params).toMatchObject({ args: '/data|', flags: String(1 | 2) });
  });

  test('its children: numbers in both namespaces, and the start of the namespace', () => {
    const children = events.filter(
      (event) =>
        /clone|fork/.test(event.name) && event.params.res === '0' && event.params.vpid !== event.params.pid,
    );
    expect(children.length).toBeGreaterThanOrEqual(3);
    for (const child of children) {
      expect(Number(child.params.flags) & CLONE_CHILD_IN_PIDNS).toBeGreaterThan(0);
      expect(child.params.tid).toBe(String(child.tid));
      expect(child.params.vtid === child.params.vpid).toBe(child.params.tid === child.params.pid);
      expect(Number(child.params.vtid)).toBeLessThan(20);
    }
    const starts = new Set(children.map((child) => child.params.pidns_init_start_ts));
    expect(starts.size).toBe(1);
    expect(Number([...starts][0])).toBeGreaterThan(0);
    const init = events.find((event) => event.params.vtid === '1' && event.params.res === '0');
    expect(init?.params.pidns_init_start_ts).toBe([...starts][0]);
  });

  test('the layer of files that it opens', () => {
    const flagsOf = (name: string): number =>
      Number(
        events.find((event) => event.name.startsWith('open') && event.params.name === name)?.params.flags,
      );
    expect(flagsOf('/data')).toBe(1 | LOWER_LAYER);
    expect(flagsOf('/cat') & (O_F_CREATED | UPPER_LAYER)).toBe(O_F_CREATED | UPPER_LAYER);
  });
});
