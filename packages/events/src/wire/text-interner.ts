/**
 * One JS string for equal bytes, so that a name seen a million times is made once. HOT: a hit allocates nothing.
 *
 * A hit is confirmed byte by byte: the hash alone is never trusted, since whoever writes the bytes may choose them.
 * The table has a ceiling; a new string takes the place of the one in its slot.
 */

const SLOTS = 16_384;
const LONGEST_KEPT = 4_096;

export class TextInterner {
  readonly #texts: string[] = new Array<string>(SLOTS).fill('');

  text(bytes: Uint8Array, start: number, end: number): string {
    const size = end - start;
    if (size === 0) return '';
    if (size > LONGEST_KEPT) return latin1(bytes, start, end);
    let hash = size;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 16_777_619);
    return this.#lookUp(hash ^ (hash >>> 15), bytes, start, end);
  }

  textUpToNul(bytes: Uint8Array, start: number, limit: number): string {
    let hash = 0;
    let end = start;
    for (; end < limit; end++) {
      const byte = bytes[end] as number;
      if (byte === 0) break;
      hash = Math.imul(hash ^ byte, 16_777_619);
    }
    const size = end - start;
    if (size === 0) return '';
    if (size > LONGEST_KEPT) return latin1(bytes, start, end);
    return this.#lookUp(hash ^ (hash >>> 15) ^ size, bytes, start, end);
  }

  #lookUp(hash: number, bytes: Uint8Array, start: number, end: number): string {
    const slot = hash & (SLOTS - 1);
    const known = this.#texts[slot] as string;
    if (known.length === end - start && equals(known, bytes, start)) return known;
    const text = latin1(bytes, start, end);
    this.#texts[slot] = text;
    return text;
  }
}

function equals(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}
