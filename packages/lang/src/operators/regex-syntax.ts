/**
 * Where RE2's POSIX syntax parts from its Perl syntax: what POSIX refuses, and what it reads otherwise. A pattern that
 * passes here means the same to a parser of Perl syntax.
 */

export type PosixPattern =
  | { readonly kind: 'pattern'; readonly source: string }
  | { readonly kind: 'fault'; readonly reason: string };

const escapeSequence =
  /^\\(?:[afnrtv]|0[0-7]{0,2}|[1-7][0-7]{1,2}|x[0-9A-Fa-f]{2}|x\{[0-9A-Fa-f]+\}|[!-/:-@[-`{-~\s])/;
const counted = /^\{\d+(?:,\d*)?\}/;

/**
 * The pattern in Perl syntax. `a+?` is `(a+)?` in POSIX syntax and `a**` is `(a*)*`, so that groups are put around what
 * a second operator repeats.
 */
export function fromPosix(pattern: string): PosixPattern {
  const out: string[] = [];
  const groupStarts: number[] = [];
  /** Where the last atom, with its operators, begins in `out`; -1 when there is none. */
  let atom = -1;
  let isRepeated = false;
  let i = 0;
  while (i < pattern.length) {
    const rest = pattern.slice(i);
    const operator = /^[*+?]/.exec(rest)?.[0] ?? counted.exec(rest)?.[0];
    if (operator !== undefined) {
      if (atom < 0) return fault(`nothing for \`${operator}\` to repeat`);
      if (isRepeated) {
        out.splice(atom, 0, '(');
        out.push(')');
      }
      out.push(operator);
      isRepeated = true;
      i += operator.length;
      continue;
    }
    const char = pattern.charAt(i);
    if (char === '|') {
      out.push(char);
      atom = -1;
      i++;
    } else if (char === '(') {
      groupStarts.push(out.push(char) - 1);
      atom = -1;
      i++;
    } else if (char === ')') {
      const start = groupStarts.pop();
      if (start === undefined) return fault('`)` without `(`');
      out.push(char);
      atom = start;
      i++;
    } else {
      const end =
        char === '[' ? setEnd(pattern, i) : char === '\\' ? escapeEnd(pattern, i) : i + charLength(rest);
      if (typeof end === 'string') return fault(end);
      atom = out.push(pattern.slice(i, end)) - 1;
      i = end;
    }
    isRepeated = false;
  }
  return groupStarts.length > 0 ? fault('`(` without `)`') : { kind: 'pattern', source: out.join('') };
}

function fault(reason: string): PosixPattern {
  return { kind: 'fault', reason };
}

function charLength(text: string): number {
  return (text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1;
}

function escapeEnd(pattern: string, start: number): number | string {
  const found = escapeSequence.exec(pattern.slice(start));
  return found === null ? `bad escape \`${pattern.slice(start, start + 2)}\`` : start + found[0].length;
}

/** Where the bracket expression that begins at `start` ends. A `-` stands first, last or between two ends only. */
function setEnd(pattern: string, start: number): number | string {
  let i = start + 1;
  if (pattern[i] === '^') i++;
  const first = i;
  while (i < pattern.length && (pattern[i] !== ']' || i === first)) {
    if (pattern[i] === '-' && i !== first && pattern[i + 1] !== ']') {
      return `bad range \`${pattern.slice(i, i + 2)}\``;
    }
    const named = /^\[:\^?[a-z]+:\]/.exec(pattern.slice(i, i + 12));
    if (named !== null) {
      i += named[0].length;
      continue;
    }
    const low = memberEnd(pattern, i);
    if (typeof low === 'string') return low;
    i = low;
    if (pattern[i] === '-' && i + 1 < pattern.length && pattern[i + 1] !== ']') {
      const high = memberEnd(pattern, i + 1);
      if (typeof high === 'string') return high;
      i = high;
    }
  }
  return i < pattern.length ? i + 1 : '`[` without `]`';
}

function memberEnd(pattern: string, at: number): number | string {
  return pattern[at] === '\\' ? escapeEnd(pattern, at) : at + charLength(pattern.slice(at));
}
