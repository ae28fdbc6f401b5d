/**
 * One string for equal long parameters (arguments, cgroup lists, paths): like an interner, but a hit costs a fraction
 * of a nanosecond per byte, since only some words are hashed and all are compared as words. Texts that differ
 * elsewhere (environments of one size) share that hash; all but the first of them go by a hash of all words. HOT: a
 * hit allocates nothing. The table has a ceiling: a new text takes the place of the one in its slot.
 */

import type { EventView } from '@peregrine/events';

const SLOTS = 8_192;
/** Shorter ones go through the view's own interner, longer ones are made anew each time. */
const SHORTEST = 8;
const LONGEST = 2_048;
/** Words that are hashed, spread evenly. */
const SAMPLES = 8;
const NOWHERE = -1;

export class LongTexts {
  readonly #texts: string[] = new Array<string>(SLOTS).fill('');
  readonly #words: Int32Array[] = new Array<Int32Array>(SLOTS).fill(NO_WORDS);
  /** 1: the slot's text has a NUL in it. */
  readonly #hasNul = new Uint8Array(SLOTS);
  #bytes: Uint8Array = NO_BYTES;
  #buffer: Buffer = Buffer.alloc(0);

  /** All bytes of a parameter as byte text, NULs included; `''` when the event has none. */
  text(view: EventView, index: number): string {
    const size = view.size(index);
    if (size < SHORTEST) return view.wholeText(index);
    const start = view.offset(index);
    const slot = this.#slotOf(view, start, size);
    return slot === NOWHERE ? this.#make(view, start, size) : (this.#texts[slot] as string);
  }

  /** A text up to its NUL, which is the last byte as a rule; `undefined` when the event has no such parameter. */
  textUpToNul(view: EventView, index: number): string | undefined {
    const size = view.size(index) - 1;
    if (size < SHORTEST) return view.text(index);
    const start = view.offset(index);
    if (view.bytes[start + size] !== 0) return view.text(index);
    const slot = this.#slotOf(view, start, size);
    if (slot === NOWHERE || this.#hasNul[slot] === 1) return view.text(index);
    return this.#texts[slot] as string;
  }

  /** Where the text is, entered if need be; `NOWHERE` when it is too long to be kept. */
  #slotOf(view: EventView, start: number, size: number): number {
    if (size > LONGEST) return NOWHERE;
    const { data } = view;
    let hash = size;
    const stride = (size - 4) / (SAMPLES - 1);
    for (let i = 0; i < SAMPLES; i++) {
      hash = Math.imul(hash ^ data.getInt32(start + ((i * stride) | 0), true), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    let slot = hash & (SLOTS - 1);
    if (this.#holds(slot, data, start, size)) return slot;
    if ((this.#texts[slot] as string).length === size) {
      slot = hashOfAll(data, start, size) & (SLOTS - 1);
      if (this.#holds(slot, data, start, size)) return slot;
    }
    const text = this.#make(view, start, size);
    this.#texts[slot] = text;
    this.#words[slot] = wordsOf(data, start, size);
    this.#hasNul[slot] = text.includes('\0') ? 1 : 0;
    return slot;
  }

  /** `slot` is below the tables' size. */
  #holds(slot: number, data: DataView, start: number, size: number): boolean {
    return (
      (this.#texts[slot] as string).length === size &&
      equals(this.#words[slot] as Int32Array, data, start, size)
    );
  }

  #make(view: EventView, start: number, size: number): string {
    const { bytes } = view;
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.#buffer.toString('latin1', start, start + size);
  }
}

/** The last word overlaps the one before it where the size is no multiple of four. */
function equals(words: Int32Array, data: DataView, start: number, size: number): boolean {
  const whole = size >> 2;
  for (let i = 0; i < whole; i++) if (words[i] !== data.getInt32(start + i * 4, true)) return false;
  return words[whole] === data.getInt32(start + size - 4, true);
}

function hashOfAll(data: DataView, start: number, size: number): number {
  let hash = size;
  const end = start + size - 4;
  for (let at = start; at < end; at += 4) {
    hash = Math.imul(hash ^ data.getInt32(at, true), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ data.getInt32(end, true), 0x9e3779b1);
  return hash ^ (hash >>> 15);
}

function wordsOf(data: DataView, start: number, size: number): Int32Array {
  const whole = size >> 2;
  const words = new Int32Array(whole + 1);
  for (let i = 0; i < whole; i++) words[i] = data.getInt32(start + i * 4, true);
  words[whole] = data.getInt32(start + size - 4, true);
  return words;
}

const NO_WORDS = new Int32Array(0);
const NO_BYTES = new Uint8Array(0);
