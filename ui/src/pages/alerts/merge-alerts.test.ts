import type { Alert } from '@peregrine/api/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MOST_ROWS, mergeNew } from './merge-alerts.ts';

const alertAt = (id: number, second: number): Alert => ({
  ...{ id: String(id), uuid: '', time: `2026-01-01T00:00:${String(second).padStart(2, '0')}.000000000Z` },
  ...{ priority: 'Notice', rule: '', source: '', hostname: '', tags: [], output: '', fields: {} },
  ...{ state: 'new', assignee: null, incidentId: '', mark: null },
});

describe('a list of alerts', () => {
  test('stays in order, with each alert once', () => {
    const seconds = fc.array(fc.nat(59), { maxLength: 30 });
    fc.assert(
      fc.property(seconds, seconds, fc.nat(40), (first, second, offset) => {
        const rows = mergeNew(
          [],
          first.map((at, i) => alertAt(i, at)),
        );
        const merged = mergeNew(
          rows,
          second.map((at, i) => alertAt(i + offset, at)),
        );
        const times = merged.map(({ time }) => time);
        expect(times).toEqual([...times].sort().reverse());
        const ids = new Set([...first.keys(), ...[...second.keys()].map((i) => i + offset)].map(String));
        expect(merged.map(({ id }) => id).sort()).toEqual([...ids].sort());
      }),
    );
  });

  test('does not grow without end: the oldest go', () => {
    const rows = Array.from({ length: MOST_ROWS }, (_, i) => alertAt(i, 10));
    const merged = mergeNew(rows, [alertAt(-1, 11)]);
    expect(merged.length).toBe(MOST_ROWS);
    expect(merged[0]?.id).toBe('-1');
  });
});
