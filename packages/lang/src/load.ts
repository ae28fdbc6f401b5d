/** Rules files to checked rules and diagnostics: reads file after file, checking all there is after each. */

import type { Diagnostic, Span } from '@peregrine/base';
import type { ExceptionChecker } from './1-read/check-exceptions.ts';
import { Collector } from './1-read/collect.ts';
import { Report } from './1-read/context.ts';
import type { ExceptionValue, PluginVersion } from './1-read/items.ts';
import { readRulesFile } from './1-read/read-items.ts';
import { SourceFile } from './1-read/source-file.ts';
import { checkPluginVersions } from './1-read/versions.ts';
import type { Condition } from './2-parse/tree.ts';
import type { OutputAddition } from './3-check/check-output.ts';
import { RulesChecker } from './3-check/check-rules.ts';
import type { CheckedRule } from './3-check/checked.ts';
import type { Catalogue } from './catalogue.ts';

export interface RulesFile {
  readonly name: string;
  readonly text: string;
}

export interface LoadOptions {
  /** Additions to outputs, in order (`append_output`). */
  readonly outputAdditions?: readonly OutputAddition[];
}

/** What became of one file. Errors and warnings are in the order found. */
export interface FileResult {
  readonly name: string;
  readonly successful: boolean;
  readonly errors: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
}

/** A macro as it stands after all files. */
export interface LoadedMacro {
  readonly name: string;
  /** As written, appended parts included. */
  readonly writtenCondition: string;
  /** With lists put in. */
  readonly conditionText: string;
  readonly condition: Condition;
  readonly isUsed: boolean;
}

export interface LoadedList {
  readonly name: string;
  /** Lists among them by their names. */
  readonly writtenItems: readonly string[];
  /** Lists among the items replaced by theirs. */
  readonly items: readonly string[];
  readonly isUsed: boolean;
}

/** A rule as it is written, before lists and macros are put in. For display. */
export interface RuleDefinition {
  readonly name: string;
  /** Where its latest definition is; what other items add to it is elsewhere. */
  readonly span: Span;
  readonly source: string;
  /** Appended parts included, exceptions not. */
  readonly writtenCondition: string;
  readonly exceptions: readonly {
    readonly name: string;
    readonly fields: readonly string[];
    /** As many as fields. */
    readonly operators: readonly string[];
    /** As written, as many in each row as fields; a list in parentheses. */
    readonly rows: readonly (readonly string[])[];
  }[];
}

export interface LoadedRules<E> {
  /** Whether every file loaded and every version requirement is met. */
  readonly successful: boolean;
  readonly files: readonly FileResult[];
  /** Every diagnostic of every file, then those of `versionErrors`. */
  readonly diagnostics: readonly Diagnostic[];
  /** Requirements that the loaded plugins do not meet. */
  readonly versionErrors: readonly Diagnostic[];
  /** In order of definition. Rules with errors are absent. */
  readonly rules: readonly CheckedRule<E>[];
  /** Of every rule read, those with errors included. */
  readonly definitions: readonly RuleDefinition[];
  readonly macros: readonly LoadedMacro[];
  readonly lists: readonly LoadedList[];
  /** As x.y.z, in the order stated. */
  readonly requiredEngineVersions: readonly string[];
  readonly requiredPluginVersions: readonly (readonly PluginVersion[])[];
}

export function loadRules<E>(
  files: readonly RulesFile[],
  catalogue: Catalogue<E>,
  options: LoadOptions = {},
): LoadedRules<E> {
  const checker = new RulesChecker(catalogue, options.outputAdditions ?? []);
  const report = new Report();
  const collector = new Collector(exceptionCheckerOf(checker, catalogue.otherSources ?? []), report);
  const seen = new Set<string>();
  const results: FileResult[] = [];
  for (const { name, text } of files) {
    const first = report.diagnostics.length;
    const file = new SourceFile(name, text);
    readRulesFile(file, collector, catalogue.engineVersion, report);
    checker.check(collector, file, report);
    const found = report.diagnostics.slice(first).filter((diagnostic) => isNew(diagnostic, seen));
    const errors = found.filter(({ severity }) => severity === 'error');
    const warnings = found.filter(({ severity }) => severity === 'warning');
    results.push({ name, successful: errors.length === 0, errors, warnings });
  }
  const versionErrors = checkPluginVersions(collector.pluginRequirements, catalogue.plugins);
  const { macroTable, expander } = checker;
  return {
    successful: versionErrors.length === 0 && results.every((result) => result.successful),
    files: results,
    diagnostics: [...results.flatMap(({ errors, warnings }) => [...errors, ...warnings]), ...versionErrors],
    versionErrors,
    rules: checker.rules,
    definitions: [...collector.rules.rules].map(({ name, context, source, conditions, exceptions }) => ({
      name,
      span: context.file.spanOf(context.start, context.end),
      source,
      writtenCondition: joined(conditions),
      exceptions: exceptions.map(({ name, fields, operators, values, isSingle }) => ({
        name,
        fields,
        operators,
        rows: values.map((value) =>
          (value.kind === 'list' && !isSingle ? value.items : [value]).map(exceptionText),
        ),
      })),
    })),
    macros: [...(macroTable?.macros.values() ?? [])].map(({ name, text, tree, collected }) => ({
      name,
      writtenCondition: joined(collected.conditions),
      conditionText: text.text,
      condition: tree,
      isUsed: macroTable?.used.has(name) ?? false,
    })),
    lists: [...expander.items].map(([name, items]) => ({
      name,
      writtenItems: collector.lists.get(name)?.items.map(({ value }) => value) ?? [],
      items,
      isUsed: expander.used.has(name),
    })),
    requiredEngineVersions: collector.engineVersions,
    requiredPluginVersions: collector.pluginRequirements.map(({ alternatives }) => alternatives),
  };
}

function exceptionText(value: ExceptionValue): string {
  return value.kind === 'scalar' ? value.text : `(${value.items.map(exceptionText).join(', ')})`;
}

function joined(pieces: readonly { readonly text: string }[]): string {
  return pieces.map(({ text }) => text).join(' ');
}

/** The same finding at the same place is told once, though each file's check makes it anew. */
function isNew(diagnostic: Diagnostic, seen: Set<string>): boolean {
  const { code, message, span } = diagnostic;
  const key = `${code}\0${message}\0${span?.file}\0${span?.start.offset}\0${span?.end.offset}`;
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}

function exceptionCheckerOf<E>(checker: RulesChecker<E>, others: readonly string[]): ExceptionChecker {
  return {
    hasSource: (name) => checker.sourceOf(name) !== undefined,
    isLeftOut: (name) => others.includes(name),
    hasField: (source, text) => {
      const [, name = text, argument] = /^([^[]+)(?:\[(.*)\])?$/s.exec(text) ?? [];
      const resolution = checker.sourceOf(source)?.operands.resolve(name, argument);
      return resolution?.kind === 'field';
    },
    fieldNames: (source) => checker.sourceOf(source)?.source.fields.map(({ name }) => name) ?? [],
  };
}
