import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Alert } from '@peregrine/alert';
import { JsonNode } from '@peregrine/events';
import type { JsonEvent } from '@peregrine/fields';
import { expect, test } from 'vitest';
import { configOf, setupOf } from '../../testing/setup.ts';
import { JsonDetector } from '../feeds/json-detector.ts';
import { ConditionTeller } from './condition-teller.ts';

const documents = readFileSync(join(import.meta.dirname, '../../../../corpora/k8s-audit/exec.jsonl'), 'utf8')
  .trim()
  .split('\n');

const rules = `
- macro: running
  source: k8s_audit
  condition: ka.target.subresource in (exec, attach)
- rule: Exec
  desc: d
  source: k8s_audit
  condition: ka.target.resource = pods and running
  output: o %ka.user.name
  priority: NOTICE
`;

function alertsOf(settings: string): readonly Alert[] {
  const { story } = configOf(`story: { ${settings} }`);
  const fail = (error: unknown): never => {
    throw error;
  };
  const { detector } = JsonDetector.create({
    setup: setupOf([rules]),
    source: 'k8s_audit',
    hostname: 'h',
    onBug: fail,
    teller: new ConditionTeller<JsonEvent>(story, { onBug: fail, monotonicMs: () => 0 }),
  });
  const events = documents.map((text, i) => {
    const document = JsonNode.parse(Buffer.from(text));
    if (!(document instanceof JsonNode)) throw new Error(document.failure);
    return { document, timeNs: BigInt(i) };
  });
  return detector?.alertsOf({ events }) ?? [];
}

test('why a rule matched a document, macros by their names', () => {
  const alerts = alertsOf('most_per_second: 1000');
  expect(alerts.length).toBeGreaterThan(1);
  expect(alerts[0]?.story).toMatchObject({
    ancestors: [],
    before: [],
    condition: {
      holds: true,
      terms: [
        { holds: true, text: 'ka.target.resource = pods', value: '"pods"' },
        {
          holds: true,
          text: 'running',
          terms: [
            { holds: true, text: 'ka.target.subresource in (exec, attach)', value: expect.any(String) },
          ],
        },
      ],
    },
  });
  expect(new Set(alerts.map(({ story }) => story?.key)).size).toBe(alerts.length);
});

test('as many as there may be, and none where stories are off', () => {
  const told = (settings: string): number =>
    alertsOf(settings).filter(({ story }) => story !== undefined).length;
  expect(told('most_per_second: 1')).toBe(1);
  expect(told('enabled: false')).toBe(0);
});
