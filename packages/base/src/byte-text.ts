/**
 * Byte text: a JS string whose every char is one byte (0 to 255).
 *
 * Kernel strings are bytes, and the rule language compares bytes. Event and table values stay in this form from
 * the decoder to the comparison, so that equality, order, length and globs are exact for any input and cost no
 * UTF-8 decoding; only rendering for people and JSON decodes. ASCII is the same in both forms.
 */

/** UTF-16 text, as YAML and JSON give it, to byte text. */
export function toByteText(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

/** Byte text to UTF-16 text; invalid UTF-8 becomes U+FFFD. */
export function fromByteText(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'latin1').toString('utf8');
}

export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}
