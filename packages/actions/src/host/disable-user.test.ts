import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { alertOf } from '../../testing/alert-of.ts';
import { HandsWorld } from '../../testing/hands-world.ts';
import { disableUser } from './disable-user.ts';

const isUsable = process.getuid?.() === 0 && spawnSync('usermod', ['--help']).status === 0;
const title = isUsable ? 'host:disable-user' : 'host:disable-user (skipped: no `usermod`, or no root)';

const HASH = '$6$salt$hash';
const PASSWD = [
  'root:x:0:0::/root:/bin/sh',
  'daemon:x:2:2::/:/bin/sh',
  'mallory:x:1001:1001::/home/mallory:/bin/sh',
  'trent:x:1002:1002::/home/trent:/bin/sh',
  'gone:x:1003:1003::/home/gone:/bin/sh',
];
const SHADOW = [
  'root:*:19000:0:99999:7:::',
  'daemon:*:19000:0:99999:7:::',
  `mallory:${HASH}:19000:0:99999:7::40000:`,
  `trent:!${HASH}:19000:0:99999:7:::`,
  `gone:!${HASH}:19000:0:99999:7::1:`,
];

describe.skipIf(!isUsable)(title, () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'accounts-'));
    mkdirSync(join(root, 'etc'));
    const group = PASSWD.map((line) => line.split(':')).map(([name, , , gid]) => `${name}:x:${gid}:`);
    const files = {
      passwd: PASSWD,
      shadow: SHADOW,
      group,
      gshadow: group.map((line) => line.replace('x:', '!:')),
    };
    for (const [name, lines] of Object.entries(files))
      writeFileSync(join(root, 'etc', name), `${lines.join('\n')}\n`);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const alertWith = (user: string, more: Readonly<Record<string, string>> = {}) =>
    alertOf({ hostname: 'node-1', fields: { 'user.name': user, ...more } });
  const lineOf = (user: string): string | undefined =>
    readFileSync(join(root, 'etc', 'shadow'), 'latin1')
      .split('\n')
      .find((line) => line.startsWith(`${user}:`));

  test('locks password and account, and opens both again as they were', async () => {
    await using world = new HandsWorld({ accountsRoot: root });
    const outcome = await world.run(disableUser, alertWith('mallory'));
    expect(outcome).toMatchObject({ kind: 'done', summary: 'locked the account of `mallory`' });
    expect(lineOf('mallory')).toBe(`mallory:!${HASH}:19000:0:99999:7::1:`);
    expect(await world.run(disableUser, alertWith('mallory'))).toMatchObject({ kind: 'unchanged' });
    expect(await world.undo(disableUser, outcome)).toMatchObject({ kind: 'done' });
    expect(lineOf('mallory')).toBe(`mallory:${HASH}:19000:0:99999:7::40000:`);
    expect(await world.undo(disableUser, outcome)).toMatchObject({ kind: 'unchanged' });
  });

  test('leaves locked what was locked before', async () => {
    await using world = new HandsWorld({ accountsRoot: root });
    const outcome = await world.run(disableUser, alertWith('root', { 'user.loginname': 'trent' }), {
      user: 'login',
    });
    expect(outcome).toMatchObject({ kind: 'done' });
    expect(lineOf('trent')).toBe(`trent:!${HASH}:19000:0:99999:7::1:`);
    expect(await world.undo(disableUser, outcome)).toMatchObject({ kind: 'done' });
    expect(lineOf('trent')).toBe(`trent:!${HASH}:19000:0:99999:7:::`);
    expect(await world.run(disableUser, alertWith('gone'))).toEqual({
      kind: 'unchanged',
      reason: 'the account of `gone` is locked already',
    });
  });

  test('changes nothing in a dry run', async () => {
    await using world = new HandsWorld({ accountsRoot: root });
    expect(await world.run(disableUser, alertWith('mallory'), {}, true)).toMatchObject({
      kind: 'done',
      summary: 'would lock the account of `mallory`',
    });
    expect(lineOf('mallory')).toBe(SHADOW[2]);
  });

  test.each([
    ['root', 'is root'],
    ['daemon', 'is one of the system, number 2'],
    ['trent', 'is protected: `response.protected.users`'],
    ['nobody-of-that-name', 'there is no user'],
    ['-R/tmp/x', 'is no name of a user'],
    ['mallory:0', 'is no name of a user'],
  ])('leaves %s alone', async (user, reason) => {
    await using world = new HandsWorld({ accountsRoot: root, settings: { users: ['trent'] } });
    expect(await world.run(disableUser, alertWith(user))).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining(reason),
    });
    expect(readFileSync(join(root, 'etc', 'shadow'), 'latin1')).toBe(`${SHADOW.join('\n')}\n`);
  });

  test('locks users of the system where that is allowed', async () => {
    await using world = new HandsWorld({ accountsRoot: root });
    expect(await world.run(disableUser, alertWith('daemon'), { system: true })).toMatchObject({
      kind: 'done',
    });
    expect(lineOf('daemon')).toBe('daemon:!*:19000:0:99999:7::1:');
  });

  test('wants a user of this machine', async () => {
    await using world = new HandsWorld({ accountsRoot: root });
    for (const alert of [
      alertOf({ hostname: 'node-1', fields: {} }),
      alertWith('mallory', { 'container.id': 'abc' }),
      { ...alertWith('mallory'), hostname: 'node-2' },
    ])
      expect(await world.run(disableUser, alert)).toMatchObject({ kind: 'refused' });
    expect(lineOf('mallory')).toBe(SHADOW[2]);
  });

  test('tells what keeps it from being done', async () => {
    await using world = new HandsWorld({ accountsRoot: root });
    rmSync(join(root, 'etc', 'shadow'));
    expect(await world.run(disableUser, alertWith('mallory'))).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('has no line in `/etc/shadow`'),
    });
  });
});
