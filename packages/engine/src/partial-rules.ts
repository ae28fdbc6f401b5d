/** Rules for events of which something is told later: which of them match, or may, and alerts made in two steps. */

import { type Alert, type AlertValue, priorities } from '@peregrine/alert';
import {
  type BoundField,
  type CheckedRule,
  compilePartialCondition,
  compilePartialOutput,
  type ExtraField,
  type PartialCondition,
  type PartialVerdict,
  renderJson,
  renderText,
} from '@peregrine/lang';
import type { AlertBuilderOptions } from './alert-builder.ts';

/** A rule that an event matches, or may match. */
export interface Candidate<E> {
  /** Of the rule, in the ruleset. */
  readonly position: number;
  /** Never false. */
  readonly verdict: PartialVerdict<E>;
  readonly rule: PartialRule<E>;
}

/** Reads what the event tells now; what it returns reads the rest from the kept event, once. */
export type AlertDraft<E> = (event: E, timeNs: bigint, hostname: string) => (kept: E) => Alert;

export interface PartialRule<E> {
  readonly condition: PartialCondition<E>;
  /** Whether its alerts have to wait for what is told later. */
  readonly isOutputOpen: boolean;
  readonly draft: AlertDraft<E>;
}

export interface PartialRulesOptions<E> extends AlertBuilderOptions {
  readonly rules: readonly CheckedRule<E>[];
  readonly matching: 'first' | 'all';
  readonly time: BoundField<E>;
  readonly codeOf: (event: E) => number;
}

/** Made ready when the first such event arrives, rule by rule: most programs never see one. */
export class PartialRules<E> {
  readonly #options: PartialRulesOptions<E>;
  readonly #partials: (PartialRule<E> | undefined)[] = [];
  readonly #positionsByCode = new Map<number, readonly number[]>();

  constructor(options: PartialRulesOptions<E>) {
    this.#options = options;
  }

  /** In the order of definition. With `first`, none after the first that certainly matches. */
  candidatesFor(event: E): readonly Candidate<E>[] {
    const found: Candidate<E>[] = [];
    for (const position of this.#positionsOf(this.#options.codeOf(event))) {
      const rule = this.#partialOf(position);
      const verdict = rule.condition(event);
      if (verdict === false) continue;
      found.push({ position, verdict, rule });
      if (verdict === true && this.#options.matching === 'first') break;
    }
    return found;
  }

  /** Those of the candidates that match, now that all can be read. */
  matchesAmong(candidates: readonly Candidate<E>[], kept: E): readonly Candidate<E>[] {
    const holds = ({ verdict }: Candidate<E>): boolean =>
      verdict === true || (verdict !== false && verdict(kept));
    if (this.#options.matching === 'all') return candidates.filter(holds);
    const first = candidates.find(holds);
    return first === undefined ? [] : [first];
  }

  #positionsOf(code: number): readonly number[] {
    let positions = this.#positionsByCode.get(code);
    if (positions === undefined) {
      positions = this.#options.rules.flatMap((rule, i) => (rule.eventCodes.has(code) ? [i] : []));
      this.#positionsByCode.set(code, positions);
    }
    return positions;
  }

  #partialOf(position: number): PartialRule<E> {
    let partial = this.#partials[position];
    if (partial === undefined) {
      const rule = this.#options.rules[position];
      if (rule === undefined) throw new Error(`there is no rule at ${position}`);
      partial = compilePartial(rule, this.#options.time, this.#options);
      this.#partials[position] = partial;
    }
    return partial;
  }
}

function isAwaited<E>(field: BoundField<E>): boolean {
  return field.awaits !== undefined;
}

type ExtraDraft<E> = (event: E) => (kept: E) => AlertValue;

function compilePartial<E>(
  rule: CheckedRule<E>,
  time: BoundField<E>,
  options: AlertBuilderOptions,
): PartialRule<E> {
  const { name, source, tags } = rule;
  const priority = priorities[rule.priority] ?? 'Debug';
  const output = compilePartialOutput(rule.output, isAwaited, options);
  const extras = rule.extraFields.map((extra) => ({ name: extra.name, ...partialExtra(extra, options) }));
  return {
    condition: compilePartialCondition(rule.condition, isAwaited),
    isOutputOpen: output.isOpen || extras.some(({ isOpen }) => isOpen),
    draft: (event, timeNs, hostname) => {
      const finishOutput = output.begin(event);
      const timeText = renderText(time, event, options);
      const timeValue = renderJson(time, event, options);
      const begun = extras.map((extra) => [extra.name, extra.begin(event)] as const);
      return (kept) => {
        const { text: message, values } = finishOutput(kept);
        const fields = new Map<string, AlertValue>([...values, [time.text, timeValue]]);
        for (const [key, finish] of begun) fields.set(key, finish(kept));
        return {
          ...{ rule: name, priority, source, tags, hostname, timeNs, message },
          output: `${timeText}: ${priority} ${message}`,
          fields: Object.fromEntries([...fields].sort(([a], [b]) => (a < b ? -1 : 1))),
        };
      };
    },
  };
}

function partialExtra<E>(
  extra: ExtraField<E>,
  options: AlertBuilderOptions,
): { readonly isOpen: boolean; readonly begin: ExtraDraft<E> } {
  if (extra.kind === 'format') {
    const output = compilePartialOutput(extra.parts, isAwaited, options);
    return {
      isOpen: output.isOpen,
      begin: (event) => {
        const finish = output.begin(event);
        return (kept) => finish(kept).text;
      },
    };
  }
  const { field } = extra;
  if (isAwaited(field)) return { isOpen: true, begin: () => (kept) => renderJson(field, kept, options) };
  return {
    isOpen: false,
    begin: (event) => {
      const value = renderJson(field, event, options);
      return () => value;
    },
  };
}
