/**
 * The program in a pid namespace of its own, as in a container that does not share the host's: its process id there
 * is that of somebody else on the machine. Watches a cgroup of its own.
 */

import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLiveCgroup, type LiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { bugIn, type Running, root, Scratch, start, until } from './program.ts';

const LAST_PID = '/proc/sys/kernel/ns_last_pid';
const needed = [LAST_PID, '/usr/bin/unshare'].find((path) => !existsSync(path));
const obstacle = liveObstacle() ?? (needed === undefined ? undefined : `there is no ${needed}`);
const title =
  obstacle === undefined ? 'a pid namespace of its own' : `a pid namespace of its own (skipped: ${obstacle})`;

const rulesAt = (file: string): string => `
- rule: Read
  desc: d
  condition: evt.type in (open, openat) and fd.name = /etc/hostname
  output: read by %proc.name in %proc.cwd
  priority: NOTICE
- rule: Own
  desc: The program reads its rules.
  condition: evt.type in (open, openat) and fd.name = ${file}
  output: own reading
  priority: NOTICE
`;

const NO_PROC = 'no /proc with the ids of the machine is mounted';

describe.skipIf(obstacle !== undefined)(title, () => {
  let scratch: Scratch;
  let cgroup: LiveCgroup;
  let running: Running | undefined;
  let other: ChildProcess | undefined;
  beforeEach(() => {
    scratch = new Scratch();
    cgroup = createLiveCgroup();
  });
  afterEach(async () => {
    other?.kill('SIGKILL');
    // What runs in the cgroup ends with it: the program, and the first process of its namespace.
    await cgroup.remove();
    await running?.ended;
    scratch.remove();
  });

  test.each([
    ['no /proc of the host', '', true, 'read by <NA> in'],
    ['the host’s /proc elsewhere', 'host', false, 'read by sh in /usr/share'],
  ])(
    'ignores itself, not the process of the same number: with %s',
    async (_, folder, isWarned, alert) => {
      const hostRoot = folder === '' ? '' : scratch.path(folder);
      const go = scratch.path('go');
      other = cgroup.spawn(
        `cd /usr/share; while [ ! -e ${go} ]; do sleep 0.1; done; while :; do read x </etc/hostname; sleep 0.1; done`,
      );
      const file = scratch.path('rules.yaml');
      scratch.write('rules.yaml', rulesAt(file));
      // The program itself lives in the cgroup that it watches.
      const inside = [
        ...(hostRoot === '' ? [] : [`mkdir -p ${hostRoot}/proc`, `mount --bind /proc ${hostRoot}/proc`]),
        'mount -t proc proc /proc',
        `echo ${(other.pid ?? 0) - 1} > ${LAST_PID}`,
        `${root}/bin/peregrine up -r ${file} --scope cgroup:${cgroup.path} &`,
        'echo "it is $!" >&2; wait',
      ].join('; ');
      const line = `echo $$ > ${cgroup.path}/cgroup.procs; exec unshare --pid --mount --fork sh -c '${inside.replace('&; ', '& ')}'`;
      running = start('/bin/sh', ['-c', line], { environment: { HOST_ROOT: hostRoot } });
      const program = running;
      await until('it watches', () => program.err().includes('watching this machine'), 60_000);
      expect(program.err()).toContain(`it is ${other.pid}\n`);
      expect(program.err().includes(NO_PROC)).toBe(isWarned);
      scratch.write('go', '');
      await until('an alert', () => program.out().includes(alert), 30_000);
      // It reads its rules again, where it would see itself.
      scratch.write('rules.yaml', rulesAt(file).replace('read by', 'again read by'));
      await until('an alert of the new rules', () => program.out().includes('again read by'), 30_000);
      expect(program.out()).not.toContain('own reading');
      expect(bugIn({ status: 0, out: '', err: program.err() })).toBe('');
    },
    120_000,
  );
});
