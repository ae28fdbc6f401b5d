/**
 * Cost of matching one event, in nanoseconds, against rule sets of growing size: with all techniques, without verdicts
 * kept per thread, without verdicts kept per text, and rule by rule with neither. Rules are shaped like the usual ones:
 * who runs (thread), what kind of access (cheap tests), which file (text tests).
 */

import { performance } from 'node:perf_hooks';
import type { CheckedCondition, CheckedRule } from '../packages/lang/src/3-check/checked.ts';
import { compileRules, type MatchFunction } from '../packages/lang/src/4-compile/compile.ts';
import { prepareEventTest } from '../packages/lang/src/4-compile/prepare-test.ts';
import type { Source } from '../packages/lang/src/catalogue.ts';
import {
  createThread,
  fieldOf,
  ruleOf,
  type SyntheticEvent,
  scalarConstant,
  syntheticSource,
  testOf,
} from '../packages/lang/testing/synthetic.ts';

type Condition = CheckedCondition<SyntheticEvent>;

const RULE_COUNTS = [25, 93, 400];
const EVENT_COUNT = 400_000;
const ROUNDS = 5;

const name = fieldOf({ name: 't.name', type: 'CHARBUF', scope: 'thread', cost: 20 });
const parent = fieldOf({ name: 't.pname', type: 'CHARBUF', scope: 'thread', cost: 20 });
const container = fieldOf({ name: 't.container', type: 'CHARBUF', scope: 'thread', cost: 20 });
const path = fieldOf({ name: 'e.path', type: 'CHARBUF', scope: 'event', cost: 30 });
const isWrite = fieldOf({ name: 'e.is_write', type: 'BOOL', scope: 'event', cost: 2 });
const fd = fieldOf({ name: 'e.fd', type: 'FD', scope: 'event', cost: 1 });

function all(...terms: Condition[]): Condition {
  return { kind: 'junction', operator: 'and', terms };
}

function any(...terms: Condition[]): Condition {
  return { kind: 'junction', operator: 'or', terms };
}

function not(term: Condition): Condition {
  return { kind: 'not', term };
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}

function rule(i: number): CheckedRule<SyntheticEvent> {
  const opened = all(
    testOf(isWrite, '=', [scalarConstant(i % 3 !== 0)]),
    testOf(fd, '>=', [scalarConstant(0)]),
  );
  const who = [
    testOf(container, '!=', [scalarConstant('host')]),
    not(testOf(name, 'in', names(`daemon${i % 7}-`, 12).map(scalarConstant))),
    not(testOf(parent, 'in', names(`manager${i % 5}-`, 8).map(scalarConstant))),
    testOf(name, 'startswith', [scalarConstant(`tool${i % 11}`)]),
  ].slice(i % 2, 2 + (i % 3));
  const where = any(
    testOf(path, 'startswith', [scalarConstant(`/etc/secret${i}`)]),
    testOf(path, 'contains', [scalarConstant(`/.key${i % 17}`)]),
    testOf(path, 'in', names(`/root/file${i}-`, 6).map(scalarConstant)),
    testOf(path, 'glob', [scalarConstant(`/home/*/.conf${i % 13}/*`)]),
  );
  return ruleOf(i, all(opened, ...who, where), [0, 1]);
}

function makeEvents(): readonly SyntheticEvent[] {
  const threads = Array.from({ length: 64 }, (_, i) =>
    createThread({
      't.name': `tool${i % 16}-${i}`,
      't.pname': `manager${i % 9}-${i % 4}`,
      't.container': i % 4 === 0 ? 'host' : `c${i % 6}`,
    }),
  );
  const paths = [
    ...names('/usr/lib/x86_64/libthing', 150),
    ...names('/etc/conf', 40),
    ...names('/home/ann/.conf1/', 10),
  ];
  return Array.from({ length: 4_096 }, (_, i) => ({
    code: i & 1,
    thread: threads[(i * 7) % threads.length],
    values: { 'e.path': paths[(i * 13) % paths.length], 'e.is_write': i % 5 === 0, 'e.fd': (i % 20) - 1 },
  }));
}

/** Nanoseconds per event, the best of the rounds; the number of matches too, as a check. */
function measure(
  byCode: readonly (MatchFunction<SyntheticEvent> | undefined)[],
  events: readonly SyntheticEvent[],
) {
  const hits = new Int32Array(1_024);
  let best = Number.POSITIVE_INFINITY;
  let matches = 0;
  for (let round = 0; round < ROUNDS; round++) {
    matches = 0;
    const start = performance.now();
    for (let i = 0; i < EVENT_COUNT; i++) {
      const event = events[i & 4_095];
      if (event !== undefined) matches += byCode[event.code]?.(event, hits) ?? 0;
    }
    best = Math.min(best, ((performance.now() - start) * 1e6) / EVENT_COUNT);
  }
  return { ns: best, matches };
}

function closureOf(condition: Condition): (event: SyntheticEvent) => boolean {
  switch (condition.kind) {
    case 'junction': {
      const terms = condition.terms.map(closureOf);
      const isAnd = condition.operator === 'and';
      return (event) => {
        for (const term of terms) if (term(event) !== isAnd) return !isAnd;
        return isAnd;
      };
    }
    case 'not': {
      const term = closureOf(condition.term);
      return (event) => !term(event);
    }
    case 'test':
      return prepareEventTest(condition);
  }
}

function ruleByRule(rules: readonly CheckedRule<SyntheticEvent>[]): MatchFunction<SyntheticEvent>[] {
  const closures = rules.map((each) => closureOf(each.condition));
  const match: MatchFunction<SyntheticEvent> = (event, hits) => {
    for (const [i, holds] of closures.entries()) {
      if (holds(event)) {
        hits[0] = i;
        return 1;
      }
    }
    return 0;
  };
  return [match, match];
}

const withoutThreads: Source<SyntheticEvent> = { ...syntheticSource, termCacheOf: () => undefined };
const events = makeEvents();

console.log('rules  all techniques  no thread bits  no text memos  rule by rule  (ns per event)');
for (const count of RULE_COUNTS) {
  const rules = Array.from({ length: count }, (_, i) => rule(i));
  const options = { matching: 'first' } as const;
  const results = [
    measure(compileRules(rules, syntheticSource, options).byCode, events),
    measure(compileRules(rules, withoutThreads, options).byCode, events),
    measure(compileRules(rules, syntheticSource, { ...options, leastMemoCost: 1e9 }).byCode, events),
    measure(ruleByRule(rules), events),
  ];
  if (new Set(results.map(({ matches }) => matches)).size !== 1) throw new Error('the ways disagree');
  console.log(String(count).padStart(5), ...results.map(({ ns }) => ns.toFixed(1).padStart(14)));
}
