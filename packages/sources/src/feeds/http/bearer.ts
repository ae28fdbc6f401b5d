/** Bearer tokens, compared without telling by the time how much of a guess is right. */

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** `''`: everybody is let in. */
export function bearerCheck(token: string): (request: IncomingMessage) => boolean {
  if (token === '') return () => true;
  const wanted = digest(token);
  return ({ headers }) => {
    const [, given] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
    return given !== undefined && timingSafeEqual(digest(given), wanted);
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
