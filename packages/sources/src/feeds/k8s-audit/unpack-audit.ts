/**
 * Audit events of Kubernetes as API servers and clouds deliver them: `Event` and `EventList` of any version, lists of
 * those, log entries of GKE, records of AKS.
 */

import { documentIn, type Json, type JsonDocument, listIn, objectIn, textIn } from '@peregrine/base';
import { parseRfc3339Ns } from '../event-time.ts';
import type { Unpack, Unpacking } from '../unpack.ts';
import { unpackAksRecords } from './aks.ts';
import { auditEventOfGke, isGkeEntry } from './gke.ts';

/** Lists in lists are flattened so deep. */
const MOST_NESTING = 8;

export const unpackAudit: Unpack = (document, unpacking) => unpackAt(document, unpacking, 0);

function unpackAt(document: Json, unpacking: Unpacking, depth: number): void {
  if (depth > MOST_NESTING) {
    unpacking.reject('too_deep', `more than ${MOST_NESTING} lists within each other`);
    return;
  }
  if (Array.isArray(document)) {
    for (const item of document) unpackAt(item, unpacking, depth + 1);
    return;
  }
  const object = documentIn(document);
  if (object === undefined) {
    unpacking.reject(
      'not_an_event',
      `an object is expected, and this is ${JSON.stringify(document).slice(0, 80)}`,
    );
    return;
  }
  if (object.kind === 'EventList' && Array.isArray(object.items)) {
    // Items of a list need not repeat their kind.
    for (const item of object.items) takeEvent(item, unpacking);
    return;
  }
  if (object.kind === 'Event' || isGkeEntry(object)) {
    takeEvent(object.kind === 'Event' ? object : auditEventOfGke(object), unpacking);
    return;
  }
  if (unpackAksRecords(object, (inner) => unpackAt(inner, unpacking, depth + 1), unpacking.reject)) return;
  unpacking.reject(
    'not_an_event',
    `\`kind\` is \`${textIn(object.kind)}\`, and neither \`Event\` nor \`EventList\``,
  );
}

function takeEvent(item: Json, { take, reject }: Unpacking): void {
  const object = documentIn(item);
  const timeNs = parseRfc3339Ns(object?.stageTimestamp);
  if (object === undefined) reject('not_an_event', 'an item of the list is no object');
  else if (timeNs === undefined) reject('no_time', nameOfAudit(object));
  else take(object, timeNs);
}

/** What tells an audit event from others, for messages. */
export function nameOfAudit(object: JsonDocument): string {
  const target = objectIn(object.objectRef);
  const parts = [
    `auditID ${textIn(object.auditID) || 'absent'}`,
    textIn(object.verb),
    [textIn(target?.resource), textIn(target?.namespace), textIn(target?.name)].filter(Boolean).join('/'),
    `by ${textIn(objectIn(object.user)?.username) || 'nobody named'}`,
  ];
  return parts.filter(Boolean).join(' ');
}

/** Whether a document looks like one that this unpacks: for guessing what a file holds. */
export function looksLikeAudit(document: Json): boolean {
  const [first = document] = listIn(document);
  const object = objectIn(first);
  if (object === undefined) return false;
  return (
    object.auditID !== undefined ||
    (object.kind === 'EventList' && /^audit\.k8s\.io\//.test(textIn(object.apiVersion))) ||
    isGkeEntry(object) ||
    listIn(object.records).some((record) => /^kube-audit/.test(textIn(objectIn(record)?.category)))
  );
}
