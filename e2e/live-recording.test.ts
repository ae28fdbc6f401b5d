/** Recordings that alerts start, as falco.yaml asks for them: real processes of a cgroup of its own. */

import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLiveCgroup, type LiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { bugIn, type Running, run, Scratch, start, until } from './program.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'live recordings' : `live recordings (skipped: ${obstacle})`;

const rules = `
- rule: Alarm
  desc: d
  condition: evt.type in (open, openat) and fd.name = /etc/hostname
  output: alarm by %proc.cmdline
  priority: NOTICE
  capture: true
  capture_duration: 500
`;
const looking = `
- rule: Before
  desc: d
  condition: evt.type in (mkdir, mkdirat)
  output: before %proc.name %proc.pname
  priority: NOTICE
- rule: After
  desc: d
  condition: evt.type in (chmod, fchmodat, fchmodat2)
  output: after %proc.name %proc.pname
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

  async function watch(prefix: string): Promise<Running> {
    const options = [
      'capture.enabled=true',
      `capture.path_prefix=${prefix}`,
      'base_syscalls.custom_set[]=mkdir',
    ];
    const calls = ['mkdirat', 'chmod', 'fchmodat'].map((name) => `base_syscalls.custom_set[]=${name}`);
    const program = start('falco', [
      ...['-U', '-r', scratch.write('rules.yaml', rules), '--scope', `cgroup:${cgroup.path}`],
      ...[...options, ...calls, 'base_syscalls.repair=true'].flatMap((option) => ['-o', option]),
      ...['-o', 'stdout_output.enabled=true'],
    ]);
    const isDecided = (): boolean => /watching/.test(program.err()) || program.child.exitCode !== null;
    await until('the program watches', isDecided, 60_000);
    return program;
  }

  test('hold what happened before and after the alert', async () => {
    const program = await watch(scratch.path('rec'));
    const folder = scratch.path('made');
    // The inner shell is born in the cgroup, so that all of its life is seen.
    const commands = `mkdir ${folder}; cat /etc/hostname > /dev/null; chmod 700 ${folder}; true`;
    const child = cgroup.spawn(`/bin/sh -c '${commands}'; true`);
    await new Promise((resolve) => child.once('close', resolve));
    await until('the recording is complete', () => /recording .* is complete/.test(program.err()));
    program.child.kill('SIGINT');
    const ended = await program.ended;
    expect([ended.status, bugIn(ended)]).toEqual([0, '']);
    expect(ended.err).toMatch(/rule `Alarm` has begun the recording `.*\.scap`, with \d+ ms before it/);
    const files = readdirSync(scratch.folder).filter((name) => name.endsWith('.scap'));
    expect(files).toEqual([expect.stringMatching(/^rec_\d{20}_\d{20}\.scap$/)]);
    const file = scratch.path(files[0] ?? '');
    expect([...readFileSync(file).subarray(0, 2)]).toEqual([0x1f, 0x8b]);
    const replayed = await run('peregrine', ['replay', file, '-r', scratch.write('looking.yaml', looking)]);
    expect(replayed.out).toMatch(/before mkdir sh.*\n.*after chmod sh/);
  }, 120_000);

  test('that cannot be written are told of, and detection goes on', async () => {
    const program = await watch(scratch.path('nowhere/rec'));
    for (const count of [1, 2]) {
      const child = cgroup.spawn('cat /etc/hostname > /dev/null; true');
      await new Promise((resolve) => child.once('close', resolve));
      await until(`alert ${count}`, () => program.out().split('alarm by cat').length > count);
    }
    program.child.kill('SIGINT');
    const ended = await program.ended;
    expect([ended.status, bugIn(ended)]).toEqual([0, '']);
    expect(ended.err.match(/cannot write the capture `.*nowhere.*ENOENT.*detection goes on/g)).toHaveLength(
      1,
    );
  }, 120_000);
});
