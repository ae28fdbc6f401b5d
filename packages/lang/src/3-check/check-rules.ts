/** All that was collected to rules that can run: the order of checks is the reference's. */

import type { Diagnostic, Place } from '@peregrine/base';
import type { Collector } from '../1-read/collect.ts';
import type { CollectedRule } from '../1-read/collect-rules.ts';
import { exceptionPieces, joinCondition } from '../1-read/condition-text.ts';
import { type Context, placeOf, type Report } from '../1-read/context.ts';
import { ListExpander, maxExpandedLength } from '../1-read/expand-lists.ts';
import { offsetInSource } from '../1-read/scalar-offsets.ts';
import type { SourceFile } from '../1-read/source-file.ts';
import type { Catalogue } from '../catalogue.ts';
import { expansionTooLarge } from '../diagnostics/semantics.ts';
import {
  containerInfoDeprecated,
  fieldDeprecated,
  listUnused,
  macroUnused,
  noEventType,
  unknownFilter,
} from '../diagnostics/warnings.ts';
import { maxTestsPerRule, SourceChecker } from './check-condition.ts';
import { type CheckedOutput, containerInfo, type OutputAddition, OutputChecker } from './check-output.ts';
import type { CheckedRule } from './checked.ts';
import { MacroTable, macroReferencesOf, parseText, reachesSame } from './macros.ts';
import { deprecatedFields } from './test-warnings.ts';

/** Rules reachable by more event codes than this are as good as unrestricted. */
const manyEventCodes = 100;

/** After as many errors no more rules are checked. */
const maxErrors = 1000;

/** Errors that `skip-if-unknown-filter` turns into a warning. */
const unknownFilterCodes: readonly string[] = [
  'field-unknown',
  'event-type-unknown',
  'output-field-unknown',
  'output-invalid',
];

interface CheckedBefore<E> {
  readonly collected: CollectedRule;
  readonly conditionText: string;
  readonly macros: readonly string[];
  /** `undefined`: the rule is left out. */
  readonly rule: CheckedRule<E> | undefined;
}

/** Checks after each file; what an earlier check found is taken over where nothing it depends on has changed. */
export class RulesChecker<E> {
  readonly #sources = new Map<string, SourceChecker<E>>();
  readonly #outputs = new Map<string, OutputChecker<E>>();
  #checked = new Map<string, CheckedBefore<E>>();
  expander = new ListExpander(new Map());
  macroTable: MacroTable | undefined;
  rules: readonly CheckedRule<E>[] = [];

  constructor(catalogue: Catalogue<E>, additions: readonly OutputAddition[]) {
    for (const source of catalogue.sources) {
      const checker = new SourceChecker(source);
      this.#sources.set(source.name, checker);
      this.#outputs.set(source.name, new OutputChecker(checker.operands, additions));
    }
  }

  sourceOf(name: string): SourceChecker<E> | undefined {
    return this.#sources.get(name);
  }

  /** Warnings are about items of `file` only; errors about all. */
  check(collector: Collector, file: SourceFile, report: Report): void {
    const expander = new ListExpander(collector.lists);
    const previous = this.macroTable;
    const table = new MacroTable(collector.macros, collector.unreadable, expander, report, previous);
    for (const source of this.#sources.values()) source.forgetChanged(table, previous);
    const rules: CheckedRule<E>[] = [];
    const checked = new Map<string, CheckedBefore<E>>();
    for (const collected of collector.rules.rules) {
      if (!collected.isSourceKnown) continue;
      if (report.errorCount >= maxErrors) break;
      const before = this.#checkRule(collected, expander, table, previous, report);
      if (before === undefined) continue;
      checked.set(collected.name, before);
      if (before.rule !== undefined) rules.push(before.rule);
    }
    this.#checked = checked;
    this.expander = expander;
    this.macroTable = table;
    this.rules = rules.sort((a, b) => a.index - b.index);
    // What is not used in spite of errors, the rules in error may use.
    if (report.errorCount > 0) return;
    for (const { name, context, lastFile } of collector.lists.values()) {
      if (lastFile === file && !expander.used.has(name)) report.add(listUnused.at(placeOf(context), name));
    }
    for (const { name, context, lastFile } of collector.macros.values()) {
      if (lastFile === file && !table.used.has(name)) report.add(macroUnused.at(placeOf(context), name));
    }
  }

  #checkRule(
    collected: CollectedRule,
    expander: ListExpander,
    table: MacroTable,
    previous: MacroTable | undefined,
    report: Report,
  ): CheckedBefore<E> | undefined {
    const source = this.#sources.get(collected.source);
    const exceptions = exceptionPieces(collected.exceptions, report);
    if (source === undefined || exceptions === undefined) return undefined;
    const text = joinCondition(
      collected.context,
      collected.conditions,
      wrapAll(collected, exceptions),
      expander,
    );
    if (text === undefined) {
      report.add(expansionTooLarge.at(placeOf(collected.context), 'the condition', maxExpandedLength));
      return undefined;
    }
    const before = this.#checked.get(collected.name);
    if (
      before !== undefined &&
      before.collected === collected &&
      before.conditionText === text.text &&
      previous !== undefined &&
      reachesSame(before.macros, table, previous)
    ) {
      for (const name of before.macros) table.used.add(name);
      return before;
    }
    const parsed = parseText(text, report);
    if (parsed === undefined || !table.checkRule(parsed)) return undefined;
    const macros = [...new Set(macroReferencesOf(parsed.tree).map(({ name }) => name))];
    const found: Diagnostic[] = [];
    const errors: Diagnostic[] = [];
    const output = this.#checkOutput(collected, errors, found);
    const result = source.check(parsed, table);
    for (const { diagnostic, text: origin, start } of result.errors) {
      errors.push({ ...diagnostic, trail: text.trail(start, false, origin) });
    }
    if (collected.skipsIfUnknownFilter && errors.length > 0 && errors.every(isUnknownFilter)) {
      for (const { span, trail, message } of errors) report.add(unknownFilter.at({ span, trail }, message));
      return { collected, conditionText: text.text, macros, rule: undefined };
    }
    for (const { diagnostic } of result.warnings) found.push({ ...diagnostic, trail: text.trailOfAll() });
    for (const diagnostic of [...found, ...errors]) report.add(diagnostic);
    const { condition } = result;
    if (output === undefined || condition === undefined || errors.length > 0) return undefined;
    if (source.sizeOf(condition) > maxTestsPerRule) {
      report.add(expansionTooLarge.at(placeOf(collected.context), 'the condition', maxTestsPerRule));
      return undefined;
    }
    const reach = source.reach.find(condition);
    const eventCodes = reach.events.toSet();
    if (collected.source === 'syscall' && collected.warnsOfEventTypes && eventCodes.size > manyEventCodes) {
      report.add(noEventType.at(placeOf(collected.context)));
    }
    for (const code of source.source.alwaysCodes) eventCodes.add(code);
    const rule: CheckedRule<E> = {
      name: collected.name,
      index: collected.index,
      source: collected.source,
      priority: collected.priority,
      tags: collected.tags,
      isEnabled: collected.isEnabled,
      description: collected.description,
      conditionText: text.text,
      condition,
      output: output.parts,
      outputText: output.text,
      extraFields: output.extraFields,
      eventCodes,
      syscalls: reach.syscalls.toSet(),
      capture: collected.capture,
      captureDurationMs: collected.captureDurationMs,
      kernelResponse: collected.kernelResponse,
    };
    return { collected, conditionText: text.text, macros, rule };
  }

  #checkOutput(
    collected: CollectedRule,
    errors: Diagnostic[],
    warnings: Diagnostic[],
  ): CheckedOutput<E> | undefined {
    const text = collected.outputs.map((piece) => piece.text).join(' ');
    const outputContext = collected.outputs[0]?.context ?? collected.context;
    const placeAt = (offset: number | undefined): Place => placeInOutput(collected, outputContext, offset);
    if (text.includes(containerInfo)) warnings.push(containerInfoDeprecated.at(placeOf(collected.context)));
    for (const name of deprecatedFields) {
      if (text.includes(name)) warnings.push(fieldDeprecated.at(placeAt(text.indexOf(name)), name));
    }
    return this.#outputs.get(collected.source)?.check(text, collected, placeAt, errors);
  }
}

/** Outputs are trimmed and joined by blanks; the way back to the word that begins at `offset`. */
function placeInOutput(rule: CollectedRule, whole: Context, offset: number | undefined): Place {
  let start = 0;
  for (const { text, context, node } of rule.outputs) {
    const end = start + text.length;
    if (offset !== undefined && node !== undefined && offset <= end) {
      const blanks = node.value.length - node.value.trimStart().length;
      const word = /^[^\s%]*/.exec(text.slice(offset - start))?.[0] ?? '';
      const from = offsetInSource(context.file.text, node, blanks + offset - start);
      return { ...placeOf(whole), span: context.file.spanOf(from, from + Math.max(1, word.length)) };
    }
    start = end + 1;
  }
  return placeOf(whole);
}

function isUnknownFilter(error: Diagnostic): boolean {
  return unknownFilterCodes.includes(error.code);
}

/** COMPAT: a rule with exceptions has its condition in parentheses even if none of them has values. */
function wrapAll(
  collected: CollectedRule,
  pieces: ReturnType<typeof exceptionPieces> & object,
): ReturnType<typeof exceptionPieces> & object {
  if (collected.exceptions.length === 0 || pieces.length > 0) return pieces;
  return [{ text: '', context: collected.context, node: undefined }];
}
