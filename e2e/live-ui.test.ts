/** `peregrine up` without any configuration: what happens on the machine is seen over HTTP. Watches a bench.cgroup of its own. */

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { useLiveBench } from './places.ts';
import { bugIn, start, until } from './program.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'up' : `up (skipped: ${obstacle})`;
const LIMIT_MS = 60_000;

describe.skipIf(obstacle !== undefined)(title, { timeout: 3 * LIMIT_MS }, () => {
  const bench = useLiveBench();

  test('serves its alerts, from threads that can no more than read', async () => {
    const rules = bench.scratch.write(
      'rules.yaml',
      '- rule: Read\n  desc: d\n  condition: evt.type in (open, openat) and fd.name = /etc/hostname\n  output: file %fd.name by %proc.name\n  priority: NOTICE\n',
    );
    const program = start('peregrine', ['up', '-r', rules, '--scope', `cgroup:${bench.cgroup.path}`], {
      environment: { PEREGRINE_UI: 'on', UI_LISTENPORT: '0', JOURNAL_PATH: bench.scratch.path('state') },
    });
    bench.running = program;
    await until('the web interface', () => program.err().includes('web interface: '), LIMIT_MS);
    const url = /web interface: (http:\/\/127\.0\.0\.1:\d+)\//.exec(program.err())?.[1] ?? '';
    await new Promise<void>((resolve) =>
      bench.cgroup.spawn('cat /etc/hostname >/dev/null').once('close', () => resolve()),
    );
    type Page = { readonly alerts: readonly unknown[] };
    let page: Page;
    const endMs = Date.now() + LIMIT_MS;
    do page = (await (await fetch(`${url}/api/v2/alerts?where=rule%3DRead`)).json()) as Page;
    while (page.alerts.length === 0 && Date.now() < endMs);
    expect(page.alerts[0]).toMatchObject({
      rule: 'Read',
      fields: { 'fd.name': '/etc/hostname', 'proc.name': 'cat' },
    });
    const tasks = `/proc/${program.child.pid}/task`;
    const capabilitiesOf = (task: string): string =>
      /^CapEff:\t(\w+)$/m.exec(readFileSync(`${tasks}/${task}/status`, 'utf8'))?.[1] ?? '';
    // CAP_DAC_READ_SEARCH: it reads rules and configuration again, and /proc.
    expect(capabilitiesOf(String(program.child.pid))).toMatch(/^0+4?$/);
    // Threads of the store are begun after the main one gave up its privileges, and have its own.
    const latest = readdirSync(tasks)
      .map(Number)
      .sort((a, b) => b - a)[0];
    expect(capabilitiesOf(String(latest))).toMatch(/^0+4?$/);
    program.child.kill('SIGTERM');
    const ended = await program.ended;
    expect([ended.status, bugIn(ended)]).toEqual([0, '']);
  });
});
