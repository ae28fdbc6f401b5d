/**
 * The kernel's filters, on real processes: a program that has them and one that has not watch the same cgroup, where
 * another makes calls at random. Both must raise the same alerts, with the same fields, whatever the rules; a reload
 * brings the next rules. Watches a cgroup of its own.
 */

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLiveCgroup, type LiveCgroup, liveObstacle } from '../packages/sources/testing/live-probe.ts';
import { type Running, root, Scratch, start, until } from './program.ts';

const obstacle = liveObstacle();
const title = obstacle === undefined ? 'kernel filters' : `kernel filters (skipped: ${obstacle})`;

const TURNS = 4_000;
/** Another seed is another random run. */
const SEED = Number(process.env.PEREGRINE_SEED ?? 1);

const opens = 'evt.type in (open, openat, openat2)';
const copies = 'evt.type in (dup, dup2, dup3, fcntl)';
const ends = 'evt.type = execve and proc.exepath endswith /true and proc.args startswith END';

/** Conditions by what the kernel can tell of them. Each group is loaded alone. */
const groups: readonly { readonly title: string; readonly conditions: readonly string[] }[] = [
  {
    title: 'paths',
    conditions: [
      `${opens} and fd.name endswith /secret`,
      `${opens} and fd.name endswith .key and evt.is_open_read = true`,
      `${opens} and fd.filename = four`,
      `${opens} and fd.directory endswith /deep and not fd.name contains secret`,
      `${opens} and evt.arg.name startswith sub/`,
    ],
  },
  {
    title: 'flags and results',
    conditions: [
      `${opens} and evt.is_open_write = true and fd.typechar = f and fd.num >= 0`,
      `${opens} and evt.arg.flags contains O_TRUNC`,
      `${opens} and evt.failed = true and fd.name contains missing`,
      `${opens} and evt.res = ENOTDIR`,
      `${opens} and evt.is_open_create = true`,
    ],
  },
  {
    title: 'paths with flags, and what is no file',
    conditions: [
      `${opens} and evt.is_open_write = true and fd.name endswith /one and evt.failed = false`,
      `${opens} and evt.is_open_read = true and fd.name in (/dev/null, /etc/hostname) and fd.num > 5`,
      `${copies} and fd.type in (ipv4, unix) and fd.num > 8`,
      `${copies} and fd.type = pipe`,
      'evt.type = shutdown and fd.type = ipv4',
      'evt.type = connect and fd.type = ipv4 and fd.sport > 0',
      'evt.type in (chdir, fchdir) and proc.cwd endswith /sub/',
      'evt.type = unlink and evt.arg.path endswith four',
    ],
  },
  {
    title: 'closes of what is known',
    conditions: [
      'evt.type = close and fd.type = unix and evt.failed = false',
      'evt.type = close and fd.type = event',
      `${copies} and fd.is_server = true`,
      'evt.type in (sendto, recvfrom) and fd.type = ipv4',
      `${opens} and fd.name glob /*/deep/*`,
    ],
  },
  {
    title: 'files that are open, which takes all events',
    conditions: ['evt.type = close and fd.type = file', `${copies} and fd.name endswith /one`],
  },
  {
    title: 'paths again, after all events',
    conditions: [`${opens} and fd.name endswith /five`, `${copies} and fd.type = ipv4`],
  },
];

const shown = [
  ...['evt.type', 'evt.res', 'evt.arg.name', 'evt.arg.flags', 'fd.num', 'fd.name', 'fd.type', 'fd.directory'],
  ...['fd.sip', 'fd.sport', 'fd.cip', 'fd.cport', 'fd.is_server'],
  ...['proc.pid', 'proc.ppid', 'proc.exepath', 'proc.cwd', 'proc.args', 'thread.tid'],
];

/** Alerts of closes and copies show less: there fields of files would be asked for. */
const shownOf = (condition: string): readonly string[] =>
  condition.startsWith(opens)
    ? shown
    : shown.filter((field) => !/^evt\.arg|^fd\.(name|directory)/.test(field));

function rulesOf(conditions: readonly string[]): string {
  const rules = [...conditions, ends].map((condition, index) => ({
    rule: `${index}: ${condition}`,
    desc: '-',
    condition,
    output: shownOf(condition)
      .map((field) => `%${field}`)
      .join(' '),
    priority: 'NOTICE',
  }));
  return JSON.stringify(rules);
}

interface Alert {
  readonly rule: string;
  readonly output_fields: Readonly<Record<string, unknown>>;
}

/**
 * Alerts of the random program before the mark of the end, without what differs from one watcher to the other: when.
 * The shell that starts it comes into the cgroup from outside, where each looks it up at another moment.
 */
function alertsOf(lines: string): readonly string[] {
  const alerts = lines
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Alert => JSON.parse(line));
  const end = alerts.findIndex(({ output_fields }) => output_fields['proc.args'] === 'END');
  return alerts
    .slice(0, end)
    .filter(({ output_fields }) => String(output_fields['proc.exepath']).endsWith('/random-calls'))
    .map(({ rule, output_fields }) => JSON.stringify([rule, { ...output_fields, 'evt.time': 0 }]));
}

describe.skipIf(obstacle !== undefined)(title, () => {
  const scratch = new Scratch();
  const calls = scratch.path('random-calls');
  let cgroup: LiveCgroup;
  let filtered: Running;
  let complete: Running;
  const rules = (index: number): string => rulesOf(groups[index]?.conditions ?? []);

  beforeAll(async () => {
    cgroup = createLiveCgroup();
    chmodSync(scratch.folder, 0o711);
    execFileSync('clang', [
      '-static',
      '-O1',
      '-o',
      calls,
      join(root, 'packages/sources/testing/random-calls.c'),
    ]);
    const file = scratch.write('rules.yaml', rules(0));
    const watch = (...more: readonly string[]): Running =>
      start('peregrine', [
        ...['up', '-r', file, '--scope', `cgroup:${cgroup.path}`],
        ...[
          'json_output=true',
          'watch_config_files=false',
          'rule_matching=all',
          'log_level=info',
          'engine.modern_ebpf.buf_size_preset=6',
        ].flatMap((option) => ['-o', option]),
        ...more,
      ]);
    filtered = watch();
    complete = watch('-o', 'engine.modern_ebpf.kernel_filters=false');
    for (const program of [filtered, complete])
      await until(
        'both watch',
        () => /watching/.test(program.err()) || program.child.exitCode !== null,
        60_000,
      );
    expect([filtered.err(), complete.err()].filter((text) => !text.includes('watching'))).toEqual([]);
  }, 180_000);

  afterAll(async () => {
    for (const program of [filtered, complete]) program?.child.kill('SIGINT');
    await Promise.all([filtered?.ended, complete?.ended]);
    await cgroup?.remove();
    scratch.remove();
  }, 60_000);

  const count = (text: string, part: string): number => text.split(part).length - 1;

  test.each(groups.map(({ title }, index) => [title, index] as const))(
    '%s',
    async (_, index) => {
      const programs = [filtered, complete];
      if (index > 0) {
        scratch.write('rules.yaml', rules(index));
        const before = programs.map(({ err }) => count(err(), 'are in use'));
        for (const { child } of programs) child.kill('SIGHUP');
        for (const [at, { err }] of programs.entries())
          await until(
            'both have the new rules',
            () => count(err(), 'are in use') > (before[at] ?? 0),
            30_000,
          );
      }
      const starts = programs.map(({ out }) => out().length);
      const folder = scratch.path(`work-${index}`);
      mkdirSync(folder);
      const child = cgroup.spawn(`cd ${folder} && ${calls} ${SEED + index} ${TURNS}; /bin/true END`);
      await new Promise((resolve) => child.once('close', resolve));
      const out = (at: number): string => programs[at]?.out().slice(starts[at]) ?? '';
      for (const at of [0, 1])
        await until('the last alert came', () => out(at).includes('"proc.args":"END"'), 30_000);
      const [own = [], others = []] = [alertsOf(out(0)), alertsOf(out(1))];
      const missing = others.filter((alert) => !own.includes(alert));
      const extra = own.filter((alert) => !others.includes(alert));
      const some = (alerts: readonly string[]): readonly string[] => alerts.slice(0, 3);
      expect([missing.length, extra.length, ...some(missing), ...some(extra)]).toEqual([0, 0]);
      expect(own.toSorted()).toEqual(others.toSorted());
      expect(own.length).toBeGreaterThan(20);
    },
    120_000,
  );
});
