/**
 * JavaScript for tests and terms inside one generated function: each value read and each repeated test at most once,
 * kept in local variables. Constants and readers are referred to by name; no text of a rule gets into the code.
 */

import type { BoundField } from '../catalogue.ts';
import { familyOf } from '../operators/type-families.ts';
import type { Scalar } from '../value.ts';
import type { Expression } from './plan.ts';
import { prepareEventTest, prepareScalarTest } from './prepare-test.ts';
import type { Term } from './term.ts';
import type { TestEntry, TestTable } from './test-table.ts';

/** What generated code is handed: it refers to the items by kind and place. */
export interface Supplies {
  readonly readers: unknown[];
  readonly constants: unknown[];
  readonly tests: unknown[];
}

/** Comparisons that cost no more are repeated rather than kept in a variable. */
const LEAST_KEPT_COST = 4;

/**
 * Names for readers, constants and tests, and the tables that the names stand for. All functions of a set of rules share
 * them: a pattern is made ready once.
 */
export class SupplyNames<E> {
  readonly supplies: Supplies = { readers: [], constants: [], tests: [] };
  readonly #nameByKey = new Map<string, string>();
  readonly #used = new Set<string>();

  reader(field: BoundField<E>): string {
    return this.#name('readers', `read ${field.text}`, () => field.read);
  }

  /** Whole numbers and booleans are written out; all else is handed in. */
  constant(value: Scalar): string {
    if (typeof value === 'boolean' || Number.isSafeInteger(value)) return `${value}`;
    return this.#name('constants', `${typeof value} ${value}`, () => value);
  }

  constantSet(values: readonly Scalar[], key: string): string {
    return this.#name('constants', `set ${key}`, () => new Set(values));
  }

  /** Takes a value that is not missing. */
  scalarTest(entry: TestEntry<E>): string {
    return this.#name('tests', `value ${entry.id}`, () => prepareScalarTest(entry.test));
  }

  /** Takes the event. */
  eventTest(entry: TestEntry<E>): string {
    return this.#name('tests', `event ${entry.id}`, () => prepareEventTest(entry.test));
  }

  /** Declarations of the names given since the last call. */
  takeUsed(): readonly string[] {
    const used = [...this.#used];
    this.#used.clear();
    return used;
  }

  #name(table: keyof Supplies, key: string, create: () => unknown): string {
    let name = this.#nameByKey.get(key);
    if (name === undefined) {
      name = `${nameStarts[table]}${this.supplies[table].push(create()) - 1}`;
      this.#nameByKey.set(key, name);
    }
    this.#used.add(`${name} = ${table}[${name.slice(nameStarts[table].length)}]`);
    return name;
  }
}

const nameStarts = Object.freeze({ readers: 'read', constants: 'const', tests: 'test' });

const inlineOperators: ReadonlySet<string> = new Set(
  '= != < <= > >= in intersects startswith endswith contains'.split(' '),
);

/** The local variables of one generated function. Count all uses first, then emit, then declare. */
export class Locals<E> {
  readonly #tests: TestTable<E>;
  readonly #names: SupplyNames<E>;
  /** A parameter that holds the value of every field there is, in functions about one text. */
  readonly #given: string | undefined;
  readonly #testUses = new Map<number, number>();
  readonly #fieldUses = new Map<string, number>();
  readonly #declared = new Map<string, string>();

  constructor(tests: TestTable<E>, names: SupplyNames<E>, given?: string) {
    this.#tests = tests;
    this.#names = names;
    this.#given = given;
  }

  countTest(id: number): void {
    const uses = (this.#testUses.get(id) ?? 0) + 1;
    this.#testUses.set(id, uses);
    const { field } = this.#tests.entry(id);
    if (field !== undefined) this.countField(field);
  }

  countField(field: BoundField<E>): void {
    this.#fieldUses.set(field.text, (this.#fieldUses.get(field.text) ?? 0) + 1);
  }

  /** A local variable with its initial value, declared once. */
  declare(name: string, initial: string): string {
    this.#declared.set(name, initial);
    return name;
  }

  /** `let` with all variables that were used; nothing when there are none. */
  declaration(): readonly string[] {
    if (this.#declared.size === 0) return [];
    const all = [...this.#declared].map(([name, initial]) =>
      initial === '' ? name : `${name} = ${initial}`,
    );
    return [`let ${all.join(', ')};`];
  }

  value(field: BoundField<E>): string {
    if (this.#given !== undefined) return this.#given;
    const reader = this.#names.reader(field);
    if ((this.#fieldUses.get(field.text) ?? 0) < 2) return `${reader}(event)`;
    const local = this.declare(reader.replace('read', 'value'), 'null');
    return `(${local} === null ? (${local} = ${reader}(event)) : ${local})`;
  }

  test(id: number, isNegated: boolean): string {
    const entry = this.#tests.entry(id);
    const code = this.#testCode(entry);
    const isKept =
      (this.#testUses.get(id) ?? 0) > 1 && (entry.field === undefined || entry.compareCost > LEAST_KEPT_COST);
    if (!isKept) return isNegated ? `!(${code})` : code;
    const local = this.declare(`verdict${id}`, '0');
    return `(${local} === 0 ? (${local} = ${code} ? 1 : 2) : ${local}) === ${isNegated ? 2 : 1}`;
  }

  /** Code whose operators bind tighter than `&&`. */
  #testCode(entry: TestEntry<E>): string {
    const { field, test } = entry;
    if (field === undefined) return `${this.#names.eventTest(entry)}(event)`;
    const value = this.value(field);
    const { right, operator } = test;
    if (right.kind === 'none') return `${value} !== undefined`;
    const values =
      right.kind === 'constants' && test.modifier === undefined
        ? right.values.flatMap((constant) => (constant.kind === 'scalar' ? [constant.value] : []))
        : [];
    const family = familyOf(field.type);
    const isPlain = right.kind === 'constants' && values.length === right.values.length && family !== 'bytes';
    if (isPlain) {
      const inline = this.#inline(operator, value, values, family === 'text', `${entry.id}`);
      if (inline !== undefined) return inline;
    }
    const v = this.declare('v', '');
    return `((${v} = ${value}) !== undefined && ${this.#names.scalarTest(entry)}(${v}))`;
  }

  #inline(
    operator: string,
    value: string,
    values: readonly Scalar[],
    isText: boolean,
    key: string,
  ): string | undefined {
    const [first] = values;
    if (first === undefined) return 'false';
    // A set of constants holds the first one too.
    const isSet = (operator === 'in' || operator === 'intersects') && values.length > 3;
    if (isSet) return `${this.#names.constantSet(values, key)}.has(${value})`;
    if (!inlineOperators.has(operator)) return undefined;
    const constant = this.#names.constant(first);
    switch (operator) {
      case '=':
        return `${value} === ${constant}`;
      case '!=':
        return `((${this.declare('v', '')} = ${value}) !== undefined && v !== ${constant})`;
      case '<':
      case '<=':
      case '>':
      case '>=':
        return isText ? undefined : `${value} ${operator} ${constant}`;
      case 'in':
      case 'intersects': {
        const others = values.slice(1).map((each) => `v === ${this.#names.constant(each)}`);
        if (others.length === 0) return `${value} === ${constant}`;
        return `((${this.declare('v', '')} = ${value}) === ${constant} || ${others.join(' || ')})`;
      }
      case 'startswith':
        return this.#method('startsWith', value, constant);
      case 'endswith':
        return this.#method('endsWith', value, constant);
      case 'contains':
        return this.#method('includes', value, constant);
      default:
        return undefined;
    }
  }

  #method(name: string, value: string, constant: string): string {
    return `(typeof (${this.declare('v', '')} = ${value}) === 'string' && v.${name}(${constant}))`;
  }
}

/** A term of tests as code; put it in parentheses before an operator. */
export function emitTerm<E>(term: Term, locals: Locals<E>): string {
  switch (term.kind) {
    case 'constant':
      return `${term.value}`;
    case 'test':
      return locals.test(term.id, term.isNegated);
    default:
      return term.terms
        .map((each) => parenthesised(each.kind, emitTerm(each, locals)))
        .join(term.kind === 'and' ? ' && ' : ' || ');
  }
}

/** Junctions inside junctions are of the other kind, and need parentheses. */
export function parenthesised(kind: (Term | Expression)['kind'], code: string): string {
  return kind === 'and' || kind === 'or' ? `(${code})` : code;
}
