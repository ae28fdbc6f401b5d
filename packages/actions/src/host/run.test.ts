import { readTree } from '@peregrine/base';
import { describe, expect, test } from 'vitest';
import { HandsWorld } from '../../testing/hands-world.ts';
import { nodeOf } from '../../testing/node-of.ts';
import { orderText } from './deeds/run.ts';
import { runProgram } from './run.ts';

/** The world of a machine whose rules have these run. */
function worldOf(command: readonly string[], user = '', folder = '/'): HandsWorld {
  return new HandsWorld({ settings: { commands: [orderText({ command, user, folder })] } });
}

test('runs a program with the alert, and gives what it says', async () => {
  const command = [
    '/bin/sh',
    '-c',
    'echo "$PROC_NAME in $PWD"; cat /dev/stdin; echo "$LD_PRELOAD" >&2; exit 3',
  ];
  await using world = worldOf(command, '', '/usr');
  const hostile = '$(touch /tmp/x); `id` "\'\n';
  const alert = world.alertOn(process.pid, {
    fields: { 'proc.name': hostile, 'ld.preload': '/tmp/evil.so' },
  });
  const outcome = await world.run(runProgram, alert, { command, folder: '/usr' });
  expect(outcome).toMatchObject({ kind: 'done', summary: '`/bin/sh` ended with status 3' });
  expect(outcome.kind === 'done' && outcome.results).toEqual({
    exit_code: 3,
    stdout: `${hostile} in /usr\n${alert.json}`,
    stderr: '\n',
  });
});

test('runs nothing that no rule had run, nor anything in a dry run', async () => {
  const command = ['/bin/sh', '-c', 'exit 3'];
  await using world = worldOf(command);
  const alert = world.alertOn(process.pid);
  expect(await world.run(runProgram, alert, { command: ['/bin/sh', '-c', 'exit 4'] })).toEqual({
    kind: 'refused',
    reason: 'no rule had `/bin/sh` run like this when Peregrine was started; start it again',
  });
  expect(await world.run(runProgram, alert, { command, folder: '/tmp' })).toMatchObject({ kind: 'refused' });
  expect(await world.run(runProgram, alert, { command }, true)).toMatchObject({
    kind: 'done',
    summary: 'would run `/bin/sh -c exit 3`',
  });
  expect(await world.run(runProgram, { ...alert, hostname: 'node-2' }, { command })).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('the alert is of `node-2`'),
  });
});

test('says that a program is not there, or its user', async () => {
  const command = ['/nowhere/program'];
  await using world = worldOf(command);
  expect(await world.run(runProgram, world.alertOn(process.pid), { command })).toMatchObject({
    kind: 'refused',
    reason: expect.stringMatching(/^`\/nowhere\/program` cannot be run: .*ENOENT/),
  });
  await using other = worldOf(['/bin/true'], 'no-such-user');
  const parameters = { command: ['/bin/true'], user: 'no-such-user' };
  expect(await other.run(runProgram, other.alertOn(process.pid), parameters)).toEqual({
    kind: 'refused',
    reason: 'there is no user `no-such-user`',
  });
});

test('ends a program that takes too long, with what it started', async () => {
  const command = ['/bin/sh', '-c', 'sleep 600 & wait'];
  await using world = worldOf(command);
  const alert = world.alertOn(process.pid);
  expect(await world.run(runProgram, alert, { command, timeout: '100ms' })).toEqual({
    kind: 'unknown',
    reason: '`/bin/sh`: it took longer than 100 ms, and was ended',
  });
});

test('keeps no more than so much of what it says', async () => {
  const command = ['/bin/sh', '-c', 'head -c 300000 /dev/zero | tr "\\0" x'];
  await using world = worldOf(command);
  const outcome = await world.run(runProgram, world.alertOn(process.pid), { command });
  expect(outcome.kind === 'done' && String(outcome.results?.stdout).length).toBe(64 * 1024);
});

describe.skipIf(process.getuid?.() !== 0)('as root', () => {
  test('runs a program as another user', async () => {
    const command = ['/usr/bin/id', '-un'];
    await using world = worldOf(command, 'nobody');
    const outcome = await world.run(runProgram, world.alertOn(process.pid), { command, user: 'nobody' });
    expect(outcome).toMatchObject({ kind: 'done', results: { exit_code: 0, stdout: 'nobody\n' } });
  });
});

test.each([
  [{ command: ['isolate'] }, ['command']],
  [{ command: [] }, ['command']],
  [{ command: ['/bin/echo', 'a\0b'] }, ['command']],
  [{ command: ['/bin/echo'], folder: 'here' }, ['folder']],
  [{ command: ['/bin/echo', '$(id)'] }, []],
])('refuses %j by %j', (written, keys) => {
  const { value } = readTree(runProgram.parameters, nodeOf(written));
  expect(value && runProgram.refuses(value).map(({ key }) => key)).toEqual(keys);
});
