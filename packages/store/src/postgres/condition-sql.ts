/**
 * A condition of the rule language as SQL, as far as SQL can say it: tests of one field with constants. What it cannot say is
 * left out where that finds more alerts, never fewer.
 */

import type { HubAlert } from '@peregrine/alert';
import { priorities } from '@peregrine/alert';
import { fromByteText, toByteText } from '@peregrine/base';
import { type CheckedCondition, type CheckedTest, operatorOf } from '@peregrine/lang';
import { urgencyOf } from '@peregrine/query';
import { inputOf } from '../segments/filter-plan.ts';
import { dimensionSql, type Needs } from './dimension-sql.ts';
import type { Parameters } from './sql-text.ts';
import { isPlainText, numbersOf, toSearched } from './stored-alert-row.ts';

/** `sql` undefined: it says nothing. */
export interface Said {
  readonly sql: string | undefined;
  readonly isExact: boolean;
}

const NOTHING: Said = { sql: undefined, isExact: false };

export function conditionSql(
  condition: CheckedCondition<HubAlert>,
  parameters: Parameters,
  needs: Needs,
): Said {
  const before = parameters.values.length;
  const said = sayCondition(condition, parameters, needs);
  if (said.sql === undefined) parameters.shrinkTo(before);
  return said;
}

function sayCondition(condition: CheckedCondition<HubAlert>, parameters: Parameters, needs: Needs): Said {
  switch (condition.kind) {
    case 'junction': {
      const terms = condition.terms.map((term) => conditionSql(term, parameters, needs));
      const said = terms.flatMap(({ sql }) => (sql === undefined ? [] : [sql]));
      const isExact = terms.every((term) => term.isExact);
      if (said.length === 0 || (condition.operator === 'or' && said.length < terms.length)) return NOTHING;
      return { sql: `(${said.join(condition.operator === 'and' ? ' AND ' : ' OR ')})`, isExact };
    }
    case 'not': {
      const term = conditionSql(condition.term, parameters, needs);
      return term.isExact && term.sql !== undefined ? exactly(`NOT ${term.sql}`) : NOTHING;
    }
    case 'test':
      return testSql(condition, parameters, needs);
  }
}

const exactly = (sql: string): Said => ({ sql: `(${sql})`, isExact: true });

/** Columns of what every alert has, by their names in the rule language. */
export function ownColumn(field: string): string | undefined {
  return /^alert\.(rule|source|hostname|output|priority|tags|state|assignee|incident)$/.exec(field)?.[1];
}

/** The name of an output field as alerts have it. */
export const fieldKey = (field: string): string => field.replace(/^output_fields\./, '');

function testSql(test: CheckedTest<HubAlert>, parameters: Parameters, needs: Needs): Said {
  const { left, operator, modifier, right } = test;
  if (left.kind !== 'field' || modifier !== undefined || right.kind === 'operand') return NOTHING;
  const { field } = left;
  const own = ownColumn(field.text);
  if (field.compare !== undefined) return prioritySql(test);
  const constants = right.kind === 'constants' ? right.values : [];
  const scalars = constants.flatMap((constant) => (constant.kind === 'scalar' ? [constant.value] : []));
  if (scalars.length !== constants.length) return NOTHING;
  if (field.type === 'INT64' && own === undefined) {
    const numbers = scalars.filter((value) => typeof value === 'number' || typeof value === 'bigint');
    if (numbers.length !== scalars.length) return NOTHING;
    const list = `(a.fields -> ${parameters.add(numbersOf(toSearched(fieldKey(field.text))))}::text)`;
    const holds = numberSql(operator, numbers);
    if (operator === 'exists') return exactly(`coalesce(jsonb_array_length(${list}), 0) > 0`);
    return holds === undefined
      ? NOTHING
      : exactly(`jsonb_path_exists(coalesce(${list}, '[]'), '$[*] ? (${holds})')`);
  }
  const input =
    own === undefined ? ({ kind: 'column', name: `.${fieldKey(field.text)}` } as const) : inputOf(own);
  const texts: string[] = [];
  for (const value of scalars) {
    if (typeof value !== 'string') return NOTHING;
    const text = fromByteText(value);
    // Bytes that are no text are in no alert; but part of a character may be.
    if (toByteText(text) !== value || !isPlainText(text)) return NOTHING;
    texts.push(toSearched(text));
  }
  const dimension = dimensionSql(input, parameters, needs);
  const { sql, kind } = dimension;
  if (operator === 'exists') {
    if (kind === 'text') return exactly('true');
    return exactly(
      kind === 'optional' ? `${sql} IS NOT NULL` : `coalesce(jsonb_array_length(${sql}), 0) > 0`,
    );
  }
  const [first] = texts;
  if (first === undefined) return operatorOf(operator) === undefined ? NOTHING : exactly('false');
  const isSame = operator === '=' || operator === 'in' || operator === 'intersects';
  if (isSame) {
    const wanted = parameters.add(operator === '=' ? [first] : texts);
    return exactly(
      kind === 'list'
        ? `coalesce(${sql} ?| ${wanted}::text[], false)`
        : `coalesce(${sql} = ANY(${wanted}::text[]), false)`,
    );
  }
  const holds = textSql(operator, first, parameters);
  if (holds === undefined) return NOTHING;
  if (kind !== 'list') return exactly(`coalesce(${holds(sql)}, false)`);
  return exactly(
    `EXISTS (SELECT 1 FROM jsonb_array_elements_text(${sql}) AS e(v) WHERE ${holds('e.v COLLATE "C"')})`,
  );
}

function textSql(
  operator: string,
  text: string,
  parameters: Parameters,
): ((value: string) => string) | undefined {
  const add = (wanted: string): string => `${parameters.add(wanted)}::text`;
  switch (operator) {
    case '!=': {
      const wanted = add(text);
      return (value) => `${value} <> ${wanted}`;
    }
    case 'contains': {
      const wanted = add(text);
      return (value) => `strpos(${value}, ${wanted}) > 0`;
    }
    case 'icontains': {
      // With this collation only ASCII letters have another case.
      const wanted = add(text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()));
      return (value) => `strpos(lower(${value}), ${wanted}) > 0`;
    }
    case 'startswith': {
      const wanted = add(text);
      return (value) => `starts_with(${value}, ${wanted})`;
    }
    case 'endswith': {
      const wanted = add(text);
      return (value) => `right(${value}, length(${wanted})) = ${wanted}`;
    }
    default:
      return undefined;
  }
}

/** For a JSON path. Numbers have no text in which something could hide. */
function numberSql(operator: string, numbers: readonly (number | bigint)[]): string | undefined {
  const [first] = numbers;
  switch (operator) {
    case '=':
      return first === undefined ? 'false' : `@ == ${first}`;
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return first === undefined ? undefined : `@ ${operator} ${first}`;
    case 'in':
    case 'intersects':
      return numbers.length === 0 ? undefined : numbers.map((number) => `@ == ${number}`).join(' || ');
    default:
      return undefined;
  }
}

/** The field itself says which priorities it means. */
function prioritySql({ left, operator, right }: CheckedTest<HubAlert>): Said {
  if (left.kind !== 'field' || right.kind !== 'constants') return NOTHING;
  const holds = left.field.compare?.(
    operator,
    right.values.map(({ text }) => text),
  );
  if (typeof holds !== 'function') return NOTHING;
  const found = priorities.filter((priority) => holds({ priority } as HubAlert)); // It reads nothing else.
  return exactly(found.length === 0 ? 'false' : `a.urgency IN (${found.map(urgencyOf).join(', ')})`);
}
