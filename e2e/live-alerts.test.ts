/** Live detection as a user runs it: the built program, real processes, alerts. Watches a cgroup of its own. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLiveCgroup, type LiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { Scratch, start, until } from './program.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'live alerts' : `live alerts (skipped: ${obstacle})`;

const fields = 'proc.name proc.pname proc.cmdline proc.pid proc.ppid fd.name fs.path.target evt.arg.filename';
const shown = fields.replaceAll(/\S+/g, '%$&');

const rules = `
- macro: opened
  condition: (evt.type in (open, openat, openat2) and fd.num >= 0)
- rule: Read
  desc: A file was read.
  condition: opened and evt.is_open_read = true and fd.name = /etc/hostname
  output: seen ${shown}
  priority: NOTICE
- rule: Written
  desc: A file was made.
  condition: opened and evt.is_open_write = true and fd.filename = made
  output: seen ${shown}
  priority: WARNING
- rule: Renamed
  desc: A file was renamed.
  condition: evt.type in (rename, renameat, renameat2) and fs.path.target endswith /moved
  output: seen ${shown}
  priority: ERROR
- rule: Unknown program
  desc: A program that is not there was to run.
  condition: evt.type = execve and evt.failed = true and evt.arg.filename endswith /no-such-program
  output: seen ${shown}
  priority: INFO
- rule: Ran
  desc: A program ran.
  condition: evt.type = execve and proc.exepath endswith /env and proc.args startswith "SHOWN=1"
  output: seen ${shown}
  priority: INFO
- rule: Ended
  desc: A process ended with 42.
  condition: evt.type = procexit and evt.arg.ret = 42
  output: seen ${shown}
  priority: INFO
`;

interface Alert {
  readonly rule: string;
  readonly output_fields: Readonly<Record<string, unknown>>;
}

describe.skipIf(obstacle !== undefined)(title, () => {
  const scratch = new Scratch();
  let cgroup: LiveCgroup;
  let alerts: readonly Alert[];

  beforeAll(async () => {
    cgroup = createLiveCgroup();
    const options = ['stdout_output.enabled=true', 'json_output=true'];
    const program = start('falco', [
      ...['-U', '-r', scratch.write('rules.yaml', rules), '--scope', `cgroup:${cgroup.path}`],
      ...options.flatMap((option) => ['-o', option]),
    ]);
    const isDecided = (): boolean => /watching/.test(program.err()) || program.child.exitCode !== null;
    await until('the program watches', isDecided, 60_000);
    expect(program.child.exitCode, program.err()).toBe(null);
    /* The inner shell is born in the cgroup, so that all of its life is seen. */
    const script = [
      `cat /etc/hostname > ${scratch.path('made')}`,
      `mv ${scratch.path('made')} ${scratch.path('moved')}`,
      'env SHOWN=1 true',
      '/usr/bin/env no-such-program',
      'exit 42',
    ].join('; ');
    const child = cgroup.spawn(`cd ${scratch.folder}; /bin/sh -c '${script}'; true`);
    await new Promise((resolve) => child.once('close', resolve));
    await until('the last alert came', () => program.out().includes('"Ended"'), 20_000);
    program.child.kill('SIGINT');
    const { out } = await program.ended;
    alerts = out
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
  }, 120_000);

  afterAll(async () => {
    await cgroup?.remove();
    scratch.remove();
  });

  const fieldsOf = (rule: string): Readonly<Record<string, unknown>> =>
    alerts.find((alert) => alert.rule === rule)?.output_fields ?? {};

  test('each rule fires once, in the order of events', () => {
    const order = alerts.map(({ rule }) => rule).filter((rule, index, all) => all[index - 1] !== rule);
    expect(order).toEqual(['Written', 'Read', 'Renamed', 'Ran', 'Unknown program', 'Ended']);
  });

  test('fields know the process, its parent and the file', () => {
    expect(fieldsOf('Read')).toMatchObject({
      'proc.name': 'cat',
      'proc.pname': 'sh',
      'proc.cmdline': 'cat /etc/hostname',
      'fd.name': '/etc/hostname',
    });
    expect(fieldsOf('Written')).toMatchObject({ 'fd.name': scratch.path('made') });
    expect(fieldsOf('Renamed')).toMatchObject({ 'proc.name': 'mv', 'fs.path.target': scratch.path('moved') });
    expect(fieldsOf('Unknown program')).toMatchObject({ 'proc.name': 'env' });
    expect(fieldsOf('Ended')).toMatchObject({ 'proc.name': 'sh', 'proc.pname': 'sh' });
    expect(fieldsOf('Ended')['proc.pid']).toBe(fieldsOf('Read')['proc.ppid']);
  });
});
