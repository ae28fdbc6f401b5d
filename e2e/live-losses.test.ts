/** More events than a ring of one page can hold: the program keeps detecting, and says who was not seen. */

import { execFileSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLiveCgroup, type LiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { bugIn, root, Scratch, start, until } from './program.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'live losses' : `live losses (skipped: ${obstacle})`;

const rules = `
- rule: Opened nothing
  desc: A file that is read all the time.
  condition: evt.type in (open, openat) and fd.name = /dev/null and proc.name = nobody
  output: opened
  priority: NOTICE
- rule: Ended
  desc: A process ended with 42.
  condition: evt.type = procexit and evt.arg.ret = 42
  output: ended
  priority: NOTICE
`;

describe.skipIf(obstacle !== undefined)(title, () => {
  const scratch = new Scratch();
  let cgroup: LiveCgroup;
  beforeAll(() => {
    cgroup = createLiveCgroup();
    const code = join(root, 'packages/sources/testing/flood.c');
    execFileSync('clang', ['-static', '-O1', '-o', scratch.path('flood'), code]);
  });
  afterAll(async () => {
    await cgroup?.remove();
    scratch.remove();
  });

  test('are told of as an alert, in the log, and to those who watch for the reference’s alert', async () => {
    const options = [
      'engine.modern_ebpf.buf_size_bytes=4096',
      'coverage_ledger.quiet_s=1',
      'syscall_event_drops.actions[0]=alert',
      'syscall_event_drops.threshold=0',
    ];
    const program = start('peregrine', [
      ...['up', '--json', '-r', scratch.write('rules.yaml', rules), '--scope', `cgroup:${cgroup.path}`],
      ...options.flatMap((option) => ['-o', option]),
    ]);
    const isDecided = (): boolean => /watching/.test(program.err()) || program.child.exitCode !== null;
    await until('the program watches', isDecided, 60_000);
    expect(program.child.exitCode, program.err()).toBe(null);
    const flood = scratch.path('flood');
    cgroup.spawn(`${flood} 50000 & ${flood} 50000; wait`);
    // What nobody could be found for meanwhile is a gap of its own.
    const gapOf = `"cgroup":"/${basename(cgroup.path)}"`;
    await until('the gap is told of', () => program.out().includes(gapOf), 30_000);
    // A ring of one page may lose any one of them.
    const ends = setInterval(() => cgroup.spawn('/bin/sh -c "exit 42"; true'), 500);
    try {
      await until('it still detects', () => program.out().includes('"Ended"'), 30_000);
    } finally {
      clearInterval(ends);
    }
    program.child.kill('SIGINT');
    const ended = await program.ended;
    expect(bugIn(ended)).toBe('');
    const alerts = ended.out
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
    const gap = alerts.find(({ output_fields: { cgroup: path } }) => path === `/${basename(cgroup.path)}`);
    expect(gap?.rule).toBe('Peregrine internal: coverage gap');
    expect(gap).toMatchObject({ priority: 'Warning', source: 'internal' });
    expect(gap.output_fields).toMatchObject({
      'container.id': 'host',
      tables_affected: 'true',
    });
    expect(gap.output_fields.syscalls).toMatch(/\bopenat=\d+/);
    expect(gap.output_fields.rules).toContain('Opened nothing');
    expect(alerts.find(({ rule }) => rule === 'Falco internal: syscall event drop')).toMatchObject({
      output_fields: { ebpf_enabled: '1' },
    });
    expect(ended.err).toMatch(/events of cgroup ".*peregrine-test.*" *,? .*were lost from/);
  }, 120_000);
});
