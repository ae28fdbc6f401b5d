/**
 * Conditions in the form that plans are made of: `and` and `or` over tests that are negated or not. Tests have two
 * verdicts only (a missing value is a false test), so that pushing `not` down to them changes nothing.
 */

import type { CheckedCondition } from '../3-check/checked.ts';
import type { TestTable } from './test-table.ts';

export type Term = (
  | { readonly kind: 'constant'; readonly value: boolean; readonly key: string }
  | { readonly kind: 'test'; readonly id: number; readonly isNegated: boolean; readonly key: string }
  | Junction
) & {
  /** Ids of the tests in the term, repeats included. */
  readonly testIds: readonly number[];
};

/** At least two terms, none of them constant, of the same kind as this, or equal to another. */
export interface Junction {
  readonly kind: 'and' | 'or';
  readonly terms: readonly Term[];
  /** Equal keys mean equal terms, whatever the order they were written in. */
  readonly key: string;
}

export const trueTerm: Term = Object.freeze({ kind: 'constant', value: true, key: 'true', testIds: [] });
export const falseTerm: Term = Object.freeze({ kind: 'constant', value: false, key: 'false', testIds: [] });

export function constantTerm(value: boolean): Term {
  return value ? trueTerm : falseTerm;
}

export function testTerm(id: number, isNegated: boolean): Term {
  return { kind: 'test', id, isNegated, key: isNegated ? `!${id}` : `${id}`, testIds: [id] };
}

/** Flattens, drops repeats and neutral constants, and sees `a and not a`. */
export function junction(kind: 'and' | 'or', terms: readonly Term[]): Term {
  const isAnd = kind === 'and';
  const byKey = new Map<string, Term>();
  for (const term of terms.flatMap((each) => (each.kind === kind ? each.terms : [each]))) {
    if (term.kind === 'constant') {
      if (term.value !== isAnd) return term;
      continue;
    }
    byKey.set(term.key, term);
  }
  for (const term of byKey.values()) {
    if (term.kind === 'test' && byKey.has(term.isNegated ? `${term.id}` : `!${term.id}`))
      return constantTerm(!isAnd);
  }
  const distinct = [...byKey.values()];
  const [only] = distinct;
  if (only === undefined) return constantTerm(isAnd);
  if (distinct.length === 1) return only;
  const testIds = distinct.flatMap((term) => term.testIds);
  return { kind, terms: distinct, testIds, key: `${kind}(${[...byKey.keys()].sort().join(' ')})` };
}

/** Makes terms of conditions. What a macro stands for is one node in many conditions, and is worked on once. */
export class TermMaker<E> {
  readonly #table: TestTable<E>;
  readonly #plain = new Map<CheckedCondition<E>, Term>();
  readonly #negated = new Map<CheckedCondition<E>, Term>();

  /** Tests are entered in the table. */
  constructor(table: TestTable<E>) {
    this.#table = table;
  }

  termOf(condition: CheckedCondition<E>, isNegated = false): Term {
    if (condition.kind === 'not') return this.termOf(condition.term, !isNegated);
    const known = isNegated ? this.#negated : this.#plain;
    let term = known.get(condition);
    if (term === undefined) {
      term = this.#make(condition, isNegated);
      known.set(condition, term);
    }
    return term;
  }

  #make(condition: Exclude<CheckedCondition<E>, { kind: 'not' }>, isNegated: boolean): Term {
    if (condition.kind === 'test') return testTerm(this.#table.idOf(condition), isNegated);
    const terms: Term[] = [];
    for (const term of condition.terms) terms.push(this.termOf(term, isNegated));
    return junction((condition.operator === 'and') !== isNegated ? 'and' : 'or', terms);
  }
}

/** The term with decided tests put in; `undefined` leaves a test as it is. */
export function foldTerm(term: Term, verdictOf: (id: number) => boolean | undefined): Term {
  switch (term.kind) {
    case 'constant':
      return term;
    case 'test': {
      const verdict = verdictOf(term.id);
      return verdict === undefined ? term : constantTerm(verdict !== term.isNegated);
    }
    default: {
      const terms = term.terms.map((each) => foldTerm(each, verdictOf));
      return terms.every((each, i) => each === term.terms[i]) ? term : junction(term.kind, terms);
    }
  }
}

/** What must all hold: the terms of an `and`, or the term itself. */
export function conjunctsOf(term: Term): readonly Term[] {
  if (term.kind === 'and') return term.terms;
  return term === trueTerm ? [] : [term];
}
