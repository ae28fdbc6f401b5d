/** What a condition consists of by its text alone: macros, operators, fields, lists. */

import { unreachable } from '@peregrine/base';
import type { Condition } from '@peregrine/lang';

type Compare = Extract<Condition, { kind: 'compare' }>;
type Operand = Compare['left'];

export interface ConditionParts {
  /** In source order, repeats included; macros are not looked into. */
  readonly macros: readonly string[];
  readonly operators: readonly string[];
  readonly fields: readonly string[];
}

export function partsOf(condition: Condition): ConditionParts {
  switch (condition.kind) {
    case 'junction': {
      const parts = condition.terms.map(partsOf);
      return {
        macros: parts.flatMap(({ macros }) => macros),
        operators: parts.flatMap(({ operators }) => operators),
        fields: parts.flatMap(({ fields }) => fields),
      };
    }
    case 'not':
      return partsOf(condition.term);
    case 'macro':
      return { macros: [condition.name], operators: [], fields: [] };
    case 'exists':
      return { macros: [], operators: ['exists'], fields: fieldsOf(condition.left) };
    case 'compare': {
      const { left, operator, right } = condition;
      const fields = [...fieldsOf(left), ...(right.kind === 'operand' ? fieldsOf(right.operand) : [])];
      return { macros: [], operators: [operator], fields };
    }
    default:
      return unreachable(condition);
  }
}

/** The condition with every macro replaced by what it stands for; names that are none stay. */
export function putMacrosIn(condition: Condition, macros: ReadonlyMap<string, Condition>): Condition {
  switch (condition.kind) {
    case 'junction':
      return { ...condition, terms: condition.terms.map((term) => putMacrosIn(term, macros)) };
    case 'not':
      return { ...condition, term: putMacrosIn(condition.term, macros) };
    case 'macro': {
      const body = macros.get(condition.name);
      return body === undefined ? condition : putMacrosIn(body, macros);
    }
    default:
      return condition;
  }
}

/** The words of a text that are among `names`, which is how lists are used. */
export function wordsAmong(text: string, names: ReadonlySet<string>): readonly string[] {
  return text.split(/[\s(),=]+/).filter((word) => names.has(word));
}

function fieldsOf(operand: Operand): readonly string[] {
  if (operand.kind === 'field') {
    return [operand.argument === undefined ? operand.name : `${operand.name}[${operand.argument}]`];
  }
  return operand.args.flatMap((argument) =>
    argument.kind === 'field' || argument.kind === 'call' ? fieldsOf(argument) : [],
  );
}
