/** The container description that recorders write today, from the four parameters that old ones wrote. */

import { fromByteText, toByteText } from '@peregrine/base';
import type { EventBuffer } from './event-buffer.ts';

/** JSON as byte text. `event`: id, type, name, image. */
export function containerJson(event: EventBuffer): string {
  const type = event.param(1);
  const container = {
    id: textOf(event.param(0)),
    type: type.length >= 4 ? new DataView(type.buffer, type.byteOffset, 4).getUint32(0, true) : 0,
    name: textOf(event.param(2)),
    image: textOf(event.param(3)),
  };
  return toByteText(JSON.stringify({ container }));
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return fromByteText(Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('latin1'));
}
