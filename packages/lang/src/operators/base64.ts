/** Base64 as the `b64` transformer reads it: padding is optional, white space is passed over. */

/** Decoded bytes as byte text; `undefined` when the text is no base64, or ends in a lone last character. */
export function decodeBase64(text: string): string | undefined {
  const sextets = text.replace(/[\s]/g, '').replace(/=+$/, '');
  if (!/^[A-Za-z0-9+/]*$/.test(sextets) || sextets.length % 4 === 1) return undefined;
  return Buffer.from(sextets, 'base64').toString('latin1');
}
