/** Small pieces of generated code that its makers share. */

/** Bits of the positions within one word. */
export function maskOf(positions: readonly number[], word: number): number {
  return positions.reduce(
    (mask, position) => (position >>> 5 === word ? mask | (1 << (position & 31)) : mask),
    0,
  );
}

/** A mask of 32 bits as a literal. */
export function hex(mask: number): string {
  return mask < 0 ? `-0x${(-mask).toString(16)}` : `0x${mask.toString(16)}`;
}

export function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

/** The function that works out bits of a word of a memo, or of the thread's words. */
export function wordName(memo: number | undefined, word: number): string {
  return memo === undefined ? `threadWord${word}` : `memo${memo}Word${word}`;
}
