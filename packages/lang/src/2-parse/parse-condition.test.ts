/** The grammar of conditions: what parses to what, what does not and where; parsing undoes rendering. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCondition } from './parse-condition.ts';
import { renderCondition } from './render.ts';
import type { CallArgument, Condition, Operand, Right, TextConstant } from './tree.ts';
import { equalitySymbols, listSymbols, orderSymbols, textWords } from './words.ts';

function parse(text: string): Condition {
  const parsed = parseCondition(text);
  if (parsed.kind === 'problem') throw new Error(`${parsed.problem} at ${parsed.offset}`);
  return parsed.condition;
}

describe('parseCondition', () => {
  test.each([
    ['a.b=c', 'a.b = c'],
    ['a.b=c and d or not e', '(a.b = c and d) or not e'],
    ['not not m', 'm'],
    ['not(a.b exists)', 'not a.b exists'],
    ['a.b in(x,y)and m', 'a.b in (x, y) and m'],
    ['a.b in(x,y) and(m)', 'a.b in (x, y) and m'],
    ['((m))', 'm'],
    ['notify', 'notify'],
    ['a.b = oneof', 'a.b = oneof'],
    ['a.b = oneof (x)', 'a.b = oneof (x)'],
    ['a.b startswith anyof list', 'a.b startswith anyof list'],
    ['a.b = anyof and m', 'a.b = anyof and m'],
    ['a.b = val(c.d[1])', 'a.b = val(c.d[1])'],
    ['tolower(basename(a.b)) = c', 'tolower(basename(a.b)) = c'],
    ['getopt(a.b, "c:")[c] = join(",", (d.e, 1))', 'getopt(a.b, "c:")[c] = join(",", (d.e, 1))'],
    ['a.b["x y"] = 1', 'a.b["x y"] = 1'],
    ['a.b > -5', 'a.b > -5'],
    ['a.b >= 0x1F', 'a.b >= 0x1F'],
    ['a.b in ()', 'a.b in ()'],
    ["a.b = 'it\\'s'", 'a.b = "it\'s"'],
    ['a.b = \\n', 'a.b = \\n'],
    ['a.b contains x', 'a.b contains x'],
    ['a.b\t=\r\nc', 'a.b = c'],
  ])('%s', (text, rendered) => {
    const parsed = parseCondition(text);
    expect(parsed.kind === 'condition' ? renderCondition(parsed.condition) : null).toBe(rendered);
  });

  test.each([
    ['', 0],
    ['a.b', 3],
    ['a.b =', 5],
    ['a.b = (x)', 6],
    ['a.b in ::1', 7],
    ['a.b contains', 4],
    ['a.b > x', 6],
    ['a.b = x y', 8],
    ['a.b = x, y', 7],
    ['(a.b = x', 8],
    ['m and', 5],
    ['m orx', 4],
    ['a.b = "x', 6],
    ['a.b = "\\q"', 7],
    ['a.b = "\\x1"', 7],
    ["a.b = '\\\"'", 7],
    ['a.b[] = x', 4],
    ['a.b[x = x', 3],
    ['a.b in (x,)', 10],
    ['val(a.b) = c', 3],
    ['a.b = tolower(x)', 14],
  ])('refuses %s', (text, offset) => {
    const parsed = parseCondition(text);
    expect(parsed).toMatchObject({ kind: 'problem', offset });
  });

  test('escapes give bytes', () => {
    const condition = parse('a.b = "\\xc3\\xa9\\t\\\\é"');
    expect(condition).toMatchObject({ right: { value: '\xc3\xa9\t\\\xc3\xa9' } });
  });

  test('spans tell where terms stand', () => {
    expect(parse('m and a.b = c')).toMatchObject({
      span: { start: 0, end: 13 },
      terms: [
        { span: { start: 0, end: 1 } },
        { span: { start: 6, end: 13 }, right: { span: { start: 12, end: 13 } } },
      ],
    });
  });

  test('reads a megabyte, and refuses nesting without end', () => {
    const long = Array.from({ length: 80_000 }, (_, i) => `a.b = ${i}`).join(' or ');
    expect(long.length).toBeGreaterThan(1_000_000);
    expect(parse(long)).toMatchObject({ kind: 'junction' });
    expect(parse(`${'('.repeat(900)}m${')'.repeat(900)}`)).toMatchObject({ kind: 'macro' });
    expect(parseCondition('('.repeat(1_000_000)).kind).toBe('problem');
    expect(parseCondition('tolower('.repeat(100_000)).kind).toBe('problem');
    expect(parse(`${'not '.repeat(300_000)}m`)).toMatchObject({ kind: 'macro' });
  });

  test('never throws', () => {
    const pieces = [
      'a.b',
      'm',
      ' ',
      ' and ',
      ' or ',
      'not ',
      'not(',
      '(',
      ')',
      '=',
      '!=',
      ' in ',
      ' contains ',
      '<',
      '"',
      "'",
      '\\',
      'x',
      ',',
      '[',
      ']',
      'val(',
      'tolower(',
      'join(',
      '5',
      '0x',
      'exists',
      ' anyof ',
      '\n',
      'é',
      '.',
      '%',
    ];
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(text, fc.string()), (condition) => {
        const parsed = parseCondition(condition);
        if (parsed.kind === 'problem') expect(parsed.offset).toBeLessThanOrEqual(condition.length);
      }),
      { numRuns: 20_000 },
    );
  });
});

const span = { start: 0, end: 0 };
const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,5}$/);
const bare = fc.stringMatching(/^[a-z0-9/.:*-]{1,8}$/);
const bytes = fc
  .array(fc.integer({ min: 0, max: 255 }), { maxLength: 8 })
  .map((codes) => String.fromCharCode(...codes));
const field = fc
  .tuple(word, word, fc.option(fc.oneof(bare, bytes), { nil: undefined }))
  .map(([a, b, argument]): Operand => ({ kind: 'field', name: `${a}.${b}`, argument, span }));
const callArgument: fc.Arbitrary<CallArgument> = fc.oneof(
  field,
  bytes.map((value): CallArgument => ({ kind: 'text', value, isNumber: false, span })),
  fc.integer().map((value): CallArgument => ({ kind: 'text', value: String(value), isNumber: true, span })),
);
const operand: fc.Arbitrary<Operand> = fc.oneof(
  field,
  fc
    .tuple(
      fc.constantFrom('tolower', 'len', 'concat'),
      fc.array(
        fc.oneof(
          callArgument,
          fc
            .array(callArgument, { maxLength: 3 })
            .map((items): CallArgument => ({ kind: 'list', items, span })),
        ),
        { minLength: 1, maxLength: 3 },
      ),
    )
    .map(([name, args]): Operand => ({ kind: 'call', name, args, argument: undefined, span })),
);
const constant: fc.Arbitrary<TextConstant> = fc.oneof(
  bare.map((value): TextConstant => ({ value, isQuoted: false, span })),
  bytes.map((value): TextConstant => ({ value, isQuoted: true, span })),
);
const list: fc.Arbitrary<Right> = fc
  .array(constant, { maxLength: 3 })
  .map((items): Right => ({ kind: 'list', items, span }));
const compared: fc.Arbitrary<Right> = operand.map((one): Right => ({ kind: 'operand', operand: one, span }));

function compare(
  left: Operand,
  operator: string,
  right: Right,
  modifier?: 'oneof' | 'allof' | 'anyof',
): Condition {
  return { kind: 'compare', left, operator, modifier, right, span };
}

const check: fc.Arbitrary<Condition> = fc.oneof(
  word
    .filter((name) => !/^(and|or|not)/.test(name))
    .map((name): Condition => ({ kind: 'macro', name, span })),
  operand.map((left): Condition => ({ kind: 'exists', left, span })),
  fc
    .tuple(operand, fc.constantFrom(...equalitySymbols, ...textWords), fc.oneof(constant, compared))
    .map(([left, operator, right]) =>
      compare(left, operator, 'kind' in right ? right : { kind: 'text', ...right }),
    ),
  fc
    .tuple(operand, fc.constantFrom(...orderSymbols), fc.integer())
    .map(([left, operator, value]) =>
      compare(left, operator, { kind: 'text', value: String(value), isQuoted: false, span }),
    ),
  fc
    .tuple(operand, fc.constantFrom(...listSymbols), fc.oneof(list, compared))
    .map(([left, operator, right]) => compare(left, operator, right)),
  fc
    .tuple(operand, fc.constantFrom('=', 'glob'), list, fc.constantFrom('oneof', 'allof', 'anyof'))
    .map(([left, operator, right, modifier]) => compare(left, operator, right, modifier)),
);

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4 },
    check,
    tie('condition')
      .filter((term) => term.kind !== 'not')
      .map((term): Condition => ({ kind: 'not', term, span })),
    fc
      .tuple(fc.constantFrom('and', 'or'), fc.array(tie('condition'), { minLength: 2, maxLength: 3 }))
      .map(([operator, terms]): Condition => ({ kind: 'junction', operator, terms, span })),
  ),
}));

/** The tree without its spans. */
function bareOf(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key === 'span' ? undefined : inner)));
}

test('parsing undoes rendering', () => {
  fc.assert(
    fc.property(condition, (tree) => {
      const text = renderCondition(tree);
      expect(bareOf(parse(text)), text).toEqual(bareOf(tree));
    }),
    { numRuns: 3000 },
  );
});
