/**
 * Load results in the form that Falco prints when it validates or loads rules files.
 *
 * COMPAT: names, codes, contexts and layout are Falco 0.45's; messages are ours. Diagnostics without a Falco code are
 * left out, since there is nothing to call them.
 */

import type { Diagnostic, TrailEntry } from '@peregrine/base';
import type { FileResult } from '../load.ts';
import { cutLine } from './render.ts';
import { diagnosticRoster } from './roster.ts';

export interface FalcoLocation {
  readonly item_type: string;
  readonly item_name: string;
  readonly position: {
    readonly name: string;
    readonly line: number;
    readonly column: number;
    readonly offset: number;
  };
}

export interface FalcoFinding {
  readonly code: string;
  readonly codedesc: string;
  readonly message: string;
  readonly context: { readonly locations: readonly FalcoLocation[]; readonly snippet: string };
}

export interface FalcoLoadResult {
  readonly name: string;
  readonly successful: boolean;
  readonly errors: readonly FalcoFinding[];
  readonly warnings: readonly FalcoFinding[];
}

const shortTexts: Readonly<Record<string, string>> = {
  LOAD_ERR_FILE_READ: 'File read error',
  LOAD_ERR_YAML_PARSE: 'YAML parse error',
  LOAD_ERR_YAML_VALIDATE: 'Error validating internal structure of YAML file',
  LOAD_ERR_COMPILE_CONDITION: 'Error compiling condition',
  LOAD_ERR_COMPILE_OUTPUT: 'Error compiling output',
  LOAD_ERR_VALIDATE: 'Error validating rule/macro/list/exception objects',
  LOAD_ERR_EXTENSION: 'Error in extension item',
  LOAD_UNKNOWN_SOURCE: 'Unknown event source',
  LOAD_UNSAFE_NA_CHECK: 'Unsafe <NA> comparison in condition',
  LOAD_NO_EVTTYPE: 'Condition has no event-type restriction',
  LOAD_UNKNOWN_FILTER: 'Unknown field or event-type in condition or output',
  LOAD_UNUSED_MACRO: 'Unused macro',
  LOAD_UNUSED_LIST: 'Unused list',
  LOAD_UNKNOWN_ITEM: 'Unknown rules file item',
  LOAD_DEPRECATED_ITEM: 'Used deprecated item',
  LOAD_WARNING_EXTENSION: 'Warning in extension item',
  LOAD_APPEND_NO_VALUES: 'Overriding/appending with no values',
  LOAD_EXCEPTION_NAME_NOT_UNIQUE: 'Multiple exceptions defined with the same name',
  LOAD_INVALID_MACRO_NAME: 'Invalid macro name',
  LOAD_INVALID_LIST_NAME: 'Invalid list name',
  LOAD_COMPILE_CONDITION: 'Warning in rule condition',
  LOAD_UNKNOWN_KEY: 'Unknown key in item definition',
};

/** Columns of a snippet. */
const snippetWidth = 160;

/** One entry of `falco_load_results`. `sources`: text by file name, for snippets. */
export function falcoLoadResultOf(result: FileResult, sources: ReadonlyMap<string, string>): FalcoLoadResult {
  const findings = (diagnostics: readonly Diagnostic[]): readonly FalcoFinding[] =>
    diagnostics.flatMap((diagnostic) => findingOf(diagnostic, sources) ?? []);
  return {
    name: result.name,
    successful: result.successful,
    errors: findings(result.errors),
    warnings: findings(result.warnings),
  };
}

export interface RenderedLoadResults {
  /** One line, without a line break at its end. */
  readonly json: string;
  readonly text: string;
}

export function renderFalcoLoadResults(
  results: readonly FileResult[],
  sources: ReadonlyMap<string, string>,
): RenderedLoadResults {
  const all = results.map((result) => falcoLoadResultOf(result, sources));
  return {
    json: JSON.stringify({ falco_load_results: all }),
    text: all.map(renderResult).join('\n'),
  };
}

function findingOf(diagnostic: Diagnostic, sources: ReadonlyMap<string, string>): FalcoFinding | undefined {
  const { falcoCode, message, hint, trail, severity, code, span } = diagnostic;
  if (falcoCode === undefined) return undefined;
  const locations = trail.map(locationOf);
  const last = trail[trail.length - 1];
  // Snippets show where the text stands; the position of a condition counts in the condition's own text.
  const shown = last?.kind === 'condition expression' ? span : last?.span;
  const codedesc = severity === 'error' ? shortTexts[falcoCode] : docOf(code);
  return {
    code: falcoCode,
    codedesc: codedesc ?? falcoCode,
    message: hint === undefined ? message : `${message} (${hint})`,
    context: {
      locations,
      snippet: shown === undefined ? '' : snippetOf(sources.get(shown.file), shown.start.offset),
    },
  };
}

function docOf(code: string): string | undefined {
  return diagnosticRoster.find((one) => one.code === code)?.doc;
}

function locationOf({ kind, name, span }: TrailEntry): FalcoLocation {
  const isExpression = kind === 'condition expression' && name !== '';
  return {
    item_type: kind,
    item_name: isExpression ? '' : name,
    position: {
      name: isExpression ? name : span.file,
      line: span.start.line - 1,
      column: span.start.column - 1,
      offset: span.start.offset,
    },
  };
}

function snippetOf(source: string | undefined, offset: number): string {
  if (source === undefined) return '';
  const { text, column } = cutLine(source, offset, snippetWidth);
  return `${text}\n${' '.repeat(column)}^\n`;
}

function renderResult(result: FalcoLoadResult): string {
  const verdict = !result.successful ? 'Invalid' : result.warnings.length > 0 ? 'Ok, with warnings' : 'Ok';
  const lines = [`${result.name}: ${verdict}`];
  if (result.errors.length > 0)
    lines.push(`${result.errors.length} Errors:`, ...result.errors.map(renderFinding));
  if (result.warnings.length > 0) {
    lines.push(`${result.warnings.length} Warnings:`, ...result.warnings.map(renderFinding));
  }
  return `${lines.join('\n')}\n`;
}

function renderFinding({ code, message, context }: FalcoFinding): string {
  const places = context.locations.map(({ item_type, item_name, position }, index) => {
    const what = item_name === '' ? item_type : `${item_type} '${item_name}'`;
    const { name, line, column } = position;
    return `${index === 0 ? 'In' : '   '} ${what}: (${name}:${line}:${column})`;
  });
  const snippet = context.snippet === '' ? [] : ['------', context.snippet.trimEnd(), '------'];
  return [...places, ...snippet, `${code} (${shortTexts[code] ?? code}): ${message}`].join('\n');
}
