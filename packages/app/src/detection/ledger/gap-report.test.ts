import { expect, test } from 'vitest';
import { blindRules, reportGap } from './gap-report.ts';

const rules = [
  { name: 'Opens', eventCodes: new Set([307, 3]) },
  { name: 'Closes', eventCodes: new Set([5]) },
  { name: 'Both', eventCodes: new Set([307, 5]) },
];
const stateCodes = new Uint8Array(512);
stateCodes[5] = 1;
const spell = {
  cgroup: 1n,
  fromMs: Date.UTC(2026, 0, 1, 10),
  toMs: Date.UTC(2026, 0, 1, 10, 0, 7),
  dropped: 30,
  limited: 12,
  lostByCode: new Map([
    [307, 40],
    [3, 2],
  ]),
  isOngoing: false,
};
const name = { path: '/pods/a"b\n', containerId: 'abc', containerName: 'web', image: 'nginx:1' };

test.each([
  [[307], ['Opens', 'Both']],
  [[5], ['Closes', 'Both']],
  [[7], []],
])('rules that read %j', (codes, expected) => {
  expect(blindRules(rules, codes)).toEqual(expected);
});

test('a gap says who was not seen, when, and by which rules', () => {
  const { text, fields, logLine } = reportGap(spell, name, { rules, stateCodes });
  expect(text).toBe(
    '. 42 events of a cgroup were lost from 2026-01-01T10:00:00.000Z to 2026-01-01T10:00:07.000Z; 2 rules did not see them.',
  );
  expect(fields).toEqual({
    cgroup: '/pods/a"b\n',
    'container.id': 'abc',
    'container.name': 'web',
    'container.image': 'nginx:1',
    from: '2026-01-01T10:00:00.000Z',
    to: '2026-01-01T10:00:07.000Z',
    is_ongoing: 'false',
    n_dropped: '30',
    n_limited: '12',
    syscalls: 'openat=40 open=2',
    n_rules: '2',
    rules: 'Opens, Both',
    tables_affected: 'false',
  });
  expect(logLine).toContain('cgroup "/pods/a\\"b\\n", container "abc"');
});

test('a gap without a name, that goes on, of events that the tables follow', () => {
  const nobody = { path: undefined, containerId: undefined, containerName: undefined, image: undefined };
  const { text, fields } = reportGap({ ...spell, isOngoing: true, lostByCode: new Map([[5, 42]]) }, nobody, {
    rules,
    stateCodes,
  });
  expect(text).toContain(', and it goes on; 2 rules');
  expect(fields).toMatchObject({ cgroup: 'unknown', 'container.id': 'unknown', tables_affected: 'true' });
});

test('long lists end', () => {
  const many = Array.from({ length: 60 }, (_, i) => ({ name: `R${i}`, eventCodes: new Set([307]) }));
  expect(reportGap(spell, name, { rules: many, stateCodes }).fields.rules).toMatch(/R49, and 10 more$/);
});
