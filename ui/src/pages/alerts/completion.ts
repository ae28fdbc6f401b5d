/** What can stand at the caret of a condition over alerts. */

export interface Completion {
  /** Where the word begins that is being written; it ends at the caret. */
  readonly from: number;
  readonly wants: 'field' | 'operator' | 'value' | 'connective';
  /** As far as it is written. */
  readonly word: string;
  /** Of an operator or a value. */
  readonly field: string;
}

const TOKEN = /"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|<=|>=|!=|==|[=<>(),]|[^\s=<>!(),"']+|!/g;
const CONNECTIVES = new Set(['and', 'or', 'not']);

export function completionAt(text: string, caret: number): Completion {
  const tokens = [...text.slice(0, caret).matchAll(TOKEN)].map((match) => ({
    text: match[0],
    end: match.index + match[0].length,
    start: match.index,
  }));
  const last = tokens.at(-1);
  const isWriting = last !== undefined && last.end === caret && !/^[(),]$/.test(last.text);
  const before = isWriting ? tokens.slice(0, -1) : tokens;
  const word = isWriting ? last.text : '';
  let wants: Completion['wants'] = 'field';
  let field = '';
  let isInList = false;
  for (const { text: token } of before) {
    if (CONNECTIVES.has(token) && wants !== 'value') wants = 'field';
    else if (token === '(') isInList = wants === 'value';
    else if (token === ')') {
      isInList = false;
      wants = 'connective';
    } else if (token === ',') wants = 'value';
    else if (wants === 'field') {
      field = token;
      wants = 'operator';
    } else if (wants === 'operator') wants = token === 'exists' ? 'connective' : 'value';
    else if (wants === 'value') wants = isInList ? 'value' : 'connective';
  }
  // A symbol at the caret is an operator as far as it is written.
  return { from: isWriting ? last.start : caret, wants, word, field };
}

/** As it has to be written in a condition. */
export function quotedValue(value: string): string {
  return /^[\w./:@*-]+$/.test(value) && !CONNECTIVES.has(value)
    ? value
    : `"${value.replace(/[\\"]/g, (char) => `\\${char}`)}"`;
}

/** A condition rather than words to look for: a name and an operator begin it. */
export function isCondition(text: string): boolean {
  return /^\s*(?:\(|not\s+)*[a-z_][\w.]*(?:\[[^\]]*\])?(?:\s*(?:=|!=|<|>)|\s+(?:in|intersects|pmatch|i?contains|bcontains|i?startswith|bstartswith|i?endswith|glob|iglob|regex|exists)\b)/.test(
    text,
  );
}
