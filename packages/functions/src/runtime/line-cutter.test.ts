import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineCutter, printable } from './line-cutter.ts';

function cutter(options: Partial<ConstructorParameters<typeof LineCutter>[0]> = {}) {
  const lines: string[] = [];
  const made = new LineCutter({
    mostLineBytes: 10,
    mostLines: 100,
    linesEachSecond: 10,
    nowMs: () => 0,
    emit: (line) => lines.push(line),
    ...options,
  });
  return { lines, push: (text: string) => made.push(Buffer.from(text)), end: () => made.end(), made };
}

describe('lines', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['whole', ['a\nb\n'], ['a', 'b']],
    ['in pieces', ['a', 'b\nc', '\n'], ['ab', 'c']],
    ['without an end', ['a\nb'], ['a', 'b']],
    ['empty', ['\n\n'], ['', '']],
    ['as long as can be', ['0123456789\n'], ['0123456789']],
    ['too long', ['0123456789abc\nd\n'], ['0123456789 ...', 'd']],
    ['too long, in pieces', ['01234567', '89abc', 'def\nd\n'], ['0123456789 ...', 'd']],
    ['of Windows', ['a\r\n'], ['a']],
    ['with characters cut in two', ['\u00e4', 'b\n'], ['\u00e4b']],
  ])('%s', (_, pieces, lines) => {
    const one = cutter();
    for (const piece of pieces) one.push(piece);
    one.end();
    expect(one.lines).toEqual(lines);
  });

  test('however bytes are cut, lines are the same', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 8 })), fc.nat({ max: 7 }), (texts, size) => {
        const bytes = Buffer.from(`${texts.map((text) => text.replaceAll('\n', '')).join('\n')}\n`);
        const [whole, cut] = [cutter({ mostLineBytes: 100 }), cutter({ mostLineBytes: 100 })];
        whole.made.push(bytes);
        for (let at = 0; at < bytes.length; at += size + 1) cut.made.push(bytes.subarray(at, at + size + 1));
        expect(cut.lines).toEqual(whole.lines);
      }),
    );
  });
});

test('too many lines are left out, and how many is said', () => {
  let nowMs = 0;
  const one = cutter({ mostLines: 3, linesEachSecond: 2, nowMs: () => nowMs });
  one.push('1\n2\n3\n4\n5\n');
  expect(one.lines).toEqual(['1', '2', '3']);
  nowMs = 500;
  one.push('6\n');
  nowMs = 1_100;
  one.push('7\n');
  expect(one.lines).toEqual(['1', '2', '3', '(3 lines left out)', '7']);
  one.push('8\n9\n');
  one.end();
  expect(one.lines.slice(5)).toEqual(['8', '(1 lines left out)']);
  expect(one.made.droppedCount).toBe(4);
});

test('nothing that is written can start a line of its own, or colour one', () => {
  expect(printable(Buffer.from('a\u001b[31mb\u0000\u2028\u202e\tc'))).toBe(
    'a\\u001b[31mb\\u0000\\u2028\\u202e\tc',
  );
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(printable(Buffer.from(bytes))).not.toMatch(/[^\t\P{Cc}]|[\u2028\u2029]/u);
    }),
  );
});
