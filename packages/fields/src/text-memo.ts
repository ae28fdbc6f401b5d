/**
 * Remembers what a pure function of a text gave. HOT: a hit allocates nothing, and equal inputs give the same string
 * object, whose hash V8 knows. Not state: forgetting it costs time and changes nothing. Bounded.
 */

const MOST_ENTRIES = 4_096;

export function memoizeText(compute: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    if (known.size >= MOST_ENTRIES) known.clear();
    const made = compute(text);
    known.set(text, made);
    return made;
  };
}
