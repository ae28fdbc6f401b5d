/** One id for an alert at an output, made of both: the same in every attempt, after every restart. */

import { createHash } from 'node:crypto';

/** In the form of a random UUID, which is what destinations expect. */
export function deliveryId(outputId: string, alertIds: readonly string[]): string {
  const hash = createHash('sha256')
    .update(`${outputId}\0${alertIds.join('\0')}`)
    .digest('hex');
  const variant = ((Number.parseInt(hash.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
