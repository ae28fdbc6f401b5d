/** A small made-up source for tests: every type of value, missing values, threads that change, many-valued fields. */

import { type PrintFormat, TermCache, type ValueType } from '@peregrine/base';
import type { CheckedCondition, CheckedRule, CheckedTest, Constant } from '../src/3-check/checked.ts';
import type { BoundField, FieldInfo, Quantifier, Scope, Source } from '../src/catalogue.ts';
import type { Value } from '../src/value.ts';

export interface SyntheticThread {
  readonly cache: TermCache;
  /** Change them only together with a reset of the cache. */
  values: Readonly<Record<string, Value | undefined>>;
}

export interface SyntheticEvent {
  readonly code: number;
  readonly thread: SyntheticThread | undefined;
  readonly values: Readonly<Record<string, Value | undefined>>;
}

export function createThread(values: SyntheticThread['values']): SyntheticThread {
  return { cache: new TermCache(), values };
}

/** Codes 0 to 3 have a name each, code 4 one of two, code 5 is of asynchronous events. */
export const eventNames: readonly (readonly string[])[] = [
  ['open'],
  ['openat'],
  ['execve'],
  ['connect'],
  ['generic', 'other'],
  ['async'],
];

export interface SyntheticField {
  readonly name: string;
  readonly type: ValueType;
  readonly scope: Scope;
  readonly quantifier?: Quantifier;
  readonly isList?: boolean;
  readonly printFormat?: PrintFormat;
  readonly cost?: number;
}

export function fieldOf(declaration: SyntheticField): BoundField<SyntheticEvent> {
  const {
    name,
    type,
    scope,
    quantifier = 'value',
    isList = false,
    printFormat = 'dec',
    cost = 5,
  } = declaration;
  const info: FieldInfo = {
    name,
    class: name.split('.')[0] ?? '',
    doc: 'A made-up field.',
    type,
    printFormat,
    isList,
    argument: { requirement: 'none', forms: [] },
    isDeprecated: false,
    isFilterOnly: false,
    isPrintOnly: false,
    isHidden: false,
    allowsRightHandSide: true,
    allowsTransformers: true,
    isSuggested: false,
    examples: [],
  };
  const read = (event: SyntheticEvent): Value | undefined =>
    scope === 'thread' ? event.thread?.values[name] : event.values[name];
  return { info, text: name, type, isList, printFormat, scope, quantifier, cost, read };
}

/** The event's name: the first of its code, or what the event says. */
export const typeField: BoundField<SyntheticEvent> = {
  ...fieldOf({ name: 'evt.type', type: 'CHARBUF', scope: 'event', cost: 5 }),
  read: (event) => event.values['evt.type'] ?? eventNames[event.code]?.[0],
};

export const syntheticSource: Source<SyntheticEvent> = {
  name: 'synthetic',
  fields: [],
  resolve: () => ({ kind: 'unknown-field' }),
  eventCodeCount: eventNames.length,
  eventCodesOf: (name) => {
    const codes = eventNames.flatMap((names, code) => (names.includes(name) ? [code] : []));
    return codes.length === 0 ? undefined : codes;
  },
  syscallsOf: () => [],
  eventNames: eventNames.flat(),
  alwaysCodes: [5],
  termCacheOf: (event) => event.thread?.cache,
  codeOf: (event) => event.code,
};

export function scalarConstant(value: string | number | bigint | boolean): Constant {
  return { kind: 'scalar', value, text: String(value) };
}

export function testOf(
  field: BoundField<SyntheticEvent>,
  operator: string,
  constants: readonly Constant[] | undefined,
  modifier?: CheckedTest<SyntheticEvent>['modifier'],
): CheckedTest<SyntheticEvent> {
  const listed = constants?.map(({ text }) => JSON.stringify(text)).join(', ');
  return {
    kind: 'test',
    left: { kind: 'field', field },
    operator,
    modifier,
    right: constants === undefined ? { kind: 'none' } : { kind: 'constants', values: constants },
    text: [field.text, operator, modifier, listed === undefined ? undefined : `(${listed})`]
      .filter((part) => part !== undefined)
      .join(' '),
  };
}

export function ruleOf(
  index: number,
  condition: CheckedCondition<SyntheticEvent>,
  codes: Iterable<number> = eventNames.keys(),
): CheckedRule<SyntheticEvent> {
  return {
    name: `rule ${index}`,
    index,
    source: syntheticSource.name,
    priority: 4,
    tags: [],
    isEnabled: true,
    description: '',
    conditionText: '',
    condition,
    output: [],
    outputText: '',
    extraFields: [],
    eventCodes: new Set(codes),
    syscalls: new Set(),
    capture: false,
    captureDurationMs: 0,
    kernelResponse: undefined,
  };
}
