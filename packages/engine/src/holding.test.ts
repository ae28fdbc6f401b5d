/** Alerts on containers whose metadata come late: the same alerts as if they had been there from the start. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Alert } from '@peregrine/alert';
import { encodeView, TextInterner } from '@peregrine/events';
import { createSyscallSource } from '@peregrine/fields';
import { loadRules } from '@peregrine/lang';
import { openCapture } from '@peregrine/sources';
import { type Container, containerEvent, StateEngine } from '@peregrine/state';
import { describe, expect, test } from 'vitest';
import { Engine } from './engine.ts';
import { createRuleset, type RulesetOptions } from './ruleset.ts';
import type { HoldLimits } from './waiting-line.ts';

const path = (name: string): string => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const capture = path('corpora/captures/container/container.scap.gz');
const shipped = readFileSync(path('rules/peregrine_rules.yaml'), 'utf8');

/** Conditions and outputs that read metadata in every place that can. */
const own = `
- rule: Of the image
  desc: d
  condition: evt.type in (open, openat, execve) and container.image.repository = registry.example/web
  output: "%evt.type %proc.cmdline in %container.name of %container.image.repository:%container.image.tag %container.id"
  priority: ERROR
- rule: Not of another image
  desc: d
  condition: container.id != host and evt.type = execve and not (container.image.tag = 9 or container.privileged = false)
  output: "%proc.name %toupper(container.name) %container.labels %container.id"
  priority: INFO
- rule: Of no pod
  desc: d
  condition: evt.type = execve and k8s.ns.name exists
  output: never
  priority: INFO
- rule: Without metadata
  desc: d
  condition: evt.type in (execve, clone, clone3, fork, vfork) and container.id != host
  output: "%evt.num %proc.name %proc.pname %container.id"
  priority: INFO
- rule: Told of
  desc: d
  condition: evt.type = container
  output: "%container.id %container.name"
  priority: INFO
`;

const metadata: NonNullable<Container['metadata']> = {
  ...{
    name: 'web-1',
    image: 'registry.example/web:1.2',
    imageId: 'abc',
    imageRepository: 'registry.example/web',
  },
  ...{ imageTag: '1.2', imageDigest: 'sha256:0', ip: '172.17.0.2', cniJson: '', isPrivileged: true },
  ...{ isHostPid: false, isHostNetwork: false, isHostIpc: false, isPodSandbox: false, mounts: [] },
  ...{ labels: { app: 'web' }, podSandboxId: '', podSandboxLabels: {} },
  ...{ healthcheck: undefined, livenessProbe: undefined, readinessProbe: undefined },
};

const source = createSyscallSource();

function rulesetOf(text: string, matching: RulesetOptions['matching']) {
  const { rules } = loadRules([{ name: 'rules.yaml', text }], {
    sources: [source],
    engineVersion: '0.63.0',
    plugins: [{ name: 'container', version: '0.7.1' }],
  });
  return createRuleset(rules, source, { matching, isTimeIso8601: true, isBufferBase64: false });
}

type When = 'at once' | 'in the end' | 'never';

interface Run {
  readonly alerts: readonly Alert[];
  readonly engine: Engine;
}

function run(text: string, matching: RulesetOptions['matching'], when: When, hold: HoldLimits): Run {
  const alerts: Alert[] = [];
  const met: Container[] = [];
  const interner = new TextInterner();
  const state = new StateEngine({
    onContainer: (container) => {
      met.push(container);
      if (when !== 'at once') engine.await(container.id, 0);
    },
  });
  const engine = new Engine({
    ...{ state, hostname: 'h', hold, ruleset: rulesetOf(text, matching) },
    onAlert: (alert) => alerts.push(alert),
    onBug: (error) => {
      throw error;
    },
  });
  const tell = (containers: readonly Container[]): void => {
    for (const container of containers)
      engine.process(encodeView(containerEvent({ ...container, metadata }, 'added', 5n), interner));
  };
  let known = when === 'at once' ? containersOf() : [];
  const input = openCapture(capture);
  // The tables are filled anew right before the first event.
  const take = (view: Parameters<typeof engine.process>[0]): void => {
    if (known.length > 0) tell(known);
    known = [];
    engine.process(view);
  };
  while (input.poll(state.sink, take, 1_000) !== 'end');
  input.close();
  if (when === 'in the end') tell(met);
  engine.settleAll();
  return { alerts, engine };
}

function containersOf(): readonly Container[] {
  const met: Container[] = [];
  const state = new StateEngine({ onContainer: (container) => met.push(container) });
  const input = openCapture(capture);
  while (input.poll(state.sink, (view) => state.apply(view), 1_000) !== 'end');
  input.close();
  return met;
}

const wide: HoldLimits = { mostMs: 1, capacity: 100_000 };
const isOfEvents = ({ rule }: Alert): boolean => rule !== 'Told of';

describe.each(['first', 'all'] as const)('matching %s', (matching) => {
  test.each([
    ['rules on metadata', own],
    ['shipped rules', shipped],
    ['both', `${shipped}\n${own}`],
  ])('%s: nothing is lost, added or changed by waiting', (_title, rules) => {
    const prompt = run(rules, matching, 'at once', wide).alerts.filter(isOfEvents);
    const late = run(rules, matching, 'in the end', wide).alerts.filter(isOfEvents);
    expect(prompt.length).toBeGreaterThan(5);
    // Alerts on the host do not wait for those of containers: each has its order for itself.
    const byTime = (a: Alert, b: Alert): number => Number(a.timeNs - b.timeNs);
    expect(late.toSorted(byTime)).toEqual(prompt.toSorted(byTime));
  });
});

test('alerts of one container keep their order', () => {
  const order = (when: When): Map<unknown, readonly string[]> => {
    const alerts = run(own, 'all', when, wide).alerts.filter(isOfEvents);
    const byContainer = Map.groupBy(alerts, ({ fields }) => fields['container.id']);
    return new Map(
      [...byContainer].map(([id, each]) => [id, each.map(({ rule, timeNs }) => `${rule} ${timeNs}`)]),
    );
  };
  const late = order('in the end');
  expect(late.size).toBeGreaterThan(1);
  expect(late).toEqual(order('at once'));
});

test('what is held goes out before rules see the event that tells of the container', () => {
  const { alerts } = run(own, 'all', 'in the end', wide);
  expect(alerts.at(-1)).toMatchObject({
    rule: 'Told of',
    message: expect.stringMatching(/^[0-9a-f]{12} web-1$/),
  });
});

test('without metadata, alerts say so, and conditions on metadata do not hold', () => {
  const { alerts, engine } = run(own, 'all', 'never', wide);
  const rules = new Set(alerts.map(({ rule }) => rule));
  expect([...rules].sort()).toEqual(['Not of another image', 'Without metadata']);
  const open = alerts.find(({ rule }) => rule === 'Not of another image');
  expect(open?.fields['container.name']).toBeNull();
  expect(open?.message).toMatch(/ <NA> <NA> [0-9a-f]{12}$/);
  expect(engine.waitingCounters.held).toBeGreaterThan(0);
});

test('no more wait than may, and none is lost', () => {
  const narrow = run(own, 'all', 'in the end', { mostMs: 1, capacity: 3 });
  const none = run(own, 'all', 'never', { mostMs: 0, capacity: 0 });
  const whole = run(own, 'all', 'in the end', wide);
  const count = ({ alerts }: Run, rule: string): number =>
    alerts.filter((alert) => alert.rule === rule).length;
  expect(narrow.engine.waitingCounters.crowdedOut).toBeGreaterThan(0);
  expect(count(narrow, 'Without metadata')).toBe(count(whole, 'Without metadata'));
  expect(none.engine.waitingCounters.held).toBe(0);
  expect(count(none, 'Without metadata')).toBe(count(whole, 'Without metadata'));
});

test('matches are counted once, when they are certain', () => {
  const { engine, alerts } = run(own, 'all', 'in the end', wide);
  const counted = Object.fromEntries(engine.matches().map(({ rule, count }) => [rule, count]));
  const told = Object.fromEntries(
    [...Map.groupBy(alerts, ({ rule }) => rule)].map(([rule, each]) => [rule, each.length]),
  );
  expect(counted).toEqual(told);
});
