/**
 * One JS string for equal bytes, so that a name seen a million times is made once. HOT: a hit allocates nothing.
 *
 * A hit is confirmed byte by byte: the hash alone is never trusted, since whoever writes the bytes may choose them.
 * The bytes are kept beside the string, since comparing bytes with bytes is faster than with characters.
 * The table has a ceiling; a new string takes the place of the one in its slot.
 */

const SLOTS = 16_384;
/** Bytes kept of each text. Longer ones are compared with their string. */
const KEPT_BYTES = 64;
const LONGEST_KEPT = 4_096;
const PRIME = 16_777_619;

export class TextInterner {
  readonly #texts: string[] = new Array<string>(SLOTS).fill('');
  readonly #bytes = new Uint8Array(SLOTS * KEPT_BYTES);
  readonly #sizes = new Int32Array(SLOTS);

  text(bytes: Uint8Array, start: number, end: number): string {
    const size = end - start;
    if (size === 0) return '';
    if (size > LONGEST_KEPT) return latin1(bytes, start, end);
    let hash = size;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), PRIME);
    return this.#lookUp(hash ^ (hash >>> 15), bytes, start, size);
  }

  /** What comes before the first NUL, or all when there is none. */
  textUpToNul(bytes: Uint8Array, start: number, limit: number): string {
    let hash = 0;
    let end = start;
    for (; end < limit; end++) {
      const byte = bytes[end] as number;
      if (byte === 0) break;
      hash = Math.imul(hash ^ byte, PRIME);
    }
    const size = end - start;
    if (size === 0) return '';
    if (size > LONGEST_KEPT) return latin1(bytes, start, end);
    return this.#lookUp(hash ^ (hash >>> 15) ^ size, bytes, start, size);
  }

  #lookUp(hash: number, bytes: Uint8Array, start: number, size: number): string {
    const slot = hash & (SLOTS - 1);
    if (this.#sizes[slot] === size) {
      const known = this.#texts[slot] as string;
      if (size > KEPT_BYTES ? equals(known, bytes, start) : this.#holds(slot, bytes, start, size))
        return known;
    }
    const text = latin1(bytes, start, start + size);
    this.#texts[slot] = text;
    this.#sizes[slot] = size;
    if (size <= KEPT_BYTES) this.#bytes.set(bytes.subarray(start, start + size), slot * KEPT_BYTES);
    return text;
  }

  #holds(slot: number, bytes: Uint8Array, start: number, size: number): boolean {
    const kept = this.#bytes;
    let at = slot * KEPT_BYTES;
    for (let i = start; i < start + size; i++) if (kept[at++] !== bytes[i]) return false;
    return true;
  }
}

function equals(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}
