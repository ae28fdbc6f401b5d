/** A source of JSON events as the rule language sees it: `k8s_audit`, and whatever else comes as JSON. */

import { EVENT_CODE_COUNT, JsonReader } from '@peregrine/events';
import type { ArgumentSpec, BoundField, FieldInfo, Resolution, Source } from '@peregrine/lang';
import { fraction, isoTime, localClock, localDay, splitTime } from '../clock-text.ts';
import { normalise } from '../wide.ts';
import { documentFields } from './document-fields.ts';
import type { JsonEvent } from './json-event.ts';
import type { JsonField } from './json-field.ts';

/** Code that events of plugins have on the wire. */
export const PLUGIN_EVENT = 322;
const ASYNC_EVENT = 402;
const NS_PER_SECOND = 1_000_000_000n;

export interface JsonSourceOptions {
  /** What rules name as their `source`. */
  readonly name: string;
  /** What `evt.pluginname` shows. */
  readonly pluginName: string;
  /** Fields of its own; those of any JSON document are added. */
  readonly fields: Readonly<Record<string, JsonField>>;
}

type CommonFields = Readonly<Record<string, CommonField>>;

type Shown = Pick<BoundField<JsonEvent>, 'read' | 'show' | 'showText'>;

interface CommonField extends Shown {
  readonly doc: string;
  readonly type: FieldInfo['type'];
  readonly printFormat: FieldInfo['printFormat'];
}

function clock(doc: string, write: (seconds: number, nanoseconds: number) => string): CommonField {
  const read = (event: JsonEvent): string => {
    const { seconds, nanoseconds } = splitTime(event.timeNs);
    return write(seconds, nanoseconds);
  };
  return {
    doc,
    type: 'CHARBUF',
    printFormat: 'none',
    read,
    show: (event) => normalise(event.timeNs),
    showText: read,
  };
}

/** Fields of time and number, which events of every source have. */
const timeFields: CommonFields = {
  'evt.num': {
    doc: 'Number of the event in this run, from 1.',
    type: 'UINT64',
    printFormat: 'id',
    read: (event) => event.num,
  },
  'evt.time': clock('Time of day with nanoseconds.', (s, ns) => `${localClock(s)}${fraction(ns)}`),
  'evt.time.s': clock('Time of day.', (s) => localClock(s)),
  'evt.time.iso8601': clock('Date and time in UTC, ISO 8601.', isoTime),
  'evt.datetime': clock(
    'Date and time of day with nanoseconds.',
    (s, ns) => `${localDay(s)} ${localClock(s)}${fraction(ns)}`,
  ),
  'evt.datetime.s': clock('Date and time of day.', (s) => `${localDay(s)} ${localClock(s)}`),
  'evt.rawtime': {
    doc: 'Time of the event, nanoseconds since the epoch.',
    type: 'ABSTIME',
    printFormat: 'dec',
    read: (event) => normalise(event.timeNs),
  },
  'evt.rawtime.s': {
    doc: 'Time of the event, whole seconds since the epoch.',
    type: 'ABSTIME',
    printFormat: 'dec',
    read: (event) => Number(event.timeNs / NS_PER_SECOND),
  },
  'evt.rawtime.ns': {
    doc: 'Nanoseconds of the second begun.',
    type: 'ABSTIME',
    printFormat: 'padded',
    read: (event) => Number(event.timeNs % NS_PER_SECOND),
  },
};

/** Fields that say where an event is from. */
function originFields({ name, pluginName }: JsonSourceOptions, reader: JsonReader): CommonFields {
  const whole = reader.slot([]);
  const field = (doc: string, read: (event: JsonEvent) => string | undefined): CommonField => ({
    doc,
    type: 'CHARBUF',
    printFormat: 'none',
    read,
  });
  return {
    'evt.pluginname': field('Name of the plugin that the event came from.', () => pluginName),
    'evt.plugininfo': field('The whole event as compact JSON.', ({ document }) =>
      reader.text(document, whole),
    ),
    'evt.source': field('Name of the event source.', () => name),
    'evt.is_async': {
      doc: 'Whether the event was made outside the stream of events.',
      type: 'BOOL',
      printFormat: 'none',
      read: () => false,
    },
    'evt.asynctype': field('Name of an asynchronous event; these sources have none.', () => undefined),
  };
}

const noArgument: ArgumentSpec = { requirement: 'none', forms: [] };
const argumentSpecs: Readonly<Record<JsonField['argument'], ArgumentSpec>> = {
  none: noArgument,
  key: { requirement: 'required', forms: ['key'] },
  index: { requirement: 'optional', forms: ['index'] },
};

const plainInfo = {
  isFilterOnly: false,
  isPrintOnly: false,
  isHidden: false,
  allowsRightHandSide: true,
  allowsTransformers: true,
  isSuggested: false,
} as const;

function infoOfCommon(name: string, { doc, type, printFormat }: CommonField): FieldInfo {
  return {
    ...plainInfo,
    name,
    class: 'evt',
    doc,
    type,
    printFormat,
    isList: false,
    argument: noArgument,
    isDeprecated: false,
    examples: [],
  };
}

/** The class of `ka.verb` is `k8saudit`; of other fields it is what stands before the first dot. */
function classOf(name: string): string {
  const prefix = name.slice(0, Math.max(0, name.indexOf('.')));
  if (prefix === 'ka') return 'k8saudit';
  return prefix === 'jevt' ? 'json' : prefix;
}

function infoOfOwn(name: string, field: JsonField): FieldInfo {
  return {
    ...plainInfo,
    name,
    class: classOf(name),
    doc: field.doc,
    type: 'CHARBUF',
    printFormat: 'none',
    isList: field.isList,
    argument: argumentSpecs[field.argument],
    isDeprecated: field.isDeprecated,
    examples: field.examples,
  };
}

interface Known {
  readonly info: FieldInfo;
  /** What reads it, once its argument is known. */
  readonly bind: (argument: string | undefined) => Shown;
}

function shownOf({ read, show, showText }: CommonField): Shown {
  return { read, ...(show && { show }), ...(showText && { showText }) };
}

export function createJsonSource(options: JsonSourceOptions): Source<JsonEvent> {
  // All fields share it, so that none reads again what another has read of an event.
  const reader = new JsonReader();
  const common = { ...timeFields, ...originFields(options, reader) };
  const known = new Map<string, Known>();
  for (const [name, field] of Object.entries(common))
    known.set(name, { info: infoOfCommon(name, field), bind: () => shownOf(field) });
  for (const [name, field] of Object.entries({ ...options.fields, ...documentFields }))
    known.set(name, {
      info: infoOfOwn(name, field),
      bind: (argument) => ({ read: field.bind(reader, argument) }),
    });
  return Object.freeze({
    name: options.name,
    fields: [...known.values()].map(({ info }) => info),
    resolve: (name: string, argument: string | undefined) => resolve(known.get(name), argument),
    eventCodeCount: EVENT_CODE_COUNT,
    eventCodesOf: (name: string) => (name === 'pluginevent' ? [PLUGIN_EVENT] : undefined),
    syscallsOf: () => [],
    eventNames: ['pluginevent'],
    alwaysCodes: [PLUGIN_EVENT, ASYNC_EVENT],
    termCacheOf: () => undefined,
    codeOf: () => PLUGIN_EVENT,
  });
}

function resolve(known: Known | undefined, argument: string | undefined): Resolution<JsonEvent> {
  if (known === undefined) return { kind: 'unknown-field' };
  const { info, bind } = known;
  const { requirement, forms } = info.argument;
  if (argument === undefined && requirement === 'required') {
    return { kind: 'bad-argument', reason: 'it needs a key between brackets' };
  }
  if (argument !== undefined && requirement === 'none') {
    return { kind: 'bad-argument', reason: 'it takes no argument' };
  }
  if (argument !== undefined && forms.includes('index') && !/^[0-9]{1,9}$/.test(argument)) {
    return { kind: 'bad-argument', reason: `\`${argument}\` is not an index: digits are expected` };
  }
  const field: BoundField<JsonEvent> = {
    info,
    text: argument === undefined ? info.name : `${info.name}[${argument}]`,
    type: info.type,
    isList: info.isList,
    printFormat: info.printFormat,
    scope: 'event',
    quantifier: 'value',
    cost: 200,
    ...bind(argument),
  };
  return { kind: 'field', field };
}
