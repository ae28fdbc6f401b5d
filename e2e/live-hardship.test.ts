/**
 * The running program when things go wrong around it: killed, readers and runtimes that hang or go, full disks, rings of
 * the smallest size. It keeps detecting, says what is lost, ends when it is told to and leaves nothing behind. In a
 * cgroup of its own.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type StopServer, startDockerServer } from '../packages/sources/testing/docker-server.ts';
import { isInKernel, kernelObjectsOf } from '../packages/sources/testing/kernel-objects.ts';
import { createContainerCgroup } from '../packages/sources/testing/live-cgroup.ts';
import { createLiveCgroup, type LiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { bugIn, type Running, root, Scratch, start, until } from './program.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'live hardship' : `live hardship (skipped: ${obstacle})`;

/** Long for a program that has to end at once, on a machine that is busy with other tests. */
const END_LIMIT_MS = 20_000;

const rules = `
- rule: Read
  desc: A file was read.
  condition: evt.type in (open, openat) and fd.name = /etc/hostname
  output: "%proc.name %container.id %container.name"
  priority: NOTICE
- rule: Flooded
  desc: A file that a flood opens.
  condition: evt.type in (open, openat) and fd.name = /dev/null and proc.name = flood
  output: flooded
  priority: NOTICE
`;

describe.skipIf(obstacle !== undefined)(title, () => {
  let scratch: Scratch;
  let cgroup: LiveCgroup;
  let running: Running | undefined;
  let stopServer: StopServer | undefined;
  beforeEach(() => {
    scratch = new Scratch();
    cgroup = createLiveCgroup();
  });
  afterEach(async () => {
    running?.child.kill('SIGKILL');
    running?.child.stdout?.destroy();
    await running?.ended;
    running = undefined;
    await stopServer?.();
    stopServer = undefined;
    await cgroup.remove();
    scratch.remove();
  });

  async function watch(options: readonly string[] = [], hostRoot = scratch.folder): Promise<Running> {
    const given = ['up', '--json', '-r', scratch.write('rules.yaml', rules)];
    const program = start(
      'peregrine',
      [...given, '--scope', `cgroup:${cgroup.path}`, ...options.flatMap((option) => ['-o', option])],
      // Runtimes of this machine are none of ours.
      { environment: { HOST_ROOT: hostRoot } },
    );
    running = program;
    const isDecided = (): boolean => /watching this/.test(program.err()) || program.child.exitCode !== null;
    await until('the program watches', isDecided, 60_000);
    expect(program.child.exitCode, program.err()).toBe(null);
    return program;
  }

  async function runInCgroup(command: string): Promise<void> {
    const child = cgroup.spawn(command);
    await new Promise((resolve) => child.once('close', resolve));
  }

  async function expectAlert(program: Running): Promise<void> {
    const before = program.out().split('"Read"').length;
    await runInCgroup('cat /etc/hostname');
    await until('an alert', () => program.out().split('"Read"').length > before);
  }

  async function stop(program: Running): Promise<void> {
    program.child.kill('SIGTERM');
    await until('the end', () => program.child.exitCode !== null, END_LIMIT_MS);
    const ended = await program.ended;
    expect([ended.status, bugIn(ended)]).toEqual([0, '']);
  }

  function flood(rounds: number): string {
    const path = scratch.path('flood');
    if (!existsSync(path))
      execFileSync('clang', ['-static', '-O1', '-o', path, join(root, 'packages/sources/testing/flood.c')]);
    return `${path} ${rounds}`;
  }

  test('killed: nothing of it stays in the kernel, and the next one watches', async () => {
    const pinned = (): readonly string[] => (existsSync('/sys/fs/bpf') ? readdirSync('/sys/fs/bpf') : []);
    const pinnedBefore = pinned();
    const program = await watch();
    const objects = kernelObjectsOf(program.child.pid ?? 0);
    expect(new Set(objects.map(({ kind }) => kind))).toEqual(new Set(['prog', 'map', 'link']));
    expect(objects.every(isInKernel)).toBe(true);
    program.child.kill('SIGKILL');
    await program.ended;
    await until('the kernel has let go of all', () => !objects.some(isInKernel));
    expect(pinned()).toEqual(pinnedBefore);
    const next = await watch();
    await expectAlert(next);
    await stop(next);
  }, 120_000);

  test('processes that come and go while it starts, and a flood while it stops', async () => {
    // Short ones all the time, whose entries in /proc vanish while they are read.
    cgroup.spawn('while :; do (exec true) & (exec true) & wait; done');
    const program = await watch();
    await expectAlert(program);
    const endless = flood(1_000_000_000);
    cgroup.spawn(`${endless} & ${endless}`);
    await until('the flood is seen', () => program.out().includes('"Flooded"'));
    await stop(program);
  }, 120_000);

  test('rings of one page: it detects', async () => {
    const program = await watch(['engine.modern_ebpf.buf_size_bytes=4096']);
    await expectAlert(program);
    await stop(program);
  }, 120_000);

  test.each([
    ['5000', 'power of two'],
    ['2048', '4096'],
    ['4294967296', '`engine.modern_ebpf.buf_size_bytes`'],
    ['-1', '`engine.modern_ebpf.buf_size_bytes`'],
  ])(
    'rings of %s bytes are refused with a reason',
    async (size, reason) => {
      const { status, err } = await start('peregrine', [
        ...['up', '-r', scratch.write('rules.yaml', rules), '--scope', `cgroup:${cgroup.path}`],
        ...['-o', `engine.modern_ebpf.buf_size_bytes=${size}`],
      ]).ended;
      expect(status).toBe(1);
      expect(err).toContain(reason);
      expect(err).not.toMatch(/^\s+at /m);
    },
    60_000,
  );

  test('a container runtime that hangs, goes and comes back holds up neither start, alerts nor stop', async () => {
    mkdirSync(scratch.path('var/run'), { recursive: true });
    const socket = scratch.path('var/run/docker.sock');
    stopServer = await startDockerServer({ socket, manner: 'hangs' });
    const program = await watch(['container_engines.wait_ms=500']);
    const ids = ['a', 'b', 'c'].map((letter) => letter.repeat(64));
    const inContainer = async (id = ''): Promise<void> => {
      const enter = createContainerCgroup(cgroup, `docker-${id}.scope`).map((file) => `echo $$ > ${file}`);
      await runInCgroup(`sh -c '${enter.join('; ')}; exec cat /etc/hostname'; true`);
      await until(`the alert of ${id}`, () => program.out().includes(`cat ${id.slice(0, 12)}`));
    };
    const nameOf = (id = ''): string | undefined =>
      new RegExp(`cat ${id.slice(0, 12)} (\\S+)`).exec(program.out())?.[1];
    await inContainer(ids[0]);
    expect(nameOf(ids[0])).toBe('<NA>');
    await stopServer();
    await inContainer(ids[1]);
    expect(nameOf(ids[1])).toBe('<NA>');
    const answers = { [`/containers/${ids[2]}/json`]: { Id: ids[2], Name: '/known', Config: {} } };
    stopServer = await startDockerServer({ socket, answers });
    await inContainer(ids[2]);
    expect(nameOf(ids[2])).toBe('known');
    await stopServer();
    stopServer = await startDockerServer({ socket, manner: 'hangs' });
    await stop(program);
  }, 120_000);

  test('a full disk is told of, and costs the other outputs nothing', async () => {
    const program = await watch([
      'stdout_output.enabled=true',
      'file_output.enabled=true',
      'file_output.filename=/dev/full',
    ]);
    await expectAlert(program);
    await expectAlert(program);
    await until('the complaint', () => program.err().includes('did not take an alert'));
    expect(program.err()).toMatch(/output `file` did not take an alert: ENOSPC/);
    await stop(program);
  }, 120_000);

  test('nobody reads standard output any more: it ends by itself', async () => {
    const program = await watch();
    program.child.stdout?.destroy();
    await runInCgroup('cat /etc/hostname');
    await until('the end', () => program.child.exitCode !== null, END_LIMIT_MS);
    const ended = await program.ended;
    expect([ended.status, bugIn(ended)]).toEqual([0, '']);
  }, 120_000);

  test('a reader that does not read: what waits is bounded, what is given up is counted and told of', async () => {
    const capacity = 100;
    const metrics = scratch.path('metrics.jsonl');
    const program = await watch([
      `outputs_queue.capacity=${capacity}`,
      'output_timeout=300',
      'metrics.enabled=true',
      'metrics.interval=300ms',
      `metrics.output_file=${metrics}`,
    ]);
    program.child.stdout?.pause();
    await runInCgroup(flood(5_000));
    await until('the queue is full', () => program.err().includes(`queue of ${capacity} alerts is full`));
    // The file is being written to: only what ends in a newline is a whole line.
    const lastWholeLine = (): string | undefined =>
      existsSync(metrics) ? readFileSync(metrics, 'utf8').split('\n').at(-2) : undefined;
    const dropped = (): number =>
      Number(JSON.parse(lastWholeLine() ?? '{}').output_fields?.['falco.outputs_queue_num_drops'] ?? 0);
    await until('the drops are counted', () => dropped() > 0);
    // What was not dropped may all have found room on the way: more comes until there is none.
    const hasComplained = (): boolean => program.err().includes('`stdout` has not taken an alert for 300 ms');
    let madeCount = 5_000;
    for (; !hasComplained() && madeCount < 30_000; madeCount += 100) await runInCgroup(flood(100));
    await until('the complaint', hasComplained);
    program.child.stdout?.resume();
    const shown = (): number => program.out().split('"Flooded"').length - 1;
    await until('every alert is shown or counted as dropped', () => shown() + dropped() === madeCount);
    await expectAlert(program);
    await stop(program);
  }, 120_000);
});
