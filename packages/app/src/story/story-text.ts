/** Texts of stories: without secrets, and no longer than what is said of them. */

import { fromByteText } from '@peregrine/base';
import { maskSecrets } from './mask-secrets.ts';

/** What is looked at of any text. */
const MOST_READ = 8_192;

/** Of byte text. */
export function storyText(bytes: string, most: number): string {
  return maskedText(fromByteText(bytes.length > MOST_READ ? bytes.slice(0, MOST_READ) : bytes), most);
}

/** Of text that is decoded. */
export function maskedText(text: string, most: number): string {
  return shortened(maskSecrets(text.length > MOST_READ ? text.slice(0, MOST_READ) : text), most);
}

/** Never cuts a character in two. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const last = text.charCodeAt(most - 2);
  const isCutting = last >= 0xd800 && last <= 0xdbff;
  return `${text.slice(0, isCutting ? most - 2 : most - 1)}…`;
}
