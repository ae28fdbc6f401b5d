import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { lineOfEntry, overrideText } from './override-text.ts';

test.each([
  ['Shell', 'spawned and proc.name in (a, b)'],
  ['<b>: #"quoted" \u202e 日本語', 'evt.type = open\n  and fd.name = "/x # y"\n\n and not z'],
  ['true', 'a'],
])('the override of %j is good YAML', (name, condition) => {
  const [entry] = parse(overrideText({ name, condition })) as readonly Record<string, unknown>[];
  expect(entry?.['rule']).toBe(name);
  expect(String(entry?.['condition']).split(/\s+/)).toEqual(condition.split(/\s+/));
  expect(entry?.['override']).toEqual({ condition: 'replace' });
});

test('finds the entry about a rule', () => {
  const text = `# x\n- macro: Shell\n  condition: a\n${overrideText({ name: 'Shell', condition: 'a' })}- rule: "a: b"  # c\n`;
  expect(lineOfEntry(text, 'Shell')).toBe(4);
  expect(lineOfEntry(text, 'a: b')).toBe(9);
  expect(lineOfEntry(text, 'Shel')).toBeUndefined();
});
