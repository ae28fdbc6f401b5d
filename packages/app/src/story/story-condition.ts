/** A rule's condition as a story tells it: each part with what it came to, macros by name, and no more than is taken. */

import type { StoryTerm } from '@peregrine/alert';
import { fromByteText, unreachable } from '@peregrine/base';
import { type CheckedCondition, type Explanation, explain } from '@peregrine/lang';
import { shownValue } from '../detection/shown-value.ts';
import { maskedText, shortened } from './story-text.ts';

/** Hubs take 24 levels, and 256 parts of each. */
const MOST_DEPTH = 22;
const MOST_PARTS = 64;
/** Of all levels. */
const MOST_TERMS = 300;
const MOST_TEST = 800;
const MOST_VALUE = 400;
/** Tests, and constants that they compare with. */
const MOST_CHECKED = 8_000;

/**
 * Whether it is told at all: every test is made anew for a story, on the thread that events wait for. Rules of ordinary size
 * have less than a tenth of that.
 */
export class TellableConditions {
  readonly #known = new WeakMap<object, boolean>();

  has<E>(condition: CheckedCondition<E>): boolean {
    let isTellable = this.#known.get(condition);
    if (isTellable === undefined) {
      isTellable = leftAfter(condition, MOST_CHECKED) >= 0;
      this.#known.set(condition, isTellable);
    }
    return isTellable;
  }
}

/** Less than 0 when there are more tests and constants than that. */
function leftAfter<E>(condition: CheckedCondition<E>, left: number): number {
  switch (condition.kind) {
    case 'junction': {
      let rest = left;
      for (const term of condition.terms) {
        if (rest < 0) break;
        rest = leftAfter(term, rest);
      }
      return rest;
    }
    case 'not':
      return leftAfter(condition.term, left);
    case 'test':
      return left - 1 - (condition.right.kind === 'constants' ? condition.right.values.length : 0);
    default:
      return unreachable(condition);
  }
}

export function storyTermOf<E>(condition: CheckedCondition<E>, event: E): StoryTerm {
  return new TermTeller<E>().tell(condition, explain(condition, event), 0);
}

/** What rules say is no secret. */
const ruleText = (bytes: string): string => shortened(fromByteText(bytes.slice(0, 2 * MOST_TEST)), MOST_TEST);

class TermTeller<E> {
  #left = MOST_TERMS;

  tell(condition: CheckedCondition<E>, found: Explanation, depth: number): StoryTerm {
    this.#left--;
    const { macro } = condition;
    if (macro === undefined) return this.#unnamed(condition, found, depth);
    const term = { holds: found.verdict, text: ruleText(macro) };
    const isRoom = this.#left > 0 && depth < MOST_DEPTH;
    return isRoom ? { ...term, terms: [this.#unnamed(condition, found, depth + 1)] } : term;
  }

  #unnamed(condition: CheckedCondition<E>, found: Explanation, depth: number): StoryTerm {
    const holds = found.verdict;
    if (condition.kind === 'junction' && found.kind === 'junction') {
      const parts = condition.terms.flatMap((term, i) => {
        const part = found.terms[i];
        return part === undefined ? [] : [{ term, part }];
      });
      return { holds, text: condition.operator, ...this.#parts(parts, holds, depth) };
    }
    if (condition.kind === 'not' && found.kind === 'not')
      return {
        holds,
        text: 'not',
        ...this.#parts([{ term: condition.term, part: found.term }], !holds, depth),
      };
    if (condition.kind === 'test' && found.kind === 'test') {
      const text = ruleText(condition.text);
      if (found.left === undefined) return { holds, text };
      return { holds, text, value: maskedText(shownValue(condition, found.left), MOST_VALUE) };
    }
    throw new Error('the explanation is not of this condition');
  }

  /** Parts that decided come before others where there is no room for all, in their own order. */
  #parts(
    parts: readonly { readonly term: CheckedCondition<E>; readonly part: Explanation }[],
    decisive: boolean,
    depth: number,
  ): { readonly terms?: readonly StoryTerm[] } {
    if (depth >= MOST_DEPTH) return {};
    const isDecisive = ({ part }: (typeof parts)[number]): boolean => part.verdict === decisive;
    const room = Math.min(MOST_PARTS, this.#left);
    const ranked = [...parts].sort((a, b) => Number(isDecisive(b)) - Number(isDecisive(a)));
    const chosen = new Set(parts.length <= room ? parts : ranked.slice(0, Math.max(0, room)));
    const terms: StoryTerm[] = [];
    for (const each of parts)
      if (chosen.has(each) && this.#left > 0) terms.push(this.tell(each.term, each.part, depth + 1));
    return terms.length === 0 ? {} : { terms };
  }
}
