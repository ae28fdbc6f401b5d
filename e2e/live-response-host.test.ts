/** From a system call to the end of the process that made it, by a program that may end none. Watches a cgroup of its own. */

import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLiveCgroup, type LiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { bugIn, type Running, Scratch, start, until } from './program.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'up with host:kill' : `up with host:kill (skipped: ${obstacle})`;
const LIMIT_MS = 60_000;
/** `CAP_KILL`. */
const KILL_BIT = 1n << 5n;

describe.skipIf(obstacle !== undefined)(title, { timeout: 3 * LIMIT_MS }, () => {
  let scratch: Scratch;
  let cgroup: LiveCgroup;
  let running: Running | undefined;
  beforeEach(() => {
    scratch = new Scratch();
    cgroup = createLiveCgroup();
  });
  afterEach(async () => {
    running?.child.kill('SIGKILL');
    await running?.ended;
    await cgroup.remove();
    scratch.remove();
  });

  test('a process that did what a rule describes is ended', async () => {
    const rules = scratch.write(
      'rules.yaml',
      '- rule: Read\n  desc: d\n  condition: evt.type in (open, openat) and fd.name = /etc/hostname\n  output: file by %proc.name %proc.pid %proc.pid.ts %proc.exepath\n  priority: NOTICE\n',
    );
    const response = scratch.write(
      'response.yaml',
      '- rule: End it\n  match: {rules: [Read]}\n  do: host:kill\n',
    );
    const hub = scratch.write(
      'hub.yaml',
      `journal: { path: ${scratch.path('state')} }\nresponse: { rulesfiles: [${response}] }\n`,
    );
    const program = start('peregrine', ['up', '-r', rules, '--hub', hub, '--scope', `cgroup:${cgroup.path}`]);
    running = program;
    await until('watching', () => program.err().includes('watching this machine'), LIMIT_MS);
    expect(capabilitiesOf(program.child.pid) & KILL_BIT).toBe(0n);

    const child = cgroup.spawn('exec 3</etc/hostname; sleep 600; exit 3');
    await until('the end', () => child.signalCode !== null || child.exitCode !== null, LIMIT_MS);
    expect(child.signalCode).toBe('SIGKILL');
    await until('the report', () => program.err().includes('sent SIGKILL'), LIMIT_MS);
    expect(program.err()).toMatch(
      /Response - End it - host:kill on process \d+ on tester, started \S+ - done: sent SIGKILL/,
    );
    program.child.kill('SIGTERM');
    const ended = await program.ended;
    expect([ended.status, bugIn(ended)]).toEqual([0, '']);
  });
});

function capabilitiesOf(pid: number | undefined): bigint {
  const [, digits = '0'] =
    /^CapPrm:\s+([0-9a-f]+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return BigInt(`0x${digits}`);
}
