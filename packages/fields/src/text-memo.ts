/**
 * Remembers what a pure function of a text gave. HOT: a hit allocates nothing, and equal inputs give the same string
 * object, whose hash V8 knows. Not state: forgetting it costs time and changes nothing. Bounded in entries and in
 * characters, since whoever writes the texts chooses their length.
 */

const MOST_ENTRIES = 4_096;
const MOST_CHARS = 1 << 21;
/** Longer texts are worked out each time. */
const LONGEST_KEPT = 1 << 15;

export function memoizeText(compute: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>();
  let chars = 0;
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const made = compute(text);
    const size = text.length + made.length;
    if (size > LONGEST_KEPT) return made;
    if (known.size >= MOST_ENTRIES || chars + size > MOST_CHARS) {
      known.clear();
      chars = 0;
    }
    chars += size;
    known.set(text, made);
    return made;
  };
}
