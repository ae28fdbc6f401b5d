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
  const values: AlertValue[] = [];
  const valueByName = new Map<string, (event: E) => AlertValue>();
  for (const [i, fieldName] of output.fieldNames.entries())
    valueByName.set(fieldName, () => values[i] ?? null);
  valueByName.set(time.text, (event) => renderJson(time, event, options));
  for (const extra of rule.extraFields) valueByName.set(extra.name, extraValue(extra, options));
  const ordered = [...valueByName].sort(([a], [b]) => (a < b ? -1 : 1));
  return (event, timeNs, hostname) => {
    const message = output.render(event, values);
    const fields: Record<string, AlertValue> = {};
    for (const [fieldName, value] of ordered) fields[fieldName] = value(event);
    return {
      rule: name,
      priority,
      source,
      tags,
      hostname,
      timeNs,
      message,
      output: `${renderText(time, event, options)}: ${priority} ${message}`,
      fields,
    };
  };
}

function extraValue<E>(extra: ExtraField<E>, options: AlertBuilderOptions): (event: E) => AlertValue {
  if (extra.kind === 'field') return (event) => renderJson(extra.field, event, options);
  const format = compileOutput(extra.parts, options);
  return (event) => format.render(event, []);
}
