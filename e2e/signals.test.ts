/** The running program: signals, changed files, and what it keeps through them. Watches a cgroup of its own only. */

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLiveCgroup, type LiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { bugIn, type Running, Scratch, start, until } from './program.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'signals' : `signals (skipped: ${obstacle})`;
/** The kernel checks the probe, on a machine that is busy with other tests. */
const START_LIMIT_MS = 60_000;

function rule(name: string, condition: string, output = name): string {
  return `- rule: ${name}\n  desc: d\n  condition: ${condition}\n  output: ${output}\n  priority: NOTICE\n`;
}
const opened = (path: string): string => `evt.type in (open, openat) and fd.name = ${path}`;

describe.skipIf(obstacle !== undefined)(title, { timeout: START_LIMIT_MS + 30_000 }, () => {
  let scratch: Scratch;
  let cgroup: LiveCgroup;
  let running: Running | undefined;
  let rules = '';
  beforeEach(() => {
    scratch = new Scratch();
    cgroup = createLiveCgroup();
    rules = scratch.write('rules.yaml', rule('First', opened('/etc/hostname')));
  });
  afterEach(async () => {
    running?.child.kill('SIGKILL');
    await running?.ended;
    await cgroup.remove();
    scratch.remove();
  });

  async function watch(program: 'peregrine' | 'falco', given: readonly string[]): Promise<Running> {
    const command = program === 'peregrine' ? ['up'] : [];
    running = start(program, [...command, '--scope', `cgroup:${cgroup.path}`, ...given]);
    const { err } = running;
    await until('watching', () => err().includes('watching this machine'), START_LIMIT_MS);
    return running;
  }

  /** Opens a file in the watched cgroup. */
  async function open(path: string): Promise<void> {
    const child = cgroup.spawn(`cat ${path} >/dev/null`);
    await new Promise((resolve) => child.on('close', resolve));
  }

  function configOf(more: string): string {
    return scratch.write('falco.yaml', `rules_files: [${rules}]\nlog_syslog: false\n${more}\n`);
  }

  test('alerts come as events happen, and a signal ends it with status 0', async () => {
    const program = await watch('peregrine', ['-r', rules, '--json']);
    await open('/etc/hostname');
    await until('an alert', () => program.out().includes('\n'));
    expect(JSON.parse(program.out())).toMatchObject({ rule: 'First', source: 'syscall', hostname: 'tester' });
    program.child.kill('SIGTERM');
    const ended = await program.ended;
    expect([ended.status, bugIn(ended)]).toEqual([0, '']);
  });

  test('SIGHUP takes new rules and keeps state; bad ones are refused whole, and an alert says so', async () => {
    const config = configOf('stdout_output: {enabled: true}\nwatch_config_files: false');
    const program = await watch('falco', ['-c', config]);
    // A process that was there before the reload is known after it.
    const old = cgroup.spawn(
      'exec 3</etc/hostname; while [ ! -e go ]; do sleep 0.05; done; : </etc/os-release; sleep 5'.replaceAll(
        'go',
        scratch.path('go'),
      ),
    );
    await until('the first alert', () => program.out().includes('Notice First'));

    writeFileSync(
      rules,
      rule('Second', `${opened('/etc/os-release')} and proc.cmdline contains go`, 'Second in %proc.name'),
    );
    program.child.kill('SIGHUP');
    await until('the reload', () => program.err().includes('are in use'));
    scratch.write('go', '');
    await until('the second alert', () => program.out().includes('Notice Second in sh'));
    old.kill('SIGKILL');

    writeFileSync(rules, rule('Third', 'proc.nmae = x'));
    program.child.kill('SIGHUP');
    await until('the refusal', () => program.out().includes('hot restart failure'));
    expect(program.out()).toMatch(
      /: Critical Falco internal: hot restart failure: unknown field `proc\.nmae`.* \(\)\n/,
    );
    expect(program.err()).toContain('unknown field `proc.nmae`');

    writeFileSync(config, 'priority: [');
    program.child.kill('SIGHUP');
    await until('the second refusal', () => program.out().split('hot restart failure').length > 2);

    const before = program.out().split('Second').length;
    const again = cgroup.spawn(': go; cat /etc/os-release');
    await new Promise((resolve) => again.on('close', resolve));
    program.child.kill('SIGINT');
    const ended = await program.ended;
    expect([ended.status, bugIn(ended)]).toEqual([0, '']);
    expect(ended.out.split('Second').length).toBeGreaterThanOrEqual(before);
    expect(ended.out).toMatch(/Events detected: [2-9]\n[\s\S]* {3}First: 1\n {3}Second: \d\n/);
  });

  test('a changed rules file is loaded by itself', async () => {
    const program = await watch('peregrine', ['-r', rules]);
    writeFileSync(rules, rule('Changed', opened('/etc/os-release')));
    await until('the reload', () => program.err().includes('are in use'));
    await open('/etc/os-release');
    await until('the alert', () => program.out().includes('Notice Changed'));
  });

  test('outputs change with the configuration', async () => {
    const log = scratch.path('alerts.log');
    const config = configOf('stdout_output: {enabled: true}');
    const program = await watch('falco', ['-c', config]);
    configOf(`file_output: {enabled: true, filename: ${log}}`);
    await until('the reload', () => program.err().includes('are in use'));
    await until('the file', () => existsSync(log));
    await open('/etc/hostname');
    await until('the alert', () => readFileSync(log, 'utf8').includes('Notice First'));
    expect(program.out()).toBe('');
  });

  test('SIGUSR1 opens a rotated file again', async () => {
    const log = scratch.path('alerts.log');
    const program = await watch('falco', [
      ...['-c', configOf(`file_output: {enabled: true, keep_alive: true, filename: ${log}}`)],
    ]);
    await open('/etc/hostname');
    await until('the alert', () => readFileSync(log, 'utf8').includes('Notice First'));
    renameSync(log, `${log}.1`);
    program.child.kill('SIGUSR1');
    await until('the new file', () => existsSync(log));
    await open('/etc/hostname');
    await until('the next alert', () => readFileSync(log, 'utf8').includes('Notice First'));
    expect(readFileSync(`${log}.1`, 'utf8').trimEnd().split('\n')).toHaveLength(1);
  });

  test('lost events make the alert that the configuration asks for', async () => {
    const config = configOf(
      'stdout_output: {enabled: true}\njson_output: true\nsyscall_event_drops: {actions: [log, alert], simulate_drops: true, max_burst: 10}',
    );
    const program = await watch('falco', ['-c', config]);
    await until('the alert', () => program.out().includes('\n'));
    expect(JSON.parse(program.out().split('\n')[0] ?? '')).toMatchObject({
      rule: 'Falco internal: syscall event drop',
      priority: 'Debug',
      source: 'internal',
      output_fields: { n_drops: '1', ebpf_enabled: '1' },
    });
  });

  test('a reader that does not read is told of, and keeps nobody from stopping', async () => {
    const config = configOf('stdout_output: {enabled: true}\noutput_timeout: 200');
    writeFileSync(rules, rule('First', opened('/etc/hostname'), 'x'.repeat(100_000)));
    const program = await watch('falco', ['-c', config]);
    program.child.stdout?.pause();
    for (let i = 0; i < 4; i++) await open('/etc/hostname');
    await until('the complaint', () => program.err().includes('has not taken an alert for 200 ms'));
    program.child.kill('SIGTERM');
    await until('the end', () => program.err().includes('alerts were given up'));
    program.child.stdout?.resume();
    expect((await program.ended).status).toBe(0);
  });

  test('-M ends it by itself', async () => {
    const program = await watch('falco', ['-c', configOf('stdout_output: {enabled: true}'), '-M', '1']);
    const ended = await program.ended;
    expect([ended.status, bugIn(ended)]).toEqual([0, '']);
    expect(ended.out).toMatch(/^Events detected: 0\n/);
  });
});
