/**
 * An alert as the hub's journal keeps it: a line about where it goes, which is empty for most, then the outgoing JSON.
 * Outputs, the store and actions read the same records.
 */

import type { Priority } from './alert.ts';
import { parseAlertTime } from './alert-time.ts';
import type { HubAlert, HubValue } from './hub-alert.ts';
import { encodeJson } from './json/encode-json.ts';
import { parseJson } from './json/parse-json.ts';

export interface StoredAlert {
  readonly alert: HubAlert;
  /** Names of the outputs that it is for; `undefined`: for all. */
  readonly to: readonly string[] | undefined;
  /** Why it is for none: `silence NAME`, `noise NAME`. */
  readonly mark: string | undefined;
}

export function encodeStored(
  alert: HubAlert,
  to?: readonly string[] | undefined,
  mark?: string | undefined,
): Buffer {
  const head = to === undefined && mark === undefined ? '' : encodeJson({ to, mark });
  return Buffer.from(`${head}\n${alert.json}`, 'utf8');
}

/** `undefined` for what `encodeStored` did not write. */
export function decodeStored(bytes: Uint8Array): StoredAlert | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const at = text.indexOf('\n');
  const head = at === 0 ? undefined : parseJson(text.slice(0, at));
  const json = text.slice(at + 1);
  const body = parseJson(json);
  if (at < 0 || 'problem' in body || (head !== undefined && 'problem' in head)) return undefined;
  // Written by `encodeStored`, whose alerts have exactly these types.
  const value = body.value as {
    readonly uuid: string;
    readonly output: string;
    readonly priority: Priority;
    readonly rule: string;
    readonly time: string;
    readonly output_fields: Readonly<Record<string, HubValue>>;
    readonly source: string;
    readonly tags?: readonly string[];
    readonly hostname?: string;
  };
  const routing = (head?.value ?? {}) as { readonly to?: readonly string[]; readonly mark?: string }; // As above.
  const time = parseAlertTime(value.time);
  if (time === undefined) return undefined;
  return {
    alert: {
      uuid: value.uuid,
      output: value.output,
      priority: value.priority,
      rule: value.rule,
      time: value.time,
      timeNs: time.ns,
      source: value.source,
      tags: value.tags ?? [],
      hostname: value.hostname ?? '',
      fields: value.output_fields,
      json,
    },
    to: routing.to,
    mark: routing.mark,
  };
}
