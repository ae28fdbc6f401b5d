/** Makes the alert of one rule from an event: formats the output, takes the fields. Runs once per alert. */

import { type Alert, type AlertValue, priorities } from '@peregrine/alert';
import {
  type BoundField,
  type CheckedRule,
  compileOutput,
  type ExtraField,
  renderJson,
  renderText,
  type Source,
} from '@peregrine/lang';

export type AlertBuilder<E> = (event: E, timeNs: bigint, hostname: string) => Alert;

export interface AlertBuilderOptions {
  readonly isBufferBase64: boolean;
}

/** The field that alerts' times are shown with. */
export function timeFieldOf<E>(source: Source<E>, isIso8601: boolean): BoundField<E> {
  const name = isIso8601 ? 'evt.time.iso8601' : 'evt.time';
  const resolution = source.resolve(name, undefined);
  if (resolution.kind !== 'field') throw new Error(`source ${source.name} has no field ${name}`);
  return resolution.field;
}

/**
 * `time` goes before the message and among the fields. The order of the fields is settled here: per alert there is
 * one reading of each field and no sorting.
 */
export function createAlertBuilder<E>(
  rule: CheckedRule<E>,
  time: BoundField<E>,
  options: AlertBuilderOptions,
): AlertBuilder<E> {
  const { name, source, tags } = rule;
  const priority = priorities[rule.priority] ?? 'Debug';
  const output = compileOutput(rule.output, options);
  const indexByName = new Map(output.fieldNames.map((fieldName, i) => [fieldName, i]));
  const extras = new Map([
    [time.text, (event: E) => renderJson(time, event, options)],
    ...rule.extraFields.map((extra) => [extra.name, extraValue(extra, options)] as const),
  ]);
  const more = [...extras].map(([fieldName, value]) => {
    const index = indexByName.get(fieldName) ?? indexByName.size;
    indexByName.set(fieldName, index);
    return { index, value };
  });
  const values = new Array<AlertValue>(indexByName.size).fill(null);
  const fieldsOf = recordMaker(indexByName);
  return (event, timeNs, hostname) => {
    const message = output.render(event, values);
    for (const { index, value } of more) values[index] = value(event);
    return {
      rule: name,
      priority,
      source,
      tags,
      hostname,
      timeNs,
      message,
      output: `${renderText(time, event, options)}: ${priority} ${message}`,
      fields: fieldsOf(values),
    };
  };
}

/**
 * Makes a record from values by position, keys in order; as generated code, since it is a third of an alert's cost.
 * Only the one key that means something else in a literal is computed: computed keys cost ten times as much.
 */
function recordMaker(
  indexByName: ReadonlyMap<string, number>,
): (values: readonly AlertValue[]) => Record<string, AlertValue> {
  const members = [...indexByName]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([fieldName, index]) => {
      const key = JSON.stringify(fieldName);
      return `${fieldName === '__proto__' ? `[${key}]` : key}: values[${index}]`;
    });
  return new Function('values', `return {${members.join(', ')}};`) as ReturnType<typeof recordMaker>; // What the text says.
}

function extraValue<E>(extra: ExtraField<E>, options: AlertBuilderOptions): (event: E) => AlertValue {
  if (extra.kind === 'field') return (event) => renderJson(extra.field, event, options);
  const format = compileOutput(extra.parts, options);
  return (event) => format.render(event, []);
}
