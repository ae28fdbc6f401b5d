/** Bytes as printable text: what has no glyph in ASCII becomes a dot. */

const DOT = 0x2e;

const printableByte: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x7f ? byte : DOT,
);

export function printable(bytes: Uint8Array): string {
  const out = Buffer.allocUnsafe(bytes.length);
  for (let i = 0; i < bytes.length; i++) out[i] = printableByte[bytes[i] as number] as number;
  return out.toString('latin1');
}
