/** Diagnostics for people: what, where, the line with a caret, and what to do. */

import type { Diagnostic, Span } from '@peregrine/base';

export interface RenderDiagnosticsOptions {
  /** Terminal colours. */
  readonly colour?: boolean;
}

interface Paint {
  readonly error: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly bold: (text: string) => string;
}

/** Columns of a line that are shown around the place. */
const maxFrameColumns = 160;

/** `sources`: text by file name, for the frames; a file that is not there has none. */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
  options: RenderDiagnosticsOptions = {},
): string {
  const paint = paintOf(options.colour ?? false);
  return diagnostics.map((diagnostic) => renderOne(diagnostic, sources, paint)).join('\n');
}

function renderOne(diagnostic: Diagnostic, sources: ReadonlyMap<string, string>, paint: Paint): string {
  const { severity, code, message, span, hint, trail } = diagnostic;
  const colour = severity === 'error' ? paint.error : paint.warning;
  const lines = [`${colour(`${severity}[${code}]`)}: ${paint.bold(message)}`];
  const named = [...trail].reverse().find(({ name, kind }) => name !== '' && namedKinds.includes(kind));
  if (span !== undefined) {
    const { line, column } = span.start;
    lines.push(`${paint.faint(' -->')} ${span.file}:${line}:${column}`);
    lines.push(...frameOf(span, sources.get(span.file), paint, colour));
  }
  if (named !== undefined) lines.push(`${paint.faint('  =')} in ${named.kind} \`${named.name}\``);
  if (hint !== undefined) lines.push(`${paint.faint('  =')} hint: ${hint}`);
  return `${lines.join('\n')}\n`;
}

const namedKinds: readonly string[] = ['list', 'macro', 'rule'];

function frameOf(
  span: Span,
  source: string | undefined,
  paint: Paint,
  colour: (text: string) => string,
): readonly string[] {
  if (source === undefined) return [];
  const { text, column } = cutLine(source, span.start.offset, maxFrameColumns);
  const number = String(span.start.line);
  const margin = ' '.repeat(number.length);
  const isOneLine = span.end.line === span.start.line;
  const width = isOneLine ? span.end.column - span.start.column : text.length - column;
  const caret = '^'.repeat(Math.max(1, Math.min(width, text.length - column)));
  const indent = text.slice(0, column).replace(/[^\t]/g, ' ');
  return [
    paint.faint(`${margin} |`),
    `${paint.faint(`${number} |`)} ${text}`,
    `${paint.faint(`${margin} |`)} ${indent}${colour(caret)}`,
  ];
}

/** The line of `source` around `offset`, at most `width` columns of it, and the column of the offset in that. */
export function cutLine(
  source: string,
  offset: number,
  width: number,
): { readonly text: string; readonly column: number } {
  const at = Math.min(offset, source.length);
  const start = at === 0 ? 0 : source.lastIndexOf('\n', at - 1) + 1;
  const found = source.indexOf('\n', at);
  const end = found < 0 ? source.length : found;
  const from = Math.max(start, Math.min(at - (width >> 1), end - width));
  return { text: source.slice(from, Math.min(end, from + width)).replace(/\r$/, ''), column: at - from };
}

function paintOf(isColoured: boolean): Paint {
  const paint = (code: number) => (text: string) => (isColoured ? `\x1b[${code}m${text}\x1b[0m` : text);
  return { error: paint(31), warning: paint(33), faint: paint(2), bold: paint(1) };
}
