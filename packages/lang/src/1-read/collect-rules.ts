/** Rules as they stand after all items so far: definitions, appended and replaced parts, switches. */

import { nearestName } from '@peregrine/base';
import {
  appendWithoutTarget,
  enableWithoutTarget,
  exceptionFieldsFixed,
  replaceWithoutTarget,
  sourceRedefined,
} from '../diagnostics/semantics.ts';
import { sourceUnknown } from '../diagnostics/warnings.ts';
import { type ExceptionChecker, type SettledException, settleException } from './check-exceptions.ts';
import { type Context, placeOf, type Report } from './context.ts';
import type { ExceptionItem, RuleItem, RuleUpdate, TextPiece } from './items.ts';
import { sortedUnique } from './read-rule.ts';
import type { SourceFile } from './source-file.ts';

/** A rule after all items so far. Replaced, never changed, when an item concerns it. */
export interface CollectedRule extends Omit<RuleItem, 'condition' | 'output' | 'source' | 'exceptions'> {
  /** Place in the order of definition; a redefinition keeps it. */
  readonly index: number;
  readonly source: string;
  readonly isSourceKnown: boolean;
  /** Joined by blanks. */
  readonly conditions: readonly TextPiece[];
  readonly outputs: readonly TextPiece[];
  readonly exceptions: readonly SettledException[];
  /** The file whose item concerned the rule last. */
  readonly lastFile: SourceFile;
}

export class RuleCollector {
  readonly #rules = new Map<string, CollectedRule>();
  readonly #unreadable = new Set<string>();
  readonly #checker: ExceptionChecker;
  readonly #report: Report;
  readonly #nextIndex: () => number;

  constructor(checker: ExceptionChecker, report: Report, nextIndex: () => number) {
    this.#checker = checker;
    this.#report = report;
    this.#nextIndex = nextIndex;
  }

  /** In order of first definition. */
  get rules(): Iterable<CollectedRule> {
    return this.#rules.values();
  }

  /** Keeps items that follow from being reported only because an earlier item of that name was wrong. */
  markUnreadable(name: string): void {
    this.#unreadable.add(name);
  }

  define(item: RuleItem): boolean {
    const previous = this.#rules.get(item.name);
    const source = item.source ?? 'syscall';
    if (previous !== undefined && previous.source !== source) {
      this.#report.add(sourceRedefined.at(placeOf(item.context), item.name, source));
      return false;
    }
    const isSourceKnown = this.#checker.hasSource(source);
    if (!isSourceKnown && !this.#checker.isLeftOut(source))
      this.#report.add(sourceUnknown.at(placeOf(item.context), source));
    const exceptions = this.#settleAll(item.exceptions, source);
    if (exceptions === undefined) return false;
    const { condition, output, ...rest } = item;
    const index = this.#nextIndex();
    this.#rules.set(item.name, {
      ...rest,
      index: previous?.index ?? index,
      source,
      isSourceKnown,
      conditions: [condition],
      outputs: [output],
      exceptions,
      lastFile: item.context.file,
    });
    return true;
  }

  /** Whether there is a rule to append to, of the source stated if one is. */
  canAppend(name: string, context: Context, source: string | undefined): boolean {
    const rule = this.#rules.get(name);
    if (rule === undefined) {
      if (this.#unreadable.has(name)) return false;
      this.#report.add(appendWithoutTarget.at(placeOf(context), 'rule', name, this.#nearest(name)));
      return false;
    }
    if (source !== undefined && source !== rule.source) {
      this.#report.add(sourceRedefined.at(placeOf(context), name, source));
      return false;
    }
    return true;
  }

  append(update: RuleUpdate): boolean {
    const rule = this.#rules.get(update.name);
    if (rule === undefined) return false;
    const exceptions = this.#appendExceptions(rule, update.exceptions ?? []);
    if (exceptions === undefined) return false;
    const { condition, output, description, tags } = update;
    this.#set({
      ...rule,
      conditions: condition === undefined ? rule.conditions : [...rule.conditions, condition],
      outputs: output === undefined ? rule.outputs : [...rule.outputs, output],
      description: description === undefined ? rule.description : `${rule.description} ${description}`,
      tags: tags === undefined ? rule.tags : sortedUnique([...rule.tags, ...tags]),
      exceptions,
      lastFile: update.context.file,
    });
    return true;
  }

  replace(update: RuleUpdate): boolean {
    const rule = this.#rules.get(update.name);
    if (rule === undefined) {
      if (!this.#unreadable.has(update.name)) {
        const nearest = this.#nearest(update.name);
        this.#report.add(replaceWithoutTarget.at(placeOf(update.context), 'rule', update.name, nearest));
      }
      return false;
    }
    if (update.source !== undefined && update.source !== rule.source) {
      this.#report.add(sourceRedefined.at(placeOf(update.context), update.name, update.source));
      return false;
    }
    const exceptions =
      update.exceptions === undefined ? rule.exceptions : this.#settleAll(update.exceptions, rule.source);
    if (exceptions === undefined) return false;
    this.#set({
      ...rule,
      conditions: update.condition === undefined ? rule.conditions : [update.condition],
      outputs: update.output === undefined ? rule.outputs : [update.output],
      description: update.description ?? rule.description,
      priority: update.priority ?? rule.priority,
      isEnabled: update.isEnabled ?? rule.isEnabled,
      warnsOfEventTypes: update.warnsOfEventTypes ?? rule.warnsOfEventTypes,
      skipsIfUnknownFilter: update.skipsIfUnknownFilter ?? rule.skipsIfUnknownFilter,
      capture: update.capture ?? rule.capture,
      captureDurationMs: update.captureDurationMs ?? rule.captureDurationMs,
      tags: update.tags ?? rule.tags,
      exceptions,
      lastFile: update.context.file,
    });
    return true;
  }

  enable(name: string, isEnabled: boolean, context: Context): boolean {
    const rule = this.#rules.get(name);
    if (rule === undefined) {
      if (!this.#unreadable.has(name)) {
        this.#report.add(enableWithoutTarget.at(placeOf(context), name, this.#nearest(name)));
      }
      return false;
    }
    this.#set({ ...rule, isEnabled });
    return true;
  }

  #set(rule: CollectedRule): void {
    this.#rules.set(rule.name, rule);
  }

  #nearest(name: string): string | undefined {
    return nearestName(name, this.#rules.keys());
  }

  #settleAll(items: readonly ExceptionItem[], source: string): readonly SettledException[] | undefined {
    const settled: SettledException[] = [];
    for (const item of items) {
      const exception = settleException(item, source, this.#checker, this.#report);
      if (exception === undefined) return undefined;
      settled.push(exception);
    }
    return settled;
  }

  #appendExceptions(
    rule: CollectedRule,
    items: readonly ExceptionItem[],
  ): readonly SettledException[] | undefined {
    const exceptions = [...rule.exceptions];
    for (const item of items) {
      const at = exceptions.findIndex(({ name }) => name === item.name);
      const previous = exceptions[at];
      if (previous === undefined) {
        const settled = settleException(item, rule.source, this.#checker, this.#report);
        if (settled === undefined) return undefined;
        exceptions.push(settled);
        continue;
      }
      if (item.fields !== undefined || item.operators !== undefined) {
        const key = item.fields === undefined ? 'comps' : 'fields';
        this.#report.add(exceptionFieldsFixed.at(placeOf(item.context), key));
        return undefined;
      }
      exceptions[at] = { ...previous, values: [...previous.values, ...item.values] };
    }
    return exceptions;
  }
}
