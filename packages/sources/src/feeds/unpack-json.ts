/** Documents of any kind: which part of one is an event, and what time it is of. */

import { documentIn, type Json } from '@peregrine/base';
import { numberToNs, parseRfc3339Ns } from './event-time.ts';
import type { Unpack } from './unpack.ts';

/** Pointers as of RFC 6901. `''`: the document, or each item of a list, is the event; its time is that of arrival. */
export function unpackJson(itemsPointer: string, timePointer: string): Unpack {
  const timePath = pathOf(timePointer);
  const itemsPath = pathOf(itemsPointer);
  return (document, { take, reject, nowNs }) => {
    const found = at(document, itemsPath);
    if (found === undefined) {
      reject('not_an_event', `there is nothing at \`${itemsPointer}\``);
      return;
    }
    for (const item of Array.isArray(found) ? (found as readonly Json[]) : [found]) {
      const object = documentIn(item);
      if (object === undefined) reject('not_an_event', 'an event must be a JSON object');
      else take(object, timePath.length === 0 ? nowNs : (timeOf(at(object, timePath)) ?? nowNs));
    }
  };
}

function timeOf(value: Json | undefined): bigint | undefined {
  return typeof value === 'number' ? numberToNs(value) : parseRfc3339Ns(value);
}

function pathOf(pointer: string): readonly string[] {
  if (pointer === '' || pointer === '/') return [];
  return pointer
    .replace(/^\//, '')
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function at(document: Json, path: readonly string[]): Json | undefined {
  let found: Json | undefined = document;
  for (const key of path) {
    if (Array.isArray(found))
      found = /^\d{1,9}$/.test(key) ? (found as readonly Json[])[Number(key)] : undefined;
    else {
      const object = documentIn(found);
      found = object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
    }
    if (found === undefined) return undefined;
  }
  return found;
}
