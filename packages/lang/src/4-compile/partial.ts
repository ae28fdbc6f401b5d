/**
 * Conditions and outputs in two steps, for events of which something is told later: all that the event tells now is
 * read now, and the rest from what was kept of it, when the rest is there. Runs for few events, and is no faster than
 * it need be.
 */

import { unreachable } from '@peregrine/base';
import type { CheckedCondition, CheckedOperand, CheckedOutputPart, CheckedTest } from '../3-check/checked.ts';
import type { BoundField } from '../catalogue.ts';
import { fieldsOfOperand } from './operand.ts';
import { compileOutput } from './output.ts';
import { prepareEventTest } from './prepare-test.ts';
import { defaultRenderOptions, type JsonValue, type RenderOptions } from './value-text.ts';

/** Settled, or what settles it: a function of the kept event, to be called when its open fields can be read. */
export type PartialVerdict<E> = boolean | ((kept: E) => boolean);

export type PartialCondition<E> = (event: E) => PartialVerdict<E>;

/** Fields that cannot be read yet. */
export type IsOpen<E> = (field: BoundField<E>) => boolean;

export function compilePartialCondition<E>(
  condition: CheckedCondition<E>,
  isOpen: IsOpen<E>,
): PartialCondition<E> {
  switch (condition.kind) {
    case 'junction': {
      const terms = condition.terms.map((term) => compilePartialCondition(term, isOpen));
      return joinTerms(terms, condition.operator === 'or');
    }
    case 'not': {
      const term = compilePartialCondition(condition.term, isOpen);
      return (event) => {
        const verdict = term(event);
        return typeof verdict === 'boolean' ? !verdict : (kept) => !verdict(kept);
      };
    }
    case 'test': {
      const holds = prepareEventTest(condition);
      return fieldsOfTest(condition).some(isOpen) ? () => holds : holds;
    }
    default:
      return unreachable(condition);
  }
}

/** `decisive`: the verdict of one term that settles all: true for `or`, false for `and`. */
function joinTerms<E>(terms: readonly PartialCondition<E>[], decisive: boolean): PartialCondition<E> {
  return (event) => {
    const open: ((kept: E) => boolean)[] = [];
    for (const term of terms) {
      const verdict = term(event);
      if (verdict === decisive) return decisive;
      if (typeof verdict !== 'boolean') open.push(verdict);
    }
    if (open.length === 0) return !decisive;
    return (kept) => open.some((verdict) => verdict(kept) === decisive) === decisive;
  };
}

function fieldsOfTest<E>({ left, right }: CheckedTest<E>): readonly BoundField<E>[] {
  return [...fieldsOfOperand(left), ...(right.kind === 'operand' ? fieldsOfOperand(right.operand) : [])];
}

/** What an output has become. */
export interface RenderedOutput {
  readonly text: string;
  /** By field, for all that the output names. */
  readonly values: ReadonlyMap<string, JsonValue>;
}

export interface PartialOutput<E> {
  /** Whether there is anything in it that cannot be read at once. */
  readonly isOpen: boolean;
  /** Reads what can be read; what it returns reads the rest, once. */
  begin(event: E): (kept: E) => RenderedOutput;
}

type Render<E> = (event: E, values: Map<string, JsonValue>) => string;

export function compilePartialOutput<E>(
  parts: readonly CheckedOutputPart<E>[],
  isOpen: IsOpen<E>,
  options: RenderOptions = defaultRenderOptions,
): PartialOutput<E> {
  const pieces = parts.map((part) => ({
    isOpen: part.kind === 'value' && isOpenOperand(part.operand, isOpen),
    render: renderPart(part, options),
  }));
  return {
    isOpen: pieces.some((piece) => piece.isOpen),
    begin(event) {
      const values = new Map<string, JsonValue>();
      const texts = pieces.map((piece) => (piece.isOpen ? piece.render : piece.render(event, values)));
      return (kept) => {
        const text = texts.map((each) => (typeof each === 'string' ? each : each(kept, values))).join('');
        return { text, values };
      };
    },
  };
}

function isOpenOperand<E>(operand: CheckedOperand<E>, isOpen: IsOpen<E>): boolean {
  return fieldsOfOperand(operand).some(isOpen);
}

function renderPart<E>(part: CheckedOutputPart<E>, options: RenderOptions): Render<E> {
  const { fieldNames, render } = compileOutput([part], options);
  return (event, values) => {
    const read: JsonValue[] = [];
    const text = render(event, read);
    for (const [i, name] of fieldNames.entries()) values.set(name, read[i] ?? null);
    return text;
  };
}
