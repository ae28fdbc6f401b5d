/** Bodies for destinations that take no more than so many bytes: made again with less in them until they fit. */

import { type Encodable, encodeJson } from '@peregrine/alert';

/** What `build` makes with the first of the limits that is small enough; the last one must be for any alert. */
export function withinSize<L, T extends Encodable>(
  limits: readonly [L, ...L[]],
  mostBytes: number,
  build: (limit: L) => T,
): T {
  const [first, ...tighter] = limits;
  let made = build(first);
  for (const limit of tighter) {
    if (Buffer.byteLength(encodeJson(made)) <= mostBytes) break;
    made = build(limit);
  }
  return made;
}
