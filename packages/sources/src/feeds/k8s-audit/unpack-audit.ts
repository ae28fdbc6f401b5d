/**
 * Audit events of Kubernetes as API servers and clouds deliver them: `Event` and `EventList` of any version, lists of
 * those, log entries of GKE, by themselves or pushed by Pub/Sub, records of AKS.
 */

import type { JsonNode } from '@peregrine/events';
import { rfc3339NsOf } from '../event-time.ts';
import type { Unpack, Unpacking } from '../unpack.ts';
import { unpackAksRecords } from './aks.ts';
import { auditEventOfGke, isGkeEntry } from './gke.ts';
import { unpackPushed } from './pub-sub.ts';

/** Lists in lists are flattened so deep. */
const MOST_NESTING = 8;
const MOST_SHOWN = 80;

export const unpackAudit: Unpack = (document, unpacking) => unpackAt(document, unpacking, 0);

function unpackAt(document: JsonNode, unpacking: Unpacking, depth: number): void {
  if (depth > MOST_NESTING) {
    unpacking.reject('too_deep', `more than ${MOST_NESTING} lists within each other`);
    return;
  }
  if (document.kind === 'list') {
    for (const item of document.items()) unpackAt(item, unpacking, depth + 1);
    return;
  }
  if (document.kind !== 'object') {
    const shown = document.source().slice(0, MOST_SHOWN);
    unpacking.reject('not_an_event', `an object is expected, and this is ${shown}`);
    return;
  }
  const kind = document.textAt('kind');
  if (kind === 'EventList') {
    const items = document.member('items');
    if (items?.kind === 'list') {
      // Items of a list need not repeat their kind.
      for (const item of items.items()) takeEvent(item, unpacking);
      return;
    }
  }
  if (kind === 'Event' || isGkeEntry(document)) {
    takeEvent(kind === 'Event' ? document : auditEventOfGke(document), unpacking);
    return;
  }
  if (unpackAksRecords(document, (inner) => unpackAt(inner, unpacking, depth + 1), unpacking.reject)) return;
  if (unpackPushed(document, (inner) => unpackAt(inner, unpacking, depth + 1), unpacking.reject)) return;
  unpacking.reject('not_an_event', `\`kind\` is \`${kind}\`, and neither \`Event\` nor \`EventList\``);
}

function takeEvent(item: JsonNode, { take, reject }: Unpacking): void {
  const timeNs = rfc3339NsOf(item.member('stageTimestamp'));
  if (item.kind !== 'object') reject('not_an_event', 'an item of the list is no object');
  else if (timeNs === undefined) reject('no_time', nameOfAudit(item));
  else take(item, timeNs);
}

/** What tells an audit event from others, for messages. */
export function nameOfAudit(event: JsonNode): string {
  const target = ['resource', 'namespace', 'name'].map((part) => event.textAt('objectRef', part));
  const parts = [
    `auditID ${event.textAt('auditID') || 'absent'}`,
    event.textAt('verb'),
    target.filter(Boolean).join('/'),
    `by ${event.textAt('user', 'username') || 'nobody named'}`,
  ];
  return parts.filter(Boolean).join(' ');
}
