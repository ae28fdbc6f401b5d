/** Fields of an event's own parameters. */

import { type EventType, eventRoster } from '@peregrine/events';
import type { ValueType } from '@peregrine/lang';
import type { ArgumentParser, ParsedArgument } from './argument.ts';
import { type Binding, defineFields, valueField } from './define-fields.ts';
import { paramIndexes } from './event-params.ts';
import { paramValue, valueTypeOf } from './param-values.ts';

/** Every name that a parameter of some event has. */
const paramNames: ReadonlySet<string> = new Set(
  eventRoster.flatMap((type) => type.params.map((param) => param.name)),
);

function nameSuffix(suffix: string): ParsedArgument<string> {
  return paramNames.has(suffix)
    ? { argument: suffix }
    : { reason: `no event has a parameter called \`${suffix}\`` };
}

const dotOnly: ArgumentParser<string> = Object.freeze({
  spec: Object.freeze({ requirement: 'required', forms: ['key'] as const }),
  parse: () => ({ reason: 'it needs the name of a parameter after a dot, as in `evt.rawarg.flags`' }),
});

/** Of the first event that has such a parameter: what constants are read as. */
function firstType(name: string): ValueType {
  for (const type of eventRoster) {
    const param = type.params.find((candidate) => candidate.name === name);
    if (param !== undefined) return valueTypeOf(param.type);
  }
  throw new Error(`no event has a parameter called ${name}`);
}

/** The value by the type that the event gives it, which need not be the type that the constants were read as. */
function rawArgument(name: string): Binding {
  const indexes = paramIndexes(name);
  const types = eventRoster.map((type: EventType) => type.params.find((param) => param.name === name)?.type);
  return {
    type: firstType(name),
    read: ({ view }) => {
      const index = indexes[view.code] ?? -1;
      const type = types[view.code];
      return index < 0 || type === undefined ? undefined : paramValue(view, index, type);
    },
  };
}

export const evtArgFields = defineFields('evt', {
  'evt.rawarg': valueField({
    doc: 'One parameter by its name, as a number or text that conditions compare without rendering it.',
    type: 'DYN',
    examples: ['evt.rawarg.flags'],
    cost: 10,
    allowsRightHandSide: false,
    allowsTransformers: false,
    argument: dotOnly,
    suffix: nameSuffix,
    bind: rawArgument,
  }),
});
