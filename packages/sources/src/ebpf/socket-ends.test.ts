/** Both ends of sockets of each family, in this machine's kernel. Root and BTF needed. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hideKernelAddresses, liveObstacle, renderLike } from '../../testing/live-probe.ts';
import { compileProgram, useLiveProbe } from '../../testing/use-live-probe.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'sockets' : `sockets (skipped: ${obstacle})`;

const calls: readonly string[] = [
  ...['socket', 'bind', 'listen', 'connect', 'accept', 'accept4'],
  ...['sendto', 'sendmsg', 'recvfrom', 'recvmsg'],
];

describe.skipIf(obstacle !== undefined)(title, () => {
  const probe = useLiveProbe();

  test('each call tells of both ends, the sender first', async () => {
    const program = compileProgram('socket-calls', probe.folder);
    const work = join(probe.folder, 'work');
    mkdirSync(work);
    probe.source.select(calls);
    const { events, output } = await probe.run(`cd ${work}; exec ${program}`);
    const lines = output.trim().split('\n');
    const own = events.filter(({ name }) => calls.includes(name)).map(hideKernelAddresses);
    expect(own.map((event, index) => renderLike(lines[index] ?? '', event))).toEqual(lines);
  }, 60_000);
});
