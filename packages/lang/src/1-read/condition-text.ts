/** A condition as it is parsed: its parts joined, exceptions added, lists put in; and the way back to the file. */

import type { Span, TrailEntry } from '@peregrine/base';
import { exceptionLengths, exceptionShapes } from '../diagnostics/semantics.ts';
import { isListOperator, type SettledException } from './check-exceptions.ts';
import { type Context, placeOf, type Report, trailOf } from './context.ts';
import { type ListExpander, quoteItem, type Segment } from './expand-lists.ts';
import type { TextPiece } from './items.ts';
import { offsetInSource } from './scalar-offsets.ts';

export class ConditionText {
  /** Before lists were put in. */
  readonly raw: string;
  /** What is parsed; offsets of trees are offsets into it. */
  readonly text: string;
  /** The rule or macro. */
  readonly owner: Context;
  readonly #pieces: readonly TextPiece[];
  readonly #expander: ListExpander;

  constructor(
    owner: Context,
    pieces: readonly TextPiece[],
    raw: string,
    text: string,
    expander: ListExpander,
  ) {
    this.owner = owner;
    this.raw = raw;
    this.text = text;
    this.#pieces = pieces;
    this.#expander = expander;
  }

  /** Where in a file the text from `start` to `end` was written; of what a list put in, the list's name. */
  spanOf(start: number, end: number): Span {
    const from = this.#locate(start);
    const to = end > start ? this.#locate(end - 1) : from;
    const isOneFile = from.context.file === to.context.file && to.end >= from.start;
    return from.context.file.spanOf(from.start, isOneFile ? to.end : from.end);
  }

  /**
   * COMPAT: the trail of a diagnostic in the condition, with the position as the reference gives it: that of the
   * condition (or of its rule or macro) plus the place in the expanded text, both counted from 1. `origin` is the text
   * that `start` counts in: that of a macro perhaps.
   */
  trail(start: number, isAtOwner: boolean, origin: ConditionText = this): readonly TrailEntry[] {
    const base = this.#base(isAtOwner);
    const mark = base.file.positionAt(base.start);
    const before = origin.text.slice(0, start);
    const breaks = before.split('\n').length - 1;
    const position = {
      line: mark.line + 1 + breaks,
      column: mark.column + before.length - before.lastIndexOf('\n'),
      offset: mark.offset + start,
    };
    const name = `"${this.text.slice(0, 17)}${this.text.length > 17 ? '...' : ''}"`;
    const span = { file: base.file.name, start: position, end: position };
    return [...trailOf(base), { kind: 'condition expression', name, span }];
  }

  /** The trail of a warning about the condition as a whole. */
  trailOfAll(): readonly TrailEntry[] {
    const base = this.#base(false);
    const span = base.file.spanOf(base.start, base.end);
    return [...trailOf(base), { kind: 'condition expression', name: '', span }];
  }

  #base(isAtOwner: boolean): Context {
    return isAtOwner
      ? this.owner
      : (this.#pieces.find(({ node }) => node !== undefined)?.context ?? this.owner);
  }

  #locate(at: number): { readonly context: Context; readonly start: number; readonly end: number } {
    const segments: Segment[] = [];
    this.#expander.expand(this.raw, segments);
    let segment: Segment = { start: 0, from: 0, isExact: false };
    for (const one of segments) if (one.start <= at) segment = one;
    const rawAt = segment.isExact ? segment.from + at - segment.start : segment.from;
    const length = segment.isExact ? 1 : wordLength(this.raw, rawAt);
    let start = 0;
    for (const piece of this.#pieces) {
      const end = start + piece.text.length;
      if (rawAt < end || piece === this.#pieces[this.#pieces.length - 1]) {
        const { node, context } = piece;
        if (node === undefined) return { context, start: context.start, end: context.end };
        const source = context.file.text;
        return {
          context,
          start: offsetInSource(source, node, rawAt - start),
          end: offsetInSource(source, node, rawAt - start + length - 1) + 1,
        };
      }
      start = end;
    }
    return { context: this.owner, start: this.owner.start, end: this.owner.end };
  }
}

function wordLength(text: string, at: number): number {
  const match = /[^\s(),=]*/y;
  match.lastIndex = at;
  return Math.max(1, match.exec(text)?.[0].length ?? 1);
}

/** `undefined` when lists expand to too much. */
export function joinCondition(
  owner: Context,
  conditions: readonly TextPiece[],
  exceptions: readonly TextPiece[],
  expander: ListExpander,
): ConditionText | undefined {
  const pieces: TextPiece[] = [];
  const glue = (text: string): void => {
    pieces.push({ text, context: conditions[0]?.context ?? owner, node: undefined });
  };
  if (exceptions.length > 0) glue('(');
  conditions.forEach((piece, index) => {
    if (index > 0) glue(' ');
    pieces.push(piece);
  });
  if (exceptions.length > 0) glue(')');
  for (const piece of exceptions) pieces.push(piece);
  const raw = pieces.map(({ text }) => text).join('');
  const text = expander.expand(raw);
  return text === undefined ? undefined : new ConditionText(owner, pieces, raw, text, expander);
}

/** Exceptions as condition text, one piece for each that has values; `undefined` after an error. */
export function exceptionPieces(
  exceptions: readonly SettledException[],
  report: Report,
): readonly TextPiece[] | undefined {
  const pieces: TextPiece[] = [];
  for (const exception of exceptions) {
    const group = exception.isSingle ? singleGroup(exception, report) : tupleGroup(exception, report);
    if (group === undefined) return undefined;
    if (group !== '') pieces.push({ text: ` and not ${group}`, context: exception.context, node: undefined });
  }
  return pieces;
}

function singleGroup(exception: SettledException, report: Report): string | undefined {
  const [field = ''] = exception.fields;
  const [operator = ''] = exception.operators;
  const texts: string[] = [];
  for (const value of exception.values) {
    if (value.kind === 'list') {
      const problem = 'each of `values` must be a single value, since `fields` is a single field';
      report.add(exceptionShapes.at(placeOf(exception.context, value.node), problem));
      return undefined;
    }
    texts.push(quoteItem(value.text));
  }
  return texts.length === 0 ? '' : `(${field} ${operator} (${texts.join(', ')}))`;
}

function tupleGroup(exception: SettledException, report: Report): string | undefined {
  const { fields, operators } = exception;
  const tuples: string[] = [];
  for (const tuple of exception.values) {
    const found = tuple.kind === 'list' ? tuple.items.length : 0;
    if (tuple.kind !== 'list' || found !== fields.length) {
      const place = placeOf(exception.context, tuple.node);
      report.add(exceptionLengths.at(place, 'values', tuple.kind === 'list' ? found : 1, fields.length));
      return undefined;
    }
    tuples.push(tupleText(fields, operators, tuple.items));
  }
  return groupOf(tuples);
}

/** A value of an exception, wherever it comes from. */
type Operand =
  | { readonly kind: 'scalar'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Operand[] };

function groupOf(tuples: readonly string[]): string {
  return tuples.length === 0 ? '' : `(${tuples.join(' or ')})`;
}

function tupleText(
  fields: readonly string[],
  operators: readonly string[],
  values: readonly Operand[],
): string {
  const tests = fields.map((field, index) => {
    const operator = operators[index] ?? '=';
    return ` ${field} ${operator} ${operandText(values[index], operator)}`;
  });
  return `(${tests.join(' and ')})`;
}

function operandText(value: Operand | undefined, operator: string): string {
  if (value === undefined) return '';
  if (value.kind === 'list') {
    return `(${value.items.map((item) => (item.kind === 'scalar' ? quoteItem(item.text) : '')).join(', ')})`;
  }
  if (!isListOperator(operator)) return quoteItem(value.text);
  return value.text.startsWith('(') ? value.text : `(${value.text})`;
}

/**
 * Which events an exception with several fields leaves out, as condition text before lists are put in: what the text of a
 * rule has behind `and not`. `rows`: as many values as fields in each, as a rules file has them. Empty without rows.
 */
export function exceptionCondition({
  fields,
  operators,
  rows,
}: {
  readonly fields: readonly string[];
  readonly operators: readonly string[];
  readonly rows: readonly (readonly string[])[];
}): string {
  return groupOf(
    rows.map((row) =>
      tupleText(
        fields,
        operators,
        row.map((text) => ({ kind: 'scalar', text })),
      ),
    ),
  );
}
