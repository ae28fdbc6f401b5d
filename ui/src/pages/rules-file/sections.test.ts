import { expect, test } from 'vitest';
import { sectionAt } from './sections.ts';

const text = `# comment
- required_engine_version: 0.57.0
- list: shells
  items: [bash,
    sh]
- macro: spawned
  condition: evt.type = execve
-  rule: Wide
   desc: x
- rule: Shell
  desc: >
    What it: says
  condition: >-
    spawned
    and proc.name in (shells)

  output: "told"
  exceptions:
    - name: one
      fields: [proc.name]
  pri
  `;
const lines = text.split('\n');
const lineAt = (line: number): string => lines[line - 1] ?? '';

test.each([
  [1, undefined, undefined],
  [2, 'other', 'required_engine_version'],
  [3, 'list', 'list'],
  [5, 'list', 'items'],
  [7, 'macro', 'condition'],
  [10, 'rule', 'rule'],
  [12, 'rule', 'desc'],
  [15, 'rule', 'condition'],
  [17, 'rule', 'output'],
  [20, 'rule', 'exceptions'],
  [22, 'rule', undefined],
])('line %i is in %s, %s', (line, item, key) => {
  const section = sectionAt(lineAt, line);
  expect([section?.item, section?.key]).toEqual([item, key]);
});

test('tells where the value begins', () => {
  expect(sectionAt(lineAt, 7)).toMatchObject({ keyLine: 7, valueColumn: 13 });
  expect(sectionAt(lineAt, 15)).toMatchObject({ keyLine: 13, valueColumn: 15 });
});
