import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { endOf, HandsWorld } from '../../testing/hands-world.ts';
import { killProcess } from './kill.ts';
import { readProcess, seesAllProcesses } from './linux/process-facts.ts';

/** In a container with processes of its own, the ids of alerts mean nothing. */
const isUsable = process.getuid?.() === 0 && seesAllProcesses();

describe.skipIf(!isUsable)('host:kill, as root', () => {
  test('ends the process', async () => {
    await using world = new HandsWorld();
    const child = world.start();
    const outcome = await world.run(killProcess, world.alertOn(child.pid));
    expect(outcome).toMatchObject({
      kind: 'done',
      summary: expect.stringMatching(new RegExp(`^sent SIGKILL to process ${child.pid} \\(/`)),
      changes: [{ object: `process ${child.pid}`, after: 'sent SIGKILL' }],
    });
    expect(await endOf(child)).toBe('SIGKILL');
  });

  test('with another signal, and with no more than an id and a name known', async () => {
    await using world = new HandsWorld();
    const child = world.start();
    const alert = world.alertOn(child.pid, { known: false, fields: { 'proc.name': 'sleep' } });
    const outcome = await world.run(killProcess, alert, { signal: 'TERM' });
    expect(outcome).toMatchObject({ kind: 'done', results: { count: 1, signal: 'TERM' } });
    expect(await endOf(child)).toBe('SIGTERM');
  });

  test('says in a dry run what it would do', async () => {
    await using world = new HandsWorld();
    const child = world.start();
    const outcome = await world.run(killProcess, world.alertOn(child.pid), {}, true);
    expect(outcome).toMatchObject({ kind: 'done', summary: expect.stringContaining('would send SIGKILL') });
    expect(child.kill(0)).toBe(true);
  });

  test('has nothing to do where the process has ended', async () => {
    await using world = new HandsWorld();
    const child = world.start();
    const alert = world.alertOn(child.pid);
    child.kill('SIGKILL');
    await endOf(child);
    expect(await world.run(killProcess, alert)).toEqual({
      kind: 'unchanged',
      reason: `process ${child.pid} has ended`,
    });
  });

  test('leaves a process alone that started after the alert', async () => {
    await using world = new HandsWorld();
    const child = world.start();
    const alert = {
      ...world.alertOn(child.pid, { known: false }),
      timeNs: BigInt(Date.now() - 60_000) * 1_000_000n,
    };
    expect(await world.run(killProcess, alert)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('another that started after the alert has its id'),
    });
    expect(child.kill(0)).toBe(true);
  });

  test.each([
    [{ 'proc.pid.ts': BigInt(Date.now() - 86_400_000) * 1_000_000n }, 'it started at another time'],
    [{ 'proc.exepath': '/opt/miner' }, 'and that of the alert ran `/opt/miner`'],
    [{ 'proc.name': 'miner' }, 'is called `sleep`, and that of the alert `miner`'],
  ])('leaves a process alone that is another than the alert says: %o', async (fields, reason) => {
    await using world = new HandsWorld();
    const child = world.start();
    const alert = world.alertOn(child.pid, { known: false, fields });
    expect(await world.run(killProcess, alert)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining(reason),
    });
    expect(child.kill(0)).toBe(true);
  });

  test('ends a process that runs another program by now, where its start is known', async () => {
    await using world = new HandsWorld();
    const child = world.start();
    const alert = world.alertOn(child.pid, { fields: { 'proc.exepath': '/bin/sh', 'proc.name': 'sh' } });
    expect(await world.run(killProcess, alert)).toMatchObject({ kind: 'done' });
    expect(await endOf(child)).toBe('SIGKILL');
  });

  test.each([
    ['process 1', 1, 'process 1 is protected'],
    ['itself', process.pid, "is Peregrine's own"],
    ['a thread of the kernel', 2, 'is a thread of the kernel'],
  ])('leaves %s alone', async (_what, pid, reason) => {
    await using world = new HandsWorld();
    expect(await world.run(killProcess, world.alertOn(pid))).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining(reason),
    });
  });

  test('leaves alone what its settings name', async () => {
    await using first = new HandsWorld();
    const child = first.start();
    await using world = new HandsWorld({ settings: { pids: [child.pid] } });
    expect(await world.run(killProcess, world.alertOn(child.pid))).toEqual({
      kind: 'refused',
      reason: `process ${child.pid} is protected: \`response.protected.pids\``,
    });
    expect(child.kill(0)).toBe(true);
  });

  test('is for alerts of this machine only', async () => {
    await using world = new HandsWorld();
    const child = world.start();
    const alert = { ...world.alertOn(child.pid), hostname: 'node-2' };
    expect(await world.run(killProcess, alert)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('the alert is of `node-2`, and this program acts on `node-1` alone'),
    });
    expect(child.kill(0)).toBe(true);
  });

  test('wants to know which process', async () => {
    await using world = new HandsWorld();
    expect(await world.run(killProcess, world.alertOn(1, { fields: { 'proc.pid': null } }))).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('put `%proc.pid` into the output of the rule'),
    });
  });

  test('says which capabilities are missing', async () => {
    await using world = new HandsWorld({ hasCapability: () => false });
    const child = world.start();
    expect(await world.run(killProcess, world.alertOn(child.pid))).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('it takes CAP_KILL, CAP_SYS_PTRACE'),
    });
    expect(child.kill(0)).toBe(true);
  });

  test('ends all that the process started, and theirs', async () => {
    await using world = new HandsWorld();
    const child = world.start('sh', ['-c', "sh -c 'sleep 600 & echo $!; wait' & sleep 600 & echo $!; wait"]);
    const started: number[] = [];
    for await (const piece of child.stdout ?? []) {
      started.push(...String(piece).split('\n').filter(Boolean).map(Number));
      if (started.length === 2) break;
    }
    const dry = await world.run(killProcess, world.alertOn(child.pid), { scope: 'tree' }, true);
    expect(dry).toMatchObject({ kind: 'done', results: { count: 4 } });
    const outcome = await world.run(killProcess, world.alertOn(child.pid), { scope: 'tree' });
    expect(outcome).toMatchObject({
      kind: 'done',
      summary: `sent SIGKILL to process ${child.pid} and 3 that it started`,
    });
    expect(await endOf(child)).toBe('SIGKILL');
    for (const pid of started) await expect.poll(() => isRunning(pid)).toBe(false);
  });

  test('leaves a whole tree as it was where one of it is protected', async () => {
    await using first = new HandsWorld();
    const child = first.start('sh', ['-c', 'sleep 600 & echo $!; wait']);
    const [inner] = await once(child.stdout ?? child, 'data');
    await using world = new HandsWorld({ settings: { pids: [Number(String(inner))] } });
    const outcome = await world.run(killProcess, world.alertOn(child.pid), { scope: 'tree' });
    expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringContaining('is protected') });
    await first.run(killProcess, first.alertOn(child.pid), { scope: 'tree' });
    expect(await endOf(child)).toBe('SIGKILL');
  });
});

function isRunning(pid: number): boolean {
  return readProcess(pid)?.isEnded === false;
}
