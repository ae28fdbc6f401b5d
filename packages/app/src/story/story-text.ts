/** Texts of stories: without secrets, and no longer than what is said of them. */

import { fromByteText } from '@peregrine/base';
import { maskSecrets } from './mask-secrets.ts';

/**
 * So many times what is shown is looked at, since masks are shorter than secrets: whoever chooses command lines must not keep
 * the thread busy with them.
 */
const LOOKED_AT = 2;

/** Of byte text. */
export function storyText(bytes: string, most: number): string {
  return maskedText(fromByteText(bytes.slice(0, LOOKED_AT * most)), most);
}

/** Of text that is decoded. */
export function maskedText(text: string, most: number): string {
  return shortened(maskSecrets(text.slice(0, LOOKED_AT * most)), most);
}

/** Never cuts a character in two. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const last = text.charCodeAt(most - 2);
  const isCutting = last >= 0xd800 && last <= 0xdbff;
  return `${text.slice(0, isCutting ? most - 2 : most - 1)}…`;
}
