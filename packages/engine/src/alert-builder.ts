/** Makes the alert of one rule from an event: formats the output, takes the fields. Runs once per alert. */

import { type Alert, type AlertValue, priorities } from '@peregrine/alert';
import {
  type BoundField,
  type CheckedRule,
  compileOutput,
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

/** `time` goes before the message and among the fields. */
export function createAlertBuilder<E>(
  rule: CheckedRule<E>,
  time: BoundField<E>,
  options: AlertBuilderOptions,
): AlertBuilder<E> {
  const priority = priorities[rule.priority] ?? 'Debug';
  const output = compileOutput(rule.output, options);
  const extras = rule.extraFields.map((extra) => {
    if (extra.kind === 'field') {
      return { name: extra.name, value: (event: E): AlertValue => renderJson(extra.field, event, options) };
    }
    const format = compileOutput(extra.parts, options);
    return { name: extra.name, value: (event: E): AlertValue => format.text(event) };
  });
  return (event, timeNs, hostname) => {
    const message = output.text(event);
    const fields = { ...output.fields(event), [time.text]: renderJson(time, event, options) };
    for (const extra of extras) fields[extra.name] = extra.value(event);
    return {
      rule: rule.name,
      priority,
      source: rule.source,
      tags: rule.tags,
      hostname,
      timeNs,
      message,
      output: `${renderText(time, event, options)}: ${priority} ${message}`,
      fields: sortedByKey(fields),
    };
  };
}

function sortedByKey(fields: Record<string, AlertValue>): Record<string, AlertValue> {
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
