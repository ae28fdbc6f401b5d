/**
 * Which events a condition can hold for: codes for the engine's index, syscalls for the kernel's selection.
 *
 * Negation is pushed to the tests. A test of the event type gives exact codes; any other may hold or fail for every
 * event; tests of `evt.num` that no number can pass, or that every number passes, give nothing or everything.
 */

import { unreachable } from '@peregrine/base';
import type { Source } from '../catalogue.ts';
import type { CheckedCondition, CheckedTest } from './checked.ts';
import { CodeSet } from './code-set.ts';

export interface Reach {
  readonly events: CodeSet;
  readonly syscalls: CodeSet;
}

export class ReachFinder<E> {
  readonly #source: Source<E>;
  readonly #all: Reach;
  readonly #nothing: Reach;
  readonly #syscallCount: number;
  /** Codes that events of several names have: that one name is excluded does not exclude such a code. */
  readonly #shared: CodeSet;
  /** By node, so that what a macro stands for is worked out once. */
  readonly #positive = new WeakMap<CheckedCondition<E>, Reach>();
  readonly #negative = new WeakMap<CheckedCondition<E>, Reach>();

  constructor(source: Source<E>) {
    this.#source = source;
    let syscallCount = 0;
    const syscalls = new Set<number>();
    const named = new Set<number>();
    const shared = new Set<number>();
    for (const name of source.eventNames) {
      for (const code of source.eventCodesOf(name) ?? []) (named.has(code) ? shared : named).add(code);
      for (const id of source.syscallsOf(name)) {
        syscalls.add(id);
        if (id >= syscallCount) syscallCount = id + 1;
      }
    }
    this.#syscallCount = syscallCount;
    this.#shared = CodeSet.of(source.eventCodeCount, shared);
    this.#all = { events: CodeSet.all(source.eventCodeCount), syscalls: CodeSet.of(syscallCount, syscalls) };
    this.#nothing = { events: CodeSet.empty(source.eventCodeCount), syscalls: CodeSet.empty(syscallCount) };
  }

  find(condition: CheckedCondition<E>, isNegated = false): Reach {
    const known = isNegated ? this.#negative : this.#positive;
    let reach = known.get(condition);
    if (reach === undefined) {
      reach = this.#findAnew(condition, isNegated);
      known.set(condition, reach);
    }
    return reach;
  }

  #findAnew(condition: CheckedCondition<E>, isNegated: boolean): Reach {
    switch (condition.kind) {
      case 'not':
        return this.find(condition.term, !isNegated);
      case 'junction': {
        const isAnd = (condition.operator === 'and') !== isNegated;
        let { events, syscalls } = isAnd ? this.#all : this.#nothing;
        for (const term of condition.terms) {
          const reach = this.find(term, isNegated);
          // Most tests hold for any event: nothing to intersect with.
          if (isAnd && reach === this.#all) continue;
          if (!isAnd && reach === this.#all) return this.#all;
          events = isAnd ? events.and(reach.events) : events.or(reach.events);
          syscalls = isAnd ? syscalls.and(reach.syscalls) : syscalls.or(reach.syscalls);
        }
        return events === this.#all.events && syscalls === this.#all.syscalls
          ? this.#all
          : { events, syscalls };
      }
      case 'test':
        return this.#ofTest(condition, isNegated);
      default:
        return unreachable(condition);
    }
  }

  #ofTest(test: CheckedTest<E>, isNegated: boolean): Reach {
    if (test.left.kind !== 'field' || test.right.kind !== 'constants') return this.#all;
    const { name } = test.left.field.info;
    if (name === 'evt.type' || name === 'syscall.type') return this.#ofTypeTest(test, isNegated);
    if (name !== 'evt.num' || test.modifier !== undefined) return this.#all;
    const verdict = verdictOfNumber(test);
    if (verdict === undefined) return this.#all;
    return verdict === isNegated ? this.#nothing : this.#all;
  }

  #ofTypeTest(test: CheckedTest<E>, isNegated: boolean): Reach {
    const { operator, modifier, right } = test;
    const isAnyOf =
      (operator === 'in' && modifier === undefined) || (operator === '=' && modifier !== 'allof');
    const isNoneOf = operator === '!=' && (modifier === undefined || modifier === 'allof');
    if (right.kind !== 'constants' || !(isAnyOf || isNoneOf)) return this.#all;
    if (modifier === 'oneof') return this.#all;
    const events: number[] = [];
    const syscalls: number[] = [];
    for (const { text } of right.values) {
      events.push(...(this.#source.eventCodesOf(text) ?? []));
      syscalls.push(...this.#source.syscallsOf(text));
    }
    const eventSet = CodeSet.of(this.#source.eventCodeCount, events);
    const syscallSet = CodeSet.of(this.#syscallCount, syscalls);
    if (isNoneOf === isNegated) return { events: eventSet, syscalls: syscallSet };
    return {
      events: eventSet.complement().or(this.#shared),
      syscalls: this.#all.syscalls.and(syscallSet.complement()),
    };
  }
}

/** Whether a test of `evt.num` always or never holds, event numbers beginning at 1. */
function verdictOfNumber<E>(test: CheckedTest<E>): boolean | undefined {
  if (test.right.kind !== 'constants') return undefined;
  const numbers: number[] = [];
  for (const constant of test.right.values) {
    if (constant.kind === 'scalar') numbers.push(Number(constant.value));
  }
  const [value] = numbers;
  if (test.operator === 'in') return numbers.every((number) => number < 1) ? false : undefined;
  if (value === undefined) return undefined;
  switch (test.operator) {
    case '=':
      return value < 1 ? false : undefined;
    case '!=':
      return value < 1 ? true : undefined;
    case '<':
      return value <= 1 ? false : undefined;
    case '<=':
      return value < 1 ? false : undefined;
    case '>':
      return value < 1 ? true : undefined;
    case '>=':
      return value <= 1 ? true : undefined;
    default:
      return undefined;
  }
}
