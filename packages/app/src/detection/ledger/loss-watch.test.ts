import type { Alert } from '@peregrine/alert';
import { expect, test } from 'vitest';
import { configOf } from '../../../testing/setup.ts';
import type { Loss } from './coverage-ledger.ts';
import { LossWatch } from './loss-watch.ts';

const OPENAT = 307;

/** A sensor that loses what the test says. */
function watchWith(yaml = '') {
  const pending: Loss[] = [];
  const dropped = new Map<number, number>();
  const alerts: Alert[] = [];
  const logs: string[] = [];
  const asked: bigint[][] = [];
  const watch = new LossWatch(configOf(yaml), {
    hostname: 'tester',
    nowMs: 0,
    port: {
      counters: () => ({
        recordCount: 100,
        droppedByCode: new Map(dropped),
        limitedByCode: new Map(),
        busyCount: 0,
      }),
      takeLosses: () => pending.splice(0),
      rules: () => [{ name: 'Opens', eventCodes: new Set([OPENAT]) }],
      stateCodes: () => new Uint8Array(512),
      container: () => undefined,
      alert: (alert) => alerts.push(alert),
      log: (level, text) => logs.push(`${level} ${text}`),
      lookUpCgroups: (cgroups) => asked.push([...cgroups]),
    },
  });
  const lose = (cgroup: bigint, count: number): void => {
    pending.push({ cgroup, code: OPENAT, dropped: count, limited: 0 });
    dropped.set(OPENAT, (dropped.get(OPENAT) ?? 0) + count);
  };
  return { watch, lose, alerts, logs, asked };
}

test('a loss is told of when it is over, with the container that the cgroup is', () => {
  const { watch, lose, alerts, logs, asked } = watchWith();
  const id = 'abcdef012345'.padEnd(64, '0');
  lose(5n, 20);
  watch.look(1_000);
  expect(asked).toEqual([[5n]]);
  expect(watch.isSpellOpen).toBe(true);
  watch.names.learn([[5n, `/docker/${id}`]]);
  watch.look(5_000);
  expect(alerts).toEqual([]);
  watch.look(6_000);
  expect(alerts).toMatchObject([
    {
      rule: 'Peregrine internal: coverage gap',
      priority: 'Warning',
      fields: { 'container.id': 'abcdef012345', syscalls: 'openat=20', rules: 'Opens' },
    },
  ]);
  expect(logs).toHaveLength(1);
  expect(asked).toHaveLength(1);
  expect(watch.totals()).toMatchObject({
    spellCount: 1,
    blindSeconds: 1,
    cgroups: [{ containerId: 'abcdef012345', dropped: 20, limited: 0 }],
  });
});

test('the end tells of what is open, and so do other settings', () => {
  const { watch, lose, alerts } = watchWith();
  lose(5n, 1);
  watch.look(1_000);
  watch.configure(configOf('coverage_ledger: { quiet_s: 1 }'));
  expect(alerts).toHaveLength(1);
  lose(5n, 1);
  watch.look(2_000);
  watch.look(3_000);
  expect(alerts).toHaveLength(2);
  lose(6n, 1);
  watch.end(4_000);
  expect(alerts).toHaveLength(3);
});

test('alert and log can be switched off each, and the ledger as a whole', () => {
  for (const [yaml, alertCount, logCount] of [
    ['coverage_ledger: { alert: false }', 0, 1],
    ['coverage_ledger: { log: false }', 1, 0],
    ['coverage_ledger: { enabled: false }', 0, 0],
  ] as const) {
    const { watch, lose, alerts, logs } = watchWith(yaml);
    lose(5n, 1);
    watch.look(1_000);
    watch.end(2_000);
    expect([alerts.length, logs.length]).toEqual([alertCount, logCount]);
  }
});

test('many cgroups at once make some alerts and a number', () => {
  const { watch, lose, alerts, logs } = watchWith();
  for (let cgroup = 1n; cgroup <= 100n; cgroup++) lose(cgroup, 1);
  watch.look(1_000);
  watch.look(10_000);
  expect(alerts).toHaveLength(20);
  expect(logs.at(-1)).toContain('80 more cgroups');
  expect(watch.totals().spellCount).toBe(100);
});

test('the actions of syscall_event_drops', () => {
  const { watch, lose, alerts, logs } = watchWith(
    'syscall_event_drops: { actions: [log, alert] }\ncoverage_ledger: { enabled: false }',
  );
  lose(5n, 20);
  watch.look(1_000);
  expect(alerts).toMatchObject([
    {
      rule: 'Falco internal: syscall event drop',
      priority: 'Debug',
      message: 'Falco internal: syscall event drop. 20 system calls dropped in last second.',
    },
  ]);
  expect(logs[0]).toContain('debug events were lost');
  const strict = watchWith('syscall_event_drops: { actions: [exit] }');
  strict.lose(5n, 20);
  expect(() => strict.watch.look(1_000)).toThrowError('says to exit then');
});
