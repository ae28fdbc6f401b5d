import type { Alert } from '@peregrine/alert';
import { Scenario } from '@peregrine/state/testing/scenario';
import { expect, test } from 'vitest';
import { configOf, setupOf } from '../../testing/setup.ts';
import { createDetector, prepareRules } from '../detection/detector.ts';
import { StorySwitch } from './story-switch.ts';

const rules = `
- rule: Opened
  desc: d
  condition: evt.type = openat and fd.name startswith /secret
  output: o
  priority: NOTICE
`;

const storyOf = (yaml: string) => configOf(`story: { ${yaml} }`).story;

test('stories as the configuration has them, through changes of it', () => {
  const fail = (error: unknown): never => {
    throw error;
  };
  const stories = new StorySwitch({ onBug: fail });
  const setup = setupOf([rules]);
  const { ruleset } = prepareRules(setup);
  if (ruleset === undefined) throw new Error('the rules cannot be used');
  const alerts: Alert[] = [];
  const { engine, state } = createDetector(ruleset, {
    setup,
    hostname: 'h',
    onAlert: (alert, event, rule) => alerts.push(stories.told(alert, event, rule)),
    onBug: fail,
    onEvent: (event) => stories.take(event),
  });
  const scenario = new Scenario({}, { engine: state, take: (view) => void engine.process(view) });
  const latest = () => alerts.at(-1)?.story;

  scenario.start(100, { comm: 'sh' });
  scenario.open(100, 3, '/secret/0');
  expect(latest()).toBeUndefined();

  stories.use(storyOf('repeat_after_s: 0'));
  scenario.open(100, 3, '/tmp/before');
  scenario.open(100, 3, '/secret/1');
  const first = latest();
  expect(first?.process?.name).toBe('sh');
  expect(first?.before.map(({ text }) => text)).toEqual([
    'opened /tmp/before for reading',
    'opened /secret/1 for reading',
  ]);

  // The same settings change nothing.
  stories.use(storyOf('repeat_after_s: 0'));
  scenario.open(100, 3, '/tmp/after');
  stories.care(Number(scenario.timeNs) / 1e6 + 1_000);
  expect(stories.takeContinuations()).toEqual([]);
  stories.care(Number(scenario.timeNs) / 1e6 + 6_000);
  const told = stories.takeContinuations();
  expect(told.map(({ key, after }) => [key, after.map(({ text }) => text)])).toEqual([
    [first?.key, ['opened /tmp/after for reading']],
  ]);
  expect(stories.takeContinuations()).toEqual([]);

  // Others begin anew, and what was awaited is told.
  scenario.open(100, 3, '/secret/2');
  const second = latest();
  scenario.open(100, 3, '/tmp/last');
  stories.use(storyOf('repeat_after_s: 0, max_mb: 4'));
  expect(stories.takeContinuations().map(({ key }) => key)).toEqual([second?.key]);
  scenario.open(100, 3, '/secret/3');
  const third = latest();
  expect(third?.before).toHaveLength(1);
  expect(new Set([first?.key, second?.key, third?.key]).size).toBe(3);

  stories.use(storyOf('enabled: false'));
  scenario.open(100, 3, '/secret/4');
  expect(latest()).toBeUndefined();
  expect(alerts).toHaveLength(5);
});
