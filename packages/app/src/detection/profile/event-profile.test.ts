import type { Ruleset } from '@peregrine/engine';
import type { EventContext } from '@peregrine/state';
import { describe, expect, test } from 'vitest';
import { setupOf } from '../../../testing/setup.ts';
import { createDetector, prepareRules } from '../detector.ts';
import { EventProfile } from './event-profile.ts';

const rules = `
- rule: Opens
  desc: d
  condition: evt.type = openat
  output: o
  priority: INFO
- rule: Closes
  desc: d
  condition: evt.type = close
  output: o
  priority: INFO
`;

function eventOf(code: number, comm: string, containerId: string): EventContext {
  const detector = createDetector(ruleset(), {
    setup: setupOf([rules]),
    hostname: 'tester',
    onAlert: () => {},
    onBug: () => {},
  });
  // The profile reads these parts only.
  return { view: { code }, thread: { comm, containerId }, tables: detector.state.tables } as EventContext;
}

function ruleset(): Ruleset<EventContext> {
  const prepared = prepareRules(setupOf([rules])).ruleset;
  if (prepared === undefined) throw new Error('bad rules');
  return prepared;
}

describe('a profile', () => {
  test('counts events by type, process and container', () => {
    const profile = new EventProfile(() => 0);
    for (let i = 0; i < 3; i++) profile.observe(eventOf(307, 'cat', 'host'));
    profile.observe(eventOf(5, 'sh', 'abc'));
    const { byCode, byProcess, byContainer } = profile.counts();
    expect(Object.fromEntries(byCode)).toEqual({ 5: 1, 307: 3 });
    expect(Object.fromEntries(byProcess)).toEqual({ cat: 3, sh: 1 });
    expect(Object.fromEntries(byContainer)).toEqual({ host: 3, abc: 1 });
  });

  test('keeps a bounded number of names', () => {
    const profile = new EventProfile(() => 0);
    const event = eventOf(307, '', 'host');
    for (let i = 0; i < 10_000; i++)
      profile.observe({ ...event, thread: { ...event.thread, comm: `p${i}` } } as EventContext); // The same.
    const { byProcess } = profile.counts();
    expect(byProcess.size).toBe(4_097);
    expect(byProcess.get('(others)')).toBe(10_000 - 4_096);
  });

  test('times one event in 64 against the rules that want its type, once they are warm', () => {
    let clockMs = 0;
    const profile = new EventProfile(() => {
      clockMs += 0.001;
      return clockMs;
    });
    profile.use(ruleset());
    const event = eventOf(307, 'cat', 'host');
    for (let i = 0; i < 640; i++) profile.observe(event);
    const { ruleCosts, sampleInterval } = profile.counts();
    expect(sampleInterval).toBe(64);
    expect(ruleCosts.map(({ rule, sampleCount }) => [rule, sampleCount])).toEqual([
      ['Opens', 6],
      ['Closes', 0],
    ]);
  });
});
