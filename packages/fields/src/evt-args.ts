/** Fields of an event's own parameters. */

import { type EventType, eventRoster, ParamText } from '@peregrine/events';
import type { ValueType } from '@peregrine/lang';
import type { EventContext } from '@peregrine/state';
import { type ArgumentParser, type ParsedArgument, parseIndex } from './argument.ts';
import { type Binding, defineFields, type FieldClass, textField, valueField } from './define-fields.ts';
import { EventNames } from './event-names.ts';
import { GENERIC_ENTER, GENERIC_EXIT, paramIndexes } from './event-params.ts';
import { paramValue, valueTypeOf } from './param-values.ts';

/** Every name that a parameter of some event has. */
const paramNames: ReadonlySet<string> = new Set(
  eventRoster.flatMap((type) => type.params.map((param) => param.name)),
);

type NameOrIndex = string | number;

function nameSuffix(suffix: string): ParsedArgument<string> {
  return paramNames.has(suffix)
    ? { argument: suffix }
    : { reason: `no event has a parameter called \`${suffix}\`` };
}

/** Either form names one parameter: `evt.arg[0]`, `evt.arg.flags`. */
const indexOrDot: ArgumentParser<NameOrIndex> = Object.freeze({
  spec: Object.freeze({ requirement: 'required', forms: ['index', 'key'] as const }),
  parse: (text: string | undefined): ParsedArgument<NameOrIndex> => {
    const index = text === undefined ? undefined : parseIndex(text);
    return index === undefined
      ? { reason: 'it needs an index between brackets, or a name after a dot, as in `evt.arg.flags`' }
      : { argument: index };
  },
});

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

/** Parameters as text. One for each source: it holds what it rendered last. */
class ArgumentText {
  readonly #names = new EventNames();
  readonly #text = new ParamText(this.#names);

  /** What the parameter stands for if that is known, else its value. */
  best(event: EventContext, index: number): string | undefined {
    this.#names.event = event;
    return this.#text.render(event.view, index) ? this.#text.best : undefined;
  }

  raw(event: EventContext, index: number): string | undefined {
    this.#names.event = event;
    return this.#text.render(event.view, index) ? this.#text.raw : undefined;
  }

  /** COMPAT: empty for calls without an event type of their own. */
  all(event: EventContext): string {
    const { code } = event.view;
    if (code === GENERIC_EXIT || code === GENERIC_ENTER) return '';
    this.#names.event = event;
    return this.#text.all(event.view);
  }
}

function argument(text: ArgumentText, nameOrIndex: NameOrIndex): Binding {
  if (typeof nameOrIndex === 'number') return { read: (event) => text.best(event, nameOrIndex) };
  const indexes = paramIndexes(nameOrIndex);
  return {
    read: (event) => {
      const index = indexes[event.view.code] ?? -1;
      return index < 0 ? undefined : text.best(event, index);
    },
  };
}

const dataIndexes = paramIndexes('data');

/** Bytes in place; a value of changing type as its text. */
function buffer(event: EventContext, text: ArgumentText): Uint8Array | string | undefined {
  const { view, type } = event;
  const index = dataIndexes[view.code] ?? -1;
  if (index < 0 || view.size(index) === 0) return undefined;
  return type.params[index]?.type === 'DYN' ? text.raw(event, index) : view.view(index);
}

export function createEvtArgFields(): FieldClass {
  const text = new ArgumentText();
  return defineFields('evt', {
    'evt.args': textField({
      doc: 'All parameters as `name=value`, joined by blanks; what a value stands for follows in parentheses.',
      examples: ['fd=3(<f>/etc/passwd) name=/etc/passwd'],
      cost: 2000,
      read: (event) => text.all(event),
    }),
    'evt.arg': textField({
      doc: 'One parameter as text, by its name after a dot or by its index.',
      examples: ['O_RDONLY|O_CLOEXEC', '/etc/passwd'],
      cost: 200,
      argument: indexOrDot,
      suffix: nameSuffix,
      bind: (nameOrIndex: NameOrIndex): Binding => argument(text, nameOrIndex),
    }),
    'evt.rawarg': valueField({
      doc: 'One parameter by its name, as a number or text that conditions compare without rendering it.',
      type: 'DYN',
      examples: ['2', '/etc/passwd'],
      cost: 10,
      allowsRightHandSide: false,
      allowsTransformers: false,
      argument: dotOnly,
      suffix: nameSuffix,
      bind: rawArgument,
    }),
    'evt.info': textField({
      doc: 'The same as `evt.args`.',
      examples: ['fd=3(<f>/etc/passwd) name=/etc/passwd'],
      cost: 2000,
      read: (event) => text.all(event),
    }),
    'evt.buffer': valueField({
      doc: 'Bytes that the call read or wrote, as far as the event carries them.',
      type: 'BYTEBUF',
      examples: ['GET / HTTP/1.1'],
      cost: 60,
      read: (event) => buffer(event, text),
    }),
  });
}
