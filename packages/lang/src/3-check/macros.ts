/** Macros: parsed once, references among them settled, checked once for each source. */

import { nearestName } from '@peregrine/base';
import type { CollectedMacro } from '../1-read/collect.ts';
import { type ConditionText, joinCondition } from '../1-read/condition-text.ts';
import { type Context, placeOf, type Report } from '../1-read/context.ts';
import type { ListExpander } from '../1-read/expand-lists.ts';
import { maxExpandedLength } from '../1-read/expand-lists.ts';
import { parseCondition } from '../2-parse/parse-condition.ts';
import type { Condition, TextSpan } from '../2-parse/tree.ts';
import { conditionSyntax } from '../diagnostics/conditions.ts';
import { expansionTooLarge, macroLoop, macroUndefined } from '../diagnostics/semantics.ts';

/** A condition ready to be checked: its text and its tree. */
export interface ParsedText {
  readonly text: ConditionText;
  readonly tree: Condition;
}

export interface Macro extends ParsedText {
  readonly name: string;
  readonly collected: CollectedMacro;
  /** Those it refers to, by name. */
  readonly macros: readonly string[];
}

export interface MacroReference {
  readonly name: string;
  readonly span: TextSpan;
}

/** Every reference to a macro, in source order, repeats included. */
export function macroReferencesOf(condition: Condition): readonly MacroReference[] {
  switch (condition.kind) {
    case 'junction':
      return condition.terms.flatMap(macroReferencesOf);
    case 'not':
      return macroReferencesOf(condition.term);
    case 'macro':
      return [{ name: condition.name, span: condition.span }];
    default:
      return [];
  }
}

/** Parses condition text; what is wrong goes to `report`. */
export function parseText(text: ConditionText, report: Report): ParsedText | undefined {
  const parsed = parseCondition(text.text);
  if (parsed.kind === 'condition') return { text, tree: parsed.condition };
  const { offset, problem, hint } = parsed;
  const end = Math.min(offset + 1, text.text.length);
  const place = { span: text.spanOf(Math.min(offset, end), end), trail: text.trail(offset, false) };
  report.add(conditionSyntax.at(place, problem, hint));
  return undefined;
}

export class MacroTable {
  /** Macros that can be used, by name. */
  readonly macros = new Map<string, Macro>();
  /** Names that rules or other macros refer to. */
  readonly used = new Set<string>();
  readonly #collected: ReadonlyMap<string, CollectedMacro>;
  readonly #unreadable: ReadonlySet<string>;
  readonly #broken = new Set<string>();
  readonly #report: Report;
  #depths: ReadonlyMap<string, number> = new Map();

  /** `previous`: the table of an earlier file, whose macros are taken over where they have not changed. */
  constructor(
    collected: ReadonlyMap<string, CollectedMacro>,
    unreadable: ReadonlySet<string>,
    expander: ListExpander,
    report: Report,
    previous: MacroTable | undefined,
  ) {
    this.#collected = collected;
    this.#unreadable = unreadable;
    this.#report = report;
    for (const macro of [...collected.values()].sort((a, b) => a.index - b.index)) {
      const parsed = parseMacro(macro, expander, report, previous?.macros.get(macro.name));
      if (parsed === undefined || !this.#checkReferences(parsed)) this.#broken.add(macro.name);
      else this.macros.set(macro.name, parsed);
    }
    this.#removeUnusable();
  }

  /** Reports references of a rule to macros that are not there. */
  checkRule(rule: ParsedText): boolean {
    let isComplete = true;
    for (const { name, span } of macroReferencesOf(rule.tree)) {
      this.used.add(name);
      if (this.macros.has(name)) continue;
      isComplete = false;
      if (!this.#isKnownBroken(name)) this.#reportUndefined(rule.text, name, span, undefined);
    }
    if (isComplete && depthOf(rule.tree, this.#depths) > maxConditionDepth) {
      this.#reportTooDeep({ context: rule.text.owner });
      return false;
    }
    return isComplete;
  }

  #isKnownBroken(name: string): boolean {
    return this.#broken.has(name) || this.#unreadable.has(name);
  }

  #checkReferences(macro: Macro): boolean {
    let isComplete = true;
    for (const { name, span } of macroReferencesOf(macro.tree)) {
      const target = this.#collected.get(name);
      this.used.add(name);
      if (name === macro.name) {
        this.#report.add(
          macroLoop.at(
            { span: macro.text.spanOf(span.start, span.end), trail: macro.text.trail(span.start, true) },
            name,
          ),
        );
        isComplete = false;
      } else if (target === undefined || target.index >= macro.collected.visibility) {
        isComplete = false;
        if (target === undefined && this.#isKnownBroken(name)) continue;
        const hint = target && `\`${name}\` must be defined before the macro that uses it`;
        this.#reportUndefined(macro.text, name, span, hint);
      }
    }
    return isComplete;
  }

  #reportUndefined(text: ConditionText, name: string, span: TextSpan, hint: string | undefined): void {
    const nearest = hint === undefined ? nearestName(name, this.#collected.keys()) : undefined;
    const place = { span: text.spanOf(span.start, span.end), trail: text.trail(span.start, true) };
    this.#report.add(macroUndefined.at(place, name, hint ?? (nearest && `did you mean \`${nearest}\`?`)));
  }

  /** Macros that reach themselves, nest without end or reach one that is broken are of no use. */
  #removeUnusable(): void {
    /** Depth of the tree with macros put in; -1 while it is being found, 0 for what is broken. */
    const depths = new Map<string, number>();
    const visit = (name: string, level: number): number => {
      const known = depths.get(name);
      const macro = this.macros.get(name);
      if (macro === undefined) return 0;
      if (known === -1) this.#report.add(macroLoop.at(placeOf(macro.collected.context), name));
      if (known !== undefined) return Math.max(known, 0);
      depths.set(name, -1);
      let isUsable = level < maxConditionDepth;
      if (isUsable)
        for (const reference of macro.macros) if (visit(reference, level + 1) === 0) isUsable = false;
      const depth = isUsable ? depthOf(macro.tree, depths) : 0;
      const isTooDeep = depth > maxConditionDepth || level >= maxConditionDepth;
      if (isTooDeep) this.#reportTooDeep(macro.collected);
      depths.set(name, isTooDeep ? 0 : depth);
      return isTooDeep ? 0 : depth;
    };
    for (const name of [...this.macros.keys()]) {
      if (visit(name, 0) === 0) this.#broken.add(name);
    }
    for (const name of this.#broken) this.macros.delete(name);
    this.#depths = depths;
  }

  #reportTooDeep(owner: { readonly context: Context }): void {
    this.#report.add(expansionTooLarge.at(placeOf(owner.context), 'nesting', maxConditionDepth));
  }
}

/** Terms inside terms that are accepted, those of macros included. */
const maxConditionDepth = 1500;

function depthOf(condition: Condition, macroDepths: ReadonlyMap<string, number>): number {
  switch (condition.kind) {
    case 'junction':
      return 1 + condition.terms.reduce((depth, term) => Math.max(depth, depthOf(term, macroDepths)), 0);
    case 'not':
      return 1 + depthOf(condition.term, macroDepths);
    case 'macro':
      return 1 + (macroDepths.get(condition.name) ?? 0);
    default:
      return 1;
  }
}

function parseMacro(
  collected: CollectedMacro,
  expander: ListExpander,
  report: Report,
  previous: Macro | undefined,
): Macro | undefined {
  const text = joinCondition(collected.context, collected.conditions, [], expander);
  if (text === undefined) {
    report.add(expansionTooLarge.at(placeOf(collected.context), 'the condition', maxExpandedLength));
    return undefined;
  }
  const { name } = collected;
  if (previous !== undefined && previous.collected === collected && previous.text.text === text.text)
    return previous;
  const parsed = parseText(text, report);
  if (parsed === undefined) return undefined;
  const macros = [...new Set(macroReferencesOf(parsed.tree).map((reference) => reference.name))];
  return { ...parsed, name, collected, macros };
}

/** Whether the macros that a condition reaches are the same objects in both tables. */
export function reachesSame(names: Iterable<string>, a: MacroTable, b: MacroTable): boolean {
  const seen = new Set<string>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const macro = a.macros.get(name);
    if (macro === undefined || macro !== b.macros.get(name)) return false;
    waiting.push(...macro.macros);
  }
  return true;
}
