/** What the configuration says of live detection: silence told of, system calls switched off. In a cgroup of its own. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLiveCgroup, type LiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { bugIn, Scratch, start, until } from './program.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'live configuration' : `live configuration (skipped: ${obstacle})`;

const rules = `
- rule: Made
  desc: A folder was made.
  condition: evt.type in (mkdir, mkdirat)
  output: made %evt.arg.path
  priority: NOTICE
- rule: Removed
  desc: A folder was removed.
  condition: evt.type = rmdir or (evt.type = unlinkat and evt.arg.flags contains AT_REMOVEDIR)
  output: removed
  priority: NOTICE
`;

describe.skipIf(obstacle !== undefined)(title, () => {
  const scratch = new Scratch();
  let cgroup: LiveCgroup;
  beforeAll(() => {
    cgroup = createLiveCgroup();
  });
  afterAll(async () => {
    await cgroup?.remove();
    scratch.remove();
  });

  test('an idle machine is told of, and calls that are left out make no alert', async () => {
    const options = [
      'stdout_output.enabled=true',
      'syscall_event_timeouts.max_consecutives=10',
      'base_syscalls.custom_set[]=!rmdir',
      'base_syscalls.custom_set[]=!unlinkat',
    ];
    const program = start('falco', [
      ...['-U', '-r', scratch.write('rules.yaml', rules), '--scope', `cgroup:${cgroup.path}`],
      ...options.flatMap((option) => ['-o', option]),
    ]);
    const isDecided = (): boolean => /watching/.test(program.err()) || program.child.exitCode !== null;
    await until('the program watches', isDecided, 60_000);
    expect(program.err()).toContain('rules speak of system calls that are not activated: rmdir, unlinkat');
    await until('silence is told of', () => program.out().includes('timeouts notification'));
    const folder = scratch.path('made');
    const child = cgroup.spawn(`mkdir ${folder}; rmdir ${folder}; mkdir ${folder}; true`);
    await new Promise((resolve) => child.once('close', resolve));
    const madeCount = (): number => program.out().split(`made ${folder}`).length - 1;
    await until('both alerts came', () => madeCount() === 2);
    await until('silence after events', () => /last_event_time="\d\d:/.test(program.out()));
    program.child.kill('SIGINT');
    const ended = await program.ended;
    expect(ended.out).toContain(
      'Falco internal: timeouts notification. 10 consecutive timeouts without event. (last_event_time="none")',
    );
    expect(ended.out).not.toMatch(/ removed$/m);
    expect([ended.status, bugIn(ended)]).toEqual([0, '']);
  }, 90_000);
});
