/** What a process does through an I/O ring, without a call for it, in this machine's kernel. Root and BTF needed. */

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { betweenMarks, liveObstacle, MARK, renderLike } from '../../testing/live-probe.ts';
import { compileProgram, useFolder, useLiveProbe } from '../../testing/use-live-probe.ts';
import { readKernelTypes } from './kernel-types.ts';

const folder = useFolder();
const program = join(folder, 'ring-calls');

/** Why rings cannot be watched here. */
function ringObstacle(): string | undefined {
  const tracepoint = 'io_uring_submit_req';
  if (readKernelTypes().tracepointArguments([tracepoint]).get(tracepoint) !== 1)
    return 'the kernel tells nothing of requests to rings';
  compileProgram('ring-calls', folder);
  const work = join(folder, 'try');
  mkdirSync(work);
  return spawnSync(program, { cwd: work }).status === 2 ? 'the kernel has no rings for us' : undefined;
}

const obstacle = liveObstacle() ?? ringObstacle();
const title = obstacle === undefined ? 'I/O rings' : `I/O rings (skipped: ${obstacle})`;

/** What `ring-calls.c` asks rings for, by the calls that do the same; others it makes as calls. */
const ringCalls: readonly string[] = [
  MARK,
  ...[
    'openat',
    'openat2',
    'close',
    'linkat',
    'symlinkat',
    'renameat2',
    'socket',
    'connect',
    'shutdown',
    'write',
    'unlinkat',
    'mkdirat',
    'dup',
  ],
  ...['accept4', 'bind', 'listen', 'sendmsg', 'recvmsg', 'sendto', 'recvfrom', 'splice'],
  ...['read', 'pread64', 'preadv', 'pwrite64', 'pwritev', 'fsync', 'fallocate'],
];

describe.skipIf(obstacle !== undefined)(title, () => {
  const probe = useLiveProbe();

  test('each request gives the event of the call that does the same, in the name of who asked', async () => {
    const work = join(folder, 'work');
    mkdirSync(work);
    probe.source.select(ringCalls);
    const { events, output } = await probe.run(`cd ${work}; exec ${program}`);
    const lines = output.trim().split('\n');
    const exec = events.findIndex(({ name, params }) => name === 'execve' && params.comm === 'ring-calls');
    const own = betweenMarks(events);
    expect(own.map((event, index) => renderLike(lines[index] ?? '', event))).toEqual(lines);
    expect(new Set(own.map(({ tid }) => tid))).toEqual(new Set([events[exec]?.tid]));
  }, 60_000);

  test('a request that nobody wants gives nothing', async () => {
    const work = join(folder, 'unwanted');
    mkdirSync(work);
    probe.source.select(['socket']);
    const { events } = await probe.run(`cd ${work}; exec ${program}`);
    const names = new Set(events.map(({ name }) => name));
    expect(names).toContain('socket');
    expect(names).not.toContain('unlinkat');
  }, 60_000);
});
