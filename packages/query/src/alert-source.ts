/**
 * Alerts as a source of the rule language: what conditions of routes, silences and noise may speak of.
 *
 * Names have a dot in the rule language; in what users write, `rule` is `alert.rule`. Besides what every alert has, any field of `output_fields` can be named, with that prefix or, where its name has a dot,
 * without. Its type is that of its name: what is known to be a number is compared as one, all else as text.
 */

import {
  type HubAlert,
  type HubValue,
  isNumeric,
  type Priority,
  priorities,
  priorityNamed,
  textOfValue,
} from '@peregrine/alert';
import { toByteText, type ValueType } from '@peregrine/base';
import type { BoundField, FieldInfo, Quantifier, Resolution, Source, Value } from '@peregrine/lang';

type Field = BoundField<HubAlert>;

/** An alert with what people think of it, as the store keeps it. */
export interface TriagedAlert extends HubAlert {
  readonly state: string;
  readonly assignee: string | undefined;
  readonly incident: string;
}

const PREFIX = 'output_fields.';
/** Before names that are compared with a number by its size, whatever they are called. */
export const NUMBER_PREFIX = 'as_number.';
/** Fields of events that are numbers, whatever class they are of. */
const NUMBERS =
  /(?:^|\.)(?:v?pid|v?tid|ppid|sid|pgid|sname_pid|uid|gid|loginuid|num|[lrcs]port|port|tty|nthreads|duration|rawres|latency|cpu|buflen|count|size|vmsize|vmrss)$/;

function fieldOf(declaration: {
  readonly name: string;
  readonly doc: string;
  readonly type: ValueType;
  readonly isList?: boolean;
  readonly quantifier?: Quantifier;
  readonly read: (alert: HubAlert) => Value | undefined;
  readonly compare?: Field['compare'];
}): Field {
  const { name, doc, type, isList = false, quantifier = 'value', read, compare } = declaration;
  const info: FieldInfo = {
    name,
    class: 'alert',
    doc,
    type,
    printFormat: 'dec',
    isList,
    argument: { requirement: 'none', forms: [] },
    isDeprecated: false,
    isFilterOnly: false,
    isPrintOnly: false,
    isHidden: false,
    allowsRightHandSide: compare === undefined,
    allowsTransformers: compare === undefined,
    isSuggested: false,
    examples: [],
  };
  const bound: Field = {
    info,
    text: name,
    type,
    isList,
    printFormat: 'dec',
    scope: 'event',
    quantifier,
    cost: 20,
    read,
  };
  return compare === undefined ? bound : { ...bound, compare };
}

function textField(name: 'rule' | 'source' | 'hostname' | 'output', doc: string): Field {
  return fieldOf({ name: `alert.${name}`, doc, type: 'CHARBUF', read: (alert) => toByteText(alert[name]) });
}

const fixed: readonly Field[] = [
  textField('rule', 'Name of the rule.'),
  textField('source', 'Source of the event: `syscall`, `k8s_audit`...'),
  textField('hostname', 'Machine that the alert came from; may be empty.'),
  textField('output', 'Text of the alert.'),
  fieldOf({
    name: 'alert.priority',
    doc: 'How urgent it is; `>=` means at least as urgent.',
    type: 'CHARBUF',
    read: (alert) => alert.priority,
    compare: comparePriority,
  }),
  fieldOf({
    name: 'alert.tags',
    doc: 'Its tags: a comparison holds if it holds for one of them.',
    type: 'CHARBUF',
    quantifier: 'any',
    read: (alert) => (alert.tags.length === 0 ? undefined : alert.tags.map(toByteText)),
  }),
];

/** Of alerts in the store only: conditions with them read nothing from other alerts. */
const triage: readonly Field[] = [
  triageField('state', 'What people think of it: `new`, `investigating`, `expected` or `closed`.'),
  triageField('assignee', 'Who looks after it.'),
  triageField('incident', 'Id of its incident.'),
];

function triageField(name: 'state' | 'assignee' | 'incident', doc: string): Field {
  const read = (alert: Partial<TriagedAlert>): Value | undefined => {
    const value = alert[name];
    return value === undefined ? undefined : toByteText(value);
  };
  return fieldOf({ name: `alert.${name}`, doc, type: 'CHARBUF', read });
}

/** Alerts as they come in. */
export const alertSource: Source<HubAlert> = sourceOf(fixed);
/** Alerts in the store, with their triage. */
export const triagedAlertSource: Source<HubAlert> = sourceOf([...fixed, ...triage]);

function sourceOf(fields: readonly Field[]): Source<HubAlert> {
  const byName = new Map(fields.map((field) => [field.text, field]));
  return {
    name: 'alerts',
    fields: fields.map(({ info }) => info),
    resolve: (name, argument) => resolve(byName, name, argument),
    eventCodeCount: 1,
    eventCodesOf: () => [0],
    syscallsOf: () => [],
    eventNames: [],
    alwaysCodes: [],
    termCacheOf: () => undefined,
    codeOf: () => 0,
  };
}

function resolve(
  byName: ReadonlyMap<string, Field>,
  name: string,
  argument: string | undefined,
): Resolution<HubAlert> {
  const known = byName.get(name);
  if (known !== undefined && argument === undefined) return { kind: 'field', field: known };
  if (name.startsWith(NUMBER_PREFIX)) return { kind: 'field', field: numberField(name, argument) };
  const isPrefixed = name.startsWith(PREFIX);
  if (!isPrefixed && !name.includes('.')) return { kind: 'unknown-field' };
  const base = isPrefixed ? name.slice(PREFIX.length) : name;
  if (base === '') return { kind: 'unknown-field' };
  const key = argument === undefined ? base : `${base}[${argument}]`;
  const text = argument === undefined ? name : `${name}[${argument}]`;
  const isNumber = NUMBERS.test(base);
  const field = fieldOf({
    name: text,
    doc: 'A field of the alert.',
    type: isNumber ? 'INT64' : 'CHARBUF',
    quantifier: 'any',
    read: isNumber ? (alert) => numberIn(alert.fields[key]) : (alert) => textIn(alert.fields[key]),
  });
  return { kind: 'field', field };
}

/** Whether it is compared as a whole number by its name alone. */
export function isNumberName(name: string): boolean {
  return NUMBERS.test(name.replace(/\[.*$/s, ''));
}

function numberField(name: string, argument: string | undefined): Field {
  const written = name.slice(NUMBER_PREFIX.length);
  const base = written.startsWith(PREFIX) ? written.slice(PREFIX.length) : written;
  const key = argument === undefined ? base : `${base}[${argument}]`;
  return fieldOf({
    name: argument === undefined ? written : `${written}[${argument}]`,
    doc: 'A field of the alert, as a number.',
    type: 'DOUBLE',
    quantifier: 'any',
    read: (alert) => decimalsIn(alert.fields[key]),
  });
}

/** Numbers of any kind, also those that came as text; a list gives all of its numbers. */
function decimalsIn(value: HubValue | undefined): readonly number[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) {
    const numbers = value.flatMap((item: HubValue) => decimalsIn(item) ?? []);
    return numbers.length === 0 ? undefined : numbers;
  }
  const isText = typeof value === 'string' && /^-?\d{1,15}(?:\.\d+)?$/.test(value);
  return isText || isNumeric(value) ? [Number(textOfValue(value))] : undefined;
}

/** What conditions compare a field's value as, where its name is one of a number; `undefined`: it is compared as text. */
export function numbersIn(name: string, value: HubValue): readonly (number | bigint)[] | undefined {
  return isNumberName(name) ? numberIn(value) : undefined;
}

/** Whole numbers, also those that came as text; a list gives all of its numbers. */
function numberIn(value: HubValue | undefined): readonly (number | bigint)[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return Number.isInteger(value) ? [value] : undefined;
  if (typeof value === 'bigint') return [value];
  if (typeof value === 'string' && /^-?\d{1,15}$/.test(value)) return [Number(value)];
  if (!Array.isArray(value)) return undefined;
  const numbers = value.filter(
    (item): item is number | bigint => isNumeric(item) && typeof item !== 'object',
  );
  return numbers.length === 0 ? undefined : numbers;
}

/** A list gives the text of each of its items. */
function textIn(value: HubValue | undefined): Value | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) return [toByteText(textOfValue(value))];
  const items: readonly HubValue[] = value;
  return items.length === 0 ? undefined : items.map((item) => toByteText(textOfValue(item)));
}

const orders: Readonly<Record<string, (rank: number, wanted: number) => boolean>> = {
  '=': (rank, wanted) => rank === wanted,
  '==': (rank, wanted) => rank === wanted,
  '!=': (rank, wanted) => rank !== wanted,
  '>': (rank, wanted) => rank > wanted,
  '>=': (rank, wanted) => rank >= wanted,
  '<': (rank, wanted) => rank < wanted,
  '<=': (rank, wanted) => rank <= wanted,
};

function comparePriority(
  operator: string,
  constants: readonly string[],
): ((alert: HubAlert) => boolean) | string {
  const urgencies = constants.map(urgencyNamed);
  const unknown = constants.find((_, i) => urgencies[i] === undefined);
  if (unknown !== undefined) return `\`${unknown}\` is no priority`;
  const wanted = urgencies.filter((urgency) => urgency !== undefined);
  if (operator === 'in') return (alert) => wanted.includes(urgencyOf(alert.priority));
  const [only] = wanted;
  const holds = orders[operator];
  if (holds === undefined || only === undefined) return `\`${operator}\` cannot be asked of a priority`;
  return (alert) => holds(urgencyOf(alert.priority), only);
}

/** A word, or the number that an order is written with. */
function urgencyNamed(text: string): number | undefined {
  const priority = priorityNamed(text);
  if (priority !== undefined) return urgencyOf(priority);
  return /^[1-8]$/.test(text) ? Number(text) : undefined;
}

/** From 1, debug, to 8, emergency. */
export function urgencyOf(priority: Priority): number {
  return priorities.length - priorities.indexOf(priority);
}
