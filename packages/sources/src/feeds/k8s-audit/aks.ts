/**
 * Audit events as AKS sends them to an event hub or a storage account: `{records: [{category, properties: {log}}]}`, or
 * one such record by itself; `log` is the API server's own event, as JSON text.
 */

import { type Json, listIn, objectIn, textIn } from '@peregrine/base';
import type { Unpacking } from '../unpack.ts';

const CATEGORY = /^kube-audit(-admin)?$/;

/** Gives whether it was of this shape. Records of other categories are none of ours, and passed over. */
export function unpackAksRecords(
  object: unknown,
  take: (document: Json) => void,
  reject: Unpacking['reject'],
): boolean {
  const envelope = objectIn(object);
  const records = Array.isArray(envelope?.records) ? listIn(envelope.records) : [object];
  const ours = records.filter((record) => typeof objectIn(record)?.category === 'string');
  if (ours.length === 0) return false;
  for (const record of ours) {
    if (!CATEGORY.test(textIn(objectIn(record)?.category))) continue;
    const log = textIn(objectIn(objectIn(record)?.properties)?.log);
    let inner: Json;
    try {
      inner = JSON.parse(log);
    } catch {
      reject(log === '' ? 'not_an_event' : 'cut_off', '`properties.log` of a record holds no whole JSON');
      continue;
    }
    take(inner);
  }
  return true;
}
