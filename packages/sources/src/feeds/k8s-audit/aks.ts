/**
 * Audit events as AKS sends them to an event hub or a storage account: `{records: [{category, properties: {log}}]}`, or
 * one such record by itself; `log` is the API server's own event, as JSON text.
 */

import { JsonNode } from '@peregrine/events';
import type { Unpacking } from '../unpack.ts';

const CATEGORY = /^kube-audit(-admin)?$/;

/** Gives whether it was of this shape. Records of other categories are none of ours, and passed over. */
export function unpackAksRecords(
  envelope: JsonNode,
  take: (document: JsonNode) => void,
  reject: Unpacking['reject'],
): boolean {
  const list = envelope.member('records');
  const records = list?.kind === 'list' ? list.items() : [envelope];
  const ours = records.filter((record) => record.member('category')?.kind === 'text');
  if (ours.length === 0) return false;
  for (const record of ours) {
    if (!CATEGORY.test(record.textAt('category'))) continue;
    const log = record.textAt('properties', 'log');
    const inner = JsonNode.parse(Buffer.from(log));
    if (inner instanceof JsonNode) take(inner);
    else reject(log === '' ? 'not_an_event' : 'cut_off', '`properties.log` of a record holds no whole JSON');
  }
  return true;
}
