/** CloudTrail's files: `{Records: [...]}`, or records by themselves. */

import type { JsonNode } from '@peregrine/events';
import { rfc3339NsOf } from '../event-time.ts';
import type { Unpack } from '../unpack.ts';

export const unpackCloudtrail: Unpack = (document, { take, reject }) => {
  const list = [document.member('Records'), document].find((candidate) => candidate?.kind === 'list');
  for (const record of list?.items() ?? [document]) {
    const timeNs = rfc3339NsOf(record.member('eventTime'));
    if (record.member('eventVersion') === undefined) reject('not_an_event', 'a record has no `eventVersion`');
    else if (timeNs === undefined) reject('no_time', nameOfRecord(record));
    else take(record, timeNs);
  }
};

export function nameOfRecord(record: JsonNode): string {
  return `eventID ${record.textAt('eventID') || 'absent'} ${record.textAt('eventSource')} ${record.textAt('eventName')}`;
}
