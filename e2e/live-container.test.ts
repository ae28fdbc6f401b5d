/**
 * The program in a container as a cluster would run it: four capabilities, a root file system that cannot be written,
 * a pid namespace of its own. Watches a cgroup of its own, which the container is in.
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLiveCgroup, type LiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { runcObstacle } from '../packages/sources/testing/runc-container.ts';
import { bugIn, type Running, root, Scratch, start, until } from './program.ts';

const obstacle = liveObstacle() ?? runcObstacle();
const title = obstacle === undefined ? 'in a container' : `in a container (skipped: ${obstacle})`;
const capabilities = ['CAP_BPF', 'CAP_PERFMON', 'CAP_SYS_PTRACE', 'CAP_DAC_READ_SEARCH'];
const rules = `
- rule: Read
  desc: d
  condition: evt.type in (open, openat) and fd.name = /etc/hostname
  output: read by %proc.name
  priority: NOTICE
`;

describe.skipIf(obstacle !== undefined)(title, () => {
  let scratch: Scratch;
  let cgroup: LiveCgroup;
  let running: Running | undefined;
  beforeEach(() => {
    scratch = new Scratch();
    cgroup = createLiveCgroup();
  });
  afterEach(async () => {
    await cgroup.remove();
    await running?.ended;
    scratch.remove();
  });

  /** A bundle whose files are those of this machine, seen through mounts that only the container has. */
  function writeBundle(given: readonly string[]): string {
    const bundle = scratch.path('bundle');
    mkdirSync(`${bundle}/rootfs`, { recursive: true });
    for (const name of ['bin', 'sbin', 'lib', 'lib64'])
      symlinkSync(`usr/${name}`, `${bundle}/rootfs/${name}`);
    execFileSync('runc', ['spec'], { cwd: bundle });
    const config = JSON.parse(readFileSync(`${bundle}/config.json`, 'utf8'));
    const sets = ['bounding', 'effective', 'permitted'];
    config.process.terminal = false;
    config.process.args = [`${root}/bin/peregrine`, ...given];
    config.process.capabilities = Object.fromEntries(sets.map((set) => [set, capabilities]));
    const seen = ['/usr', '/etc', '/sys', root, scratch.folder];
    config.mounts = [
      ...config.mounts.filter(({ destination }: { destination: string }) => !destination.startsWith('/sys')),
      ...seen.map((path) => ({ destination: path, type: 'bind', source: path, options: ['rbind', 'ro'] })),
    ];
    config.linux.cgroupsPath = `/${basename(cgroup.path)}/sensor`;
    writeFileSync(`${bundle}/config.json`, JSON.stringify(config));
    return bundle;
  }

  test('four capabilities are enough, and none is gained', async () => {
    const given = ['up', '-r', scratch.write('rules.yaml', rules), '--scope', `cgroup:${cgroup.path}`];
    const bundle = writeBundle(given);
    running = start('/usr/sbin/runc', ['--root', scratch.path('state'), 'run', '-b', bundle, 'sensor']);
    const program = running;
    const isDecided = (): boolean => /watching this/.test(program.err()) || program.child.exitCode !== null;
    await until('it watches', isDecided, 60_000);
    expect(program.err()).toContain(
      'runs as user 0 with CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_PERFMON, CAP_BPF, and can gain nothing',
    );
    expect(program.err()).toContain('no /proc with the ids of the machine is mounted');
    const child = cgroup.spawn('cat /etc/hostname >/dev/null');
    await new Promise((resolve) => child.once('close', resolve));
    await until('an alert', () => program.out().includes('Notice read by cat'), 30_000);
    expect(bugIn({ status: 0, out: '', err: program.err() })).toBe('');
  }, 120_000);
});
