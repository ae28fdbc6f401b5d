/**
 * Rules that ask the kernel to end the process (`kernel_response: kill`), as clauses over facts that its programs know.
 * A rule that asks for more than that is refused: the kernel must never end a process that the rule does not mean.
 */

import { type Diagnostic, unreachable } from '@peregrine/base';
import { eventFlag, eventRoster } from '@peregrine/events';
import {
  type CheckedCondition,
  type CheckedRule,
  createDecider,
  kernelResponseRefused,
  type Source,
} from '@peregrine/lang';
import type { EventContext } from '@peregrine/state';
import { mayHold } from '../kernel-filters/fd-readers.ts';
import { bothClauses, type Clause, clauseOf, killLimits } from './kill-facts.ts';
import { type KillPath, KillTests, Refusal } from './kill-tests.ts';

type Rule = CheckedRule<EventContext>;

export interface KernelKills {
  /** Names, which clauses give the index of. */
  readonly rules: readonly string[];
  readonly clauses: readonly (Clause & { readonly rule: number })[];
  /** By name of the call: the clauses that count for it, as bits. */
  readonly calls: ReadonlyMap<string, number>;
  /** User ids, by fact. */
  readonly uids: readonly number[];
  readonly paths: readonly KillPath[];
}

export interface DeriveKillsOptions {
  readonly rules: readonly Rule[];
  readonly source: Source<EventContext>;
  /** Names of the calls that the kernel's programs can judge. */
  readonly calls: ReadonlySet<string>;
}

export interface DerivedKills {
  readonly kills: KernelKills;
  /** One for each rule that is refused. */
  readonly refusals: readonly Diagnostic[];
}

const nothingAsked: DerivedKills = Object.freeze({
  kills: { rules: [], clauses: [], calls: new Map<string, number>(), uids: [], paths: [] },
  refusals: [],
});

type AskingRule = Rule & { readonly kernelResponse: NonNullable<Rule['kernelResponse']> };

function asksForKill(rule: Rule): rule is AskingRule {
  return rule.isEnabled && rule.kernelResponse !== undefined;
}

export function deriveKernelKills({ rules, source, calls }: DeriveKillsOptions): DerivedKills {
  const asking = rules.filter(asksForKill);
  if (asking.length === 0) return nothingAsked;
  const decide = createDecider(source);
  const tests = new KillTests();
  const names: string[] = [];
  const clauses: (Clause & { readonly rule: number })[] = [];
  const byCall = new Map<string, number>();
  const refusals: Diagnostic[] = [];

  const clauseBit = (clause: Clause, rule: number): number => {
    const isSame = (other: Clause & { readonly rule: number }): boolean =>
      other.rule === rule && other.mask === clause.mask && other.value === clause.value;
    let index = clauses.findIndex(isSame);
    if (index < 0) index = clauses.push({ ...clause, rule }) - 1;
    if (index >= killLimits.clauses)
      throw new Refusal(
        `its condition, with those of other such rules, has more than ${killLimits.clauses} alternatives`,
      );
    return 1 << index;
  };

  for (const rule of asking) {
    try {
      const found = [...rule.eventCodes].flatMap((code) => {
        const type = eventRoster[code];
        if (type === undefined || type.direction === 'enter' || (type.flags & eventFlag.oldVersion) !== 0)
          return [];
        if (!mayHold(rule.condition, { code, decide, assumption: undefined })) return [];
        const ofCode = clausesOf(rule.condition, false, (test, isNegated) => {
          const verdict = decide(test)?.(code);
          if (verdict === undefined) return tests.clausesOf(test, type.name, isNegated);
          return verdict === isNegated ? [] : [clauseOf(0, 0)];
        });
        if (ofCode.length > 0 && !calls.has(type.name))
          throw new Refusal(
            `it may hold for \`${type.name}\`, which is not judged there; name calls with evt.type`,
          );
        return ofCode.map((clause) => ({ name: type.name, clause }));
      });
      const index = names.push(rule.name) - 1;
      for (const { name, clause } of found)
        byCall.set(name, ((byCall.get(name) ?? 0) | clauseBit(clause, index)) >>> 0);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refusals.push(kernelResponseRefused.at(rule.kernelResponse.place, error.message));
    }
  }
  return { kills: { rules: names, clauses, calls: byCall, uids: tests.uids, paths: tests.paths }, refusals };
}

type TestClauses = (
  test: Extract<CheckedCondition<EventContext>, { kind: 'test' }>,
  isNegated: boolean,
) => readonly Clause[];

/** One of these holds exactly where the condition does; throws a Refusal where that cannot be had. */
function clausesOf(
  condition: CheckedCondition<EventContext>,
  isNegated: boolean,
  ofTest: TestClauses,
): readonly Clause[] {
  switch (condition.kind) {
    case 'not':
      return clausesOf(condition.term, !isNegated, ofTest);
    case 'junction': {
      const isAnd = (condition.operator === 'and') !== isNegated;
      if (!isAnd) return condition.terms.flatMap((term) => clausesOf(term, isNegated, ofTest));
      let all: readonly Clause[] = [clauseOf(0, 0)];
      for (const term of condition.terms) {
        // What cannot hold for the event is not looked at further.
        if (all.length === 0) return all;
        all = bothClauses(all, clausesOf(term, isNegated, ofTest));
        if (all.length > killLimits.clauses)
          throw new Refusal(`it has more than ${killLimits.clauses} alternatives`);
      }
      return all;
    }
    case 'test':
      return ofTest(condition, isNegated);
    default:
      return unreachable(condition);
  }
}
