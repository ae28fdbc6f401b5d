/** The event source `k8s_audit` as the rule language sees it. */

import { EVENT_CODE_COUNT } from '@peregrine/events';
import type { ArgumentSpec, BoundField, FieldInfo, Resolution, Source } from '@peregrine/lang';
import { fraction, isoTime, localClock, localDay, splitTime } from '../clock-text.ts';
import { normalise } from '../wide.ts';
import type { AuditEvent } from './audit-event.ts';
import type { AuditField } from './audit-field.ts';
import { auditFieldRoster } from './roster.ts';

/** Code that events of plugins have on the wire. */
const PLUGIN_EVENT = 322;
const ASYNC_EVENT = 402;
const NS_PER_SECOND = 1_000_000_000n;

export const AUDIT_SOURCE_NAME = 'k8s_audit';

type Shown = Pick<BoundField<AuditEvent>, 'read' | 'show' | 'showText'>;

interface CommonField extends Shown {
  readonly doc: string;
  readonly type: FieldInfo['type'];
  readonly printFormat: FieldInfo['printFormat'];
}

function clock(doc: string, write: (seconds: number, nanoseconds: number) => string): CommonField {
  const read = (event: AuditEvent): string => {
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

/** Fields that events of every source have. */
const commonFields: Readonly<Record<string, CommonField>> = {
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
  'evt.pluginname': {
    doc: 'Name of the plugin that the event came from.',
    type: 'CHARBUF',
    printFormat: 'none',
    read: () => 'k8saudit',
  },
  'evt.plugininfo': {
    doc: 'The whole event as compact JSON.',
    type: 'CHARBUF',
    printFormat: 'none',
    read: (event) => auditFieldRoster['json.value']?.read(event, ''),
  },
  'evt.source': {
    doc: 'Name of the event source.',
    type: 'CHARBUF',
    printFormat: 'none',
    read: () => AUDIT_SOURCE_NAME,
  },
  'evt.is_async': {
    doc: 'Whether the event was made outside the stream of events.',
    type: 'BOOL',
    printFormat: 'none',
    read: () => false,
  },
  'evt.asynctype': {
    doc: 'Name of an asynchronous event; audit events have none.',
    type: 'CHARBUF',
    printFormat: 'none',
    read: () => undefined,
  },
};

const noArgument: ArgumentSpec = { requirement: 'none', forms: [] };
const argumentSpecs: Readonly<Record<AuditField['argument'], ArgumentSpec>> = {
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

function infoOfAudit(name: string, field: AuditField): FieldInfo {
  return {
    ...plainInfo,
    name,
    class: name.startsWith('ka.') ? 'k8saudit' : 'json',
    doc: field.doc,
    type: 'CHARBUF',
    printFormat: 'none',
    isList: field.isList,
    argument: argumentSpecs[field.argument],
    isDeprecated: field.isDeprecated,
    examples: field.examples,
  };
}

export function createAuditSource(): Source<AuditEvent> {
  const commonInfos = Object.entries(commonFields).map(([name, field]) => infoOfCommon(name, field));
  const auditInfos = Object.entries(auditFieldRoster).map(([name, field]) => infoOfAudit(name, field));
  const infoByName = new Map([...commonInfos, ...auditInfos].map((info) => [info.name, info]));
  return Object.freeze({
    name: AUDIT_SOURCE_NAME,
    fields: [...infoByName.values()],
    resolve: (name: string, argument: string | undefined) => resolve(infoByName.get(name), argument),
    eventCodeCount: EVENT_CODE_COUNT,
    eventCodesOf: (name: string) => (name === 'pluginevent' ? [PLUGIN_EVENT] : undefined),
    syscallsOf: () => [],
    eventNames: ['pluginevent'],
    alwaysCodes: [PLUGIN_EVENT, ASYNC_EVENT],
    termCacheOf: () => undefined,
    codeOf: () => PLUGIN_EVENT,
  });
}

function resolve(info: FieldInfo | undefined, argument: string | undefined): Resolution<AuditEvent> {
  if (info === undefined) return { kind: 'unknown-field' };
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
  const field: BoundField<AuditEvent> = {
    info,
    text: argument === undefined ? info.name : `${info.name}[${argument}]`,
    type: info.type,
    isList: info.isList,
    printFormat: info.printFormat,
    scope: 'event',
    quantifier: 'value',
    cost: 200,
    ...shownOf(info.name, argument),
  };
  return { kind: 'field', field };
}

function shownOf(name: string, argument: string | undefined): Shown {
  const common = commonFields[name];
  if (common !== undefined) {
    const { read, show, showText } = common;
    return { read, ...(show && { show }), ...(showText && { showText }) };
  }
  const field = auditFieldRoster[name];
  return { read: (event) => field?.read(event, argument) };
}
