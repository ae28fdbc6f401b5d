/** Which part of a rules file a place is in, also while the text is not yet good YAML. */

export type ItemKind = 'rule' | 'macro' | 'list' | 'other';

export interface Section {
  readonly item: ItemKind;
  /** Of the item, in characters from the left; its keys begin there. */
  readonly column: number;
  /** `undefined`: before the first key's value, or on a line that is still empty. */
  readonly key: string | undefined;
  /** Line of the key, from 1. */
  readonly keyLine: number;
  /** Where its value begins in that line, from 0, behind the sign of a block. */
  readonly valueColumn: number;
}

/** Lines from 1, without their ends. */
export type LineAt = (line: number) => string;

const ITEM = /^(\s*)- +(?:(rule|macro|list)|required_\w+)\s*:/;
const MOST_LINES = 5_000;

/** `undefined`: in no item. */
export function sectionAt(lineAt: LineAt, line: number): Section | undefined {
  let keyLine: number | undefined;
  let keyMatch: RegExpExecArray | null = null;
  const stop = Math.max(1, line - MOST_LINES);
  let start: RegExpExecArray | null = null;
  let startLine = line;
  for (; startLine >= stop; startLine--) {
    start = ITEM.exec(lineAt(startLine));
    if (start !== null) break;
  }
  if (start === null) return undefined;
  const column = lineAt(startLine).indexOf('-', start[1]?.length) + 2;
  for (let at = line; at >= startLine; at--) {
    const text = lineAt(at);
    const indent = at === startLine ? column : text.length - text.trimStart().length;
    if (text.trim() === '' && at === line) {
      if (text.length < column) break;
      continue;
    }
    // To the left of the item: it has ended.
    if (at !== startLine && text.trim() !== '' && indent < column && !text.trimStart().startsWith('#'))
      return undefined;
    if (indent !== column) continue;
    keyMatch = /^(\w+)\s*:(?:\s+(?:[|>][-+0-9]*\s*)?|$)/.exec(text.slice(column));
    if (keyMatch !== null) keyLine = at;
    break;
  }
  const [matched, kind] = [keyMatch, start[2]];
  return {
    item: kind === 'rule' || kind === 'macro' || kind === 'list' ? kind : 'other',
    column,
    key: matched?.[1],
    keyLine: keyLine ?? line,
    valueColumn: column + (matched?.[0].length ?? 0),
  };
}
