/** An exception as people put it, made into what rules files and the store are told. */

import { ApiError } from '@peregrine/api';
import type { Exception } from '@peregrine/api/contract';
import { constantText, exceptionCondition } from '@peregrine/lang';
import type { RuleException } from '../rules/managed-file.ts';

const noLists: ReadonlySet<string> = new Set();

/** Throws an `ApiError` for one whose parts do not fit together. */
export function checkException({ fields, comps, values }: Exception): void {
  if (comps.length !== fields.length)
    throw new ApiError(
      400,
      'bad-exception',
      `\`comps\` has ${comps.length} operators for ${fields.length} fields`,
    );
  if (new Set(fields).size < fields.length)
    throw new ApiError(400, 'bad-exception', '`fields` has the same field twice');
  for (const row of values)
    if (row.length !== fields.length)
      throw new ApiError(
        400,
        'bad-exception',
        `a row of \`values\` has ${row.length} values for ${fields.length} fields`,
      );
}

/** `lists`: names of lists, which are not to be put into values. */
export function ruleException(exception: Exception, lists: ReadonlySet<string>): RuleException {
  const { name, fields, comps, values } = exception;
  return { name, fields, comps, rows: values.map((row) => row.map((value) => constantText(value, lists))) };
}

/** What the rule's text has behind `and not`, before lists are put in. */
export function conditionOf({ fields, comps, rows }: RuleException): string {
  return exceptionCondition({ fields, operators: comps, rows });
}

/** The same for alerts of the store, which know no lists. */
export function alertCondition(exception: Exception): string {
  return conditionOf(ruleException(exception, noLists));
}
