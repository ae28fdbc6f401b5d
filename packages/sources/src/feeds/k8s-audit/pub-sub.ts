/** What a push subscription of Pub/Sub sends: `{message: {data}}`, whose data are a log entry of GKE, as text in base64. */

import { JsonNode } from '@peregrine/events';
import type { Unpacking } from '../unpack.ts';

/** Gives whether it was of this shape. */
export function unpackPushed(
  envelope: JsonNode,
  take: (document: JsonNode) => void,
  reject: Unpacking['reject'],
): boolean {
  const data = envelope.at('message', 'data');
  if (data?.kind !== 'text' || envelope.member('subscription')?.kind !== 'text') return false;
  const inner = JsonNode.parse(Buffer.from(data.textAt(), 'base64'));
  if (inner instanceof JsonNode) take(inner);
  else reject('not_json', '`message.data` of a message of Pub/Sub holds no JSON in base64');
  return true;
}
