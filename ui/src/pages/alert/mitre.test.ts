import { expect, test } from 'vitest';
import { mitreLinks } from './mitre.ts';
import { tactics, techniques } from './mitre-table.ts';

test('tags become tactics and techniques, tactics first', () => {
  expect(
    mitreLinks(['container', 'T1059.004', 'mitre_execution', 't1003', 'T9999', 'mitre_T1611', 'T1059.004']),
  ).toEqual([
    { id: 'TA0002', name: 'Execution', url: 'https://attack.mitre.org/tactics/TA0002/', isTactic: true },
    {
      id: 'T1059.004',
      name: 'Command and Scripting Interpreter: Unix Shell',
      url: 'https://attack.mitre.org/techniques/T1059/004/',
      isTactic: false,
    },
    {
      id: 'T1003',
      name: 'OS Credential Dumping',
      url: 'https://attack.mitre.org/techniques/T1003/',
      isTactic: false,
    },
    { id: 'T9999', name: 'T9999', url: 'https://attack.mitre.org/techniques/T9999/', isTactic: false },
    {
      id: 'T1611',
      name: 'Escape to Host',
      url: 'https://attack.mitre.org/techniques/T1611/',
      isTactic: false,
    },
  ]);
});

test('what is no such tag is left alone', () => {
  expect(mitreLinks(['mitre_constructor', 'T10591', 'T1059/../x', '<b>', 'mitre_', ''])).toEqual([]);
});

test('the table has proper numbers, and the technique of each part', () => {
  for (const id of Object.keys(techniques)) {
    expect(id).toMatch(/^T\d{4}(?:\.\d{3})?$/);
    expect(techniques[id.slice(0, 5)], id).toBeDefined();
  }
  expect(new Set(Object.values(tactics).map(({ id }) => id)).size).toBe(14);
});
