/** The lean YAML reader's text rules: folding of block scalars, escapes of double-quoted ones. */

/**
 * Joins the lines of a block scalar, indentation already removed. `chomp` is `-`, `+` or nothing; `endsInBreak` tells
 * whether the last line had a line break. `undefined` where the library has to look.
 */
export function foldBlock(
  lines: readonly string[],
  isFolded: boolean,
  chomp: string,
  endsInBreak: boolean,
): string | undefined {
  let last = lines.length;
  while (last > 0 && lines[last - 1] === '') last--;
  const trailing = lines.length - last;
  if (last === 0) return chomp === '+' ? (trailing === 0 ? '' : undefined) : '';
  if (!endsInBreak && chomp === '+') return undefined;
  const body = isFolded ? fold(lines, last) : lines.slice(0, last).join('\n');
  if (body === undefined) return undefined;
  if (chomp === '-') return body;
  if (chomp === '+') return body + '\n'.repeat(1 + trailing);
  return `${body}\n`;
}

function fold(lines: readonly string[], count: number): string | undefined {
  let text = '';
  let blanks = 0;
  // Breaks before and after a line that is indented further are kept.
  let wasDeeper = false;
  for (let i = 0; i < count; i++) {
    const line = lines[i] ?? '';
    if (line === '') {
      blanks++;
      continue;
    }
    const first = line.charCodeAt(0);
    if (first === 9) return undefined;
    const isDeeper = first === 32;
    if (text === '') text = '\n'.repeat(blanks) + line;
    else if (isDeeper || wasDeeper) text += '\n'.repeat(blanks + 1) + line;
    else text += (blanks === 0 ? ' ' : '\n'.repeat(blanks)) + line;
    wasDeeper = isDeeper;
    blanks = 0;
  }
  return text;
}

const escapes: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
};

const escapeLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** Resolves the escapes of a double-quoted scalar; `undefined` where one is not valid. */
export function unescapeDouble(text: string): string | undefined {
  let result = '';
  let from = 0;
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', from)) {
    result += text.slice(from, at);
    const code = text.charAt(at + 1);
    const digitCount = escapeLengths[code];
    if (digitCount === undefined) {
      const char = escapes[code];
      if (char === undefined) return undefined;
      result += char;
      from = at + 2;
      continue;
    }
    const digits = text.slice(at + 2, at + 2 + digitCount);
    if (digits.length !== digitCount || !/^[0-9a-fA-F]+$/.test(digits)) return undefined;
    const point = Number.parseInt(digits, 16);
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return undefined;
    result += String.fromCodePoint(point);
    from = at + 2 + digitCount;
  }
  return result + text.slice(from);
}
