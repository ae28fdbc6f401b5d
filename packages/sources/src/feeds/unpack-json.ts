/** Documents of any kind: which part of one is an event, and what time it is of. */

import { type JsonNode, pointerPath } from '@peregrine/events';
import { numberToNs, rfc3339NsOf } from './event-time.ts';
import type { Unpack } from './unpack.ts';

/** Pointers as of RFC 6901. `''`: the document, or each item of a list, is the event; its time is that of arrival. */
export function unpackJson(itemsPointer: string, timePointer: string): Unpack {
  const timePath = pointerPath(timePointer);
  const itemsPath = pointerPath(itemsPointer);
  return (document, { take, reject, nowNs }) => {
    const found = document.at(...itemsPath);
    if (found === undefined) {
      reject('not_an_event', `there is nothing at \`${itemsPointer}\``);
      return;
    }
    for (const item of found.kind === 'list' ? found.items() : [found]) {
      if (item.kind !== 'object') reject('not_an_event', 'an event must be a JSON object');
      else take(item, timePath.length === 0 ? nowNs : (timeOf(item.at(...timePath)) ?? nowNs));
    }
  };
}

function timeOf(value: JsonNode | undefined): bigint | undefined {
  return value?.kind === 'number' ? numberToNs(Number(value.value())) : rfc3339NsOf(value);
}
