/** Which rows of a segment a filter finds. HOT: loops over rows read typed arrays only. */

import type { HubValue } from '@peregrine/alert';
import { textOfValue } from '@peregrine/alert';
import type { TriageState } from '../alert-store.ts';
import { type Column, valueAt } from './column.ts';
import type { ClausePlan, ConditionPlan, FilterPlan, Input, TestPlan } from './filter-plan.ts';
import { foldText } from './fold-text.ts';
import { RowSet } from './row-set.ts';
import { isSearched, type Segment } from './segment.ts';

/** What people think of alerts: of incidents, and of single alerts that differ from theirs. */
export interface TriageLookup {
  stateOf(incidentId: string): TriageState;
  assigneeOf(incidentId: string): string | undefined;
  /** Rows of the segment with a triage of their own. */
  overrides(
    segment: Segment,
  ): ReadonlyMap<number, { readonly state: TriageState; readonly assignee: string | undefined }>;
}

/** Keeps which rows of segments have what was looked for: those that are full never change. */
export interface FoundRows {
  rows(segment: Segment, key: string, find: () => RowSet): RowSet;
  /** `undefined`: it was not found lately. */
  known(segment: Segment, key: string): RowSet | undefined;
}

export interface MatchPort {
  readonly triage: TriageLookup;
  readonly found: FoundRows | undefined;
}

export function rowsMatching(segment: Segment, plan: FilterPlan, port: MatchPort): RowSet {
  let found = rowsInTime(segment, plan);
  for (const clause of plan.clauses) {
    if (found.isEmpty) return found;
    const holding = rowsOfClause(segment, clause, port);
    found = clause.isNegated ? found.without(holding) : found.and(holding);
  }
  if (plan.condition !== undefined && !found.isEmpty)
    found = rowsOfCondition(segment, plan.condition, found, port);
  const { text } = plan;
  if (text === undefined || found.isEmpty) return found;
  return found.and(kept(segment, port, `text ${text.whole}`, () => rowsWithWhole(segment, text)));
}

function rowsWithWhole(
  segment: Segment,
  { whole, parts }: { readonly whole: string; readonly parts: readonly string[] },
): RowSet {
  let found = RowSet.all(segment.rowCount);
  for (const part of parts) {
    found = found.and(segment.rowsWithPart(part));
    if (found.isEmpty) return found;
  }
  // More than a word: the words are there, but it is the whole that must be.
  if (parts.length === 1 && whole === parts[0]) return found;
  return found.and(rowsWithText(segment, whole, segment.rowCount, segment.columnNames()));
}

function kept(segment: Segment, { found }: MatchPort, key: string, find: () => RowSet): RowSet {
  return found === undefined ? find() : found.rows(segment, key, find);
}

function rowsInTime(segment: Segment, { fromNs, toNs }: FilterPlan): RowSet {
  const { rowCount, baseNs } = segment;
  const isFromFree = fromNs === undefined || fromNs <= segment.minNs;
  const isToFree = toNs === undefined || toNs > segment.maxNs;
  if (isFromFree && isToFree) return RowSet.all(rowCount);
  const from = isFromFree ? Number.NEGATIVE_INFINITY : Number(fromNs - baseNs);
  const to = isToFree ? Number.POSITIVE_INFINITY : Number(toNs - baseNs);
  // Read only now: for most segments of a long period, times do not matter.
  const { offsets } = segment;
  const found = new RowSet(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const offset = offsets[row] ?? 0;
    if (offset >= from && offset < to) found.add(row);
  }
  return found;
}

/** Numbers of a column's values that a predicate holds for, as a table; the first is for "no value". */
function rowsWithCodes(column: Column | undefined, wanted: Uint8Array, rowCount: number): RowSet {
  if (column === undefined) return wanted[0] === 1 ? RowSet.all(rowCount) : new RowSet(rowCount);
  const found = new RowSet(rowCount);
  if (!wanted.includes(1)) return found;
  const { codes } = column;
  for (let row = 0; row < rowCount; row++) if (wanted[codes[row] ?? 0] === 1) found.add(row);
  return found;
}

function tableOf(column: Column | undefined, holds: (value: HubValue | undefined) => boolean): Uint8Array {
  const count = column?.valueCount ?? 0;
  const table = new Uint8Array(count + 1);
  table[0] = holds(undefined) ? 1 : 0;
  for (let code = 1; column !== undefined && code <= count; code++)
    table[code] = holds(valueAt(column, code)) ? 1 : 0;
  return table;
}

function rowsOfClause(segment: Segment, { input, values, key }: ClausePlan, port: MatchPort): RowSet {
  const holds = (value: HubValue | undefined): boolean => textsOf(value).some((text) => values.has(text));
  const find = (): RowSet => rowsOfInput(segment, input, holds, port.triage);
  return input.kind === 'triage' ? find() : kept(segment, port, key, find);
}

/** Texts that a value is compared as; none is the empty one. */
export function textsOf(value: HubValue | undefined): readonly string[] {
  if (value === undefined || value === null) return [''];
  if (!Array.isArray(value)) return [textOfValue(value)];
  const items: readonly HubValue[] = value;
  return items.length === 0 ? [''] : items.map(textOfValue);
}

function rowsOfInput(
  segment: Segment,
  input: Input,
  holds: (value: HubValue | undefined) => boolean,
  triage: TriageLookup,
): RowSet {
  if (input.kind === 'column') {
    const column = segment.column(input.name);
    return rowsWithCodes(column, tableOf(column, holds), segment.rowCount);
  }
  const incidents = segment.column('incident');
  const table = tableOf(incidents, (id) => {
    const incident = typeof id === 'string' ? id : '';
    return holds(input.name === 'state' ? triage.stateOf(incident) : triage.assigneeOf(incident));
  });
  const found = rowsWithCodes(incidents, table, segment.rowCount);
  for (const [row, own] of triage.overrides(segment)) {
    const isHeld = holds(input.name === 'state' ? own.state : own.assignee);
    if (isHeld) found.add(row);
    else found.remove(row);
  }
  return found;
}

/** Of `within` only. */
function rowsOfCondition(segment: Segment, plan: ConditionPlan, within: RowSet, port: MatchPort): RowSet {
  switch (plan.kind) {
    case 'junction': {
      if (plan.operator === 'and') {
        let left = within;
        for (const term of plan.terms) {
          if (left.isEmpty) break;
          left = rowsOfCondition(segment, term, left, port);
        }
        return left;
      }
      let found = new RowSet(segment.rowCount);
      for (const term of plan.terms)
        found = found.or(rowsOfCondition(segment, term, within.without(found), port));
      return found;
    }
    case 'not':
      return within.without(rowsOfCondition(segment, plan.term, within, port));
    case 'test':
      return rowsOfTest(segment, plan, within, port);
  }
}

function rowsOfTest(segment: Segment, plan: TestPlan, within: RowSet, port: MatchPort): RowSet {
  const { inputs, key } = plan;
  const [only, ...others] = inputs;
  if (only === undefined) return plan.holds([]) ? within : new RowSet(segment.rowCount);
  // Before any column is read.
  const known = port.found?.known(segment, key);
  if (known !== undefined) return within.and(known);
  const candidates = others.length === 0 ? candidatesOf(segment, only, plan) : undefined;
  if (candidates !== undefined) {
    const find = (): RowSet => rowsOfCandidates(segment, only, candidates(), plan);
    return within.and(kept(segment, port, key, find));
  }
  const isLasting = inputs.every(({ kind }) => kind === 'column');
  if (others.length === 0 && !isMostlyUnique(segment, only)) {
    const find = (): RowSet => rowsOfInput(segment, only, (value) => plan.holds([value]), port.triage);
    return within.and(isLasting ? kept(segment, port, key, find) : find());
  }
  // Row by row: several fields at once, or a value for nearly every row.
  const find = (): RowSet => {
    const readers = inputs.map((input) => readerOf(segment, input, port.triage));
    const found = new RowSet(segment.rowCount);
    within.forEach((row) => {
      if (plan.holds(readers.map((read) => read(row)))) found.add(row);
    });
    return found;
  };
  return isLasting && within.isAll ? kept(segment, port, key, find) : find();
}

/** Gives the values that a test for a part of a text may hold for, where that can be told from their bytes. */
function candidatesOf(
  segment: Segment,
  input: Input,
  { part }: TestPlan,
): (() => readonly number[] | undefined) | undefined {
  const column = input.kind === 'column' ? segment.column(input.name) : undefined;
  if (part === undefined || column?.candidates === undefined) return undefined;
  return () => column.candidates?.(part);
}

function rowsOfCandidates(
  segment: Segment,
  input: Input,
  candidates: readonly number[] | undefined,
  plan: TestPlan,
): RowSet {
  const column = segment.column(input.name);
  if (column === undefined || candidates === undefined)
    return rowsWithCodes(
      column,
      tableOf(column, (value) => plan.holds([value])),
      segment.rowCount,
    );
  const table = new Uint8Array(column.valueCount + 1);
  table[0] = plan.holds([undefined]) ? 1 : 0;
  for (const code of candidates) table[code] = plan.holds([valueAt(column, code)]) ? 1 : 0;
  return rowsWithCodes(column, table, segment.rowCount);
}

function isMostlyUnique(segment: Segment, input: Input): boolean {
  const column = input.kind === 'column' ? segment.column(input.name) : undefined;
  return column !== undefined && column.valueCount * 2 > segment.rowCount;
}

function readerOf(
  segment: Segment,
  input: Input,
  triage: TriageLookup,
): (row: number) => HubValue | undefined {
  if (input.kind === 'column') {
    const column = segment.column(input.name);
    return (row) => (column === undefined ? undefined : valueAt(column, column.codes[row] ?? 0));
  }
  const incidents = segment.column('incident');
  const overrides = triage.overrides(segment);
  return (row) => {
    const own = overrides.get(row);
    const incident =
      incidents === undefined ? '' : String(valueAt(incidents, incidents.codes[row] ?? 0) ?? '');
    if (input.name === 'state') return own?.state ?? triage.stateOf(incident);
    return own === undefined ? triage.assigneeOf(incident) : own.assignee;
  };
}

/** Rows with the text in one of their texts. */
function rowsWithText(segment: Segment, whole: string, rowCount: number, names: readonly string[]): RowSet {
  let found = new RowSet(rowCount);
  const holds = (value: HubValue | undefined): boolean =>
    value !== undefined && value !== null && foldText(textOfValue(value)).includes(whole);
  for (const name of names) {
    if (name === 'mark' || name === 'incident' || (name.startsWith('.') && !isSearched(name.slice(1))))
      continue;
    const column = segment.column(name);
    if (name !== 'tags' && column?.codesWithText !== undefined) {
      const codes = column.codesWithText(whole);
      if (codes.length === 0) continue;
      const table = new Uint8Array(column.valueCount + 1);
      for (const code of codes) table[code] = 1;
      found = found.or(rowsWithCodes(column, table, rowCount));
      continue;
    }
    // Of tags, each is a text of its own.
    const ofColumn = name === 'tags' ? (value: HubValue | undefined) => textsOf(value).some(holds) : holds;
    if (column !== undefined) found = found.or(rowsWithCodes(column, tableOf(column, ofColumn), rowCount));
  }
  return found;
}
