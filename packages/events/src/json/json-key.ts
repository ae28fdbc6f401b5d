/** Keys: in JSON text, compared where they are, and in pointers. */

import { decodeJson } from './decode-json.ts';

/** `end` is as on the tape: negative when the key has escapes. */
export function isKey(bytes: Buffer, start: number, end: number, key: string): boolean {
  if (end < 0) return keyText(bytes, start, end) === key;
  for (let i = 0; i < key.length; i++) {
    const char = key.charCodeAt(i);
    if (char > 0x7f) return keyText(bytes, start, end) === key;
    if (start + i >= end || bytes[start + i] !== char) return false;
  }
  return end - start === key.length;
}

/** Whether a key, asked for in a list, is one of its positions. */
export function isIndex(key: string): boolean {
  return /^(0|[1-9]\d{0,8})$/.test(key);
}

/** The keys that a JSON pointer (RFC 6901) says. The slash in front may be missing; `/` is the whole, as the empty one is. */
export function pointerPath(pointer: string): readonly string[] {
  if (pointer === '' || pointer === '/') return [];
  return pointer
    .replace(/^\//, '')
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** UTF-16. */
export function keyText(bytes: Buffer, start: number, end: number): string {
  return String(decodeJson(bytes, start - 1, (end < 0 ? ~end : end) + 1));
}
