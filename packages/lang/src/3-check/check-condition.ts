/** A condition's tree to a checked tree: macros put in, tests checked. One checker for each source. */

import { unreachable } from '@peregrine/base';
import type { Condition } from '../2-parse/tree.ts';
import type { Source } from '../catalogue.ts';
import { OperandChecker } from './check-operand.ts';
import { type Finding, type Findings, TestChecker } from './check-test.ts';
import type { CheckedCondition } from './checked.ts';
import { ReachFinder } from './event-codes.ts';
import { type Macro, type MacroTable, type ParsedText, reachesSame } from './macros.ts';

export interface ConditionResult<E> {
  /** `undefined` after an error. */
  readonly condition: CheckedCondition<E> | undefined;
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/** Tests that one rule may come to, macros counted each time they are used. */
export const maxTestsPerRule = 100_000;

export class SourceChecker<E> {
  readonly source: Source<E>;
  readonly operands: OperandChecker<E>;
  readonly reach: ReachFinder<E>;
  readonly #tests: TestChecker<E>;
  /** By macro; what it reaches by way of other macros included. */
  readonly #macros = new Map<Macro, ConditionResult<E>>();
  readonly #sizes = new WeakMap<CheckedCondition<E>, number>();

  constructor(source: Source<E>) {
    this.source = source;
    this.operands = new OperandChecker(source);
    this.reach = new ReachFinder(source);
    this.#tests = new TestChecker(this.operands);
  }

  check(parsed: ParsedText, table: MacroTable): ConditionResult<E> {
    const findings: Findings = { text: parsed.text, errors: [], warnings: [] };
    const condition = this.#check(parsed.tree, findings, table);
    return { condition, errors: findings.errors, warnings: findings.warnings };
  }

  /** Forgets the macros that are not the same in the next table, or reach one that is not. */
  forgetChanged(table: MacroTable, previous: MacroTable | undefined): void {
    for (const macro of this.#macros.keys()) {
      if (previous === undefined || !reachesSame([macro.name], table, previous)) this.#macros.delete(macro);
    }
  }

  /** Number of tests in the tree, shared parts counted each time they stand in it. */
  sizeOf(condition: CheckedCondition<E>): number {
    let size = this.#sizes.get(condition);
    if (size === undefined) {
      size =
        condition.kind === 'junction'
          ? condition.terms.reduce((sum, term) => sum + this.sizeOf(term), 0)
          : condition.kind === 'not'
            ? this.sizeOf(condition.term)
            : 1;
      this.#sizes.set(condition, size);
    }
    return size;
  }

  #check(node: Condition, findings: Findings, table: MacroTable): CheckedCondition<E> | undefined {
    switch (node.kind) {
      case 'junction': {
        const terms: CheckedCondition<E>[] = [];
        for (const child of node.terms) {
          const term = this.#check(child, findings, table);
          if (term !== undefined) terms.push(term);
        }
        return terms.length === node.terms.length
          ? { kind: 'junction', operator: node.operator, terms }
          : undefined;
      }
      case 'not': {
        const term = this.#check(node.term, findings, table);
        return term && { kind: 'not', term };
      }
      case 'macro': {
        const macro = table.macros.get(node.name);
        if (macro === undefined) return undefined;
        let result = this.#macros.get(macro);
        if (result === undefined) {
          const checked = this.check(macro, table);
          const { condition } = checked;
          result = { ...checked, condition: condition && { ...condition, macro: node.name } };
          this.#macros.set(macro, result);
        }
        findings.errors.push(...result.errors);
        findings.warnings.push(...result.warnings);
        return result.condition;
      }
      case 'exists':
      case 'compare':
        return this.#tests.check(node, findings);
      default:
        return unreachable(node);
    }
  }
}
