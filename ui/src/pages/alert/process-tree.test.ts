import type { Story, StoryProcess } from '@peregrine/api/contract';
import { expect, test } from 'vitest';
import { processRows, visibleRows } from './process-tree.ts';

const process = (pid: number, name: string, containerId?: string): StoryProcess => ({
  ...{ pid, name, exePath: `/bin/${name}`, cmdline: name, user: 'root' },
  ...(containerId === undefined ? {} : { containerId }),
});

const story: Story = {
  process: process(30, 'sh', 'c1'),
  ancestors: [process(20, 'nginx', 'c1'), process(10, 'shim', ''), process(1, 'systemd', '')],
  siblings: [process(31, 'worker', 'c1'), process(30, 'sh', 'c1')],
  children: [process(40, 'curl', 'c1')],
  before: [],
  after: [],
};

const drawn = (rows: ReturnType<typeof processRows>): string[] =>
  rows.map(
    ({ depth, guides, isLast, process: { name }, role, entersContainer, position, setSize }) =>
      `${guides.map((goesOn) => (goesOn ? '│' : ' ')).join('')}${depth === 0 ? '' : isLast ? '└' : '├'}${name} ${role} ${position}/${setSize}${entersContainer === undefined ? '' : ` [${entersContainer}`}`,
  );

test('a story is a tree from the first process down, with the border of the container', () => {
  const rows = processRows({ fields: {} }, story);
  expect(drawn(rows)).toEqual([
    'systemd ancestor 1/1',
    '└shim ancestor 1/1',
    ' └nginx ancestor 1/1 [c1',
    '  ├worker sibling 1/2',
    '  └sh self 2/2',
    '   └curl child 1/1',
  ]);
});

test('without a story, fields give it as far as they go', () => {
  const rows = processRows(
    {
      fields: {
        'proc.name': 'sh',
        'proc.pid': 30,
        'proc.pname': 'nginx',
        'proc.aname[2]': 'shim',
        'proc.aname[4]': 'unreached',
        'container.id': 'c1',
      },
    },
    null,
  );
  expect(drawn(rows)).toEqual(['shim ancestor 1/1', '└nginx ancestor 1/1', ' └sh self 1/1 [c1']);
  expect(processRows({ fields: { 'ka.verb': 'get' } }, null)).toEqual([]);
});

test('what is folded hides all beneath, and nothing else', () => {
  const rows = processRows({ fields: {} }, story);
  const nginx = rows[2]?.key ?? '';
  expect(visibleRows(rows, new Set([nginx])).map(({ process: { name } }) => name)).toEqual([
    'systemd',
    'shim',
    'nginx',
  ]);
  expect(visibleRows(rows, new Set())).toEqual(rows);
});
