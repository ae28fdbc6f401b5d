/** Fields of every event: number, type, category, result, processor. */

import { EVENT_CODE_COUNT, errnoName, eventFlag, eventRoster, syscallById } from '@peregrine/events';
import type { EventContext } from '@peregrine/state';
import type { ArgumentParser, ParsedArgument } from './argument.ts';
import {
  absent,
  type Binding,
  boolField,
  defineFields,
  durationField,
  type FieldDeclaration,
  integerField,
  textField,
  valueField,
} from './define-fields.ts';
import {
  ASYNC_EVENT,
  approximateReturnValue,
  GENERIC_ENTER,
  GENERIC_EXIT,
  returnValue,
} from './event-params.ts';
import { familyOf } from './fd-kinds.ts';

/** Parameter of an asynchronous event that holds its name. */
const ASYNC_NAME = 1;

const nameByCode: readonly string[] = eventRoster.map((type) => type.name);

/** Name of the call; `undefined` for events that are no calls. */
const syscallByCode: readonly (string | undefined)[] = eventRoster.map((type) =>
  type.kind === 'syscall' ? type.name : undefined,
);

function genericName(event: EventContext): string | undefined {
  return syscallById(event.view.u16(0))?.name;
}

function typeOf(event: EventContext): string | undefined {
  const { code } = event.view;
  if (code === GENERIC_EXIT || code === GENERIC_ENTER) return genericName(event);
  if (code === ASYNC_EVENT) return event.view.text(ASYNC_NAME);
  return nameByCode[code];
}

/** Categories that the fd decides are left out; the others show as they are, but for IPC. */
const categoryByCode: readonly (string | undefined)[] = eventRoster.map(({ category }) => {
  if (category.startsWith('io-')) return undefined;
  return category === 'ipc' ? 'IPC' : category;
});

function typeIs(wanted: string): Binding {
  const codes = new Uint8Array(EVENT_CODE_COUNT);
  for (const type of eventRoster)
    if (type.name === wanted || String(type.code) === wanted) codes[type.code] = 1;
  return { read: (event) => codes[event.view.code] ?? 0 };
}

const typeNames: ReadonlySet<string> = new Set(eventRoster.flatMap((type) => [type.name, String(type.code)]));

const typeArgument: ArgumentParser<string> = Object.freeze({
  spec: Object.freeze({ requirement: 'required', forms: ['key'] as const }),
  parse: () => ({ reason: 'it needs the name of an event after a dot, as in `evt.type.is.open`' }),
});

function typeSuffix(suffix: string): ParsedArgument<string> {
  return typeNames.has(suffix) ? { argument: suffix } : { reason: `no event is called \`${suffix}\`` };
}

export const evtFields = defineFields('evt', {
  'evt.num': integerField({
    doc: 'Number of the event in this run, from 1.',
    format: 'id',
    cost: 1,
    read: (event) => event.num,
  }),
});

export const evtSourceFields = defineFields('evt', {
  'evt.pluginname': textField({
    doc: 'Name of the plugin that the event came from; kernel events have none.',
    read: absent,
  }),
  'evt.plugininfo': textField({
    doc: "The plugin's own text for the event; kernel events have none.",
    read: absent,
  }),
  'evt.source': textField({
    doc: 'Name of the event source.',
    examples: ['syscall'],
    scope: 'constant',
    cost: 1,
    read: () => 'syscall',
  }),
  'evt.is_async': boolField({
    doc: 'Whether the event was made outside the stream of calls.',
    cost: 1,
    read: (event) => event.view.code === ASYNC_EVENT,
  }),
  'evt.asynctype': textField({
    doc: 'Name of an asynchronous event; absent for others.',
    examples: ['container'],
    read: (event) => (event.view.code === ASYNC_EVENT ? event.view.text(ASYNC_NAME) : undefined),
  }),
  'evt.hostname': textField({
    doc: 'Name of the machine that the event happened on; absent when it is not known.',
    examples: ['node-1'],
    read: (event) => event.tables.machine?.hostname,
  }),
});

export const evtTypeFields = defineFields('evt', {
  'evt.dir': textField({
    doc: 'Direction: `<` for the end of a call; only events that are no calls have `>`.',
    format: 'none',
    examples: ['<'],
    isDeprecated: true,
    cost: 1,
    read: (event) => (event.type.direction === 'exit' ? '<' : '>'),
  }),
  'evt.type': textField({
    doc: 'Name of the event.',
    examples: ['open', 'execve', 'procexit'],
    cost: 2,
    read: typeOf,
  }),
  'evt.type.is': valueField({
    doc: '1 for events of the type that follows the dot, by name or by code, else 0.',
    type: 'UINT32',
    examples: ['1'],
    cost: 2,
    argument: typeArgument,
    suffix: typeSuffix,
    bind: typeIs,
  }),
  'syscall.type': textField({
    doc: 'Name of the system call; absent for events that are no calls.',
    examples: ['open', 'execve'],
    cost: 2,
    read: (event) => {
      const { code } = event.view;
      return code === GENERIC_EXIT || code === GENERIC_ENTER ? genericName(event) : syscallByCode[code];
    },
  }),
  'evt.category': textField({
    doc: 'What the event is about; for input and output the kind of the file descriptor decides.',
    examples: ['file', 'net', 'process', 'IPC'],
    cost: 3,
    read: (event) => categoryByCode[event.view.code] ?? familyOf(event.fd),
  }),
  'evt.cpu': valueField({
    doc: 'Number of the processor that the event happened on.',
    type: 'INT16',
    format: 'id',
    cost: 1,
    read: (event) => event.view.cpu,
  }),
});

function resultField(doc: string, read: (value: number) => boolean): FieldDeclaration {
  return boolField({
    doc,
    read: (event) => {
      const value = approximateReturnValue(event);
      return Number.isNaN(value) ? undefined : read(value);
    },
  });
}

export const evtResultFields = defineFields('evt', {
  'evt.res': textField({
    doc: 'Result of the call: `SUCCESS`, or the name of the error; absent for events that return nothing.',
    format: 'dec',
    examples: ['SUCCESS', 'ENOENT'],
    cost: 5,
    read: (event) => {
      const value = approximateReturnValue(event);
      if (Number.isNaN(value)) return undefined;
      return value >= 0 ? 'SUCCESS' : (errnoName(value) ?? String(-value));
    },
  }),
  'evt.rawres': integerField({
    doc: 'What the call returned; a negative number is an error.',
    type: 'INT64',
    examples: ['3', '-2'],
    cost: 3,
    read: returnValue,
  }),
  'evt.failed': resultField('Whether the call returned an error.', (value) => value < 0),
});

/** Whether a flag of the event's type is set. */
export function typeFlagField(doc: string, flag: number): FieldDeclaration {
  return boolField({ doc, cost: 2, read: (event) => (event.type.flags & flag) !== 0 });
}

export const evtFlagFields = defineFields('evt', {
  'evt.is_wait': typeFlagField('Whether the call waits for something.', eventFlag.waits),
  'evt.wait_latency': durationField({
    doc: 'Kept for old rules; never has a value, since calls are seen only at their end.',
    isDeprecated: true,
    scope: 'constant',
    read: absent,
  }),
});
