/** The rules for audit events load without a complaint, and each does what the events in k8s-audit-tests/ say. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonDocument } from '@peregrine/base';
import { createRuleset, JsonEngine } from '@peregrine/engine';
import { JsonNode } from '@peregrine/events';
import { createAuditSource } from '@peregrine/fields';
import { loadRules } from '@peregrine/lang';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

interface ShortEvent {
  readonly verb?: string;
  readonly resource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly stage?: string;
  readonly code?: number;
  readonly reason?: string;
  readonly uri?: string;
  readonly decision?: string;
  readonly request?: JsonDocument;
}

interface Entry {
  readonly rule: string;
  readonly with?: string;
  readonly matches: readonly ShortEvent[];
  readonly misses: readonly ShortEvent[];
}

const source = createAuditSource();
const catalogue = {
  sources: [source],
  engineVersion: '0.63.0',
  plugins: [
    { name: 'k8saudit', version: '0.18.0' },
    { name: 'json', version: '0.7.0' },
  ],
};
const folder = join(import.meta.dirname, 'k8s-audit-tests');
const rulesFile = {
  name: 'k8s-audit.yaml',
  text: readFileSync(join(import.meta.dirname, 'k8s-audit.yaml'), 'utf8'),
};
const entries: readonly Entry[] = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .flatMap((name) => parse(readFileSync(join(folder, name), 'utf8')));
const loaded = loadRules([rulesFile], catalogue);
const upstream = join(import.meta.dirname, '../../shared/upstream/k8s_audit_rules.yaml');

function auditEvent(event: ShortEvent): JsonDocument {
  const { verb = 'create', user = 'alice', groups = ['dev'], stage = 'ResponseComplete' } = event;
  const { resource, namespace, name, subresource, request } = event;
  const target = JSON.parse(JSON.stringify({ resource, namespace, name, subresource }));
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'RequestResponse',
    auditID: '6f2d6a0c-0000-4000-8000-000000000001',
    stage,
    requestURI: event.uri ?? `/api/v1/${resource ?? ''}`,
    verb,
    user: { username: user, groups },
    sourceIPs: ['10.0.0.9'],
    userAgent: 'kubectl/v1.30.0',
    ...(resource === undefined ? {} : { objectRef: target }),
    responseStatus: {
      code: event.code ?? (verb === 'create' ? 201 : 200),
      ...(event.reason === undefined ? {} : { reason: event.reason }),
    },
    ...(request === undefined ? {} : { requestObject: request }),
    responseObject: { metadata: { name: name ?? '' } },
    stageTimestamp: '2026-11-25T10:00:00.123456Z',
    annotations: { 'authorization.k8s.io/decision': event.decision ?? 'allow' },
  };
}

const loadedWith = new Map<string, typeof loaded>();

function rulesWith(extra: string): typeof loaded {
  const files = extra === '' ? [rulesFile] : [rulesFile, { name: 'own.yaml', text: extra }];
  const known = loadedWith.get(extra) ?? loadRules(files, catalogue);
  loadedWith.set(extra, known);
  return known;
}

function rulesThatMatch(events: readonly ShortEvent[], extra = ''): readonly (readonly string[])[] {
  const { rules, diagnostics } = rulesWith(extra);
  expect(diagnostics).toEqual([]);
  const found: string[] = [];
  const engine = new JsonEngine({
    ruleset: createRuleset(rules, source, { matching: 'all', isTimeIso8601: false, isBufferBase64: false }),
    hostname: 'tester',
    onAlert: ({ rule }) => found.push(rule),
    onBug: (error) => {
      throw error;
    },
  });
  return events.map((event) => {
    found.length = 0;
    engine.process({ document: JsonNode.of(auditEvent(event)), num: 1, timeNs: 1n });
    return [...found];
  });
}

test('no errors, no warnings', () => {
  expect(loaded.diagnostics.map(({ code, message }) => `${code}: ${message}`)).toEqual([]);
});

test('every rule is described, tagged, and has events under its name, at least two that match', () => {
  const lacking = loaded.rules.filter(({ name, description, tags }) => {
    const entry = entries.find(({ rule }) => rule === name);
    return description === '' || !tags.includes('k8s') || (entry?.matches.length ?? 0) < 2;
  });
  expect(lacking.map(({ name }) => name)).toEqual([]);
  expect(entries).toHaveLength(loaded.rules.length);
});

describe.each(entries)('$rule', ({ rule, with: extra, matches, misses }) => {
  test.each(matches.map((event) => [JSON.stringify(event), event] as const))('matches %s', (_, event) => {
    expect(rulesThatMatch([event], extra).flat()).toContain(rule);
  });

  test.each(misses.map((event) => [JSON.stringify(event), event] as const))('misses %s', (_, event) => {
    expect(rulesThatMatch([event], extra).flat()).not.toContain(rule);
  });
});

test('rules that are to be switched on are silent as they come', () => {
  const events = entries.filter((entry) => entry.with !== undefined).flatMap(({ matches }) => matches);
  const silent = entries.filter((entry) => entry.with !== undefined).map(({ rule }) => rule);
  expect(
    rulesThatMatch(events)
      .flat()
      .filter((rule) => silent.includes(rule)),
  ).toEqual([]);
});

const obstacle = readIfThere(upstream) === undefined ? 'the reference’s rules are not here' : undefined;
describe.skipIf(obstacle !== undefined)(
  `beside the reference’s rules${obstacle ? ` (skipped: ${obstacle})` : ''}`,
  () => {
    test('ours have a rule for each of theirs, by the same name and of the same priority', () => {
      const theirs = loadRules(
        [{ name: 'k8s_audit_rules.yaml', text: readIfThere(upstream) ?? '' }],
        catalogue,
      );
      const known = (rules: typeof theirs.rules) =>
        rules.map(({ name, priority }) => `${name} ${priority}`).sort();
      expect(known(loaded.rules)).toEqual(known(theirs.rules));
    });
  },
);

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
