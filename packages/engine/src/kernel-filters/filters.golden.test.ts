/**
 * Recorded events with the kernel's filters on and off: every alert must be the same. With our rules, with those of the
 * golden cases, with rules of random conditions, and with Falco's where `FALCO_RULES` names their folder.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Alert } from '@peregrine/alert';
import { type EventView, eventCodesOf } from '@peregrine/events';
import { createSyscallSource } from '@peregrine/fields';
import { type CheckedRule, loadRules } from '@peregrine/lang';
import { openCapture } from '@peregrine/sources';
import { type EventContext, StateEngine } from '@peregrine/state';
import { describe, expect, test } from 'vitest';
import { Engine } from '../engine.ts';
import { createRuleset, type Ruleset } from '../ruleset.ts';
import { deriveKernelFilters } from './derive.ts';
import { encodeKernelFilters } from './encode.ts';
import { FilterTwin } from './filter-twin.ts';

const root = new URL('../../../../', import.meta.url);
const source = createSyscallSource();
const captures = ['host', 'container'].map((name) => ({
  name,
  path: fileURLToPath(new URL(`corpora/captures/${name}/${name}.scap.gz`, root)),
}));

function checked(
  files: readonly { readonly name: string; readonly text: string }[],
): readonly CheckedRule<EventContext>[] {
  const loaded = loadRules(files, {
    sources: [source],
    engineVersion: '0.63.0',
    plugins: [{ name: 'container', version: '0.7.1' }],
  });
  expect(loaded.rules.length).toBeGreaterThan(0);
  return loaded.rules.filter((rule) => rule.source === 'syscall');
}

function rulesIn(path: string): readonly CheckedRule<EventContext>[] {
  return checked([{ name: path, text: readFileSync(new URL(path, root), 'utf8') }]);
}

function rulesetOf(rules: readonly CheckedRule<EventContext>[]): Ruleset<EventContext> {
  return createRuleset(rules, source, { matching: 'all', isTimeIso8601: true, isBufferBase64: false });
}

/** Hands each event of a capture, with its number from 0, to `take`. */
function walk(path: string, state: StateEngine, take: (view: EventView, index: number) => void): void {
  const input = openCapture(path);
  let index = 0;
  try {
    while (input.poll(state.sink, (view) => take(view, index++), 10_000) !== 'end');
  } finally {
    input.close();
  }
}

/**
 * Numbers of the opens that opened a directory, which the kernel sees and recordings do not say: those whose name some
 * other path begins with, and those that are marked as such.
 */
function directoryOpens(path: string): ReadonlySet<number> {
  const state = new StateEngine();
  const names = new Map<number, string>();
  const directories = new Set<string>();
  walk(path, state, (view, index) => {
    const event = state.apply(view);
    const name = event?.fd?.name;
    if (name === undefined || !name.startsWith('/')) return;
    for (let at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1))
      directories.add(name.slice(0, at));
    if ([3, 307, 327].includes(view.code)) names.set(index, name);
    if (view.code === 97) directories.add(name);
  });
  directories.add('/');
  return new Set([...names].flatMap(([index, name]) => (directories.has(name) ? [index] : [])));
}

const accepts: ReadonlySet<number> = new Set(['accept', 'accept4'].flatMap((name) => eventCodesOf(name)));

interface Outcome {
  readonly alerts: readonly string[];
  readonly leftOut: number;
  readonly events: number;
}

function run(
  path: string,
  ruleset: Ruleset<EventContext>,
  isFiltered: boolean,
  directories: ReadonlySet<number>,
): Outcome {
  const alerts: string[] = [];
  const state = new StateEngine({ needs: ruleset.needs, forgetsUnknownCopies: true });
  const engine = new Engine({
    state,
    ruleset,
    hostname: 'host',
    onAlert: (alert) => alerts.push(render(alert)),
    onBug: (error) => {
      throw error;
    },
  });
  const filters = deriveKernelFilters({ rules: ruleset.rules, source, needs: ruleset.needs });
  let current = 0;
  const twin = new FilterTwin(encodeKernelFilters(filters), {
    pidOf: (tid) => state.tables.thread(tid)?.process.pid,
    isDirectory: () => directories.has(current),
  });
  let leftOut = 0;
  let events = 0;
  /** Accepts that were left out, by process and descriptor. */
  const untold = new Map<string, EventView>();
  const keyOf = (view: EventView, fd: number): string =>
    `${state.tables.thread(view.tid())?.process.pid} ${fd}`;
  walk(path, state, (view, index) => {
    current = index;
    events++;
    if (!isFiltered) engine.process(view);
    else if (twin.wants(view)) {
      const fd = twin.tells(view);
      const accept = fd === undefined ? undefined : untold.get(keyOf(view, fd));
      if (accept !== undefined) {
        engine.process(accept);
        // It has been counted already.
        state.skip(-1);
      }
      engine.process(view);
    } else {
      if (accepts.has(view.code)) untold.set(keyOf(view, view.i32(0)), view.copy());
      leftOut++;
      state.skip(1);
    }
  });
  return { alerts, leftOut, events };
}

/** The first alert of each that the other does not have there; empty when there is none. */
function firstDifference(
  some: readonly string[],
  others: readonly string[],
): readonly (string | undefined)[] {
  const at = Math.max(some.length, others.length);
  for (let i = 0; i < at; i++) if (some[i] !== others[i]) return [some[i], others[i]];
  return [];
}

function render(alert: Alert): string {
  return JSON.stringify(alert, (_, value) => (typeof value === 'bigint' ? String(value) : value));
}

describe.each(captures)('alerts of $name', ({ path }) => {
  const directories = directoryOpens(path);
  const expectSame = (rules: readonly CheckedRule<EventContext>[]): Outcome => {
    const ruleset = rulesetOf(rules);
    const without = run(path, ruleset, false, directories);
    const filtered = run(path, rulesetOf(rules), true, directories);
    expect(firstDifference(filtered.alerts, without.alerts)).toEqual([]);
    return filtered;
  };

  test.each(['rules/peregrine_rules.yaml', 'corpora/detect/seeds/rules.yaml'])('%s', (file) => {
    const { leftOut, events } = expectSame(rulesIn(file));
    expect(leftOut / events).toBeGreaterThan(0.02);
  });

  const upstream = fileURLToPath(new URL('../shared/upstream', root));
  const missing = existsSync(upstream) ? '' : ' (skipped: no folder of them beside the checkout)';
  test.skipIf(missing !== '')(`Falco’s rules, each file alone and all together${missing}`, () => {
    const files = readdirSync(upstream)
      .filter((name) => /^falco.*\.yaml$/.test(name))
      .sort()
      .reverse();
    const texts = files.map((name) => ({ name, text: readFileSync(join(upstream, name), 'utf8') }));
    expectSame(checked(texts));
    expectSame(checked(texts.filter(({ name }) => name === 'falco_rules.yaml')));
  });

  test('random conditions, on opens and on calls that use descriptors', () => {
    const lines = gunzipSync(readFileSync(new URL('corpora/conditions/host.jsonl.gz', root)))
      .toString()
      .trim();
    const conditions = lines
      .split('\n')
      .map((line): { condition: string; valid: boolean } => JSON.parse(line))
      .filter(({ condition, valid }) => valid && !/evt\.(delta|latency)/.test(condition))
      .map(({ condition }) => condition);
    let leftOut = 0;
    for (const group of groupsOf(conditions, 12)) {
      const opens = group.map((condition) => `evt.type in (open, openat, openat2) and (${condition})`);
      leftOut += expectSame(randomRules(opens)).leftOut;
    }
    expect(leftOut).toBeGreaterThan(0);
  }, 600_000);
});

function groupsOf<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

function randomRules(conditions: readonly string[]): readonly CheckedRule<EventContext>[] {
  const rules = conditions.map((condition, index) => ({
    rule: `${index}: ${condition}`,
    desc: '-',
    condition,
    output: '%evt.num %fd.name %fd.num %proc.cwd',
    priority: 'DEBUG',
  }));
  return checked([{ name: 'random.yaml', text: JSON.stringify(rules) }]);
}
