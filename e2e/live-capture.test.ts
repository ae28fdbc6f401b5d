/** Recording as a user does it: real processes of a cgroup of its own, then the file through `replay`. */

import { statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLiveCgroup, type LiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { bugIn, type Ended, run, Scratch, start, until } from './program.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'live capture' : `live capture (skipped: ${obstacle})`;

const rules = `
- rule: Read
  desc: A file was read.
  condition: evt.type in (open, openat) and fd.name = /etc/hostname
  output: read by %proc.name child of %proc.pname
  priority: NOTICE
- rule: Copied
  desc: Something came from a file that was open before.
  condition: evt.type = dup2 and fd.name endswith /kept
  output: copied %fd.name
  priority: NOTICE
- rule: Ran
  desc: A program ran.
  condition: evt.type = execve and proc.name = env
  output: ran %proc.cmdline
  priority: NOTICE
`;

describe.skipIf(obstacle !== undefined)(title, () => {
  const scratch = new Scratch();
  let cgroup: LiveCgroup;
  let rulesFile = '';
  beforeAll(() => {
    cgroup = createLiveCgroup();
    rulesFile = scratch.write('rules.yaml', rules);
  });
  afterAll(async () => {
    await cgroup?.remove();
    scratch.remove();
  });

  /** Records while the shell, which has a file open from before, runs the commands. */
  async function record(options: readonly string[], commands: string): Promise<Ended> {
    const go = scratch.path(`go-${options.length}-${commands.length}`);
    const kept = scratch.path('kept');
    const child = cgroup.spawn(
      `exec 7> ${kept}; while [ ! -e ${go} ]; do sleep 0.05; done; ${commands}; exit 0`,
    );
    const program = start('peregrine', ['capture', ...options, '--scope', `cgroup:${cgroup.path}`]);
    const isDecided = (): boolean => /recording/.test(program.err()) || program.child.exitCode !== null;
    await until('it records', isDecided, 60_000);
    scratch.write(go.slice(scratch.folder.length + 1), '');
    await new Promise((resolve) => child.once('close', resolve));
    program.child.kill('SIGINT');
    return program.ended;
  }

  async function alertsIn(file: string): Promise<readonly string[]> {
    const { out, status } = await run('peregrine', ['replay', file, '-r', rulesFile, '--json']);
    expect(status).toBe(0);
    return out
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line).output.replace(/^\S+ \S+ (.*?) container_id=.*/, '$1'));
  }

  const commands = 'cat /etc/hostname; env true >&7; (exec 8>&7; true)';

  test('a recording holds the machine as it was, and all that happened', async () => {
    const file = scratch.path('all.scap.gz');
    const ended = await record(['-zw', file], commands);
    expect([ended.status, bugIn(ended)]).toEqual([0, '']);
    expect(ended.err).toMatch(/peregrine: [\d,]+ events, [\d,]+ bytes\n$/);
    const alerts = await alertsIn(file);
    expect(alerts).toContain('read by cat child of sh');
    expect(alerts).toContain('ran env true');
    // The descriptor was opened before the recording began.
    expect(alerts).toContain(`copied ${scratch.path('kept')}`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  }, 120_000);

  test('a filter shows what matches and keeps the tables complete', async () => {
    const file = scratch.path('filtered.scap');
    const ended = await record(
      ['-w', file, '--filter', 'evt.type = openat and fd.name = /etc/hostname'],
      commands,
    );
    expect([ended.status, bugIn(ended)]).toEqual([0, '']);
    expect(ended.err).toContain(' of them to keep the tables complete');
    expect(await alertsIn(file)).toEqual(['read by cat child of sh']);
  }, 120_000);

  test('a limit of size ends it', async () => {
    const file = scratch.path('limited.scap');
    const maxBytes = 4_000_000;
    const child = cgroup.spawn('while :; do cat /etc/hostname; done > /dev/null');
    const ended = await run('peregrine', [
      ...['capture', '-w', file, '--max-bytes', `${maxBytes}`, '--scope', `cgroup:${cgroup.path}`],
    ]);
    child.kill();
    expect([ended.status, bugIn(ended)]).toEqual([0, '']);
    expect(ended.err).toContain('the limit of size is reached');
    expect(statSync(file).size).toBeLessThanOrEqual(maxBytes);
    expect(statSync(file).size).toBeGreaterThan(maxBytes * 0.9);
    expect(await alertsIn(file)).toContain('read by cat child of sh');
  }, 120_000);

  test.each([
    [['-w', '/nowhere/x.scap'], 1, 'cannot write the capture `/nowhere/x.scap`: ENOENT'],
    [['-w', '/dev/full'], 1, 'the file system is full: free space, or limit the size'],
    [['-w', '/dev/null', '--filter', 'proc.nam = x'], 1, 'proc.nam = x'],
    [[], 2, 'there is no file to write'],
    [['-w', '/dev/null', '--seconds', 'x'], 2, '`--seconds x` is not a number from 0.001 to 31536000'],
  ])(
    '%j is refused',
    async (options, status, message) => {
      const ended = await run('peregrine', ['capture', ...options, '--scope', `cgroup:${cgroup.path}`]);
      expect([ended.status, bugIn(ended)]).toEqual([status, '']);
      expect(ended.err).toContain(message);
    },
    60_000,
  );
});
