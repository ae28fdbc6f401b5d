/**
 * What a block of alerts has in it, as numbers for an index: three letters in a row, or one or two where they are not ASCII,
 * so that a word of two letters is found in Japanese and Korean; and values, each with the name of its field. A block that
 * lacks a number of a text has no alert with that text; different texts may have the same numbers.
 */

const ASCII_END = 0x80;
const PRIME = 0x0100_0193;
const START = 0x811c_9dc5;

/** Numbers of all that is in the text, which is folded already. HOT: no text is made. */
export function addGrams(text: string, found: Set<number>): void {
  for (let i = 0; i < text.length; i++) {
    const first = text.charCodeAt(i);
    if (first >= ASCII_END) found.add(short(mix(mix(START, first), 1)));
    if (i + 1 >= text.length) return;
    const second = text.charCodeAt(i + 1);
    if (first >= ASCII_END || second >= ASCII_END) {
      found.add(short(mix(mix(START, first), second)));
      continue;
    }
    if (i + 2 >= text.length) continue;
    const third = text.charCodeAt(i + 2);
    if (third < ASCII_END) found.add(short(mix(mix(mix(START, first), second), third)));
  }
}

/** Number of a value of a field, of `rule`, `hostname`, `tags` or `incident`. */
export function pairGram(name: string, text: string): number {
  let hash = mix(START, 0xfffe);
  for (let i = 0; i < name.length; i++) hash = mix(hash, name.charCodeAt(i));
  hash = mix(hash, 0xfffe);
  for (let i = 0; i < text.length; i++) hash = mix(hash, text.charCodeAt(i));
  return short(hash);
}

function mix(hash: number, unit: number): number {
  const low = Math.imul(hash ^ (unit & 0xff), PRIME);
  return Math.imul(low ^ (unit >>> 8), PRIME);
}

/**
 * A signed number of 16 bits: few enough that the index of all of them stays in memory, and many enough that a block has one
 * in twenty of them.
 */
function short(hash: number): number {
  return ((hash ^ (hash >>> 15)) << 16) >> 16;
}
