/**
 * What was posted, as an alert that may still lack something. COMPAT: letter case of keys does not count, unknown keys are
 * dropped, `null` is as good as nothing, and a value of another type makes the whole body invalid.
 */

import {
  type AlertStory,
  type AlertTime,
  type HubValue,
  type Priority,
  parseAlertTime,
  priorityNamed,
} from '@peregrine/alert';
import { decodeStory } from './decode-story.ts';

export interface DecodedAlert {
  readonly output: string;
  /** `undefined`: missing, or none that there is. */
  readonly priority: Priority | undefined;
  readonly rule: string;
  readonly time: AlertTime | undefined;
  readonly source: string;
  readonly tags: readonly string[];
  readonly hostname: string;
  readonly fields: Readonly<Record<string, HubValue>>;
  /** What its sensor tells beside it: for the store, never for outputs. */
  readonly story?: AlertStory | undefined;
}

type Draft = { -readonly [K in keyof DecodedAlert]: DecodedAlert[K] };

/** The alert, or why it is none. */
export function decodeAlert(value: HubValue): DecodedAlert | { readonly problem: string } {
  const document = mapIn(value);
  if (document === undefined) return { problem: 'an alert is a JSON object' };
  const draft: Draft = {
    output: '',
    priority: undefined,
    rule: '',
    time: undefined,
    source: '',
    tags: [],
    hostname: '',
    fields: {},
  };
  for (const key in document) {
    const child = document[key];
    if (child === undefined || child === null) continue;
    const problem = takeKey(draft, key in readers ? key : key.toLowerCase(), child);
    if (problem !== undefined) return { problem: `\`${key}\` ${problem}` };
  }
  return draft;
}

/** What is missing to make it an alert; `undefined` when it is one. */
export function missingFrom(alert: DecodedAlert): string | undefined {
  if (alert.priority === undefined) return '`priority` is missing, or none that there is';
  if (alert.rule === '') return '`rule` is missing';
  if (alert.time === undefined) return '`time` is missing';
  return Object.keys(alert.fields).length === 0 ? '`output_fields` is missing or empty' : undefined;
}

type Reader = (draft: Draft, value: NonNullable<HubValue>) => string | undefined;

function textReader(key: 'output' | 'rule' | 'source' | 'hostname'): Reader {
  return (draft, value) => {
    if (typeof value !== 'string') return 'must be a text';
    draft[key] = value;
    return undefined;
  };
}

const readers: Readonly<Record<string, Reader>> = {
  output: textReader('output'),
  rule: textReader('rule'),
  source: textReader('source'),
  hostname: textReader('hostname'),
  priority: (draft, value) => {
    if (typeof value !== 'string') return 'must be a text';
    draft.priority = priorityNamed(value);
    return undefined;
  },
  time: (draft, value) => {
    const time = typeof value === 'string' ? parseAlertTime(value) : undefined;
    if (time === undefined && value !== '0001-01-01T00:00:00Z') return 'must be a time as in RFC 3339';
    draft.time = time;
    return undefined;
  },
  tags: (draft, value) => {
    if (!Array.isArray(value)) return 'must be a list of texts';
    const tags = value.map((tag: HubValue) => tag ?? '');
    if (!tags.every((tag) => typeof tag === 'string')) return 'must be a list of texts';
    draft.tags = tags;
    return undefined;
  },
  output_fields: (draft, value) => {
    const fields = mapIn(value);
    if (fields === undefined) return 'must be a map';
    draft.fields = fields;
    return undefined;
  },
  story: (draft, value) => {
    draft.story = decodeStory(value);
    return undefined;
  },
};

function takeKey(draft: Draft, key: string, value: NonNullable<HubValue>): string | undefined {
  return Object.hasOwn(readers, key) ? readers[key]?.(draft, value) : undefined;
}

function mapIn(value: HubValue): Readonly<Record<string, HubValue>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'toNumber' in value)
    return undefined;
  // None of the other kinds of objects: a map.
  return value as Readonly<Record<string, HubValue>>;
}
