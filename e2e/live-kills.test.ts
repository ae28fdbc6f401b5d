/**
 * Responses of the kernel: processes that a rule wants ended are gone before they can do what the rule is about;
 * others are not touched. Watches a cgroup of its own, and ends only what runs in it.
 */

import { copyFileSync, symlinkSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLiveCgroup, type LiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { type Running, run, Scratch, start, until } from './program.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'kernel responses' : `kernel responses (skipped: ${obstacle})`;
const RESPONSE = 'Peregrine internal: kernel response';

interface Alert {
  readonly rule: string;
  readonly output_fields: Readonly<Record<string, string>>;
}

function alertsOf({ out }: Running): readonly Alert[] {
  return out()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Alert => JSON.parse(line));
}

describe.skipIf(obstacle !== undefined)(title, () => {
  const scratch = new Scratch();
  let cgroup: LiveCgroup;
  let program: Running | undefined;

  const rule = (name: string, condition: string): object => ({
    rule: name,
    desc: '-',
    condition,
    output: 'seen %proc.pid',
    priority: 'NOTICE',
    kernel_response: 'kill',
  });
  const secret = scratch.write('secret', 'top secret\n');
  const denied = scratch.path('denied');
  const rules = scratch.write(
    'rules.yaml',
    JSON.stringify([
      rule(
        'Secret read',
        `evt.type in (open, openat, openat2) and evt.is_open_read=true and fd.num>=0 and fd.name=${secret}`,
      ),
      rule(
        'Denied program',
        `evt.type in (execve, execveat) and evt.failed=false and proc.exepath=${denied}`,
      ),
    ]),
  );

  beforeAll(() => {
    cgroup = createLiveCgroup();
    copyFileSync('/bin/cat', denied);
    symlinkSync(secret, scratch.path('link'));
  });
  afterEach(async () => {
    program?.child.kill('SIGINT');
    await program?.ended;
    program = undefined;
  });
  afterAll(async () => {
    await cgroup?.remove();
    scratch.remove();
  });

  async function watch(...given: readonly string[]): Promise<Running> {
    const running = start('peregrine', [
      'up',
      '-r',
      rules,
      '--json',
      '--scope',
      `cgroup:${cgroup.path}`,
      ...given,
    ]);
    program = running;
    await until(
      'it watches',
      () => /watching/.test(running.err()) || running.child.exitCode !== null,
      60_000,
    );
    return running;
  }

  /** How the command ended (as a shell says it), and what it printed. */
  async function outcome(command: string): Promise<string> {
    const child = cgroup.spawn(`(${command}) 2>/dev/null; echo $?`);
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    await new Promise((resolve) => child.once('close', resolve));
    return output;
  }

  const responses = (running: Running): readonly Alert[] =>
    alertsOf(running).filter(({ rule }) => rule === RESPONSE);

  test('who reads the file, by whatever name, or runs the program is ended; others are not', async () => {
    const running = await watch();
    expect(await outcome(`exec cat ${secret}`)).toBe('137\n');
    expect(await outcome(`cd ${scratch.folder}; exec cat ./secret`)).toBe('137\n');
    expect(await outcome(`exec cat ${scratch.path('link')}`)).toBe('137\n');
    expect(await outcome(`exec ${denied} /etc/hostname`)).toBe('137\n');
    expect(await outcome(`exec cat ${rules} >/dev/null`)).toBe('0\n');
    expect(await outcome(`: > ${scratch.path('other')}; exec cat ${secret}x`)).toBe('1\n');
    await until('all are told of', () => responses(running).length >= 4);
    expect(responses(running).map(({ output_fields }) => [output_fields.rule, output_fields.result])).toEqual(
      [
        ['Secret read', 'done'],
        ['Secret read', 'done'],
        ['Secret read', 'done'],
        ['Denied program', 'done'],
      ],
    );
    expect(responses(running)[0]?.output_fields).toMatchObject({
      'proc.name': 'cat',
      response: 'kill',
      'user.uid': '0',
    });
    expect(running.err()).toContain('kernel response: ended process');
    await until('the rules raised their own alerts', () =>
      alertsOf(running).some(({ rule }) => rule === 'Denied program'),
    );
    expect(alertsOf(running).filter(({ rule }) => rule === 'Secret read').length).toBeGreaterThanOrEqual(2);
  }, 120_000);

  test('a dry run only says so', async () => {
    const running = await watch('--dry-run');
    expect(await outcome(`exec cat ${secret}`)).toBe('top secret\n0\n');
    await until('it is told of', () => responses(running).length > 0);
    expect(responses(running)[0]?.output_fields).toMatchObject({ rule: 'Secret read', result: 'dry run' });
    expect(running.err()).toContain('would have ended process');
  }, 120_000);

  test('after a reload without them nothing is ended', async () => {
    const running = await watch('-o', 'watch_config_files=false');
    expect(await outcome(`exec cat ${secret}`)).toBe('137\n');
    const text = JSON.stringify([
      { ...rule('Only seen', `evt.type=openat and fd.name=${secret}`), kernel_response: undefined },
    ]);
    const before = scratch.write('rules.yaml', text);
    expect(before).toBe(rules);
    running.child.kill('SIGHUP');
    await until('the new rules are in use', () => running.err().includes('are in use'));
    expect(await outcome(`exec cat ${secret}`)).toBe('top secret\n0\n');
    await until('the alert', () => alertsOf(running).some(({ rule }) => rule === 'Only seen'));
  }, 120_000);

  test('a rule that asks for more than the kernel knows is refused, with its place', async () => {
    const file = scratch.write(
      'refused.yaml',
      `- rule: Wide
  desc: too wide
  condition: evt.type = openat and proc.name = cat
  output: seen
  priority: NOTICE
  kernel_response: kill
`,
    );
    for (const given of [
      ['rules', 'check', file],
      ['up', '-r', file],
    ]) {
      const ended = await run('peregrine', given);
      expect(ended.status).not.toBe(0);
      expect(ended.out + ended.err).toContain(
        '`kernel_response` is not possible: `proc.name` is not known there',
      );
      expect(ended.out + ended.err).toMatch(/refused\.yaml:6:20/);
    }
    const word = scratch.write(
      'word.yaml',
      '- rule: W\n  desc: x\n  condition: evt.type=openat\n  output: x\n  priority: INFO\n  kernel_response: stop\n',
    );
    const { status, out, err } = await run('peregrine', ['rules', 'check', word]);
    expect([status, (out + err).includes('unknown kernel response `stop`')]).toEqual([1, true]);
  });
});
