/** A rule's output and extra fields: additions put in, fields resolved. */

import { type Diagnostic, type Place, toByteText } from '@peregrine/base';
import { parseOutput } from '../2-parse/parse-output.ts';
import { outputFieldUnknown, outputInvalid } from '../diagnostics/conditions.ts';
import type { OperandChecker } from './check-operand.ts';
import { nearestFieldOf } from './check-test.ts';
import type { CheckedOutputPart, ExtraField } from './checked.ts';

/** One entry of `append_output`: what is added to the outputs and fields of the rules that it matches. */
export interface OutputAddition {
  readonly source?: string | undefined;
  readonly rule?: string | undefined;
  /** All must be present. */
  readonly tags?: readonly string[] | undefined;
  /** Added to the output text, after a blank. */
  readonly extraOutput?: string | undefined;
  /** A field's name, or a name and a format. */
  readonly extraFields?: readonly (string | { readonly name: string; readonly format: string })[] | undefined;
  /** Adds every field that its source suggests. */
  readonly suggestsFields?: boolean | undefined;
}

export interface OutputOwner {
  readonly name: string;
  readonly source: string;
  readonly tags: readonly string[];
}

export interface CheckedOutput<E> {
  readonly text: string;
  readonly parts: readonly CheckedOutputPart<E>[];
  readonly extraFields: readonly ExtraField<E>[];
}

/** COMPAT: a placeholder that no longer stands for anything, removed from outputs (Falco 0.45). */
export const containerInfo = '%container.info';

/** `undefined` after an error. `place` is where the rule's output stands. */
export function checkOutput<E>(
  output: string,
  owner: OutputOwner,
  additions: readonly OutputAddition[],
  operands: OperandChecker<E>,
  place: () => Place,
  errors: Diagnostic[],
): CheckedOutput<E> | undefined {
  let text = output.replaceAll(containerInfo, '').trim();
  const extraFields: ExtraField<E>[] = [];
  let hasFailed = false;
  for (const addition of additions) {
    if (!matches(addition, owner)) continue;
    if (addition.extraOutput) text += ` ${addition.extraOutput}`;
    if (addition.suggestsFields === true) text += suggestedText(operands);
    for (const extra of addition.extraFields ?? []) {
      const field = checkExtraField(extra, operands, place, errors);
      if (field === undefined) hasFailed = true;
      else extraFields.push(field);
    }
  }
  const parts = checkFormat(text, operands, place, errors);
  return parts === undefined || hasFailed ? undefined : { text, parts, extraFields };
}

function matches(addition: OutputAddition, owner: OutputOwner): boolean {
  return (
    (!addition.source || addition.source === owner.source) &&
    (!addition.rule || addition.rule === owner.name) &&
    (addition.tags ?? []).every((tag) => owner.tags.includes(tag))
  );
}

function suggestedText<E>(operands: OperandChecker<E>): string {
  return operands.source.fields
    .filter((field) => field.isSuggested)
    .map(({ name }) => ` ${name.replaceAll('.', '_')}=%${name}`)
    .join('');
}

function checkExtraField<E>(
  extra: string | { readonly name: string; readonly format: string },
  operands: OperandChecker<E>,
  place: () => Place,
  errors: Diagnostic[],
): ExtraField<E> | undefined {
  if (typeof extra !== 'string') {
    const parts = checkFormat(extra.format, operands, place, errors);
    return parts && { kind: 'format', name: extra.name, parts };
  }
  const reference = /^([^[]+)(?:\[(.*)\])?$/s.exec(extra.trim());
  const [, name = extra, argument] = reference ?? [];
  const resolution = operands.resolve(name, argument === undefined ? undefined : toByteText(argument));
  if (resolution.kind === 'field') return { kind: 'field', name: extra, field: resolution.field };
  errors.push(outputFieldUnknown.at(place(), extra, nearestFieldOf(name, operands.source)));
  return undefined;
}

function checkFormat<E>(
  text: string,
  operands: OperandChecker<E>,
  place: () => Place,
  errors: Diagnostic[],
): readonly CheckedOutputPart<E>[] | undefined {
  const parsed = parseOutput(text, (name, argument) => operands.resolve(name, argument).kind === 'field');
  if (parsed.kind === 'problem') {
    errors.push(outputInvalid.at(place(), parsed.problem));
    return undefined;
  }
  if (parsed.kind === 'unknown-field') {
    errors.push(outputFieldUnknown.at(place(), parsed.name, nearestFieldOf(parsed.name, operands.source)));
    return undefined;
  }
  const parts: CheckedOutputPart<E>[] = [];
  for (const part of parsed.parts) {
    if (part.kind === 'literal') {
      parts.push(part);
      continue;
    }
    const result = operands.check(part.operand);
    if (result.kind === 'operand') {
      parts.push({ kind: 'value', operand: result.operand, widthBytes: part.widthBytes });
      continue;
    }
    const { problem } = result;
    if (problem.kind === 'unknown-field') {
      errors.push(
        outputFieldUnknown.at(place(), problem.name, nearestFieldOf(problem.name, operands.source)),
      );
    } else {
      const text =
        problem.kind === 'bad-call' ? problem.problem : `field \`${problem.name}\`: ${problem.reason}`;
      errors.push(outputInvalid.at(place(), text));
    }
    return undefined;
  }
  return parts;
}
