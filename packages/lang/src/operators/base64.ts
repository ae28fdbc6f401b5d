/** Base64 as the `b64` transformer reads it: padding is optional, bytes outside the alphabet are passed over. */

/** Decoded bytes as byte text; `undefined` when nothing but noise, or a lone last character, is there. */
export function decodeBase64(text: string): string | undefined {
  let sextets = '';
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === '=') break;
    if (/[A-Za-z0-9+/]/.test(char)) sextets += char;
  }
  if (sextets === '' && text !== '') return undefined;
  if (sextets.length % 4 === 1) return undefined;
  return Buffer.from(sextets, 'base64').toString('latin1');
}
