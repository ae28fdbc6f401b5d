import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BASE_NS, sampleAlert } from '../../testing/sample.ts';
import { planFilter } from './filter-plan.ts';
import { rowsMatching } from './match-rows.ts';
import { SegmentBuilder } from './segment-builder.ts';

const port = {
  triage: { stateOf: () => 'new' as const, assigneeOf: () => undefined, overrides: () => new Map() },
  found: undefined,
};

const rowsOf = (segment: SegmentBuilder, text: string): readonly number[] => {
  const rows: number[] = [];
  rowsMatching(segment, planFilter({ text }), port).forEach((row) => {
    rows.push(row);
  });
  return rows;
};

test('a segment that grows between questions answers as one that was asked nothing before', () => {
  const word = fc.constantFrom('sh', 'Shell', 'cat /etc', 'bash', 'ÜBER alles', '42', 'a=b', 'over all');
  const added = fc.record({ output: fc.array(word, { maxLength: 3 }), name: word, count: fc.nat(50) });
  const steps = fc.array(
    fc.oneof(added, fc.constantFrom('sh', 'cat /etc', '4', 'über a', 'b', 'nowhere', 'r all')),
    {
      minLength: 5,
      maxLength: 60,
    },
  );
  fc.assert(
    fc.property(steps, (all) => {
      const asked = new SegmentBuilder(1, 1, BASE_NS);
      const alerts: Parameters<SegmentBuilder['add']>[0][] = [];
      for (const step of all) {
        if (typeof step !== 'string') {
          const alert = sampleAlert({
            output: step.output.join(' '),
            tags: step.output,
            fields: { 'proc.name': step.name, count: step.count, list: [step.name, step.count] },
          });
          alerts.push(alert);
          asked.add(alert, '1', undefined);
          continue;
        }
        const fresh = new SegmentBuilder(1, 1, BASE_NS);
        for (const alert of alerts) fresh.add(alert, '1', undefined);
        expect(rowsOf(asked, step)).toEqual(rowsOf(fresh, step));
      }
    }),
  );
});
