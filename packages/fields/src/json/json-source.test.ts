import { JsonNode } from '@peregrine/events';
import { describe, expect, test } from 'vitest';
import { createAuditSource } from '../k8s-audit/audit-source.ts';
import type { JsonEvent } from './json-event.ts';

const source = createAuditSource();
const event: JsonEvent = {
  document: JsonNode.of({ auditID: 'a', verb: 'get' }),
  num: 7,
  timeNs: 1_795_247_499_826_425_192n,
};

function read(name: string, argument?: string) {
  const resolution = source.resolve(name, argument);
  return resolution.kind === 'field' ? resolution.field.read(event) : resolution.kind;
}

describe('source k8s_audit', () => {
  test.each<[string, string | undefined, unknown]>([
    ['ka.verb', undefined, 'get'],
    ['evt.num', undefined, 7],
    ['evt.rawtime', undefined, 1_795_247_499_826_425_192n],
    ['evt.rawtime.ns', undefined, 826_425_192],
    ['evt.time.iso8601', undefined, '2026-11-21T07:51:39.826425192+0000'],
    ['evt.plugininfo', undefined, '{"auditID":"a","verb":"get"}'],
    ['jevt.value', '/verb', 'get'],
    ['jevt.value', undefined, 'bad-argument'],
    ['ka.verb', 'x', 'bad-argument'],
    ['ka.req.pod.containers.image', 'x', 'bad-argument'],
    ['proc.name', undefined, 'unknown-field'],
    ['ka.nothing', undefined, 'unknown-field'],
  ])('%s[%s]', (name, argument, expected) => {
    expect(read(name, argument)).toBe(expected);
  });

  test('every listed field resolves', () => {
    for (const { name, argument } of source.fields) {
      const given = argument.requirement === 'required' ? '/x' : undefined;
      expect(source.resolve(name, given), name).toMatchObject({ kind: 'field' });
    }
  });
});
