import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { conditionsOf, createIncidentMatcher, firstOf } from './incident-filter.ts';
import type { StoredIncident } from './incident-rows.ts';

const incident: StoredIncident = {
  ...{
    id: '1',
    key: '',
    rule: '',
    source: '',
    workload: '',
    hostname: '',
    urgency: 1,
    firstNs: 0n,
    lastNs: 0n,
  },
  ...{ count: 1, state: 'new', assignee: undefined, output: '', throughSeq: 1 },
};

test('texts are found as the database finds them', () => {
  const database = new DatabaseSync(':memory:');
  const letters = fc.constantFrom(
    'a',
    'A',
    'k',
    'K',
    '\u212a',
    'ß',
    'Σ',
    'σ',
    'ς',
    'İ',
    'i',
    '%',
    '_',
    '\\',
    '.',
    '[',
    ']',
    '^',
    '-',
  );
  const text = fc.array(letters, { maxLength: 4 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, text, text, (wanted, rule, output) => {
      const { sql, values } = conditionsOf({ text: wanted });
      const statement = database.prepare(
        `SELECT 1 FROM (SELECT ? AS rule, '' AS workload, '' AS hostname, ? AS output) ${sql}`,
      );
      const isFound = statement.get(rule, output, ...values) !== undefined;
      expect(createIncidentMatcher({ text: wanted })({ ...incident, rule, output })).toBe(isFound);
    }),
    { numRuns: 2_000 },
  );
  database.close();
});

test('the first ones are those that sorting gives', () => {
  const compare = (a: readonly number[], b: readonly number[]): number => (a[0] ?? 0) - (b[0] ?? 0);
  fc.assert(
    fc.property(fc.array(fc.nat(50)), fc.nat(20), (numbers, most) => {
      const items = numbers.map((number) => [number]);
      const sorted = items.toSorted(compare).slice(0, most);
      expect(firstOf(items, most, compare).map(([number]) => number)).toEqual(
        sorted.map(([number]) => number),
      );
    }),
  );
});
