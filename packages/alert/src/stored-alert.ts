/**
 * An alert as the hub's journal keeps it: a line about it, which is empty for most, then the outgoing JSON. Outputs, the
 * store and actions read the same records.
 *
 * The line says where the alert goes and, after a tab, what its sensor tells of the process behind it. That is much longer
 * than the alert, and only the store wants it: outputs pass over its bytes. A record without an alert continues a story.
 */

import type { Priority } from './alert.ts';
import type { AlertStory } from './alert-story.ts';
import { parseAlertTime } from './alert-time.ts';
import type { HubAlert, HubValue } from './hub-alert.ts';
import { encodeJson } from './json/encode-json.ts';
import { parseJson } from './json/parse-json.ts';
import { parseOwnJson } from './json/parse-own-json.ts';

export interface StoredAlert {
  readonly alert: HubAlert;
  /** Names of the outputs that it is for; `undefined`: for all. */
  readonly to: readonly string[] | undefined;
  /** Why it is for none: `silence NAME`, `noise NAME`. */
  readonly mark: string | undefined;
}

export interface StoredRouting {
  readonly to?: readonly string[] | undefined;
  readonly mark?: string | undefined;
  readonly story?: AlertStory | undefined;
}

/** What a sensor tells some seconds after the alert whose story has that `key`. */
export interface StoryContinuation {
  readonly key: string;
  readonly after: AlertStory['after'];
}

const NEWLINE = 0x0a;
const TAB = 0x09;

export function encodeStored(alert: HubAlert, { to, mark, story }: StoredRouting = {}): Buffer {
  const head = to === undefined && mark === undefined ? '' : encodeJson({ to, mark });
  // Neither has a raw tab or newline: JSON escapes them.
  const told = story === undefined ? '' : `\t${JSON.stringify(story)}`;
  return Buffer.from(`${head}${told}\n${alert.json}`, 'utf8');
}

export function encodeContinuation({ key, after }: StoryContinuation): Buffer {
  return Buffer.from(`\t${JSON.stringify({ key, after })}\n`, 'utf8');
}

/** `undefined` for what is no alert that `encodeStored` wrote. */
export function decodeStored(bytes: Uint8Array): StoredAlert | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = buffer.indexOf(NEWLINE);
  if (at < 0) return undefined;
  const headEnd = tabIn(buffer, at) ?? at;
  const head = headEnd === 0 ? undefined : parseJson(buffer.toString('utf8', 0, headEnd));
  const alert = decodeAlert(buffer.toString('utf8', at + 1));
  if (alert === undefined || (head !== undefined && 'problem' in head)) return undefined;
  const routing = (head?.value ?? {}) as { readonly to?: readonly string[]; readonly mark?: string }; // As `encodeStored` wrote it.
  return { alert, to: routing.to, mark: routing.mark };
}

/** Of its `json`; `undefined` for what `encodeAlert` did not write. */
export function decodeAlert(json: string): HubAlert | undefined {
  // Written by `encodeAlert`, whose alerts have exactly these types.
  const value = parseOwnJson(json, 'output_fields') as
    | {
        readonly uuid: string;
        readonly output: string;
        readonly priority: Priority;
        readonly rule: string;
        readonly time: string;
        readonly output_fields: Readonly<Record<string, HubValue>>;
        readonly source: string;
        readonly tags?: readonly string[];
        readonly hostname?: string;
      }
    | undefined;
  const timeNs = typeof value?.time === 'string' ? ownTimeNs(value.time) : undefined;
  if (value === undefined || timeNs === undefined) return undefined;
  const {
    uuid,
    output,
    priority,
    rule,
    time,
    source,
    tags = [],
    hostname = '',
    output_fields: fields,
  } = value;
  return { uuid, output, priority, rule, time, timeNs, source, tags, hostname, fields, json };
}

/** Of a time that `parseAlertTime` gave: nearly all are of UTC, and need not be looked at as closely again. */
function ownTimeNs(time: string): bigint | undefined {
  if (!OWN_TIME.test(time)) return parseAlertTime(time)?.ns;
  const seconds = Date.parse(`${time.slice(0, 19)}Z`) / 1_000;
  const nanoseconds = time.length === 20 ? 0 : Number(time.slice(20, -1).padEnd(9, '0'));
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
}

const OWN_TIME =
  /^[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z$/;

/** The story of an alert, or what continues one; `undefined` where the record has neither. */
export function decodeStory(bytes: Uint8Array): AlertStory | StoryContinuation | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = buffer.indexOf(NEWLINE);
  const tab = at < 0 ? undefined : tabIn(buffer, at);
  if (tab === undefined) return undefined;
  try {
    // Written by `encodeStored` or `encodeContinuation`, which had these types.
    return JSON.parse(buffer.toString('utf8', tab + 1, at)) as AlertStory | StoryContinuation;
  } catch {
    return undefined;
  }
}

/** Before the end of the line. */
function tabIn(buffer: Buffer, end: number): number | undefined {
  const at = buffer.subarray(0, end).indexOf(TAB);
  return at < 0 ? undefined : at;
}
