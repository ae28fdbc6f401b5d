/** Sensor and hub in one process: what happens on the machine reaches a destination. Watches a cgroup of its own. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HttpReceiver, openHttpReceiver } from '../packages/outputs/testing/http-receiver.ts';
import { createLiveCgroup, type LiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { bugIn, type Running, Scratch, start, until } from './program.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'up with a hub' : `up with a hub (skipped: ${obstacle})`;
const LIMIT_MS = 60_000;

describe.skipIf(obstacle !== undefined)(title, { timeout: 3 * LIMIT_MS }, () => {
  let scratch: Scratch;
  let cgroup: LiveCgroup;
  let receiver: HttpReceiver;
  let running: Running | undefined;
  beforeEach(async () => {
    scratch = new Scratch();
    cgroup = createLiveCgroup();
    receiver = await openHttpReceiver();
  });
  afterEach(async () => {
    running?.child.kill('SIGKILL');
    await running?.ended;
    await receiver.close();
    await cgroup.remove();
    scratch.remove();
  });

  test('alerts are kept and delivered, and those that could not be are after the next start', async () => {
    const rules = scratch.write(
      'rules.yaml',
      '- rule: Read\n  desc: d\n  condition: evt.type in (open, openat) and fd.name = /etc/hostname\n  output: file %fd.name by %proc.name\n  priority: NOTICE\n  tags: [files]\n',
    );
    const hub = scratch.write(
      'hub.yaml',
      `journal: { path: ${scratch.path('state')} }\ncustomfields: { cluster: test }\ndelivery: { retryfirst: 20ms, retrymax: 100ms }\nwebhook: { address: ${receiver.origin}/in }\n`,
    );
    const watch = async (): Promise<Running> => {
      const program = start('peregrine', [
        'up',
        '-r',
        rules,
        '--hub',
        hub,
        '--scope',
        `cgroup:${cgroup.path}`,
      ]);
      running = program;
      await until('watching', () => program.err().includes('watching this machine'), LIMIT_MS);
      return program;
    };
    const read = (): Promise<void> =>
      new Promise((resolve) => cgroup.spawn('cat /etc/hostname >/dev/null').once('close', () => resolve()));

    const first = await watch();
    await read();
    await until('delivery', () => receiver.requests.length > 0, LIMIT_MS);
    expect(JSON.parse(receiver.requests[0]?.body ?? '')).toMatchObject({
      rule: 'Read',
      priority: 'Notice',
      source: 'syscall',
      hostname: 'tester',
      tags: ['files'],
      output: expect.stringMatching(/: Notice file \/etc\/hostname by cat/),
      output_fields: { cluster: 'test', 'fd.name': '/etc/hostname', 'proc.name': 'cat' },
    });
    receiver.answer({ status: 503 });
    const before = receiver.requests.length;
    await read();
    await until('an attempt', () => receiver.requests.length > before, LIMIT_MS);
    first.child.kill('SIGTERM');
    const ended = await first.ended;
    expect([ended.status, bugIn(ended)]).toEqual([0, '']);

    receiver.answer({ status: 200 });
    const refused = receiver.requests.length;
    await watch();
    await until('delivery', () => receiver.requests.length > refused, LIMIT_MS);
    expect(receiver.requests[refused]?.body).toBe(receiver.requests[before]?.body);
  });
});
