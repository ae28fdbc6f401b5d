/** A condition in pieces: what it names of other parts of the rules, and the rest. */

export interface ConditionSegment {
  readonly text: string;
  /** Of a macro or a list. */
  readonly name?: string;
  readonly isConnective?: boolean;
}

const CONNECTIVES = new Set(['and', 'or', 'not']);
const TOKEN = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[\w-]+(?:[.[][\w.[\]-]*)?/g;

/** The segments together are the text. */
export function conditionSegments(text: string, names: ReadonlySet<string>): readonly ConditionSegment[] {
  const segments: ConditionSegment[] = [];
  let at = 0;
  const push = (upTo: number): void => {
    if (upTo > at) segments.push({ text: text.slice(at, upTo) });
    at = upTo;
  };
  for (const { 0: word, index } of text.matchAll(TOKEN)) {
    const isConnective = CONNECTIVES.has(word);
    if (!isConnective && !names.has(word)) continue;
    push(index);
    segments.push(isConnective ? { text: word, isConnective } : { text: word, name: word });
    at = index + word.length;
  }
  push(text.length);
  return segments;
}
