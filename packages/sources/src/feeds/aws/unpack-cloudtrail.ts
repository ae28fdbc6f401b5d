/** CloudTrail's files: `{Records: [...]}`, or records by themselves. */

import { documentIn, type Json, type JsonDocument, listIn, textIn } from '@peregrine/base';
import { parseRfc3339Ns } from '../event-time.ts';
import type { Unpack } from '../unpack.ts';

export const unpackCloudtrail: Unpack = (document, { take, reject }) => {
  const object = documentIn(document);
  const records = Array.isArray(object?.Records)
    ? object.Records
    : Array.isArray(document)
      ? document
      : [document];
  // JSON is all that these can hold.
  for (const record of listIn(records) as readonly Json[]) {
    const event = documentIn(record);
    const timeNs = parseRfc3339Ns(event?.eventTime);
    if (event?.eventVersion === undefined) reject('not_an_event', 'a record has no `eventVersion`');
    else if (timeNs === undefined) reject('no_time', nameOfRecord(event));
    else take(event, timeNs);
  }
};

export function nameOfRecord(object: JsonDocument): string {
  return `eventID ${textIn(object.eventID) || 'absent'} ${textIn(object.eventSource)} ${textIn(object.eventName)}`;
}
