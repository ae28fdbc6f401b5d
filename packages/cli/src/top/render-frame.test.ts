import type { TopFrame } from '@peregrine/app/top';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable, rate, renderFrame } from './render-frame.ts';

const frame: TopFrame = {
  timeMs: Date.UTC(2026, 0, 1, 10),
  seconds: 2,
  title: 'eBPF (tracepoint mode)',
  eventsPerSecond: 12_345.6,
  lostPerSecond: 0,
  lostTotal: 0,
  threadCount: 321,
  sensorCpuRatio: 0.0123,
  rssBytes: 104_857_600,
  programs: [{ name: 'sys_exit', runsPerSecond: 1_000_000, nsPerRun: 90.4, cpuRatio: 0.0904 }],
  types: [
    { name: 'openat', perSecond: 10_000 },
    { name: 'close', perSecond: 2.25 },
  ],
  processes: [{ name: 'evil\u001b[2J\n', perSecond: 7 }],
  containers: [
    { id: 'host', name: '', perSecond: 5 },
    { id: 'abcdef012345', name: 'web', perSecond: 2 },
  ],
  rules: [
    { rule: 'Read sensitive file', matches: 3, nsPerEvent: 345.6, cpuRatio: 0.001 },
    { rule: 'Never', matches: 0, nsPerEvent: undefined, cpuRatio: 0 },
  ],
};

test('a wide screen', () => {
  const lines = renderFrame(frame, { columns: 120, rows: 40, isColourful: false });
  expect(lines.slice(1)).toEqual([
    'events 12.3k/s  lost 0/s (0 in all)',
    'this program 1.23 % of a CPU, 100 MB  threads known 321',
    '',
    ' EVENTS/S  TYPE                          EVENTS/S  PROCESS                       EVENTS/S  CONTAINER',
    '    10.0k  openat                             7.0  evil?[2J?                          5.0  host',
    '      2.3  close                                                                      2.0  web abcdef012345',
    '',
    '      CPU   NS/EVENT    MATCHES  RULE (each by itself, sampled)',
    '   0.10 %        346          3  Read sensitive file',
    '   0.00 %          -          0  Never',
    '',
    '      CPU     NS/RUN     RUNS/S  KERNEL PROGRAM',
    '   9.04 %         90       1.0M  sys_exit',
  ]);
});

test('a small screen is not overflown', () => {
  const many = Array.from({ length: 100 }, (_, i) => ({ name: `name-${i}`, perSecond: 100 - i }));
  const full = {
    ...frame,
    types: many,
    processes: many,
    containers: many.map((r) => ({ ...r, id: r.name })),
  };
  const lines = renderFrame(full, { columns: 40, rows: 30, isColourful: false });
  expect(lines.length).toBeLessThanOrEqual(30);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(40);
});

test('losses and headings stand out where there is colour', () => {
  const lines = renderFrame({ ...frame, lostPerSecond: 5 }, { columns: 120, rows: 40, isColourful: true });
  expect(lines[1]).toContain('\u001b[31mlost 5.0/s');
  expect(lines.filter((line) => line.startsWith('\u001b[1m'))).toHaveLength(3);
});

test('whatever a program calls itself, the terminal is not told to do anything', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const codes = [...printable(name)].map((char) => char.codePointAt(0) ?? 0);
      expect(codes.filter((code) => code < 0x20 || (code >= 0x7f && code < 0xa0))).toEqual([]);
      expect(printable('a\u202eb\u2028c')).toBe('a?b?c');
    }),
  );
});

test.each([
  [0, '0'],
  [0.04, '0.0'],
  [9.96, '10.0'],
  [9_999, '9999'],
  [12_000, '12.0k'],
  [4_200_000, '4.2M'],
])('%d is %s', (value, text) => {
  expect(rate(value)).toBe(text);
});
