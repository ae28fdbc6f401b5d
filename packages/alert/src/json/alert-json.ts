/** The outgoing JSON of an alert: the order of keys and what is left out are falcosidekick's. */

import type { HubAlert } from '../hub-alert.ts';
import { type Encodable, encodeJson, ReadyJson } from './encode-json.ts';

/** The alert as a document, for outputs that add or change keys. Empty tags and host name are left out. */
export function documentOf(alert: Omit<HubAlert, 'json' | 'timeNs'>): Readonly<Record<string, Encodable>> {
  const { uuid, output, priority, rule, time, fields, source, tags, hostname } = alert;
  return {
    uuid,
    output,
    priority,
    rule,
    time,
    output_fields: fields,
    source,
    tags: tags.length === 0 ? undefined : tags,
    hostname: hostname === '' ? undefined : hostname,
  };
}

export function encodeAlert(alert: Omit<HubAlert, 'json' | 'timeNs'>): string {
  return encodeJson(documentOf(alert));
}

/** The alert as a part of other JSON, without encoding it again. */
export function readyJsonOf(alert: HubAlert): ReadyJson {
  return new ReadyJson(alert.json);
}
