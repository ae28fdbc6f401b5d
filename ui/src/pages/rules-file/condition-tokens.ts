/** Words and signs of a line of a condition, for their colours. */

export type TokenKind = 'connective' | 'operator' | 'field' | 'name' | 'text' | 'number';

export interface ConditionToken {
  readonly from: number;
  readonly to: number;
  readonly kind: TokenKind;
}

/** What the words of conditions are. */
export interface Vocabulary {
  readonly operators: ReadonlySet<string>;
  readonly fields: ReadonlySet<string>;
  /** Macros and lists. */
  readonly names: ReadonlySet<string>;
}

const TOKEN = /#.*$|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[<>=!]=?|[^\s"'()<>=!,]+/g;

/** Words without a meaning of their own (values) have no token. */
export function conditionTokens(text: string, vocabulary: Vocabulary): readonly ConditionToken[] {
  const tokens: ConditionToken[] = [];
  for (const { 0: word, index } of text.matchAll(TOKEN)) {
    if (word.startsWith('#')) break;
    const kind = kindOf(word, vocabulary);
    if (kind !== undefined) tokens.push({ from: index, to: index + word.length, kind });
  }
  return tokens;
}

function kindOf(word: string, { operators, fields, names }: Vocabulary): TokenKind | undefined {
  if (/^["']/.test(word)) return 'text';
  if (/^(?:and|or|not)$/.test(word)) return 'connective';
  if (/^[<>=!]/.test(word) || operators.has(word)) return 'operator';
  if (/^\d+$/.test(word)) return 'number';
  if (names.has(word)) return 'name';
  return isField(word, fields) ? 'field' : undefined;
}

/** Also with an argument, `proc.aname[2]`, or one behind a dot, `evt.arg.flags`. */
export function isField(word: string, fields: ReadonlySet<string>): boolean {
  const name = word.replace(/\[.*$/, '');
  return fields.has(name) || fields.has(name.slice(0, Math.max(0, name.lastIndexOf('.'))));
}
