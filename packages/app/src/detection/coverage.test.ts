/** Nothing that rules or fields need is missing from what a live system reports, or the reason is written down. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventFlag, eventNames, eventRoster, syscallById } from '@peregrine/events';
import { coverage, foreignCalls, unreported } from '@peregrine/sources';
import { StateEngine, stateNeeds } from '@peregrine/state';
import { describe, expect, test } from 'vitest';
import { setupOf } from '../../testing/setup.ts';
import { createCatalogue } from '../rules/catalogue.ts';
import { prepareRules } from './detector.ts';

const root = join(import.meta.dirname, '../../../..');
const reported: ReadonlySet<string> = new Set(coverage.map(({ eventName }) => eventName));
/** A rule of more calls than this speaks of all of them, not of each. */
const MOST_NAMED_CALLS = 100;

/** What of these neither is reported nor has a reason not to be. */
const missingOf = (names: Iterable<string>): readonly string[] =>
  [...new Set(names)].filter(
    (name) => !reported.has(name) && !(name in unreported) && !foreignCalls.includes(name),
  );

/** The events that the rules of a file name. */
function namedEvents(text: string): ReadonlySet<string> {
  const { ruleset } = prepareRules(setupOf([text]));
  if (ruleset === undefined) throw new Error('these rules do not load');
  const ids = ruleset.rules
    .filter(({ syscalls }) => syscalls.size <= MOST_NAMED_CALLS)
    .flatMap(({ syscalls }) => [...syscalls]);
  return new Set(ids.flatMap((id) => syscallById(id)?.eventName ?? []));
}

/** Events that reach rules with parameters of their own, in their current form. */
const delivered = eventRoster.filter(
  ({ code, kind, direction, flags }) =>
    !(flags & (eventFlag.unused | eventFlag.oldVersion)) &&
    (kind === 'tracepoint' || (kind === 'syscall' && direction === 'exit' && code > 1)),
);

describe('rules', () => {
  const upstream = join(root, '../shared/upstream');
  const folders = [join(root, 'rules'), join(root, 'corpora/detect/seeds'), upstream];
  const files = folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => path.endsWith('.yaml'));

  test.each(files.map((path) => [path.split('/').slice(-2).join('/'), path]))('%s', (_, path = '') => {
    expect(missingOf(namedEvents(readFileSync(path, 'utf8')))).toEqual([]);
  });

  test('a rule of an event that nothing reports would be found', () => {
    const rule = '- {rule: r, desc: d, condition: evt.type = recv, output: o, priority: INFO}';
    expect([...namedEvents(rule)]).toEqual(['recv']);
    expect(missingOf(['openat', 'no such event'])).toEqual(['no such event']);
  });

  test.skipIf(existsSync(upstream))('Falco’s rules (skipped where they are not at hand)', () => {
    expect(files.length).toBeGreaterThan(1);
  });
});

describe('fields', () => {
  const fields = createCatalogue({ static_fields: {} }).sources.flatMap((source) => source.fields);

  test('the tables that they read follow events that are reported', () => {
    expect(fields.length).toBeGreaterThan(300);
    const codes = new StateEngine({ needs: new Set(stateNeeds) }).wantedCodes();
    const followed = delivered.filter(({ code }) => codes[code] === 1);
    expect(followed.length).toBeGreaterThan(50);
    expect(missingOf(followed.map(({ name }) => name))).toEqual([]);
  });

  test('so are all events whose parameters they may read', () => {
    expect(missingOf(delivered.map(({ name }) => name))).toEqual([]);
  });
});

test('what has a reason not to be reported is not reported, and is an event', () => {
  const names = new Set(eventNames());
  for (const [name, reason] of Object.entries(unreported)) {
    expect([name, reported.has(name), names.has(name)]).toEqual([name, false, true]);
    const twin = /reported as `(\w+)`/.exec(reason)?.[1];
    if (twin !== undefined) expect(reported).toContain(twin);
  }
});
