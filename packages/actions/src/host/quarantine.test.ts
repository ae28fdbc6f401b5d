import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { alertOf } from '../../testing/alert-of.ts';
import { HandsWorld } from '../../testing/hands-world.ts';
import { openLinuxCalls } from './linux/calls.ts';
import { seesAllProcesses } from './linux/process-facts.ts';
import { closeSealed, identityAt, isSame, sealFile } from './linux/sealed-file.ts';
import { quarantineFile } from './quarantine.ts';

/** In a container with processes of its own, the ids of alerts mean nothing. */
const isUsable = process.getuid?.() === 0 && seesAllProcesses();

describe.skipIf(!isUsable)('host:quarantine, as root', () => {
  let scratch: string;
  let file: string;
  let folder: string;
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'quarantine-'));
    file = join(scratch, 'miner');
    folder = join(scratch, 'away');
    writeFileSync(file, 'evil');
    chmodSync(file, 0o4755);
  });
  afterEach(() => rmSync(scratch, { recursive: true, force: true }));

  const alertOn = (path: string, more: Readonly<Record<string, string | number>> = {}) =>
    alertOf({
      hostname: 'node-1',
      fields: { 'proc.pid': 4_194_303, 'container.id': 'host', 'fd.name': path, ...more },
    });

  test.each([
    ['on the same file system', () => folder],
    ['to another file system', () => mkdtempSync('/dev/shm/quarantine-')],
  ])('moves a file away and back, %s', async (_where, place) => {
    const away = place();
    await using world = new HandsWorld();
    const outcome = await world.run(quarantineFile, alertOn(file), { folder: away });
    expect(outcome).toMatchObject({ kind: 'done', summary: `moved \`${file}\` to \`${away}\`` });
    const to = String(outcome.kind === 'done' && outcome.results?.path);
    expect(existsSync(file)).toBe(false);
    expect(readFileSync(to, 'latin1')).toBe('evil');
    expect(statSync(to).mode & 0o7777).toBe(0o644);
    expect(statSync(away).mode & 0o7777).toBe(0o700);
    const [sha256 = ''] = execFileSync('sha256sum', [to], { encoding: 'latin1' }).split(' ');
    expect(outcome.kind === 'done' && outcome.results?.sha256).toBe(sha256);
    expect(JSON.parse(readFileSync(`${to}.json`, 'utf8'))).toMatchObject({
      ...{ path: file, uid: 0, gid: 0, mode: 0o4755, sha256, size_bytes: 4 },
      alert: expect.stringContaining('Terminal shell in container'),
    });
    expect(readdirSync(scratch).filter((name) => name.startsWith('.'))).toEqual([]);

    writeFileSync(file, 'another');
    expect(await world.undo(quarantineFile, outcome)).toEqual({
      kind: 'refused',
      reason: `something else is at \`${file}\` now`,
    });
    rmSync(file);
    expect(await world.undo(quarantineFile, outcome)).toMatchObject({
      kind: 'done',
      summary: `put \`${file}\` back`,
    });
    expect(readFileSync(file, 'latin1')).toBe('evil');
    expect(statSync(file).mode & 0o7777).toBe(0o4755);
    expect(readdirSync(away)).toEqual([]);
    expect(await world.undo(quarantineFile, outcome)).toMatchObject({ kind: 'unchanged' });
    rmSync(away, { recursive: true });
  });

  test('moves the program of a process', async () => {
    await using world = new HandsWorld();
    const program = join(scratch, 'sleeper');
    writeFileSync(program, readFileSync('/bin/sleep'));
    chmodSync(program, 0o755);
    const child = world.start(program);
    const outcome = await world.run(quarantineFile, world.alertOn(child.pid), { file: 'executable', folder });
    expect(outcome).toMatchObject({ kind: 'done', summary: `moved \`${program}\` to \`${folder}\`` });
    expect(existsSync(program)).toBe(false);
  });

  test('changes nothing in a dry run', async () => {
    await using world = new HandsWorld();
    expect(await world.run(quarantineFile, alertOn(file), { folder }, true)).toMatchObject({
      kind: 'done',
      summary: `would move \`${file}\` to \`${folder}\``,
    });
    expect([existsSync(file), existsSync(folder)]).toEqual([true, false]);
  });

  test('has nothing to do where the file is gone', async () => {
    await using world = new HandsWorld();
    rmSync(file);
    expect(await world.run(quarantineFile, alertOn(file), { folder })).toEqual({
      kind: 'unchanged',
      reason: `there is no \`${file}\``,
    });
  });

  test('follows no symbolic link, and takes plain files only', async () => {
    await using world = new HandsWorld();
    const link = join(scratch, 'link');
    symlinkSync(file, link);
    const folderLink = join(scratch, 'folder-link');
    symlinkSync(scratch, folderLink);
    execFileSync('mkfifo', [join(scratch, 'pipe')]);
    mkdirSync(join(scratch, 'inner'));
    for (const [path, reason] of [
      [link, 'a symbolic link is on the way'],
      [join(folderLink, 'miner'), 'a symbolic link is on the way'],
      [join(scratch, 'pipe'), 'is no plain file'],
      [join(scratch, 'inner'), 'is no plain file'],
      [`${scratch}/..`, 'is no path of a file'],
    ] as const)
      expect(await world.run(quarantineFile, alertOn(path), { folder })).toMatchObject({
        kind: 'refused',
        reason: expect.stringContaining(reason),
      });
    expect(existsSync(file)).toBe(true);
  });

  test('leaves alone what is protected, whatever the way to it is called', async () => {
    await using world = new HandsWorld();
    for (const path of ['/etc/passwd', '/tmp/../etc/passwd', '/usr/bin/env', '/proc/1/cmdline'])
      expect(await world.run(quarantineFile, alertOn(path), { folder }, true)).toMatchObject({
        kind: 'refused',
        reason: expect.stringContaining('in `response.protected.paths`'),
      });
    await using strict = new HandsWorld({ settings: { paths: [scratch] } });
    expect(await strict.run(quarantineFile, alertOn(file), { folder })).toMatchObject({ kind: 'refused' });
    expect(existsSync(file)).toBe(true);
  });

  test('uses no folder that others may enter', async () => {
    await using world = new HandsWorld();
    mkdirSync(folder);
    chmodSync(folder, 0o755);
    expect(await world.run(quarantineFile, alertOn(file), { folder })).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('is open to others'),
    });
    expect(existsSync(file)).toBe(true);
  });

  test('leaves the rights of a file that has other names', async () => {
    await using world = new HandsWorld();
    linkSync(file, join(scratch, 'other'));
    expect(await world.run(quarantineFile, alertOn(file), { folder })).toMatchObject({
      kind: 'done',
      summary: expect.stringContaining('it has 1 other names'),
    });
    expect(statSync(join(scratch, 'other')).mode & 0o7777).toBe(0o4755);
  });

  test('wants to know whose file it is', async () => {
    await using world = new HandsWorld();
    const why = async (alert: ReturnType<typeof alertOn>): Promise<string> => {
      const outcome = await world.run(quarantineFile, alert, { folder });
      return outcome.kind === 'refused' ? outcome.reason : outcome.kind;
    };
    expect(await why(alertOn(file, { 'container.id': '' }))).toContain('put `%container.id` into the output');
    expect(await why(alertOn(file, { 'container.id': 'abc' }))).toContain(
      'files of container abc are not reached',
    );
    expect(await why(alertOn('pipe:[1]'))).toContain('the alert has no path in `fd.name`');
    expect(await why({ ...alertOn(file), hostname: 'node-2' })).toContain('the alert is of `node-2`');
    expect(existsSync(file)).toBe(true);
  });

  test('takes the file that the process sees, not the one of the machine', async () => {
    await using world = new HandsWorld();
    const script = `mount -t tmpfs none ${scratch} && echo inside > ${file} && echo ready && exec sleep 600`;
    const child = world.start('unshare', ['-m', 'sh', '-c', script]);
    await once(child.stdout ?? child, 'data');
    const alert = world.alertOn(child.pid, { fields: { 'fd.name': file, 'container.id': 'abcabcabcabc' } });
    const away = mkdtempSync('/dev/shm/quarantine-');
    const outcome = await world.run(quarantineFile, alert, { folder: away });
    expect(outcome).toMatchObject({ kind: 'done' });
    expect(outcome).not.toHaveProperty('undo');
    const to = String(outcome.kind === 'done' && outcome.results?.path);
    expect(readFileSync(to, 'latin1')).toBe('inside\n');
    expect(readFileSync(file, 'latin1')).toBe('evil');
    expect(existsSync(`/proc/${child.pid}/root${file}`)).toBe(false);
    rmSync(away, { recursive: true });
  });

  test('tells another file of the same name apart', () => {
    const calls = openLinuxCalls();
    const sealed = sealFile({ calls, path: file, pid: undefined });
    if ('why' in sealed) throw new Error(sealed.why);
    const { folder: own, name, identity } = sealed.file;
    expect(isSame(identityAt(calls, own, name), identity)).toBe(true);
    renameSync(file, join(scratch, 'elsewhere'));
    expect(isSame(identityAt(calls, own, name), identity)).toBe(false);
    writeFileSync(file, 'evil');
    expect(isSame(identityAt(calls, own, name), identity)).toBe(false);
    closeSealed(sealed.file);
  });
});
