/** A rule's output and extra fields: additions put in, fields resolved. */

import { type Diagnostic, type Place, toByteText } from '@peregrine/base';
import { parseOutput } from '../2-parse/parse-output.ts';
import { outputFieldUnknown, outputInvalid } from '../diagnostics/conditions.ts';
import type { OperandChecker, OperandProblem } from './check-operand.ts';
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

/** Outputs of one source's rules. What additions add is worked out once for all of them. */
export class OutputChecker<E> {
  readonly #operands: OperandChecker<E>;
  readonly #additions: readonly OutputAddition[];
  readonly #checked = new Map<OutputAddition, CheckedAddition<E>>();

  constructor(operands: OperandChecker<E>, additions: readonly OutputAddition[]) {
    this.#operands = operands;
    this.#additions = additions;
  }

  /** `undefined` after an error. `placeAt` tells where a char of `output` stands, or all of it. */
  check(
    output: string,
    owner: OutputOwner,
    placeAt: PlaceAt,
    errors: Diagnostic[],
  ): CheckedOutput<E> | undefined {
    let text = output.replaceAll(containerInfo, '').trim();
    const own = checkFormat(text, this.#operands);
    const parts: CheckedOutputPart<E>[] = [...own.parts];
    const extraFields: ExtraField<E>[] = [];
    const isMoved = text !== output;
    const problems = isMoved ? own.problems.map(withoutOffset) : [...own.problems];
    for (const addition of this.#additions) {
      if (!matches(addition, owner)) continue;
      let checked = this.#checked.get(addition);
      if (checked === undefined) {
        checked = checkAddition(addition, this.#operands);
        this.#checked.set(addition, checked);
      }
      text += checked.text;
      parts.push(...checked.parts);
      extraFields.push(...checked.extraFields);
      problems.push(...checked.problems.map(withoutOffset));
    }
    for (const { offset, diagnose } of problems) errors.push(diagnose(placeAt(offset)));
    return problems.length === 0 ? { text, parts: joinLiterals(parts), extraFields } : undefined;
  }
}

/** Where in a file the char at `offset` of a rule's output stands; without `offset`, where the output does. */
export type PlaceAt = (offset: number | undefined) => Place;

interface Problem {
  /** In the format; `undefined`: the place is that of the output as a whole. */
  readonly offset: number | undefined;
  readonly diagnose: (place: Place) => Diagnostic;
}

function withoutOffset(problem: Problem): Problem {
  return { ...problem, offset: undefined };
}

interface CheckedFormat<E> {
  readonly parts: readonly CheckedOutputPart<E>[];
  readonly problems: readonly Problem[];
}

interface CheckedAddition<E> extends CheckedFormat<E> {
  readonly text: string;
  readonly extraFields: readonly ExtraField<E>[];
}

function matches(addition: OutputAddition, owner: OutputOwner): boolean {
  return (
    (!addition.source || addition.source === owner.source) &&
    (!addition.rule || addition.rule === owner.name) &&
    (addition.tags ?? []).every((tag) => owner.tags.includes(tag))
  );
}

function checkAddition<E>(addition: OutputAddition, operands: OperandChecker<E>): CheckedAddition<E> {
  let text = addition.extraOutput ? ` ${addition.extraOutput}` : '';
  if (addition.suggestsFields === true) text += suggestedText(operands);
  const { parts, problems } = checkFormat(text, operands);
  const extraFields: ExtraField<E>[] = [];
  const all = [...problems];
  for (const extra of addition.extraFields ?? []) {
    if (typeof extra === 'string') {
      const field = extraFieldOf(extra, operands);
      if (field === undefined) all.push(unknownField(extra, operands, undefined));
      else extraFields.push(field);
      continue;
    }
    const format = checkFormat(extra.format, operands);
    all.push(...format.problems);
    extraFields.push({ kind: 'format', name: extra.name, parts: format.parts });
  }
  return { text, parts, extraFields, problems: all };
}

function suggestedText<E>(operands: OperandChecker<E>): string {
  return operands.source.fields
    .filter((field) => field.isSuggested)
    .map(({ name }) => ` ${name.replaceAll('.', '_')}=%${name}`)
    .join('');
}

function extraFieldOf<E>(text: string, operands: OperandChecker<E>): ExtraField<E> | undefined {
  const [, name = text, argument] = /^([^[]+)(?:\[(.*)\])?$/s.exec(text.trim()) ?? [];
  const resolution = operands.resolve(name, argument === undefined ? undefined : toByteText(argument));
  return resolution.kind === 'field' ? { kind: 'field', name: text, field: resolution.field } : undefined;
}

function unknownField<E>(name: string, operands: OperandChecker<E>, offset: number | undefined): Problem {
  return {
    offset,
    diagnose: (place) => outputFieldUnknown.at(place, name, nearestFieldOf(name, operands.source)),
  };
}

function checkFormat<E>(text: string, operands: OperandChecker<E>): CheckedFormat<E> {
  const parsed = parseOutput(text, (name, argument) => operands.resolve(name, argument).kind === 'field');
  if (parsed.kind === 'problem') {
    const { offset, problem } = parsed;
    return { parts: [], problems: [{ offset, diagnose: (place) => outputInvalid.at(place, problem) }] };
  }
  if (parsed.kind === 'unknown-field') {
    return { parts: [], problems: [unknownField(parsed.name, operands, parsed.offset)] };
  }
  const parts: CheckedOutputPart<E>[] = [];
  for (const part of parsed.parts) {
    if (part.kind === 'literal') {
      parts.push(part);
      continue;
    }
    const result = operands.check(part.operand);
    if (result.kind === 'problem') return { parts: [], problems: [problemOf(result.problem, operands)] };
    parts.push({ kind: 'value', operand: result.operand, widthBytes: part.widthBytes });
  }
  return { parts, problems: [] };
}

function problemOf<E>(problem: OperandProblem, operands: OperandChecker<E>): Problem {
  const offset = problem.span.start;
  if (problem.kind === 'unknown-field') return unknownField(problem.name, operands, offset);
  const text = problem.kind === 'bad-call' ? problem.problem : `field \`${problem.name}\`: ${problem.reason}`;
  return { offset, diagnose: (place) => outputInvalid.at(place, text) };
}

function joinLiterals<E>(parts: readonly CheckedOutputPart<E>[]): readonly CheckedOutputPart<E>[] {
  const joined: CheckedOutputPart<E>[] = [];
  for (const part of parts) {
    const last = joined[joined.length - 1];
    if (part.kind === 'literal' && last?.kind === 'literal') {
      joined[joined.length - 1] = { kind: 'literal', text: last.text + part.text };
    } else {
      joined.push(part);
    }
  }
  return joined;
}
